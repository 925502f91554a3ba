package diagnose_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"respy/diagnose"
	"respy/k8s"
	"respy/probe"
	"respy/stats"
)

// shards are reports, after their way through JSON as files bring them.
func shards(t *testing.T, reports ...*diagnose.Conclusion) []diagnose.Shard {
	t.Helper()
	list := make([]diagnose.Shard, len(reports))
	for i, c := range reports {
		text, err := json.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		list[i] = diagnose.Shard{Name: fmt.Sprintf("shard%d.json", i), Report: new(diagnose.Conclusion)}
		if err := json.Unmarshal(text, list[i].Report); err != nil {
			t.Fatal(err)
		}
	}
	return list
}

// pool judges reports together.
func pool(t *testing.T, e *diagnose.Expectation, reports ...*diagnose.Conclusion) *diagnose.Conclusion {
	t.Helper()
	return poolOf(t, shards(t, reports...), e)
}

func poolOf(t *testing.T, list []diagnose.Shard, e *diagnose.Expectation) *diagnose.Conclusion {
	t.Helper()
	evidence, err := diagnose.Pool(list, e)
	if err != nil {
		t.Fatalf("Pool: %v", err)
	}
	return (&run{Evidence: evidence, Settings: diagnose.Settings{Alpha: 0.01, MaxErrors: 0.01}}).judge(t)
}

func checkPool(t *testing.T, name, want string, c *diagnose.Conclusion, parts ...string) {
	t.Helper()
	if got := string(c.Verdict) + " " + string(c.Reason); got != want {
		t.Errorf("%s: got %s, want %s (%s)", name, got, want, c.Message)
	}
	for _, part := range parts {
		if !strings.Contains(c.Message, part) {
			t.Errorf("%s: message %q lacks %q", name, c.Message, part)
		}
	}
}

// reports makes reports of a split without judging each: one that was judged, with other counts.
func reports(t *testing.T, like *run) func(counts ...int64) *diagnose.Conclusion {
	judged := like.judge(t)
	return func(counts ...int64) *diagnose.Conclusion {
		c := *judged
		c.Versions, c.Requests = slices.Clone(c.Versions), 0
		for i, n := range counts {
			c.Versions[i].Count, c.Versions[i].Draws = n, n
			c.Requests += n
		}
		c.Answered = c.Requests
		return &c
	}
}

func TestPoolAddsUp(t *testing.T) {
	report := reports(t, ninetyTen(900, 100))
	c := pool(t, nil, report(900, 100), report(450, 50), report(91, 9))
	checkPool(t, "three of one rule", "match test", c, "1600 requests")
	if v := version(t, c, "multiple"); v.Count != 159 || v.Draws != 159 || v.ExpectedShare != 0.1 || c.Requests != 1600 {
		t.Errorf("got %+v of %d requests, want 159 of 1600", v, c.Requests)
	}
	fit, err := stats.Test([]int64{1441, 159}, []float64{90, 10}, stats.TestOptions{})
	if err != nil || !near(float64(c.Test.PValue), fit.P) || c.Expectation.Route != "virtualservice/default/vs-weather-backend" || c.ExitCode != 0 {
		t.Errorf("got p %v of %+v, want %v (%v)", c.Test.PValue, c.Expectation, fit.P, err)
	}
	// None alone is large enough, or far enough off.
	checkPool(t, "small ones are enough together", "match test", pool(t, nil, report(90, 10), report(90, 10), report(90, 10)))
	checkPool(t, "too small together", "inconclusive too-small", pool(t, nil, report(45, 5), report(45, 5)), "100 requests", "would do")
	checkPool(t, "a little off, all of them", "mismatch test",
		pool(t, nil, report(870, 130), report(872, 128), report(875, 125), report(871, 129)))
	checkPool(t, "one report", "match test", pool(t, nil, report(900, 100)))
	checkPool(t, "an unknown version", "mismatch impossible-version", pool(t, nil, report(900, 100), ninetyTen(900, 99).answer("v9", 1).judge(t)), "v9")
	if f := finding(c, "proxies-disagree"); f != nil {
		t.Errorf("got %s of equal reports", f.Summary)
	}
}

// Of ten proxies one is stale: the sum alone would pass.
func TestPoolFindsTheOddOne(t *testing.T) {
	rng, report, found := seeded(61), reports(t, ninetyTen(900, 100)), 0
	for range 100 {
		var list []*diagnose.Conclusion
		for i := range 10 {
			counts := draw(rng, []int64{90, 10}, 300)
			if i == 6 {
				counts = draw(rng, []int64{75, 25}, 300)
			}
			list = append(list, report(counts...))
		}
		c := pool(t, nil, list...)
		if f := finding(c, "proxies-disagree"); f != nil && f.Object == "shard6.json" && strings.Contains(c.Message, "shard6.json") && c.ExitCode == 1 && f.Severity == "warning" {
			found++
		}
	}
	if found < 97 {
		t.Errorf("the odd one was named in %d of 100", found)
	}
}

// Both tests of a pool share alpha: reports that are right and equal are called wrong in at most 1 of 100. More than 29 of
// 1000 have a probability below 1e-6.
func TestPoolsOfHealthyReports(t *testing.T) {
	const most = 29
	runs := repetitions(1000)
	rng, report, alarms := seeded(62), reports(t, ninetyTen(900, 100)), 0
	for range runs {
		var list []*diagnose.Conclusion
		for range 5 {
			list = append(list, report(draw(rng, []int64{90, 10}, 200)...))
		}
		if pool(t, nil, list...).Verdict == diagnose.Mismatch {
			alarms++
		}
	}
	if alarms > most {
		t.Errorf("%d of %d pools are called a mismatch", alarms, runs)
	}
}

func TestPoolRefuses(t *testing.T) {
	check := func(name string, a, b *diagnose.Conclusion, parts ...string) {
		t.Helper()
		_, err := diagnose.Pool(shards(t, a, b), nil)
		refused := new(diagnose.PoolError)
		if !errors.As(err, &refused) {
			t.Errorf("%s: got %v, want a refusal", name, err)
			return
		}
		for _, part := range parts {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("%s: %q lacks %q", name, err, part)
			}
		}
		if strings.Contains(err.Error(), "\n") || strings.HasSuffix(err.Error(), ".") {
			t.Errorf("%s: %q is not one sentence without a period", name, err)
		}
	}
	of := func(change func(*k8s.Rule), single, multiple int64) *diagnose.Conclusion {
		rule := ninetyTenRule()
		if change != nil {
			change(rule)
		}
		return declared(rule, single, multiple).judge(t)
	}
	first := of(nil, 900, 100)
	check("another route", first, of(func(r *k8s.Rule) { r.Name = "vs-other" }, 900, 100),
		"shard0.json is of virtualservice/default/vs-weather-backend", "shard1.json of virtualservice/default/vs-other", "different routes")
	check("other weights", first, of(func(r *k8s.Rule) { r.Destinations[0].Weight = 80; r.Destinations[1].Weight = 20 }, 800, 200),
		"single 90%, multiple 10%", "single 80%, multiple 20%", "different weights")
	check("other versions", first, of(func(r *k8s.Rule) { r.Destinations[1].Version = "third" }, 900, 100), "third 10%")
	check("another content of the rule", first, of(func(r *k8s.Rule) { r.Destinations[0].Port = 8080 }, 900, 100),
		"different versions of virtualservice/default/vs-weather-backend", "again")
	none := ninetyTen(900, 100).with(func(r *run) { r.Expectation = nil }).judge(t)
	check("no expectation", first, none, "shard1.json", "--expect")
	check("no expectation at all", none, first, "shard0.json", "--expect")

	spoiled := func(change func(*diagnose.Conclusion)) *diagnose.Conclusion {
		c := of(nil, 900, 100)
		change(c)
		return c
	}
	check("a count below 0", first, spoiled(func(c *diagnose.Conclusion) { c.Versions[0].Draws = -5 }), "shard1.json", "-5")
	check("counts whose sum is none", spoiled(func(c *diagnose.Conclusion) { c.Versions[1].Draws = 1 << 62 }), first, "shard0.json")
	check("errors below 0", first, spoiled(func(c *diagnose.Conclusion) { c.Errors = []diagnose.Failure{{Count: -1}} }), "shard1.json")

	check("a version twice", first, spoiled(func(c *diagnose.Conclusion) { c.Versions[1].Name = "single" }), `shard1.json expects the version "single" twice`)
	check("weights without a sum", spoiled(func(c *diagnose.Conclusion) { c.Versions[0].Weight, c.Versions[1].Weight = 1e308, 1e308 }), first, "shard0.json", "1e+308")
	check("a weight below 0", first, spoiled(func(c *diagnose.Conclusion) { c.Versions[0].Weight = -1 }), "shard1.json", "-1")
	check("a unit of others", first, spoiled(func(c *diagnose.Conclusion) { c.Test.Unit = "\x1b[31m\n" }), "shard1.json", `"\x1b[31m\n"`)

	rng := seeded(63)
	users := watch(t, []float64{90, 10}, 2000, inSessions(5)).users(rng, 400, stays).judge(t)
	requests := watch(t, []float64{90, 10}, 2000).take(shuffled(64, 1800, 200)...).judge(t)
	check("another unit", users, requests, "shard0.json counts sessions", "shard1.json requests")
	checkPool(t, "sessions", "match test", pool(t, nil, users, users), "800 sessions")
}

// A rule of the same content is the same one, by whatever name of its version.
func TestPoolTakesASecondPushOfTheSameRule(t *testing.T) {
	push := func(resourceVersion string) *diagnose.Conclusion {
		rule := ninetyTenRule()
		rule.ResourceVersion = resourceVersion
		return declared(rule, 900, 100).judge(t)
	}
	checkPool(t, "another resourceVersion", "match test", pool(t, nil, push("4711"), push("4712")))
	nine := declared(rule(subset("single", 9), subset("multiple", 1)), 900, 100).judge(t)
	checkPool(t, "the same shares", "match test", pool(t, nil, push("4711"), nine))
}

// Counts that are no fair sample make the sum none.
func TestPoolOfUnfitReports(t *testing.T) {
	good := ninetyTen(900, 100).judge(t)
	interrupted := ninetyTen(450, 50).with(func(r *run) { r.Signal, r.Requests = 15, 1000 }).judge(t)
	checkPool(t, "interrupted", "inconclusive interrupted", pool(t, nil, good, interrupted), "shard1.json", "500 of 1000")
	changed := ninetyTenThrough(programmed(90, 10)).with(func(r *run) { r.lastProxy().After = programmed(50, 50) }).judge(t)
	checkPool(t, "changed", "inconclusive changed", pool(t, nil, good, changed), "shard1.json")
	stale := ninetyTenThrough(programmed(50, 50)).judge(t)
	checkPool(t, "programmed otherwise", "mismatch programmed-differs", pool(t, nil, good, stale), "shard1.json")
	dead := ninetyTen(0, 0).fail(probe.KindRefused, 10).judge(t)
	checkPool(t, "unreachable", "inconclusive unreachable", pool(t, nil, good, dead), "shard1.json")
	lost := ninetyTen(0, 0).answer("sunny", 1000).judge(t)
	checkPool(t, "not recognised", "inconclusive recognition", pool(t, nil, lost, lost))
}

func TestPoolOfReportsWithErrors(t *testing.T) {
	few := ninetyTen(895, 100).fail(probe.KindStatus, 5).judge(t)
	checkPool(t, "within the budget", "match test", pool(t, nil, few, few))
	many := ninetyTen(850, 100).fail(probe.KindStatus, 50).judge(t)
	checkPool(t, "over it", "mismatch errors", pool(t, nil, many, many), "100 of 2000")

	// Answers that named their version and failed are errors too, in the sum as in each report.
	named := ninetyTen(900, 100).with(func(r *run) { r.Observed.Versions[1].ServerErrors = 50 }).judge(t)
	checkPool(t, "named by 5xx answers", "mismatch errors", pool(t, nil, named, named))

	// Errors that the chosen stage has placed are draws already.
	placed := ninetyTen(900, 0).fail(probe.KindStatus, 100).through(programmed(90, 10)).counting(both(900, 100)...)
	placed.MaxErrors = 0.2
	alone := placed.judge(t)
	checkPool(t, "placed, alone", "match test", alone)
	evidence, err := diagnose.Pool(shards(t, alone, alone), nil)
	if err != nil {
		t.Fatal(err)
	}
	together := (&run{Evidence: evidence, Settings: diagnose.Settings{Alpha: 0.01, MaxErrors: 0.2}}).judge(t)
	checkPool(t, "placed, pooled", "match test", together)
}

// Reports of runs that ended when they showed enough are no fixed samples: their evidence multiplies.
func TestPoolOfEarlyStops(t *testing.T) {
	stopped := func(versions ...int) *diagnose.Conclusion {
		return watch(t, []float64{90, 10}, 1000, earlyStop).take(versions...).judge(t)
	}
	wrong := stopped(1, 1, 1, 1, 1, 1)
	right := stopped(shuffled(65, 900, 100)...)
	if wrong.Test.Method != "sequential" || right.Test.Method == "sequential" {
		t.Fatalf("got a %s and a %s test", wrong.Test.Method, right.Test.Method)
	}
	c := pool(t, nil, wrong, wrong)
	checkPool(t, "two that stopped", "mismatch test", c, fmt.Sprintf("%.2f", 2*float64(wrong.Test.LnE)))
	checkPool(t, "the sum of two that stopped, with another", "mismatch test", pool(t, nil, c, right))
	if e := c.Test.LnE; c.Test.Method != "sequential" || e < 2*wrong.Test.LnE-1 || e > 2*wrong.Test.LnE || c.Test.PValue != c.Test.AnytimePValue {
		t.Errorf("the sum of two with ln E = %g has the test %+v", wrong.Test.LnE, c.Test)
	}
	checkPool(t, "one that stopped of two", "mismatch test", pool(t, nil, right, wrong))
	checkPool(t, "none that stopped", "match test", pool(t, nil, right, right))
	fixed := ninetyTenOf(t, 900, 100)
	checkPool(t, "one without early stop", "inconclusive too-small", pool(t, nil, wrong, fixed), "shard1.json", "--early-stop")
	impossible := stopped(0, unknown)
	checkPool(t, "an impossible version stopped one", "mismatch impossible-version", pool(t, nil, right, impossible))
}

// ninetyTenOf is the report of a run of the user's 90/10 that was not watched.
func ninetyTenOf(t *testing.T, counts ...int64) *diagnose.Conclusion {
	t.Helper()
	return answered(expecting(90, 10), counts...).judge(t)
}

// The weights that the user gives override those of the reports.
func TestPoolWithWeightsOfItsOwn(t *testing.T) {
	fifty := diagnose.FromShares([]diagnose.Share{{Name: "single", Weight: 50}, {Name: "multiple", Weight: 50}}, nil, nil)
	a, b := ninetyTen(500, 500).judge(t), ninetyTen(495, 505).judge(t)
	c := pool(t, fifty, a, b)
	checkPool(t, "other weights", "match test", c, "single 50%")
	if c.Expectation.Kind != diagnose.FromFlag {
		t.Errorf("got the expectation of a %s", c.Expectation.Kind)
	}
	none := ninetyTen(500, 500).with(func(r *run) { r.Expectation = nil }).judge(t)
	checkPool(t, "reports without an expectation", "match test", pool(t, fifty, none, none), "2000 requests")
	renamed := diagnose.FromShares([]diagnose.Share{{Name: "a", Weight: 50}, {Name: "b", Weight: 50}}, nil, nil)
	checkPool(t, "none of the names", "inconclusive recognition", pool(t, renamed, a, b))
}
