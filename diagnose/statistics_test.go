package diagnose_test

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"

	"respy/diagnose"
	"respy/k8s"
	"respy/probe"
	"respy/stats"
)

// A match needs as many requests as notice a shift of ten points.
func TestTooSmall(t *testing.T) {
	const small, match = "inconclusive too-small", "match test"
	check := func(name, want string, r *run) {
		t.Helper()
		c := r.judge(t)
		if got := string(c.Verdict) + " " + string(c.Reason); got != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
		if number := fmt.Sprint(c.Test.RequestsRequired); want == small && !strings.Contains(c.Message, number) {
			t.Errorf("%s: message %q lacks %q", name, c.Message, number)
		}
	}
	required := ninetyTen(18, 2).judge(t).Test.RequestsRequired
	if want, err := stats.Sufficient([]float64{90, 10}, 0.01); err != nil || required != want {
		t.Fatalf("required are %d requests, want %d (%v)", required, want, err)
	}
	tenth := required / 10
	check("one too few", small, ninetyTen(required-1-tenth, tenth))
	check("just enough", match, ninetyTen(required-tenth, tenth))
	check("a few errors do not make a run too small", match, ninetyTen(required-tenth-1, tenth).fail(probe.KindReset, 1))
	check("a mismatch is one however small", "mismatch test", ninetyTen(0, 20))
	check("limited by its duration", small, ninetyTen(18, 2).with(func(r *run) { r.Requests = 0 }))
	check("limited by its duration, long enough", match, ninetyTen(900, 100).with(func(r *run) { r.Requests = 0 }))
	check("ended by its duration before -n", match, ninetyTen(900, 100).with(func(r *run) { r.Requests = 5000 }))
	check("a smaller alpha needs more", small, ninetyTen(required-tenth, tenth).with(func(r *run) { r.Alpha = 0.001 }))
}

func TestOneVersion(t *testing.T) {
	alone := func(n int64) *run { return declared(rule(subset("single", 100)), n) }
	check := func(name, want string, r *run) *diagnose.Conclusion {
		t.Helper()
		c := r.judge(t)
		if got := string(c.Verdict) + " " + string(c.Reason); got != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
		return c
	}
	c := check("it alone", "match test", alone(1000))
	if c.Test.DF != 0 || c.Test.PValue != 1 {
		t.Errorf("got p %v with %d degrees of freedom, want 1 with 0", c.Test.PValue, c.Test.DF)
	}
	check("too few", "inconclusive too-small", alone(10))
	check("another answers", "mismatch impossible-version", alone(999).answer("multiple", 1))
	check("errors", "match test", alone(999).fail(probe.KindReset, 1))
	check("through the proxy", "match test", alone(1000).through(weighted(to("single", 1))))

	whole := k8s.Destination{Host: weather, Port: 5000, Weight: 100}
	r := declared(rule(whole), 1000).through(weighted(to("", 1))).counting(took(cluster(""), 1000))
	checkChosen(t, "the whole service", r, 1000)
	check("the whole service", "match test", r)
}

func TestThreeVersions(t *testing.T) {
	three := func(a, b, c int64) *run {
		return declared(rule(subset("a", 50), subset("b", 30), subset("c", 20)), a, b, c)
	}
	c := three(505, 290, 205).judge(t)
	if c.Verdict != diagnose.Match || c.Test.Name != "multinomial" || c.Test.DF != 2 {
		t.Errorf("got %s by the %s test with %d degrees of freedom, want match by multinomial with 2", c.Verdict, c.Test.Name, c.Test.DF)
	}
	if got, want := three(505, 205, 290).verdict(t), "mismatch test"; got != want {
		t.Errorf("two swapped: got %s, want %s", got, want)
	}
	if got, want := three(400, 300, 300).judge(t).Message, "a got 40%"; !strings.Contains(got, want) && !strings.Contains(got, "c got 30%") {
		t.Errorf("message %q names neither of the two that are off by ten points", got)
	}
}

func TestRowsHoldTheFigures(t *testing.T) {
	c := ninetyTen(880, 100).answer("v9", 20).judge(t)
	single, unknown := version(t, c, "single"), version(t, c, "v9")
	if single.Weight != 90 || single.ExpectedShare != 0.9 || single.Share != 0.88 || single.Draws != 880 {
		t.Errorf("got %+v, want weight 90, expected .9, share .88, 880 draws", single)
	}
	if unknown.Weight.Exists() || unknown.ExpectedShare != 0 || unknown.Share != 0.02 {
		t.Errorf("got %+v, want no weight, expected 0, share .02", unknown)
	}
	if single.Latency != (diagnose.Latency{P50: 0.002, P95: 0.004, P99: 0.008}) {
		t.Errorf("got latencies %v, want them in seconds", single.Latency)
	}
	if c.Requests != 1000 || c.Answered != 1000 || c.ElapsedSeconds != 1.5 || c.Schema != "respy/v1" {
		t.Errorf("got %d requests, %d answered in %v s by schema %s", c.Requests, c.Answered, c.ElapsedSeconds, c.Schema)
	}
	if c.Test.Statistic.Exists() || c.Test.PValue != 0 {
		t.Errorf("got statistic %v and p %v, want none (infinite) and 0", c.Test.Statistic, c.Test.PValue)
	}
}

// The limits are those of the share beside them, also where answers of unknown versions are a part of the whole.
func TestIntervalsHoldTheirShares(t *testing.T) {
	for _, r := range []*run{ninetyTen(900, 100), ninetyTen(300, 700), ninetyTen(700, 80).answer("v9", 220)} {
		for _, v := range r.judge(t).Versions {
			if v.Low.Exists() && !(v.Low < v.Share && v.Share < v.High) {
				t.Errorf("%s has a share of %.3f and the limits %.3f and %.3f", v.Name, v.Share, v.Low, v.High)
			}
		}
	}
	if v := version(t, ninetyTen(900, 100).judge(t), "single"); !v.Low.Exists() || !v.High.Exists() {
		t.Errorf("got no limits of %+v", v)
	}
}

func TestRowsWithoutExpectation(t *testing.T) {
	none := ninetyTen(900, 100).with(func(r *run) { r.Expectation = nil }).fail(probe.KindReset, 5).judge(t)
	if v := version(t, none, "single"); v.Weight.Exists() || v.ExpectedShare.Exists() || v.Low.Exists() || v.Share != 0.9 || v.Draws != 900 {
		t.Errorf("got %+v, want a share of .9 and no expected one", v)
	}
	if none.Test != nil || none.Expectation != nil || none.Proxy != nil {
		t.Errorf("got test %v, expectation %v, proxy %v, want none", none.Test, none.Expectation, none.Proxy)
	}
	if v := version(t, ninetyTen(1000, 0).judge(t), "multiple"); v.Latency.P50.Exists() {
		t.Errorf("a version that never answered has latency %v", v.Latency)
	}
}

func TestKindOfTest(t *testing.T) {
	check := func(kind stats.Kind, name string) {
		t.Helper()
		c := ninetyTen(903, 97).with(func(r *run) { r.Test = kind }).judge(t)
		if c.Test.Name != name || !c.Test.PValue.Exists() || c.Test.Alpha != 0.01 || c.Test.Unit != "request" {
			t.Errorf("%q: got %+v, want the %s test of requests at .01", kind, c.Test, name)
		}
	}
	check("", "binomial")
	check(stats.Auto, "binomial")
	check(stats.Exact, "binomial")
	check(stats.ChiSquare, "chi-square")
}

func TestNumberIsNullInJSONWhereItDoesNotExist(t *testing.T) {
	check := func(n float64, want string) {
		t.Helper()
		got, err := json.Marshal(diagnose.Number(n))
		if err != nil || string(got) != want {
			t.Errorf("%v: got %s (%v), want %s", n, got, err, want)
		}
		var back diagnose.Number
		if err := json.Unmarshal(got, &back); err != nil || back.Exists() != diagnose.Number(n).Exists() || back.Exists() && float64(back) != n {
			t.Errorf("%v: read back as %v (%v)", n, back, err)
		}
	}
	check(0.25, "0.25")
	check(0, "0")
	check(math.NaN(), "null")
	check(math.Inf(1), "null")
	check(math.Inf(-1), "null")
	check(math.SmallestNonzeroFloat64, "5e-324")
}
