package diagnose

import (
	"fmt"
	"math"

	"respy/probe"
	"respy/stats"
)

// Stopping says when an observed run may end before its planned number of requests.
type Stopping struct {
	Early     bool
	Alpha     float64
	Tolerance float64 // 0: the shares must be those of the weights
	Sessions  bool    // the unit is the session
}

// Observer follows a run answer by answer, in send order, and tells when it is decided. What it keeps does not grow with
// the number of answers. The zero value keeps what pictures show and nothing else.
type Observer struct {
	expectation *Expectation
	stopping    Stopping

	all      sequence // of every answer that named a version
	first    sequence // of the first one of each connection, or of each session
	others   []int64  // of the first ones, those that nothing expects, by version
	clusters *stats.Clusters
	resent   []int64 // answers, by version, to requests that were sent twice
	errors   int64   // requests without a version, and those that the process is not fed

	trace tracer

	process sequential // nil when the run goes on to its end
	decided bool
	outcome stats.Outcome // once decided; Undecided when no version was recognised
}

// sequence is answers in their order.
type sequence struct {
	counts []int64 // by version, the last being those that nothing expects
	blocks stats.Blocks
}

// sequential is a test that may be looked at after every answer.
type sequential interface {
	Add(version int)
	LogE() float64
}

// NewObserver returns an observer of a run whose answers are compared with e, which may be nil. The errors are weights or
// a tolerance that no test accepts.
func NewObserver(e *Expectation, s Stopping) (*Observer, error) {
	o := &Observer{expectation: e, stopping: s}
	if e == nil || !e.possible() {
		return &Observer{}, nil
	}
	versions := len(e.Versions) + 1
	o.all.counts, o.first.counts, o.resent = make([]int64, versions), make([]int64, versions), make([]int64, versions)
	var err error
	if o.clusters, err = stats.NewClusters(e.Weights()); err != nil {
		return nil, fmt.Errorf("following the answers: %w", err)
	}
	if !s.Early {
		return o, nil
	}
	if s.Tolerance > 0 {
		box, err := stats.NewTolerance(e.Weights(), s.Tolerance)
		if err != nil {
			return nil, fmt.Errorf("following the answers: %w", err)
		}
		o.process = box.Process()
		return o, nil
	}
	if o.process, err = stats.NewEProcess(e.Weights()); err != nil {
		return nil, fmt.Errorf("following the answers: %w", err)
	}
	return o, nil
}

// Observe takes the next answer and reports whether the run is to go on.
func (o *Observer) Observe(a probe.Answer) bool {
	o.trace.answer(a)
	if o.expectation == nil {
		return true
	}
	if a.Version < 0 {
		o.all.blocks.AddAt(-1, a.Sent)
		o.errors++
		return !o.decided
	}
	version := min(a.Version, len(o.expectation.Versions))
	o.all.add(version, a)
	if a.Resent {
		o.resent[version]++
	}
	if o.opens(a, version) {
		o.first.add(version, a)
		o.addOther(a.Version - len(o.expectation.Versions))
		o.trace.first.add(a.Version)
		if o.process != nil && !o.decided {
			o.feed(version, a)
		}
	}
	return !o.decided
}

// addOther counts a draw of a version that nothing expects; below 0 it is none.
func (o *Observer) addOther(version int) {
	if version < 0 {
		return
	}
	for version >= len(o.others) {
		o.others = append(o.others, 0)
	}
	o.others[version]++
}

// feed gives the sequential test a draw. The answer to a request that was sent twice is none: a version that closes its
// connections would lose draws to the others.
func (o *Observer) feed(version int, a probe.Answer) {
	if a.Resent {
		o.errors++
		return
	}
	o.process.Add(version)
	o.decided = o.decides()
}

func (s *sequence) add(version int, a probe.Answer) {
	s.counts[version]++
	s.blocks.AddAt(version, a.Sent)
}

// opens adds an answer to its connection or session and reports whether it is the first one there.
func (o *Observer) opens(a probe.Answer, version int) bool {
	if o.stopping.Sessions {
		return o.clusters.Answer(a.Session, version)
	}
	o.clusters.Answer(a.Conn, version)
	return a.First
}

// decides reports whether the answers so far settle the verdict. Errors must not be able to turn it, and a recognition
// that has failed altogether is no proof of anything.
func (o *Observer) decides() bool {
	n := len(o.expectation.Versions)
	mapped := sum(o.first.counts[:n])
	if mapped == 0 {
		return o.first.counts[n] >= hopeless
	}
	level := stats.StopLevel(o.stopping.Alpha)
	switch o.look(level) {
	case stats.Outside:
		o.outcome = stats.Outside
		return o.rejectsWithErrors(level)
	case stats.Inside:
		o.outcome = stats.Inside
		return o.errors == 0
	}
	return false
}

// look is what the sequential test says at a level.
func (o *Observer) look(level float64) stats.Outcome {
	if p, ok := o.process.(*stats.ToleranceProcess); ok {
		return p.Test().Outcome(level)
	}
	if o.process.LogE() >= -math.Log(level) {
		return stats.Outside
	}
	return stats.Undecided
}

// hopeless is after how many answers without any expected version an early stop gives up recognising them.
const hopeless = 20

// rejectsWithErrors reports whether E reaches the level wherever the errors so far belong.
func (o *Observer) rejectsWithErrors(level float64) bool {
	if o.errors == 0 || math.IsInf(o.process.LogE(), 1) {
		return true
	}
	n, weights := len(o.expectation.Versions), o.expectation.Weights()
	placements, err := stats.Extremes(o.first.counts[:n], weights, o.errors)
	if err != nil {
		return false
	}
	likeliest, err := stats.Likeliest(o.first.counts[:n], weights, o.errors)
	if err != nil {
		return false
	}
	for _, counts := range append(placements, likeliest) {
		logE, err := o.logE(counts, o.first.counts[n])
		if err != nil || logE < -math.Log(level) {
			return false
		}
	}
	return true
}

// logE is ln E of counts, whatever their order.
func (o *Observer) logE(counts []int64, intruders int64) (float64, error) {
	if o.stopping.Tolerance == 0 {
		return stats.LogE(counts, o.expectation.Weights(), intruders)
	}
	box, err := stats.NewTolerance(o.expectation.Weights(), o.stopping.Tolerance)
	if err != nil {
		return 0, err
	}
	return box.LogE(counts, intruders)
}

// Evidence is ln E of the sequential test so far and its p-value, which holds at every look; NaN without such a test.
func (o *Observer) Evidence() (logE, p float64) {
	switch process := o.process.(type) {
	case *stats.EProcess:
		return process.LogE(), process.P()
	case *stats.ToleranceProcess:
		return process.LogE(), process.Test().OutsideP
	}
	return math.NaN(), math.NaN()
}

// AnytimeP is a p-value of the answers so far that holds whenever one looks, and takes no part in the verdict: that of the
// sequential test, or without one the inverse of E of the counts. It is NaN where nothing is expected.
func (o *Observer) AnytimeP() float64 {
	if o.expectation == nil {
		return math.NaN()
	}
	if o.process != nil {
		_, p := o.Evidence()
		return p
	}
	counts, n := o.all.counts, len(o.expectation.Versions)
	if o.stopping.Sessions {
		counts = o.first.counts
	}
	logE, err := o.logE(counts[:n], counts[n])
	if err != nil {
		return math.NaN()
	}
	return min(1, math.Exp(-logE))
}
