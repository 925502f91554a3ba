package diagnose_test

import (
	"strings"
	"testing"

	"respy/probe"
)

func TestErrorBudget(t *testing.T) {
	check := func(name string, want string, r *run) {
		t.Helper()
		if got := r.verdict(t); got != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
	}
	// Ten errors could belong anywhere without changing the outcome of 990 answers.
	check("exactly at the budget", "match test", ninetyTen(891, 99).fail(probe.KindStatus, 10))
	check("one over it", "mismatch errors", ninetyTen(890, 99).fail(probe.KindStatus, 11))
	check("of several kinds", "mismatch errors", ninetyTen(890, 99).fail(probe.KindStatus, 6).fail(probe.KindReset, 5))
	check("unidentified answers are errors", "mismatch errors", ninetyTen(890, 99).fail(probe.KindUnidentified, 11))
	check("no error is allowed", "mismatch errors", ninetyTen(900, 100).fail(probe.KindTimeout, 1).with(func(r *run) { r.MaxErrors = 0 }))
	check("none is allowed and none occurred", "match test", ninetyTen(900, 100).with(func(r *run) { r.MaxErrors = 0 }))

	named := func(n int64) *run {
		return ninetyTen(900, 100).with(func(r *run) { r.Observed.Versions[1].ServerErrors = n })
	}
	check("5xx answers that name a version, at the budget", "match test", named(10))
	check("5xx answers that name a version, over it", "mismatch errors", named(11))
	check("both sorts together", "mismatch errors", named(6).fail(probe.KindStatus, 5))
}

// A budget is given in percent, of which few are exact in binary: .29 · 100 is less than 29.
func TestErrorBudgetOfEveryPercentage(t *testing.T) {
	for percent := int64(1); percent < 100; percent++ {
		for _, hundreds := range []int64{1, 10} {
			left := (100 - percent) * hundreds
			r := ninetyTen(left-left/10, left/10).fail(probe.KindStatus, percent*hundreds)
			r.MaxErrors = float64(percent) / 100
			if c := r.judge(t); c.Reason == "errors" {
				t.Errorf("%d%% may fail: got %s", percent, c.Message)
			}
			if got := r.fail(probe.KindStatus, 20*hundreds).verdict(t); got != "mismatch errors" {
				t.Errorf("more than %d%% failed: got %s, want mismatch errors", percent, got)
			}
		}
	}
}

func TestErrorMessageSaysWithWhat(t *testing.T) {
	c := ninetyTen(850, 100).fail(probe.KindStatus, 50).judge(t)
	for _, part := range []string{"50 of 1000", "5%", "1%", "a sample of status"} {
		if !strings.Contains(c.Message, part) {
			t.Errorf("message %q lacks %q", c.Message, part)
		}
	}
}

// Errors that no stage attributes are placed in the way worst for the outcome.
func TestUnplacedErrors(t *testing.T) {
	check := func(name string, want string, r *run) {
		t.Helper()
		r.MaxErrors = 0.2
		if got := r.verdict(t); got != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
	}
	check("too few to flip a match", "match test", ninetyTen(891, 99).fail(probe.KindStatus, 10))
	check("enough to flip a match", "inconclusive errors-could-flip", ninetyTen(855, 95).fail(probe.KindStatus, 50))
	check("enough to flip a mismatch", "inconclusive errors-could-flip", ninetyTen(900, 0).fail(probe.KindReset, 100))
	check("too few to flip a mismatch", "mismatch test", ninetyTen(980, 0).fail(probe.KindReset, 20))
	check("never ascribed to a version of weight 0", "match test",
		declared(rule(subset("single", 100), subset("multiple", 0)), 980, 0).fail(probe.KindReset, 20))
	check("too small as well", "inconclusive errors-could-flip", ninetyTen(18, 2).fail(probe.KindTimeout, 5))
}

func TestFlipMessageSaysWhereTheErrorsWouldHaveToBelong(t *testing.T) {
	check := func(r *run, parts ...string) {
		t.Helper()
		r.MaxErrors = 0.2
		message := r.judge(t).Message
		for _, part := range parts {
			if !strings.Contains(message, part) {
				t.Errorf("message %q lacks %q", message, part)
			}
		}
	}
	check(ninetyTen(855, 95).fail(probe.KindStatus, 50), "50 ", "50 to multiple")
	check(ninetyTen(900, 0).fail(probe.KindReset, 100), "100 ", "to multiple")
}

// Where the proxy served nobody else, its counters show to which version the failed requests went.
func TestErrorsAttributedByTheChosenStage(t *testing.T) {
	check := func(name string, want string, r *run, single, multiple uint64, draws ...int64) {
		t.Helper()
		r.MaxErrors = 0.2
		r.through(programmed(90, 10)).counting(took(cluster("single"), single), took(cluster("multiple"), multiple))
		c := r.judge(t)
		if got := string(c.Verdict) + " " + string(c.Reason); got != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
		for i, v := range c.Versions {
			if v.Draws != draws[i] || v.Count != r.Observed.Versions[i].Count {
				t.Errorf("%s: %s has %d draws and a count of %d, want %d and %d", name, v.Name, v.Draws, v.Count, draws[i], r.Observed.Versions[i].Count)
			}
		}
	}
	check("a failing canary still fits", "match test", ninetyTen(900, 0).fail(probe.KindStatus, 100), 900, 100, 900, 100)
	check("they make the mismatch certain", "mismatch test", ninetyTen(800, 100).fail(probe.KindStatus, 100), 800, 200, 800, 200)
	check("of both versions", "match test", ninetyTen(850, 90).fail(probe.KindStatus, 60), 900, 100, 900, 100)
	check("those that never left the proxy stay unplaced", "inconclusive errors-could-flip",
		ninetyTen(900, 0).fail(probe.KindReset, 100), 900, 0, 900, 0)
}
