package stats

import (
	"fmt"
	"math"
)

// Tolerance is a split that may be off by a margin: every share may lie up to
// t beside that of its weight. It replaces the hypothesis of exact shares by a
// box around them, and asks two questions of the same counts: do they prove
// that some share lies outside the box, and do they prove that all lie inside?
// Often they prove neither.
//
// Outside. H0: the true shares lie in the box.
//
// Inside. H0: some share lies beyond an edge of the box. Every edge is tested
// at the same level and all must be rejected, so no correction for their
// number is due (intersection-union test, Berger [1]). Besides, every version
// must have answered, or else 99/1 ± 5 points would pass with a dead canary.
//
// Versions of weight 0 stay impossible whatever the margin.
//
//  1. Berger, R. L. (1982), Multiparameter hypothesis testing and acceptance
//     sampling, Technometrics 24.
type Tolerance struct {
	shares    []float64
	low, high []float64
	edges     []edge
}

// edge is a bound of one version's share, inside (0, 1).
type edge struct {
	version int
	bound   float64
	upper   bool
	against [2]bernoulli // the declared share, and the point halfway to it
}

// bernoulli is a share to be weighed against a bound: the logarithms of its
// prior, and of the likelihood ratios of an answer by the version and of one
// by another.
type bernoulli struct{ prior, hit, miss float64 }

// NewTolerance returns the box of ±margin around the shares of the weights;
// the margin is a share: 0.05 is five points. It is an error when the weights
// are no weights (see [NewEProcess]) or the margin is not between 0 and 1.
func NewTolerance(weights []float64, margin float64) (*Tolerance, error) {
	pi, err := shares(weights)
	if err != nil {
		return nil, err
	}
	if !(margin > 0 && margin < 1) {
		return nil, fmt.Errorf("tolerance is %v: it must lie between 0 and 1", margin)
	}
	t := &Tolerance{shares: pi, low: make([]float64, len(pi)), high: make([]float64, len(pi))}
	for k, p := range pi {
		if p == 0 {
			continue
		}
		t.low[k], t.high[k] = max(0, p-margin), min(1, p+margin)
		if t.low[k] > 0 {
			t.edges = append(t.edges, newEdge(k, p, t.low[k], false))
		}
		if t.high[k] < 1 {
			t.edges = append(t.edges, newEdge(k, p, t.high[k], true))
		}
	}
	return t, nil
}

func newEdge(version int, share, bound float64, upper bool) edge {
	e := edge{version: version, bound: bound, upper: upper}
	priors := [2]float64{0.8, 0.2}
	for i, x := range [2]float64{share, (share + bound) / 2} {
		e.against[i] = bernoulli{math.Log(priors[i]), math.Log(x / bound), math.Log((1 - x) / (1 - bound))}
	}
	return e
}

// TooWide reports whether the margin reaches the smallest share. Such a box
// holds splits in which that version all but disappears.
func (t *Tolerance) TooWide() bool {
	for k, p := range t.shares {
		if p > 0 && t.low[k] == 0 {
			return true
		}
	}
	return false
}

// Outcome is what counts say about a split with a tolerance.
type Outcome int

// The three outcomes. Undecided is the zero value: neither is proven.
const (
	Undecided Outcome = iota
	Inside
	Outside
)

// String returns the outcome as one lower-case word.
func (o Outcome) String() string {
	switch o {
	case Inside:
		return "inside"
	case Outside:
		return "outside"
	}
	return "undecided"
}

// ToleranceTest holds the two p-values of a Tolerance.
type ToleranceTest struct {
	OutsideP float64 // H0: the shares lie in the box. Small: a mismatch.
	InsideP  float64 // H0: they do not. Small: a match.
}

// Outcome judges both questions at level alpha. Each answer is wrong with
// probability at most alpha.
func (t ToleranceTest) Outcome(alpha float64) Outcome {
	switch {
	case t.OutsideP <= alpha:
		return Outside
	case t.InsideP <= alpha:
		return Inside
	}
	return Undecided
}

// Test judges counts whose number was fixed before: independent draws, one
// count for each weight, and intruders from versions without one. It uses exact binomial tails: for the mismatch twice
// the smallest, times the number of versions from three on (Bonferroni), for
// the match the largest. An intruder, or an answer from a version of weight 0,
// makes OutsideP 0. It is an error when the counts do not go with the weights,
// or [ErrNoAnswers].
func (t *Tolerance) Test(counts []int64, intruders int64) (ToleranceTest, error) {
	if _, err := sharesOf(counts, t.shares, intruders); err != nil {
		return ToleranceTest{}, err
	}
	total, silent, impossible := t.survey(counts)
	switch {
	case total+intruders == 0:
		return ToleranceTest{}, ErrNoAnswers
	case impossible || intruders > 0:
		return ToleranceTest{OutsideP: 0, InsideP: 1}, nil
	}
	smallest, largest := 1.0, 0.0
	for _, e := range t.edges {
		n := counts[e.version]
		inward, outward := binomialLower(n, total, e.bound), binomialUpper(n, total, e.bound)
		if !e.upper {
			inward, outward = outward, inward
		}
		smallest, largest = min(smallest, outward), max(largest, inward)
	}
	if silent {
		largest = 1
	}
	return ToleranceTest{OutsideP: min(1, 2*float64(independent(positive(t.shares)))*smallest), InsideP: largest}, nil
}

// survey returns the number of answers, whether a version with a weight has
// not answered, and whether one without has.
func (t *Tolerance) survey(counts []int64) (total int64, silent, impossible bool) {
	for k, n := range counts {
		total += n
		silent = silent || n == 0 && t.shares[k] > 0
		impossible = impossible || n > 0 && t.shares[k] == 0
	}
	return total, silent, impossible
}
