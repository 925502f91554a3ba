package stats

import (
	"fmt"
	"sort"
)

// maxPlan bounds the search for a number of answers.
const maxPlan = 1 << 40

// Required returns the number of answers with which Test proves Inside at
// level alpha with the given power when the shares are exactly those of the
// weights.
//
// The power is exact for one and two versions. From three on it is a lower
// bound, the chances that one of the versions fails being added up, so the
// number is a little too large, never too small. The power saws up and down
// with the number of answers: the result is the smallest number up to 1000,
// above that within a thousandth of it. It is an error when alpha or power
// are not between 0 and 1, or no number up to 2⁴⁰ does.
func (t *Tolerance) Required(alpha, power float64) (int64, error) {
	if err := checkLevel("alpha", alpha); err != nil {
		return 0, err
	}
	if err := checkLevel("power", power); err != nil {
		return 0, err
	}
	// Half of a number that is too small for a single edge by far.
	total := int64(1)
	for total < maxPlan && t.power(2*total, alpha) < power/2 {
		total *= 2
	}
	for ; total < maxPlan; total += max(1, total/1000) {
		if t.power(total, alpha) >= power {
			return total, nil
		}
	}
	return 0, fmt.Errorf("no number of answers up to %d proves every share within the tolerance", int64(maxPlan))
}

// power returns the probability that total answers with the declared shares
// pass Test as Inside, at least.
func (t *Tolerance) power(total int64, alpha float64) float64 {
	miss := 0.0
	for k, p := range t.shares {
		if p == 0 {
			continue
		}
		low, high := t.passing(k, total, alpha)
		if low > high {
			return 0
		}
		out := binomialLower(low-1, total, p) + binomialUpper(high+1, total, p)
		if positive(t.shares) == 2 {
			return 1 - out // the other share is the mirror of this one
		}
		miss += out
	}
	return max(0, 1-miss)
}

// passing returns the counts of version k, out of total, from low to high,
// that pass as inside. Of two versions both must have answered.
func (t *Tolerance) passing(k int, total int64, alpha float64) (low, high int64) {
	low, high = 1, total
	if positive(t.shares) > 1 {
		high = total - 1
	}
	for _, e := range t.edges {
		switch {
		case e.version != k:
		case e.upper:
			// The first count that is too many to stay below the edge.
			first := sort.Search(int(total)+1, func(n int) bool {
				return binomialLower(int64(n), total, e.bound) > alpha
			})
			high = min(high, int64(first)-1)
		default:
			first := sort.Search(int(total)+1, func(n int) bool {
				return binomialUpper(int64(n), total, e.bound) <= alpha
			})
			low = max(low, int64(first))
		}
	}
	return low, high
}
