package diagnose_test

import (
	"fmt"
	"strings"
	"testing"

	"respy/diagnose"
	"respy/stats"
)

// required is how many requests prove a tolerance of the split when its shares are right.
func required(t *testing.T, weights []float64, points, level float64) int64 {
	t.Helper()
	box, err := stats.NewTolerance(weights, points/100)
	if err != nil {
		t.Fatal(err)
	}
	n, err := box.Required(level, 0.9)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// At a fixed number of requests a tolerance has three outcomes: kept, broken, and neither for certain.
func TestToleranceAtAFixedNumber(t *testing.T) {
	check := func(name, want string, points float64, counts ...int64) *diagnose.Conclusion {
		t.Helper()
		r := answered(expecting(90, 10), counts...)
		r.Tolerance = points / 100
		c := r.judge(t)
		if got := string(c.Verdict) + " " + string(c.Reason); got != want {
			t.Errorf("%s: got %s, want %s (%s)", name, got, want, c.Message)
		}
		return c
	}
	check("in the middle", "match test", 5, 1800, 200)
	check("off by two points, which the plain test rejects", "match test", 5, 1760, 240)
	c := check("far outside", "mismatch test", 5, 1500, 500)
	if !strings.Contains(c.Message, "±5 points") {
		t.Errorf("message %q lacks the tolerance", c.Message)
	}
	c = check("on the edge", "inconclusive too-small", 5, 1700, 300)
	if number := fmt.Sprintf("-n %d ", required(t, []float64{90, 10}, 5, 0.01)); !strings.Contains(c.Message, number) {
		t.Errorf("message %q lacks %q, with which it would be proven", c.Message, number)
	}
	check("too few", "inconclusive too-small", 5, 180, 20)
	check("few are enough for a wide one", "match test", 10, 180, 20)
	check("one version is silent", "inconclusive too-small", 10, 400, 0)
	if c := check("nothing to plan for", "match test", 5, 900, 100); c.Test.DetectableShift.Exists() || c.Test.RequestsRequired != 0 {
		t.Errorf("got a detectable shift of %v and %d required, want none", c.Test.DetectableShift, c.Test.RequestsRequired)
	}
}

func TestToleranceWithErrors(t *testing.T) {
	check := func(name, want string, errors int64, counts ...int64) {
		t.Helper()
		r := answered(expecting(90, 10), counts...).fail("reset", errors)
		r.Tolerance, r.MaxErrors = 0.05, 0.2
		if got := r.verdict(t); got != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
	}
	check("too few to turn a match", "match test", 10, 1800, 200)
	check("enough to turn a match", "inconclusive errors-could-flip", 200, 1650, 150)
	check("too few to turn a mismatch", "mismatch test", 10, 1500, 500)
	check("enough to turn a mismatch", "inconclusive errors-could-flip", 300, 1390, 340)
}

// Watched, a run ends with a match as soon as it is proven, and with a mismatch likewise.
func TestToleranceStopsEarly(t *testing.T) {
	inside := watch(t, []float64{90, 10}, 10_000, earlyStop, tolerating(10)).take(shuffled(1, 9000, 1000)...)
	c := inside.judge(t)
	if inside.goesOn || c.Verdict != diagnose.Match || c.Requests > 1000 || c.Test.RequestsSaved != 10_000-c.Requests || c.Test.Method != "sequential" {
		t.Errorf("inside: got %s after %d requests, %d saved, by a %s test: %s", c.Verdict, c.Requests, c.Test.RequestsSaved, c.Test.Method, c.Message)
	}
	if !(c.Test.PValue > 0.01) {
		t.Errorf("inside: got p %v of a match", c.Test.PValue)
	}
	outside := watch(t, []float64{90, 10}, 10_000, earlyStop, tolerating(5)).take(shuffled(2, 7000, 3000)...)
	c = outside.judge(t)
	if outside.goesOn || c.Verdict != diagnose.Mismatch || c.Requests > 1000 || !(c.Test.PValue <= 0.01) {
		t.Errorf("outside: got %s with p %v after %d requests: %s", c.Verdict, c.Test.PValue, c.Requests, c.Message)
	}
	edge := watch(t, []float64{90, 10}, 2000, earlyStop, tolerating(5)).take(shuffled(3, 1700, 300)...)
	c = edge.judge(t)
	if !edge.goesOn || c.Verdict != diagnose.Inconclusive || c.Requests != 2000 {
		t.Errorf("edge: got %s after %d requests: %s", c.Verdict, c.Requests, c.Message)
	}
	if number := fmt.Sprintf("-n %d ", required(t, []float64{90, 10}, 5, 0.008)); !strings.Contains(c.Message, number) {
		t.Errorf("message %q lacks %q, with which it would be proven", c.Message, number)
	}
}

// A run that has errors proves no tolerance early, as they may belong beyond its edge; one that breaks it may do so.
func TestErrorsKeepAToleranceFromStopping(t *testing.T) {
	w := watch(t, []float64{90, 10}, 3000, earlyStop, tolerating(10)).take(failed).take(shuffled(4, 2699, 300)...)
	if c := w.judge(t); !w.goesOn || c.Verdict != diagnose.Match {
		t.Errorf("inside: goes on is %v, got %s: %s", w.goesOn, c.Verdict, c.Message)
	}
	w = watch(t, []float64{90, 10}, 3000, earlyStop, tolerating(5)).take(failed).take(shuffled(5, 1500, 1499)...)
	if c := w.judge(t); w.goesOn || c.Verdict != diagnose.Mismatch {
		t.Errorf("outside: goes on is %v, got %s: %s", w.goesOn, c.Verdict, c.Message)
	}
}

// A silent version keeps a tolerance from being proven, however wide it is.
func TestASilentVersionKeepsNoTolerance(t *testing.T) {
	w := watch(t, []float64{99, 1}, 500, earlyStop, tolerating(5))
	for range 500 {
		w.take(0)
	}
	if c := w.judge(t); !w.goesOn || c.Verdict != diagnose.Inconclusive {
		t.Errorf("goes on is %v, got %s: %s", w.goesOn, c.Verdict, c.Message)
	}
}
