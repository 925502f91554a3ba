package diagnose_test

import (
	"slices"
	"testing"

	"respy/diagnose"
	"respy/k8s/envoy"
	"respy/probe"
)

// through90 is a run through a sidecar that follows the rule and counted so many requests to either version.
func through90(single, multiple int64, counters ...envoy.ClusterDelta) *run {
	return ninetyTen(single, multiple).through(programmed(90, 10)).counting(counters...)
}

func both(single, multiple uint64) []envoy.ClusterDelta {
	return []envoy.ClusterDelta{took(cluster("single"), single), took(cluster("multiple"), multiple)}
}

// unknownChoice stands for a chosen count that does not exist.
const unknownChoice = -1

func checkChosen(t *testing.T, name string, r *run, want ...int64) *diagnose.Conclusion {
	t.Helper()
	c := r.judge(t)
	for i, v := range c.Versions {
		got := int64(unknownChoice)
		if v.Chosen != nil {
			got = *v.Chosen
		}
		if got != want[i] {
			t.Errorf("%s: chosen of %s is %d, want %d (-1 is null)", name, v.Name, got, want[i])
		}
	}
	return c
}

func TestChosen(t *testing.T) {
	const null = unknownChoice
	checkChosen(t, "no proxy", ninetyTen(900, 100), null, null)
	checkChosen(t, "a proxy without counters", ninetyTen(900, 100).through(programmed(90, 10)), null, null)
	checkChosen(t, "a proxy alone", through90(900, 100, both(900, 100)...), 900, 100)
	checkChosen(t, "a version that was not chosen", through90(900, 0, both(900, 0)...), 900, 0)
	checkChosen(t, "an unknown version answers", through90(900, 99, both(900, 100)...).answer("v9", 1), 900, 100, null)

	another := append(both(900, 100), took("outbound|80||reviews.default.svc.cluster.local", 5000), took("inbound|5000||", 70))
	checkChosen(t, "clusters of other services do not count", through90(900, 100, another...), 900, 100)

	resent := through90(900, 100, both(905, 100)...)
	resent.Observed.Resent = 5
	checkChosen(t, "requests that were sent twice", resent, 905, 100)
}

func TestChosenOfSeveralProxies(t *testing.T) {
	const null = unknownChoice
	two := func(second ...envoy.ClusterDelta) *run {
		return through90(900, 100, both(450, 30)...).through(programmed(90, 10)).counting(second...)
	}
	checkChosen(t, "the sum", two(both(450, 70)...), 900, 100)
	short := checkChosen(t, "a sum below the answers", two(both(400, 70)...), 850, 100)
	if !slices.Contains(unseenStages(short), "chosen") {
		t.Errorf("the proxies counted 950 of 1000 requests, and nothing says so: unseen is %v", short.Unseen)
	}
	missing := two()
	missing.lastProxy().Delta = nil
	checkChosen(t, "the counters of one are missing", missing, null, null)
}

// Counters that others moved as well, or that the proxy's own retries did, say nothing about this run.
func TestChosenSharedWithOtherTraffic(t *testing.T) {
	r := ninetyTen(900, 0).fail(probe.KindStatus, 100).through(programmed(90, 10))
	r.MaxErrors = 0.2
	alone := r.counting(both(900, 100)...)
	if got, want := alone.verdict(t), "match test"; got != want {
		t.Errorf("alone: got %s, want %s", got, want)
	}
	shared := r.counting(both(900, 101)...)
	c := checkChosen(t, "shared", shared, unknownChoice, unknownChoice)
	if got, want := shared.verdict(t), "inconclusive errors-could-flip"; got != want {
		t.Errorf("shared: got %s, want %s: the counters must not place the errors", got, want)
	}
	if !slices.Contains(unseenStages(c), "chosen") {
		t.Errorf("nothing says that the counters are shared: unseen is %v", c.Unseen)
	}
	if ids := findingIDs(c); len(ids) > 0 {
		t.Errorf("findings rest on shared counters: %v", ids)
	}
}

// Counters that go back belong to a proxy that was restarted, even where its uptime does not show that.
func TestChosenCountersWentBack(t *testing.T) {
	r := through90(900, 100, both(300, 40)...)
	r.lastProxy().Delta.Reset = true
	if got, want := r.verdict(t), "inconclusive proxy-restarted"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// With --version-from envoy the answers name no version: the clusters that the proxy counted are the versions.
func TestByProxy(t *testing.T) {
	byProxy := func(counters ...envoy.ClusterDelta) *run {
		r := through90(0, 0, counters...)
		r.Observed.Versions = nil
		r.ByProxy = true
		return r.answer(probe.EnvoyAnswers, 1000)
	}
	check := func(name, want string, r *run) {
		t.Helper()
		if got := r.verdict(t); got != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
	}
	elsewhere := took(cluster("canary"), 30)
	check("fits", "match test", byProxy(both(900, 100)...))
	check("does not fit", "mismatch test", byProxy(both(500, 500)...))
	check("a cluster of no version", "mismatch impossible-version", byProxy(append(both(880, 90), elsewhere)...))
	check("passthrough", "mismatch impossible-version", byProxy().with(func(r *run) {
		r.Proxies = nil
		r.through(plain(envoy.PassthroughCluster)).counting(took(envoy.PassthroughCluster, 1000))
	}))

	for name, r := range map[string]*run{
		"shared with other traffic":                   byProxy(both(1800, 200)...),
		"shared with other traffic of another share":  byProxy(both(1000, 1000)...),
		"nothing counted":                             byProxy(),
		"the counters of one of two proxies are lost": byProxy(both(900, 100)...).through(programmed(90, 10)),
	} {
		if got := r.judge(t).Verdict; got != diagnose.Inconclusive {
			t.Errorf("%s: got %s, want inconclusive", name, got)
		}
	}

	c := byProxy(both(890, 110)...).judge(t)
	if len(c.Versions) != 2 {
		t.Fatalf("got %d rows, want those of the two clusters: %+v", len(c.Versions), c.Versions)
	}
	if v := version(t, c, "multiple"); v.Count != 110 || v.Draws != 110 || v.Share != 0.11 || v.Latency.P50.Exists() {
		t.Errorf("got %+v, want 110 requests, share .11, and no latency", v)
	}
}

func TestByProxyWithoutExpectation(t *testing.T) {
	defer func() {
		if p := recover(); p != nil {
			t.Errorf("Judge panics: %v", p)
		}
	}()
	r := ninetyTen(900, 100)
	r.Expectation, r.ByProxy = nil, true
	if got, want := r.verdict(t), "none no-expectation"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
