package diagnose_test

import (
	"syscall"
	"testing"

	"respy/diagnose"
	"respy/k8s"
	"respy/probe"
)

func TestExitCode(t *testing.T) {
	check := func(name string, want int, changes ...func(*run)) {
		t.Helper()
		r := ninetyTen(900, 100)
		for _, change := range changes {
			change(r)
		}
		if got := r.judge(t).ExitCode; got != want {
			t.Errorf("%s: got %d, want %d", name, got, want)
		}
	}
	pass := func(r *run) { r.Pass = true }
	explicit := func(r *run) { r.Explicit = true }
	none := func(r *run) { r.Expectation = nil }
	rejects := func(r *run) { r.setCounts(500, 500) }
	small := func(r *run) { r.setCounts(18, 2) }
	restarted := func(r *run) { r.through(programmed(90, 10)).lastProxy().Restarted = true }
	signal := func(s syscall.Signal) func(*run) { return func(r *run) { r.Signal = int(s) } }
	impossible := func(r *run) { r.answer("v9", 1) }
	errors := func(r *run) { r.fail(probe.KindStatus, 50) }
	noRule := func(r *run) {
		r.found(k8s.Finding{ID: diagnose.NoRuleMatches, Severity: k8s.SeverityError, Summary: "no rule takes it"})
	}

	check("match", 0)
	check("match, passing", 0, pass)
	check("mismatch", 1, rejects)
	check("mismatch, passing", 1, rejects, pass)
	check("errors", 1, errors)
	check("inconclusive", 3, small)
	check("inconclusive, passing", 0, small, pass)
	check("proxy restarted", 3, restarted)
	check("proxy restarted, passing", 0, restarted, pass)
	check("recognition", 3, unrecognised)
	check("recognition never passes", 3, unrecognised, pass)
	check("unreachable", 4, unreachable)
	check("unreachable never passes", 4, unreachable, pass)
	check("unreachable without expectation", 4, unreachable, none, explicit)

	check("SIGINT", 130, signal(syscall.SIGINT))
	check("SIGTERM", 143, signal(syscall.SIGTERM))
	check("a signal never passes", 130, signal(syscall.SIGINT), pass)
	check("a signal and a mismatch", 130, signal(syscall.SIGINT), impossible)
	check("a signal and recognition", 130, signal(syscall.SIGINT), unrecognised)
	check("a signal and unreachable", 130, unreachable, signal(syscall.SIGINT))
	check("a signal without expectation", 130, none, signal(syscall.SIGINT))
	check("a deadline never passes", 3, pass, func(r *run) { r.Observed.Interrupted, r.Requests = true, 2000 })

	check("no expectation", 0, none)
	check("no expectation though a source was named", 2, none, explicit)
	check("no expectation though a source was named, passing", 2, none, explicit, pass)
	check("no expectation and errors", 1, none, errors)
	check("no expectation though a source was named, and errors", 1, none, explicit, errors)
	check("no rule takes the request", 1, none, explicit, noRule)
}
