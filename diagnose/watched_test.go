package diagnose_test

import (
	"testing"
	"time"

	"respy/diagnose"
	"respy/probe"
)

// watched is a run that an observer follows, as the prober has it: every answer reaches it in send order, and it says
// when no more are to be sent.
type watched struct {
	*run
	reuse  int64 // answers a connection
	last   int64 // the connection that the last identified answer came on
	goesOn bool
}

// watch starts a run of the split v1, v2, … that asks for so many requests; change alters the settings before.
func watch(t testing.TB, weights []float64, requests int64, change ...func(*watched)) *watched {
	t.Helper()
	w := &watched{run: answered(expecting(weights...), make([]int64, len(weights))...), reuse: 1, last: -1, goesOn: true}
	w.Requests = requests
	for _, c := range change {
		c(w)
	}
	o, err := diagnose.NewObserver(w.Expectation, diagnose.Stopping{
		Early: w.EarlyStop, Alpha: w.Alpha, Tolerance: w.Tolerance, Sessions: w.Sessions > 0,
	})
	if err != nil {
		t.Fatalf("NewObserver: %v", err)
	}
	w.Observer = o
	return w
}

// expecting is an expectation of versions v1, v2, … that a user gave.
func expecting(weights ...float64) *diagnose.Expectation {
	var shares []diagnose.Share
	for i, weight := range weights {
		shares = append(shares, diagnose.Share{Name: "v" + string(rune('1'+i)), Weight: weight})
	}
	return diagnose.FromShares(shares, nil, nil)
}

func earlyStop(w *watched) { w.EarlyStop = true }

func tolerating(points float64) func(*watched) {
	return func(w *watched) { w.Tolerance = points / 100 }
}

func reusing(answers int64) func(*watched) {
	return func(w *watched) { w.reuse = answers }
}

func inSessions(requests int) func(*watched) {
	return func(w *watched) { w.Sessions = requests }
}

const (
	failed  = -1 // an answer that names no version
	unknown = 9  // one of a version that nothing expects
)

// take observes the answers of versions, until none is to be sent any more.
func (w *watched) take(versions ...int) *watched {
	for _, version := range versions {
		if !w.goesOn {
			break
		}
		w.takeLate(version)
	}
	return w
}

// takeLate observes an answer that was in flight when the run was stopped, or any other.
func (w *watched) takeLate(version int) {
	a := probe.Answer{Seq: w.Observed.Sent, Conn: w.Observed.Sent / w.reuse, Session: -1, Sent: time.Duration(w.Observed.Sent) * time.Millisecond}
	if w.Sessions > 0 {
		a.Session = w.Observed.Sent / int64(w.Sessions)
	}
	w.Observed.Sent++
	w.Observed.Answered++
	a.Version = min(version, len(w.Expectation.Versions))
	if version == failed {
		a.Kind = probe.KindStatus
		w.fails()
	} else {
		a.First = a.Conn != w.last
		w.last = a.Conn
		w.counts(a.Version)
	}
	w.goesOn = w.Observer.Observe(a) && w.goesOn
}

func (w *watched) fails() {
	if len(w.Observed.Failures) == 0 {
		w.Observed.Failures = []probe.Failure{{Kind: probe.KindStatus, Sample: "503 without a version"}}
	}
	w.Observed.Failures[0].Count++
}

func (w *watched) counts(version int) {
	if version == len(w.Observed.Versions) {
		w.Observed.Versions = append(w.Observed.Versions, probe.Version{Name: "v9"})
	}
	w.Observed.Versions[version].Count++
}

// seen are the answers so far of each expected version.
func (w *watched) seen() []int64 {
	counts := make([]int64, len(w.Expectation.Versions))
	for i := range counts {
		counts[i] = w.Observed.Versions[i].Count
	}
	return counts
}

// finding returns the finding with an id, nil if there is none.
func finding(c *diagnose.Conclusion, id string) *diagnose.Finding {
	for i := range c.Findings {
		if c.Findings[i].ID == id {
			return &c.Findings[i]
		}
	}
	return nil
}

// shuffled are as many answers of each version as counts says, in a random order that the seed decides.
func shuffled(seed uint64, counts ...int) []int {
	var versions []int
	for version, n := range counts {
		for range n {
			versions = append(versions, version)
		}
	}
	rng := seeded(seed)
	rng.Shuffle(len(versions), func(i, k int) { versions[i], versions[k] = versions[k], versions[i] })
	return versions
}
