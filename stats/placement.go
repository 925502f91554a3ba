package stats

import (
	"math"
	"slices"
)

// Extremes returns the counts with all errors given to one version, for each
// version of positive weight in turn. Of all ways to spread the errors, one of
// these contradicts the weights most, by the tests of [Test] as by [LogE]: both
// are convex in the placement.
//
// Like [Likeliest] it returns an error when the counts do not go with the
// weights or when the number of errors is negative.
func Extremes(counts []int64, weights []float64, errors int64) ([][]int64, error) {
	expected, err := sharesOf(counts, weights, errors)
	if err != nil {
		return nil, err
	}
	var extremes [][]int64
	for k, p := range expected {
		if p == 0 {
			continue
		}
		placed := slices.Clone(counts)
		placed[k] += errors
		extremes = append(extremes, placed)
	}
	return extremes, nil
}

// Likeliest returns the counts with the errors placed so that the result is as
// probable as it can be under the weights, which makes the p-value of the
// exact test as large as it can be.
func Likeliest(counts []int64, weights []float64, errors int64) ([]int64, error) {
	return fill(counts, weights, errors, probability)
}

// order is what a test ranks outcomes by: the next error costs a version with
// n answers and share p proportionally to (n+order)/p. By probability that is
// the factor (n+1)/p by which one more answer divides it; in Pearson's
// statistic it is (2n+1)/p that one more adds.
type order float64

const (
	probability order = 1
	statistic   order = 0.5
)

// fill gives the errors to the cheapest version each time, which minimises a
// sum of convex terms exactly.
func fill(counts []int64, weights []float64, errors int64, o order) ([]int64, error) {
	expected, err := sharesOf(counts, weights, errors)
	if err != nil {
		return nil, err
	}
	placed, left := o.flood(counts, expected, errors)
	for ; left > 0; left-- {
		placed[o.cheapest(placed, expected)]++
	}
	return placed, nil
}

// cheapest returns the version that the next error costs least; the first of
// equals.
func (o order) cheapest(counts []int64, expected []float64) int {
	best, least := -1, math.Inf(1)
	for k, p := range expected {
		if cost := (float64(counts[k]) + float64(o)) / p; p > 0 && cost < least {
			best, least = k, cost
		}
	}
	return best
}

// flood places all but a few errors at once, as many as there are below a
// common level of cost, and returns how many are left. It spares giving a
// million errors one by one.
func (o order) flood(counts []int64, expected []float64, errors int64) (placed []int64, left int64) {
	total := errors
	for _, n := range counts {
		total += n
	}
	low, high := 0.0, float64(total)
	for range 64 {
		level := (low + high) / 2
		if _, left := o.below(counts, expected, errors, level); left >= 0 {
			low = level
		} else {
			high = level
		}
	}
	return o.below(counts, expected, errors, low)
}

// below returns the counts with every error placed that costs less than the
// level, and how many errors that leaves; negative when there are not enough.
func (o order) below(counts []int64, expected []float64, errors int64, level float64) (placed []int64, left int64) {
	placed = slices.Clone(counts)
	for k, p := range expected {
		fits := int64(math.Ceil(level*p - float64(o)))
		if p > 0 && fits > placed[k] {
			errors -= fits - placed[k]
			placed[k] = fits
		}
	}
	return placed, errors
}

// leastLikely returns the candidate that the test finds most unusual.
func (o order) leastLikely(candidates [][]int64, weights []float64) ([]int64, error) {
	var worst []int64
	highest := math.Inf(-1)
	for _, counts := range candidates {
		t, err := newTally(counts, weights, 0)
		if err != nil {
			return nil, err
		}
		surprise := t.chiSquare()
		if o == probability {
			surprise = -multinomialLogPMF(t.n, t.counts, t.shares)
		}
		if worst == nil || surprise > highest {
			worst, highest = counts, surprise
		}
	}
	return worst, nil
}
