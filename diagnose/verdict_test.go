package diagnose_test

import (
	"syscall"
	"testing"

	"respy/diagnose"
	"respy/k8s"
	"respy/probe"
)

// trait makes one rule of the verdict hold, whatever made others hold before.
type trait struct {
	name  string
	apply func(*run)
	want  string
}

// traits are in the order in which the rules are tried.
func traits() []trait {
	return []trait{
		{"unreachable", unreachable, "inconclusive unreachable"},
		{"no expectation", func(r *run) { r.Expectation, r.WhyNone = nil, "no rule was found" }, "none no-expectation"},
		{"weights changed", func(r *run) {
			r.through(programmed(90, 10))
			r.lastProxy().After = programmed(50, 50)
		}, "inconclusive changed"},
		{"proxy restarted", func(r *run) {
			r.through(programmed(90, 10))
			r.lastProxy().Restarted = true
		}, "inconclusive proxy-restarted"},
		{"recognition failed", unrecognised, "inconclusive recognition"},
		{"impossible version", func(r *run) { r.answer("v9", 1) }, "mismatch impossible-version"},
		{"interrupted", func(r *run) { r.Signal = int(syscall.SIGINT) }, "inconclusive interrupted"},
		{"programmed differs", func(r *run) { r.through(programmed(50, 50)) }, "mismatch programmed-differs"},
		{"errors over budget", func(r *run) { r.fail(probe.KindStatus, 50) }, "mismatch errors"},
		{"test rejects", func(r *run) {
			counts := r.Observed.Versions
			r.setCounts(0, counts[0].Count+counts[1].Count)
		}, "mismatch test"},
		{"too small", func(r *run) { r.setCounts(18, 2) }, "inconclusive too-small"},
	}
}

func unreachable(r *run) {
	r.Observed.Versions, r.Observed.Failures = nil, nil
	r.Observed.Answered, r.Observed.Sent, r.Requests = 0, 0, 0
	r.fail(probe.KindRefused, 1000)
}

// unrecognised turns every answer into one of an unknown version.
func unrecognised(r *run) {
	r.setCounts(0, 0)
	r.answer("weather", 1000)
}

func TestVerdictOfEachRuleAlone(t *testing.T) {
	if got := ninetyTen(900, 100).verdict(t); got != "match test" {
		t.Errorf("a healthy run: got %s, want match test", got)
	}
	for _, tr := range traits() {
		if got := ninetyTen(900, 100).with(tr.apply).verdict(t); got != tr.want {
			t.Errorf("%s: got %s, want %s", tr.name, got, tr.want)
		}
	}
}

// Where two rules hold, the earlier one settles the verdict; that is checked of every pair, neighbours or not. The later
// one is made to hold first, so that the earlier one cannot be undone by it.
func TestVerdictOfTwoRulesIsTheEarlier(t *testing.T) {
	list := traits()
	for i, earlier := range list {
		for _, later := range list[i+1:] {
			want := earlier.want
			if earlier.name == "no expectation" && (later.want == "inconclusive interrupted" || later.want == "mismatch errors") {
				want = later.want // these need no expectation to hold
			}
			if got := ninetyTen(900, 100).with(later.apply).with(earlier.apply).verdict(t); got != want {
				t.Errorf("%s and %s: got %s, want %s", earlier.name, later.name, got, want)
			}
		}
	}
}

func TestVerdictWithoutExpectation(t *testing.T) {
	check := func(name string, want string, changes ...func(*run)) {
		t.Helper()
		r := ninetyTen(900, 100)
		r.Expectation, r.WhyNone = nil, "no rule was found"
		for _, change := range changes {
			change(r)
		}
		if got := r.verdict(t); got != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
	}
	noRule := func(r *run) {
		r.found(k8s.Finding{ID: diagnose.NoRuleMatches, Severity: k8s.SeverityError, Summary: "no rule takes it"})
	}
	signal := func(r *run) { r.Signal = int(syscall.SIGTERM) }
	errors := func(r *run) { r.fail(probe.KindStatus, 50) }

	check("answers alone", "none no-expectation")
	check("an unknown version is as good as any", "none no-expectation", func(r *run) { r.answer("v9", 1) })
	check("few errors", "none no-expectation", func(r *run) { r.fail(probe.KindStatus, 10) })
	check("errors over budget", "mismatch errors", errors)
	check("the host has rules, none for the request", "mismatch errors", noRule)
	check("a signal", "inconclusive interrupted", signal)
	check("a signal and errors", "inconclusive interrupted", signal, errors)
	check("a signal and no rule", "inconclusive interrupted", signal, noRule)
}

func TestVerdictOfZeroAnswersIsNeverAMatch(t *testing.T) {
	check := func(name string, want string, change func(*run)) {
		t.Helper()
		if got := ninetyTen(0, 0).with(change).verdict(t); got != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
	}
	check("nothing sent", "inconclusive unreachable", func(*run) {})
	check("nothing sent because of a signal", "inconclusive interrupted", func(r *run) { r.Signal = int(syscall.SIGINT) })
	check("refused", "inconclusive unreachable", func(r *run) { r.fail(probe.KindRefused, 1000) })
	check("a host without address", "inconclusive unreachable", func(r *run) { r.fail(probe.KindDNS, 1000) })
	check("a budget for every request", "inconclusive unreachable", func(r *run) {
		r.MaxErrors = 1
		r.fail(probe.KindTimeout, 1000)
	})
	check("errors alone, all in the budget", "inconclusive too-small", func(r *run) {
		r.MaxErrors = 1
		r.fail(probe.KindStatus, 1000)
	})
	check("errors alone", "mismatch errors", func(r *run) { r.fail(probe.KindStatus, 1000) })
}

// A run that ends before it is complete is inconclusive without a signal as well: a deadline does that.
func TestVerdictOfAnUnfinishedRun(t *testing.T) {
	r := ninetyTen(450, 50)
	r.Requests, r.Observed.Interrupted = 1000, true
	if got, want := r.verdict(t), "inconclusive interrupted"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	r.answer("v9", 1)
	if got, want := r.verdict(t), "mismatch impossible-version"; got != want {
		t.Errorf("with an impossible version: got %s, want %s", got, want)
	}
}

// Weights of 0 throughout are the fault to report, not a reason to report nothing.
func TestVerdictOfAllWeightsZero(t *testing.T) {
	check := func(name string, r *k8s.Rule) {
		t.Helper()
		none := make([]int64, len(r.Destinations))
		run := declared(r, none...).fail(probe.KindStatus, 1000)
		run.found(k8s.Finding{ID: "all-weights-zero", Severity: k8s.SeverityError, Summary: "every weight is 0"})
		c, err := diagnose.Judge(run.Evidence, run.Settings)
		if err != nil {
			t.Errorf("%s: Judge: %v", name, err)
			return
		}
		if c.ExitCode != 1 || c.Reason != diagnose.ReasonErrors || len(c.Findings) != 1 {
			t.Errorf("%s: got exit code %d, reason %s, findings %v; want 1, errors, [all-weights-zero]", name, c.ExitCode, c.Reason, findingIDs(c))
		}
	}
	check("two destinations", rule(subset("single", 0), subset("multiple", 0)))
	check("no destination", rule())
}
