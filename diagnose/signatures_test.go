package diagnose_test

import (
	"slices"
	"strings"
	"testing"

	"respy/diagnose"
	"respy/k8s"
	"respy/k8s/envoy"
	"respy/probe"
)

// checkSignature judges the run and looks for one finding, with its severity and parts of its evidence.
func checkSignature(t *testing.T, name, verdict, id, severity string, r *run, parts ...string) {
	t.Helper()
	c := r.judge(t)
	if got := string(c.Verdict) + " " + string(c.Reason); got != verdict {
		t.Errorf("%s: got %s, want %s (%s)", name, got, verdict, c.Message)
	}
	f := finding(c, id)
	if f == nil {
		t.Errorf("%s: got findings %v, want %s", name, findingIDs(c), id)
		return
	}
	text := strings.Join(append(f.Evidence, f.Summary), "\n")
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("%s: evidence %q lacks %q", name, text, part)
		}
	}
	if f.Severity != severity || f.Fix == "" {
		t.Errorf("%s: got severity %s and fix %q, want %s and some fix", name, f.Severity, f.Fix, severity)
	}
}

func checkNoSignature(t *testing.T, name, id string, r *run) {
	t.Helper()
	if f := finding(r.judge(t), id); f != nil {
		t.Errorf("%s: got %s: %s", name, id, f.Summary)
	}
}

// phases are answers in a random order within each of several stretches of so many answers of either version.
func phases(seed uint64, counts ...[2]int) []int {
	var versions []int
	for i, n := range counts {
		versions = append(versions, shuffled(seed+uint64(i), n[0], n[1])...)
	}
	return versions
}

func TestPropagationLag(t *testing.T) {
	ninety := []float64{90, 10}
	// 60 requests at the old 50/50 among 1000, whose totals agree with the weights all the same.
	w := watch(t, ninety, 1000).take(phases(31, [2]int{30, 30}, [2]int{850, 90})...)
	checkSignature(t, "the totals fit", "inconclusive changed", "propagation-lag", "warning", w.run, "requests 1 to 5", "after the start", "then v1 90")
	w = watch(t, ninety, 1000).take(phases(32, [2]int{150, 150}, [2]int{630, 70})...)
	checkSignature(t, "the totals do not", "mismatch test", "propagation-lag", "warning", w.run, "v1 48", "then v1 89.99%")

	w = watch(t, ninety, 1000, earlyStop).take(phases(33, [2]int{150, 150}, [2]int{630, 70})...)
	checkNoSignature(t, "a run that was stopped has seen the first part alone", "propagation-lag", w.run)
}

func TestWeightsChangedByTheAnswersAlone(t *testing.T) {
	ninety := []float64{90, 10}
	w := watch(t, ninety, 2000).take(phases(34, [2]int{1000, 0}, [2]int{800, 200})...)
	checkSignature(t, "the totals fit", "inconclusive changed", "weights-changed", "error", w.run, "v1 100%", "then v1 79.88%")
	w = watch(t, ninety, 2000).take(phases(35, [2]int{900, 100}, [2]int{500, 500})...)
	checkSignature(t, "the totals do not", "mismatch test", "weights-changed", "error", w.run, "v1 90.01%", "then v1 49.95%")
}

// Where a version belongs to the connection, its answers come in stretches; that is no change of the weights.
func TestConnectionsAreNoChange(t *testing.T) {
	own, next := shuffled(36, 180, 20), 0
	w := connected(t, []float64{90, 10}, 200, 50, func() int { next++; return own[next-1] })
	if got := w.verdict(t); got != "match test" {
		t.Errorf("got %s, want match test of connections", got)
	}
	checkNoSignature(t, "connections of 50", "weights-changed", w.run)
	checkNoSignature(t, "connections of 50", "propagation-lag", w.run)
	checkNoSignature(t, "connections of 50", "round-robin", w.run)
}

func TestRoundRobin(t *testing.T) {
	turns := func(weights []float64, cycle ...int) *run {
		w := watch(t, weights, 1000)
		for range 1000 / len(cycle) {
			w.take(cycle...)
		}
		return w.run
	}
	checkSignature(t, "two versions in turn", "match test", "round-robin", "warning", turns([]float64{50, 50}, 0, 1))
	checkSignature(t, "nine to one in turn", "match test", "round-robin", "warning", turns([]float64{90, 10}, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1))
	checkSignature(t, "in turn, whatever the weights", "mismatch test", "round-robin", "warning", turns([]float64{90, 10}, 0, 1))
	checkSignature(t, "four versions in turn", "match test", "round-robin", "warning", turns([]float64{1, 1, 1, 1}, 0, 1, 2, 3))
	checkNoSignature(t, "one version", "round-robin", turns([]float64{100}, 0))
	checkNoSignature(t, "the same totals at random", "round-robin", watch(t, []float64{50, 50}, 1000).take(shuffled(37, 500, 500)...).run)
}

// watchedRule is a watched run of the declared 90/10 rule, through a proxy that is programmed with it.
func watchedRule(t *testing.T, versions []int) *run {
	w := watch(t, []float64{90, 10}, int64(len(versions)))
	w.Expectation = diagnose.FromRule(diagnose.FromFile, ninetyTenRule(), nil)
	w.Declared = diagnose.Declared{Read: true, Lookup: k8s.Lookup{Rule: ninetyTenRule(), InEffect: true}}
	for i, name := range w.Expectation.Names() {
		w.Observed.Versions[i].Name = name
	}
	return w.take(versions...).run.through(programmed(90, 10))
}

func TestSwappedSubsets(t *testing.T) {
	swapped := func() *run { return watchedRule(t, shuffled(41, 110, 890)) }
	const id = "subset-wrong-pods"
	checkSignature(t, "by the counts alone", "mismatch test", id, "error", swapped(), "the other way round")
	checkSignature(t, "by the chosen stage too", "mismatch test", id, "error", swapped().counting(both(890, 110)...), "890 to single, 110 to multiple")
	checkNoSignature(t, "the proxy chose what answered", id, swapped().counting(both(110, 890)...))
	checkSignature(t, "shared counters say nothing", "mismatch test", id, "error", swapped().counting(both(1890, 210)...))
	checkNoSignature(t, "even shares", id, watchedRule(t, shuffled(42, 500, 500)))
	checkNoSignature(t, "right shares", id, watchedRule(t, shuffled(43, 900, 100)))
	failing := swapped().fail(probe.KindStatus, 4).counting(both(893, 111)...)
	checkSignature(t, "with a few errors", "mismatch test", id, "error", failing)
}

func TestFollowsReplicas(t *testing.T) {
	behind := func(r *run, single, multiple int) *run {
		r.lastProxy().Hosts = map[string]int{cluster("single"): single, cluster("multiple"): multiple}
		return r
	}
	const id = "follows-replicas"
	even := func() *run { return watchedRule(t, shuffled(44, 503, 497)) }
	checkSignature(t, "one each", "mismatch test", id, "warning", behind(even(), 1, 1), "1 to single, 1 to multiple", "503 to single, 497 to multiple")
	checkSignature(t, "three to two", "mismatch test", id, "warning", behind(watchedRule(t, shuffled(45, 600, 400)), 3, 2))
	checkNoSignature(t, "other endpoints", id, behind(even(), 3, 1))
	checkNoSignature(t, "unknown endpoints", id, even())
	checkNoSignature(t, "the weights fit", id, behind(watchedRule(t, shuffled(46, 900, 100)), 1, 1))
	checkNoSignature(t, "the weights changed", id, behind(even(), 1, 1).with(func(r *run) { r.lastProxy().After = programmed(10, 90) }))
	checkNoSignature(t, "an unknown version answers", id, behind(watchedRule(t, append(shuffled(47, 500, 499), unknown)), 1, 1))
}

func TestSameAsReplicas(t *testing.T) {
	nineToOne := func() *run {
		r := watchedRule(t, shuffled(48, 900, 100))
		r.lastProxy().Hosts = map[string]int{cluster("single"): 9, cluster("multiple"): 1}
		return r
	}
	const id = "same-as-replicas"
	checkSignature(t, "counters not read", "match test", id, "info", nineToOne(), "9 to single, 1 to multiple")
	checkSignature(t, "counters shared", "match test", id, "info", nineToOne().counting(both(1900, 200)...))
	checkSignature(t, "the chosen stage tells", "match test", id, "info", nineToOne().counting(both(900, 100)...), "9 to single, 1 to multiple")
	checkNoSignature(t, "other endpoints", id, nineToOne().with(func(r *run) { r.lastProxy().Hosts[cluster("single")] = 8 }))
}

// Two destinations that answer as one version have the endpoints of both.
func TestEndpointsOfAVersionAddUp(t *testing.T) {
	route := weighted(to("a", 45), to("b", 45), to("c", 10))
	mapping := []k8s.Mapping{{Destination: "a", Version: "v1"}, {Destination: "b", Version: "v1"}}
	e := diagnose.FromRoute(route, mapping)
	if !slices.Equal(e.Names(), []string{"v1", "c"}) {
		t.Fatalf("got versions %v", e.Names())
	}
	w := watch(t, []float64{90, 10}, 1000)
	w.Expectation = e
	w.Observed.Versions[0].Name, w.Observed.Versions[1].Name = "v1", "c"
	r := w.take(shuffled(49, 600, 400)...).run.through(route)
	r.lastProxy().Hosts = map[string]int{cluster("a"): 1, cluster("b"): 2, cluster("c"): 2}
	checkSignature(t, "three to two", "mismatch test", "follows-replicas", "warning", r, "3 to v1, 2 to c")
}

// Without an order of the answers, as when counts are judged, no signature of it is found.
func TestSignaturesNeedAnOrder(t *testing.T) {
	if ids := findingIDs(ninetyTen(900, 100).judge(t)); len(ids) > 0 {
		t.Errorf("got %v", ids)
	}
	byProxy := ninetyTen(0, 0).through(programmed(90, 10)).counting(both(900, 100)...).sent(1000, true)
	byProxy.ByProxy = true
	byProxy.lastProxy().Hosts = map[string]int{envoy.PassthroughCluster: 1}
	if ids := findingIDs(byProxy.judge(t)); len(ids) > 0 {
		t.Errorf("by the proxy: got %v", ids)
	}
}
