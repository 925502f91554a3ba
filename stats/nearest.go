package stats

import (
	"fmt"
	"math"
	"slices"
)

// Nearest returns the counts that fit the weights best among all that lie
// between low and high, version by version. It serves where counts are known
// only within limits, such as attempts of which some may repeat others: when
// even these counts contradict the weights, all within the limits do.
//
// Fit is measured by the likelihood ratio Σ n ln(n/(Nπ)), N being the sum of
// the n, which is convex over the limits. Its least value is at n = Nπ cut off
// at the limits, for the one N that this sums to; N is found by bisection, and
// the counts are rounded. It is an error when counts and weights do not go
// together or a low is above its high.
func Nearest(low, high []int64, weights []float64) ([]int64, error) {
	pi, err := sharesOf(low, weights, 0)
	if err != nil {
		return nil, err
	}
	if _, err := sharesOf(high, weights, 0); err != nil {
		return nil, err
	}
	for k := range low {
		if low[k] > high[k] {
			return nil, fmt.Errorf("version %d: at least %d and at most %d", k, low[k], high[k])
		}
	}
	within := func(n float64, k int) float64 {
		return min(max(n*pi[k], float64(low[k])), float64(high[k]))
	}
	total := func(n float64) (t float64) {
		for k := range pi {
			t += within(n, k)
		}
		return t
	}
	n := lastAbove(float64(sum(low)), float64(sum(high)), func(n float64) bool { return total(n) >= n })
	counts := slices.Clone(low)
	for k := range counts {
		counts[k] = int64(math.Round(within(n, k)))
	}
	return counts, nil
}

// lastAbove returns, to the last digit, the largest n between two for which
// holds is still true. It is true of the first.
func lastAbove(first, last float64, holds func(float64) bool) float64 {
	if holds(last) {
		return last
	}
	for {
		middle := first + (last-first)/2
		if middle == first || middle == last {
			return first
		}
		if holds(middle) {
			first = middle
		} else {
			last = middle
		}
	}
}

// Corners returns the counts with one version at its low and all others at
// their highs, and the other way round, for each version in turn. Of all
// counts within the limits one of these is about the one that contradicts the
// weights most. Errors are those of [Nearest].
func Corners(low, high []int64, weights []float64) ([][]int64, error) {
	if _, err := Nearest(low, high, weights); err != nil {
		return nil, err
	}
	var corners [][]int64
	for k := range low {
		up, down := slices.Clone(low), slices.Clone(high)
		up[k], down[k] = high[k], low[k]
		corners = append(corners, up, down)
	}
	return corners, nil
}
