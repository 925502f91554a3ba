package diagnose_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"respy/diagnose"
)

// users adds sessions of the size that the run has; each answers by choose, which knows the session's own draw.
func (w *watched) users(rng *rand.Rand, sessions int, choose func(own int) int) *watched {
	for range sessions {
		own := drawn(rng, w.Expectation.Weights())
		w.take(own)
		for range w.Sessions - 1 {
			w.take(choose(own))
		}
	}
	return w
}

func stays(own int) int { return own }

// The unit of sessions is the session: its first answer is a draw, whether the others repeat it or not.
func TestSessionsAreDraws(t *testing.T) {
	rng := seeded(11)
	check := func(name string, w *watched) {
		t.Helper()
		c := w.judge(t)
		if c.Verdict != diagnose.Match || c.Test.Unit != "session" || c.Requests != 2000 {
			t.Errorf("%s: got %s of %ss after %d requests: %s", name, c.Verdict, c.Test.Unit, c.Requests, c.Message)
		}
		if draws := version(t, c, "v1").Draws + version(t, c, "v2").Draws; draws != 400 {
			t.Errorf("%s: got %d draws of 400 sessions", name, draws)
		}
	}
	check("sticky", watch(t, []float64{90, 10}, 2000, inSessions(5)).users(rng, 400, stays))
	check("not sticky", watch(t, []float64{90, 10}, 2000, inSessions(5)).users(rng, 400, func(int) int { return drawn(rng, []float64{90, 10}) }))

	few := watch(t, []float64{90, 10}, 500, inSessions(5)).users(seeded(12), 100, stays).judge(t)
	if few.Verdict != diagnose.Inconclusive || few.Reason != diagnose.ReasonTooSmall || !strings.Contains(few.Message, "100 sessions") || !strings.Contains(few.Message, "885 would do") {
		t.Errorf("100 sessions: got %s %s: %s; want 177 sessions, which are 885 requests", few.Verdict, few.Reason, few.Message)
	}
}

// The first answer of a session is the first that names a version.
func TestASessionThatBeginsWithAnError(t *testing.T) {
	w := watch(t, []float64{50, 50}, 2000, inSessions(5))
	w.MaxErrors = 0.5
	rng := seeded(13)
	for range 400 {
		own := drawn(rng, []float64{50, 50})
		w.take(failed, own, own, own, own)
	}
	c := w.judge(t)
	if draws := version(t, c, "v1").Draws + version(t, c, "v2").Draws; draws != 400 {
		t.Errorf("got %d draws of 400 sessions that each lost its first answer", draws)
	}
}

func TestStickyFinding(t *testing.T) {
	check := func(name, want string, w *watched) {
		t.Helper()
		f := finding(w.judge(t), "sticky")
		switch {
		case f == nil:
			t.Errorf("%s: there is no finding", name)
		case !strings.Contains(f.Summary, want) || f.Severity != "info":
			t.Errorf("%s: got %s %q, want %q", name, f.Severity, f.Summary, want)
		}
	}
	ninety, half := []float64{90, 10}, []float64{50, 50}
	rng := seeded(14)
	check("all stay", "sessions stay on one version", watch(t, ninety, 2000, inSessions(5)).users(rng, 400, stays))
	check("none stays", "do not stay", watch(t, half, 2000, inSessions(5)).users(rng, 400, func(own int) int { return 1 - own }))
	check("one of many leaves", "do not stay", watch(t, half, 2000, inSessions(5)).users(rng, 399, stays).take(0, 0, 1, 0, 0))
	few := watch(t, ninety, 40, inSessions(5)).take(0, 0, 0, 0, 0, 1, 1, 1, 1, 1).users(rng, 6, stays)
	check("all stay, and are too few to tell", "it takes 9 sessions", few)

	if f := finding(watch(t, half, 1000).take(shuffled(15, 500, 500)...).judge(t), "sticky"); f != nil {
		t.Errorf("a run without sessions: got %q", f.Summary)
	}
}

// Sessions are watched by their first answers too.
func TestEarlyStopOfSessions(t *testing.T) {
	w := watch(t, []float64{90, 10}, 2000, earlyStop, inSessions(5)).take(1, 1, 1, 1, 1)
	if !w.goesOn {
		t.Error("it stopped after one session")
	}
	for range 50 {
		w.take(1)
	}
	c := w.judge(t)
	if w.goesOn || c.Verdict != diagnose.Mismatch || c.Test.Unit != "session" || c.Requests > 40 {
		t.Errorf("got %s of %ss after %d requests", c.Verdict, c.Test.Unit, c.Requests)
	}
}

// An impossible version is one wherever in a session, or on a connection, it answers.
func TestAnImpossibleVersionWithinASession(t *testing.T) {
	rng := seeded(16)
	w := watch(t, []float64{90, 10}, 2000, inSessions(5)).users(rng, 399, stays).take(0, 0, unknown, 0, 0)
	if got := w.verdict(t); got != "mismatch impossible-version" {
		t.Errorf("unknown, in a session: got %s", got)
	}
	w = watch(t, []float64{90, 10, 0}, 2000, inSessions(5)).users(rng, 399, stays).take(0, 0, 2, 0, 0)
	if got := w.verdict(t); got != "mismatch impossible-version" {
		t.Errorf("of weight 0, in a session: got %s", got)
	}
	w = connected(t, []float64{50, 50}, 400, 10, func() int { return drawn(rng, []float64{50, 50}) }).take(0, unknown)
	c := w.judge(t)
	if c.Test.Unit != "connection" || c.Reason != diagnose.ReasonImpossibleVersion {
		t.Errorf("on a connection: got %s %s, by %s: %s", c.Verdict, c.Reason, c.Test.Unit, c.Message)
	}
}
