package diagnose

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"respy/stats"
)

// power is the probability with which a detectable shift is noticed.
const power = 0.9

// split is what the statistics say about the counts.
type split struct {
	placement stats.Placement
	outcome   stats.Outcome // Outside rejects the weights, Inside accepts them
	robust    bool          // wherever the errors belong
	flip      []int64       // if not robust, a placement of the errors that turns the outcome
	p         float64
	intervals map[int]stats.Interval // by row
	shift     float64                // the smallest shift noticed with power .9, NaN when unknown
	required  int64                  // units that a check of these weights needs, 0 for no minimum
	logE      float64                // NaN without a sequential test
	anytimeP  float64
	stopped   bool // by the sequential test, before the planned end
}

// tally is what the test counts: the draws of the expected versions, in their order, and those of all others.
type tally struct {
	counts    []int64
	intruders int64
	others    []int64 // the intruders by version, as far as they are told apart
}

// mapped is how many draws are of an expected version.
func (t tally) mapped() int64 { return sum(t.counts) }

func (t tally) total() int64 { return t.mapped() + t.intruders }

// zero is how many draws are of versions with weight 0.
func (t tally) zero(weights []float64) int64 {
	var n int64
	for i, w := range weights {
		if w == 0 {
			n += t.counts[i]
		}
	}
	return n
}

func sum(counts []int64) int64 {
	var n int64
	for _, c := range counts {
		n += c
	}
	return n
}

// testSplit tests the draws, with the errors of which no stage shows the version placed in the way worst for the
// outcome. Without any draw there is nothing to test, and ok is false.
func (j *judge) testSplit() (sp split, ok bool, err error) {
	weights := j.Expectation.Weights()
	if !j.Expectation.possible() {
		return split{}, false, nil
	}
	sp.stopped = j.Observer.decided
	sp.logE, sp.anytimeP = j.Observer.Evidence()
	o := stats.TestOptions{Kind: j.Test, Intruders: j.tally.intruders}
	sp.placement, err = stats.PlaceErrors(j.tally.counts, weights, j.unplaced, j.level(), o)
	if errors.Is(err, stats.ErrNoAnswers) {
		return split{}, false, nil
	}
	if err != nil {
		return split{}, false, fmt.Errorf("testing the split: %w", err)
	}
	if err := j.plan(&sp, weights); err != nil {
		return split{}, false, err
	}
	sp.p = sp.placement.Base.P
	sp.outcome, sp.robust, sp.flip = stats.Inside, sp.placement.Robust, sp.placement.Errors
	if sp.placement.Base.Rejects(j.level()) {
		sp.outcome = stats.Outside
	}
	switch {
	case j.Tolerance > 0:
		err = j.tolerate(&sp, weights)
	case j.unit == unitRequest && j.clustering.Dependent():
		j.allowForClusters(&sp)
	case j.unit == unitRequest && sp.outcome == stats.Outside && j.unitUnknown():
		err = j.doubtUnit(&sp)
	case j.unit == unitRequest && sp.outcome == stats.Outside && j.clustering.Suspicious():
		j.doubtIndependence(&sp)
	}
	j.sequential(&sp)
	return sp, true, errors.Join(err, j.doubtRepeats(&sp))
}

// unitUnknown reports whether the connections cannot tell a draw for each request from one for each connection, as when a
// single version answered, and no proxy shows it either.
func (j *judge) unitUnknown() bool {
	return !j.clustering.Decidable && j.clustering.Repeated > 0 && !(j.chosen.usable() && !j.overTCP())
}

// doubtUnit lets a rejection stand only if the first answers of the connections, which are draws either way, reject too.
// There are none of them where the list of a run's answers is a part of it.
func (j *judge) doubtUnit(sp *split) error {
	n := len(j.Expectation.Versions)
	first := j.Observer.first.counts
	fit, err := stats.Test(first[:n], j.Expectation.Weights(), stats.TestOptions{Kind: j.Test, Intruders: first[n], Alpha: j.level()})
	if err != nil && !errors.Is(err, stats.ErrNoAnswers) {
		return fmt.Errorf("testing the connections: %w", err)
	}
	if err != nil || !fit.Rejects(j.level()) {
		sp.outcome, sp.robust = stats.Undecided, true
	}
	return nil
}

// allowForClusters replaces the test by Pearson's with its statistic divided by the design effect, where the answers of a
// connection depend on each other without being the same: there are fewer draws than answers.
func (j *judge) allowForClusters(sp *split) {
	sp.placement.Base = sp.placement.Base.Deflated(j.clustering.DesignEffect)
	sp.p, sp.outcome = sp.placement.Base.P, stats.Inside
	if sp.placement.Base.Rejects(j.level()) {
		sp.outcome = stats.Outside
	}
	j.note("observed", "answers of one connection depend on each other (rho = %s): the test allows for it", trim(j.clustering.Rho))
}

// doubtIndependence lets a rejection stand only if it would with the design effect of a dependence that the connections
// hint at and do not prove. As it rejects both ways then, alpha holds for independent answers all the same. A change of the
// shares makes connections differ, too, and is no reason for doubt.
func (j *judge) doubtIndependence(sp *split) {
	if !sp.placement.Base.Deflated(j.clustering.DesignEffect).Rejects(j.level()) && !j.change().Fires() {
		sp.outcome, sp.robust = stats.Undecided, true
	}
}

// level is what the test at the end may spend of alpha: less where an early stop has spent a part.
func (s Settings) level() float64 {
	if s.EarlyStop {
		return stats.FinalLevel(s.Alpha)
	}
	return s.Alpha
}

// plan fills in the intervals, the detectable shift and the number of draws needed.
func (j *judge) plan(sp *split, weights []float64) (err error) {
	if sp.intervals, err = j.intervals(weights); err != nil {
		return fmt.Errorf("computing the intervals: %w", err)
	}
	if sp.required, err = Required(weights, j.Settings); err != nil {
		return err
	}
	sp.shift = math.NaN()
	if j.Tolerance == 0 && !sp.stopped {
		sp.shift, err = stats.DetectableShift(weights, sp.placement.Base.N, j.level(), power)
	}
	if err != nil {
		return fmt.Errorf("computing the detectable shift: %w", err)
	}
	return nil
}

// intervals are those of every version that may answer or has, the unexpected ones after the others.
func (j *judge) intervals(weights []float64) (map[int]stats.Interval, error) {
	var rows []int
	var counts []int64
	var seen []float64
	for i, n := range append(slices.Clone(j.tally.counts), j.tally.others...) {
		weight := 0.0
		if i < len(weights) {
			weight = weights[i]
		}
		if weight > 0 || n > 0 {
			rows, counts, seen = append(rows, i), append(counts, n), append(seen, weight)
		}
	}
	list, err := stats.Intervals(counts, j.Alpha)
	if j.EarlyStop {
		list, err = stats.ConfidenceSequence(counts, seen, j.Alpha)
	}
	if err != nil {
		return nil, err
	}
	intervals := map[int]stats.Interval{}
	for k, i := range rows {
		intervals[i] = list[k]
	}
	return intervals, nil
}

// Required is how many units a check of these weights needs before a match says anything; 0 for no minimum.
func Required(weights []float64, s Settings) (int64, error) {
	if s.Tolerance > 0 {
		return 0, nil // a match has to be proven there, by however many
	}
	n, err := stats.Sufficient(weights, s.level())
	if err != nil {
		return 0, fmt.Errorf("planning the number of requests: %w", err)
	}
	return n, nil
}

// Requests is how many requests notice what a check has to notice, at most maxRequests: those that Required asks for, or
// the number that proves a tolerance if the shares are right.
func Requests(weights []float64, s Settings) (int64, error) {
	if !slices.ContainsFunc(weights, func(w float64) bool { return w > 0 }) {
		return 0, nil
	}
	n, err := Required(weights, s)
	if err != nil {
		return 0, err
	}
	if s.Tolerance > 0 {
		box, err := stats.NewTolerance(weights, s.Tolerance)
		if err != nil {
			return 0, fmt.Errorf("planning the number of requests: %w", err)
		}
		if n, err = box.Required(s.level(), power); err != nil {
			return 0, fmt.Errorf("planning the number of requests: %w", err)
		}
		if n > maxRequests {
			return 0, fmt.Errorf("a tolerance of %s points needs %d requests: ask for them with -n %d, or allow more points",
				trim(100*s.Tolerance), n, n)
		}
	}
	if s.Sessions > 0 {
		n *= int64(s.Sessions)
	}
	return n, nil
}

// maxRequests is how many requests a run sends without being asked to.
const maxRequests = 10_000

// tolerate replaces the outcome by that of the box around the shares, which may be neither.
func (j *judge) tolerate(sp *split, weights []float64) error {
	box, err := stats.NewTolerance(weights, j.Tolerance)
	if err != nil {
		return fmt.Errorf("testing the tolerance: %w", err)
	}
	base, err := box.Test(j.tally.counts, j.tally.intruders)
	if err != nil {
		return fmt.Errorf("testing the tolerance: %w", err)
	}
	sp.outcome, sp.p, sp.robust = base.Outcome(j.level()), base.OutsideP, true
	placements, err := stats.Extremes(j.tally.counts, weights, j.unplaced)
	if err != nil {
		return fmt.Errorf("placing the errors: %w", err)
	}
	likeliest, err := stats.Likeliest(j.tally.counts, weights, j.unplaced)
	if err != nil {
		return fmt.Errorf("placing the errors: %w", err)
	}
	for _, counts := range append(placements, likeliest) {
		worst, err := box.Test(counts, j.tally.intruders)
		if err != nil {
			return fmt.Errorf("testing the tolerance: %w", err)
		}
		if worst.Outcome(j.level()) != sp.outcome {
			sp.robust, sp.flip = false, difference(counts, j.tally.counts)
		}
	}
	return nil
}

// sequential puts the test that was looked at all along beside, or in the place of, the one at the end.
func (j *judge) sequential(sp *split) {
	switch {
	case j.sequentialShards():
		sp.logE, sp.anytimeP = j.pooledE()
		sp.p = sp.anytimeP
	case sp.stopped && j.Observer.outcome == stats.Inside:
		sp.outcome, sp.robust, sp.p = stats.Inside, true, sp.anytimeP
	case sp.stopped:
		sp.outcome, sp.robust, sp.p = stats.Outside, true, min(1, sp.anytimeP*j.Alpha/stats.StopLevel(j.Alpha))
	case j.EarlyStop && j.Tolerance == 0:
		sp.p = stats.CombinedP(-math.Log(sp.anytimeP), sp.placement.Base.P)
	}
}

func difference(a, b []int64) []int64 {
	d := make([]int64, len(a))
	for i := range a {
		d[i] = a[i] - b[i]
	}
	return d
}
