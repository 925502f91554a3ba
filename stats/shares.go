package stats

import (
	"errors"
	"fmt"
	"math"
	"slices"
)

// ErrNoAnswers says that there is nothing to test: not one answer came. Zero
// answers are no evidence for a split nor against it.
var ErrNoAnswers = errors.New("no answers to test")

// shares returns the weights divided by their sum, in the same order. The sum
// may be anything, not only 1 or 100. It is an error when a weight is
// negative, NaN or infinite, or when none is positive.
func shares(weights []float64) ([]float64, error) {
	for i, w := range weights {
		if math.IsNaN(w) || math.IsInf(w, 0) || w < 0 {
			return nil, fmt.Errorf("weight %d is %v: weights must be finite and not negative", i, w)
		}
	}
	// Summing in ascending order makes the shares the same, to the last bit,
	// in whatever order the weights come; dividing by the largest first keeps
	// the sum from overflowing.
	sorted := slices.Sorted(slices.Values(weights))
	if len(sorted) == 0 || sorted[len(sorted)-1] == 0 {
		return nil, fmt.Errorf("none of %d weights is positive: no version may answer", len(weights))
	}
	top := sorted[len(sorted)-1]
	var sum float64
	for _, w := range sorted {
		sum += w / top
	}
	out := make([]float64, len(weights))
	for i, w := range weights {
		out[i] = w / top / sum
	}
	return out, nil
}

// MaxAnswers is how many answers are judged at most: the largest total that a float64 still counts exactly.
const MaxAnswers = 1 << 53

// checkCounts returns the shares of the weights, or an error when there is not
// one count for each.
func checkCounts(counts []int64, weights []float64) ([]float64, error) {
	if len(counts) != len(weights) {
		return nil, fmt.Errorf("%d counts for %d weights: each version needs one of each", len(counts), len(weights))
	}
	return shares(weights)
}

// checkMore refuses counts, or a number of answers besides them, that are
// negative or too large in total.
func checkMore(counts []int64, more int64) error {
	var total int64
	for _, n := range append([]int64{more}, counts...) {
		if n < 0 {
			return fmt.Errorf("%d answers: a count must not be negative", n)
		}
		if n > MaxAnswers-total {
			return fmt.Errorf("more than %d answers in total", int64(MaxAnswers))
		}
		total += n
	}
	return nil
}

// checkLevel refuses a level such as alpha or a power outside (0, 1).
func checkLevel(name string, level float64) error {
	if !(level > 0 && level < 1) {
		return fmt.Errorf("%s is %v: it must lie between 0 and 1", name, level)
	}
	return nil
}
