package diagnose_test

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"respy/diagnose"
	"respy/stats"
)

func near(a, b float64) bool { return cmp.Equal(a, b, cmpopts.EquateApprox(1e-9, 0)) }

// closedForm is ln E of what was seen so far.
func (w *watched) closedForm(t *testing.T, counts []int64) float64 {
	t.Helper()
	logE, err := stats.LogE(counts, w.Expectation.Weights(), 0)
	if err != nil {
		t.Fatal(err)
	}
	return logE
}

// A run stops at the very answer that brings ln E to ln(5/alpha), and neither before nor after.
func TestEarlyStopAtItsThreshold(t *testing.T) {
	for _, alpha := range []float64{0.01, 0.001} {
		w := watch(t, []float64{90, 10}, 1000, earlyStop, func(w *watched) { w.Alpha = alpha })
		for i := 0; w.goesOn && i < 1000; i++ {
			w.take(i % 2)
			if logE := w.closedForm(t, w.seen()); w.goesOn != (logE < math.Log(5/alpha)) {
				t.Fatalf("alpha %v: goes on is %v after %v with ln E = %v", alpha, w.goesOn, w.seen(), logE)
			}
		}
		if w.goesOn {
			t.Errorf("alpha %v: it never stopped", alpha)
		}
	}
}

func TestReportOfAnEarlyStop(t *testing.T) {
	w := watch(t, []float64{90, 10}, 1000, earlyStop)
	for i := 0; w.goesOn; i++ {
		w.take(i % 2)
	}
	sent, logE := w.Observed.Sent, w.closedForm(t, w.seen())
	c := w.judge(t)
	if c.Verdict != diagnose.Mismatch || c.Reason != diagnose.ReasonTest || c.ExitCode != 1 {
		t.Fatalf("got %s %s with exit code %d: %s", c.Verdict, c.Reason, c.ExitCode, c.Message)
	}
	test := c.Test
	if test.Name != "e-process" || test.Method != "sequential" || test.RequestsSaved != 1000-sent {
		t.Errorf("got the %s test, %s, %d requests saved after %d of 1000", test.Name, test.Method, test.RequestsSaved, sent)
	}
	if !near(float64(test.LnE), logE) || !near(float64(test.AnytimePValue), math.Exp(-logE)) || !near(float64(test.PValue), 5*math.Exp(-logE)) {
		t.Errorf("got ln E %v, anytime p %v, p %v for ln E = %v", test.LnE, test.AnytimePValue, test.PValue, logE)
	}
	if test.PValue > test.Alpha || test.DetectableShift.Exists() {
		t.Errorf("got p %v at alpha %v and a detectable shift of %v, want a rejection and no shift", test.PValue, test.Alpha, test.DetectableShift)
	}
	limits, err := stats.ConfidenceSequence(w.seen(), []float64{90, 10}, 0.01)
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range c.Versions {
		if !near(float64(v.Low), limits[i].Low) || !near(float64(v.High), limits[i].High) {
			t.Errorf("%s: got %v to %v, want the confidence sequence %v", v.Name, v.Low, v.High, limits[i])
		}
	}
}

// What was in flight when the run stopped is counted, and changes neither ln E nor the verdict.
func TestAnswersInFlightDoNotReviseAStop(t *testing.T) {
	w := watch(t, []float64{90, 10}, 1000, earlyStop).take(1, 1, 1, 1, 1, 1, 1, 1)
	before := w.judge(t)
	for range 50 {
		w.takeLate(0)
	}
	after := w.judge(t)
	if w.goesOn || after.Verdict != diagnose.Mismatch || after.Test.LnE != before.Test.LnE || after.Test.PValue != before.Test.PValue {
		t.Errorf("got %s with ln E %v, before %v", after.Verdict, after.Test.LnE, before.Test.LnE)
	}
	if v := version(t, after, "v1"); v.Count != 50 || after.Test.RequestsSaved != 1000-after.Requests {
		t.Errorf("got a count of %d and %d requests saved of %d, want all answers counted", v.Count, after.Test.RequestsSaved, after.Requests)
	}
}

// A run limited by its time alone has no number to save requests of.
func TestEarlyStopOfARunLimitedByTime(t *testing.T) {
	c := watch(t, []float64{90, 10}, 0, earlyStop).take(1, 1, 1, 1, 1, 1, 1, 1).judge(t)
	if c.Verdict != diagnose.Mismatch || c.Test.RequestsSaved != 0 {
		t.Errorf("got %s and %d requests saved, want a mismatch and none", c.Verdict, c.Test.RequestsSaved)
	}
}

// A run that went to its end is tested there at .8 alpha, and its p-value is that of both looks together.
func TestEarlyStopThatDoesNotStop(t *testing.T) {
	met := map[diagnose.Verdict]bool{}
	for rare := 60; rare <= 140; rare++ {
		fit, err := stats.Test([]int64{int64(1000 - rare), int64(rare)}, []float64{90, 10}, stats.TestOptions{})
		if err != nil {
			t.Fatal(err)
		}
		w := watch(t, []float64{90, 10}, 1000, earlyStop).take(shuffled(uint64(rare), 1000-rare, rare)...)
		if !w.goesOn {
			continue
		}
		c := w.judge(t)
		want := diagnose.Match
		if fit.P <= 0.008 {
			want = diagnose.Mismatch
		}
		if fit.P > 0.008 && fit.P <= 0.01 {
			met["between"] = true
		}
		met[want] = true
		if c.Verdict != want || c.Test.Name != "binomial" || c.Test.Method != "exact" || c.Test.RequestsSaved != 0 {
			t.Errorf("%d: got %s by the %s test (%s), %d saved, for p = %v, want %s", rare, c.Verdict, c.Test.Name, c.Test.Method, c.Test.RequestsSaved, fit.P, want)
		}
		p := stats.CombinedP(-math.Log(float64(c.Test.AnytimePValue)), fit.P)
		if !near(float64(c.Test.PValue), p) || (c.Test.PValue <= 0.01) != (c.Verdict == diagnose.Mismatch) {
			t.Errorf("%d: got p %v with %s, want %v", rare, c.Test.PValue, c.Verdict, p)
		}
		if !near(float64(c.Test.LnE), w.closedForm(t, w.seen())) {
			t.Errorf("%d: got ln E %v", rare, c.Test.LnE)
		}
	}
	if !met[diagnose.Match] || !met[diagnose.Mismatch] || !met["between"] {
		t.Errorf("the counts were all of one kind: %v", met)
	}
}

// Errors may have been answers of any version: a run goes on as long as there is a version that would save the split.
func TestErrorsKeepARunFromStopping(t *testing.T) {
	const errors = 30
	w := watch(t, []float64{90, 10}, 1000, earlyStop)
	for range errors {
		w.take(failed)
	}
	passed := false
	for w.goesOn && w.Observed.Sent < 1000 {
		w.take(1)
		worst := math.Inf(1)
		for placed := range int64(errors + 1) {
			counts := w.seen()
			counts[0], counts[1] = counts[0]+placed, counts[1]+errors-placed
			worst = min(worst, w.closedForm(t, counts))
		}
		plain := w.closedForm(t, w.seen()) >= math.Log(500)
		passed = passed || plain && w.goesOn
		if want := plain && worst >= math.Log(500); want == w.goesOn {
			t.Fatalf("after %v goes on is %v, where the worst placement has ln E = %v", w.seen(), w.goesOn, worst)
		}
	}
	if !passed || w.goesOn {
		t.Errorf("errors changed nothing, or it never stopped: %v", w.seen())
	}
}

// When nothing is recognised, more answers do not help, and no mismatch is proven.
func TestEarlyStopGivesUpRecognising(t *testing.T) {
	w := watch(t, []float64{90, 10}, 1000, earlyStop)
	for range 1000 {
		w.take(unknown)
	}
	c := w.judge(t)
	if w.goesOn || c.Requests > 50 || c.Verdict != diagnose.Inconclusive || c.Reason != diagnose.ReasonRecognition || c.ExitCode != 3 {
		t.Errorf("got %s %s with exit code %d after %d requests: %s", c.Verdict, c.Reason, c.ExitCode, c.Requests, c.Message)
	}
	for _, s := range [][]int{{unknown, unknown, 0}, {0, unknown}} {
		w := watch(t, []float64{90, 10}, 1000, earlyStop).take(s...)
		if got := w.verdict(t); w.goesOn || got != "mismatch impossible-version" {
			t.Errorf("%v: got %s, goes on is %v; want a stop at an impossible version", s, got, w.goesOn)
		}
	}
}

func TestAVersionOfWeightZeroStopsTheRun(t *testing.T) {
	check := func(name string, w *watched) {
		t.Helper()
		c := w.take(0, 0, 1, 0, 0).judge(t)
		if w.goesOn || c.Requests != 3 || c.Reason != diagnose.ReasonImpossibleVersion || c.ExitCode != 1 {
			t.Errorf("%s: got %s %s after %d requests, want impossible-version after 3", name, c.Verdict, c.Reason, c.Requests)
		}
		if c.Test.LnE.Exists() || c.Test.PValue != 0 || c.Test.AnytimePValue != 0 {
			t.Errorf("%s: got ln E %v, p %v and %v, want none (infinite) and 0", name, c.Test.LnE, c.Test.PValue, c.Test.AnytimePValue)
		}
	}
	check("plain", watch(t, []float64{100, 0}, 1000, earlyStop))
	check("under a tolerance", watch(t, []float64{100, 0}, 1000, earlyStop, tolerating(5)))
}

// Without --early-stop nothing ends a run.
func TestAnObserverOfAFixedRunNeverStopsIt(t *testing.T) {
	w := watch(t, []float64{90, 10}, 200)
	for range 200 {
		w.take(1)
	}
	if c := w.judge(t); !w.goesOn || c.Requests != 200 || c.Test.LnE.Exists() || c.Test.AnytimePValue.Exists() {
		t.Errorf("got %d requests, ln E %v, anytime p %v", c.Requests, c.Test.LnE, c.Test.AnytimePValue)
	}
	zero := new(diagnose.Observer)
	if _, err := diagnose.NewObserver(nil, diagnose.Stopping{Early: true}); err != nil {
		t.Errorf("an observer without expectation: %v", err)
	}
	w.Observer = zero
	if !w.Observer.Observe(answerOf(0)) {
		t.Error("an observer that observes nothing has stopped a run")
	}
}

// With several answers a connection, only the first of each counts, as the others may repeat it.
func TestEarlyStopLooksAtTheFirstAnswerOfAConnection(t *testing.T) {
	w := watch(t, []float64{90, 10}, 1000, earlyStop, reusing(10))
	for range 20 {
		w.take(1) // two connections
	}
	if !w.goesOn {
		t.Error("it stopped after two connections")
	}
	for range 100 {
		w.take(1)
	}
	if c := w.judge(t); w.goesOn || c.Verdict != diagnose.Mismatch {
		t.Errorf("it did not stop after twelve: %s", c.Message)
	}
}
