package stats

import (
	"cmp"
	"math"
	"slices"
)

// tally is what a fixed-N test looks at: the counts of the versions that may
// answer, and how many answers came from any other.
type tally struct {
	counts    []int64
	shares    []float64 // ascending, positive; parallel to counts
	n         int64     // sum of counts
	intruders int64
}

// newTally validates the input, drops the versions that must not answer and
// sorts the rest, so that every result is the same in whatever order the
// versions come.
func newTally(counts []int64, weights []float64, intruders int64) (tally, error) {
	expected, err := sharesOf(counts, weights, intruders)
	if err != nil {
		return tally{}, err
	}
	order := make([]int, len(counts))
	for k := range order {
		order[k] = k
	}
	slices.SortFunc(order, func(a, b int) int {
		return cmp.Or(cmp.Compare(expected[a], expected[b]), cmp.Compare(counts[a], counts[b]))
	})
	t := tally{intruders: intruders}
	for _, k := range order {
		if expected[k] == 0 {
			t.intruders += counts[k]
			continue
		}
		t.counts = append(t.counts, counts[k])
		t.shares = append(t.shares, expected[k])
		t.n += counts[k]
	}
	return t, nil
}

// chiSquare returns Pearson's statistic; infinite when an impossible version
// answered.
func (t tally) chiSquare() float64 {
	if t.intruders > 0 {
		return math.Inf(1)
	}
	var sum float64
	for k, n := range t.counts {
		expected := float64(t.n) * t.shares[k]
		sum += (float64(n) - expected) * (float64(n) - expected) / expected
	}
	if len(t.counts) == 1 {
		return 0 // whatever the rounding
	}
	return sum
}

// distance returns the total variation distance between the observed and the
// expected shares: how much of the traffic went to the wrong version.
func (t tally) distance() float64 {
	total := float64(t.n + t.intruders)
	sum := float64(t.intruders) / total
	for k, n := range t.counts {
		sum += math.Abs(float64(n)/total - t.shares[k])
	}
	return sum / 2
}
