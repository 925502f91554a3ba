package stats

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// pair is a move of traffic from one version to another, as their shares.
type pair struct {
	from, to int
}

// pairs returns every ordered pair of versions, one for each combination of
// shares: moves between versions of the same shares are equally hard to see.
func pairs(shares []float64) []pair {
	seen := make(map[[2]float64]bool)
	var all []pair
	for i, p := range shares {
		for j, q := range shares {
			if i == j || seen[[2]float64{p, q}] {
				continue
			}
			seen[[2]float64{p, q}] = true
			all = append(all, pair{i, j})
		}
	}
	return all
}

// moved returns the shares after delta moved from one version to another.
func moved(shares []float64, m pair, delta float64) []float64 {
	q := slices.Clone(shares)
	q[m.from] = math.Max(0, q[m.from]-delta)
	q[m.to] += delta
	return q
}

// possible returns the shares of the versions that may answer, the largest
// first: between those a shift is the hardest to see.
func possible(weights []float64) ([]float64, error) {
	all, err := shares(weights)
	if err != nil {
		return nil, err
	}
	positive := slices.DeleteFunc(all, func(p float64) bool { return p == 0 })
	slices.SortFunc(positive, func(a, b float64) int { return cmp.Compare(b, a) })
	return positive, nil
}

// DetectableShift returns the smallest share such that [Test] on n answers at
// level alpha notices, with the given power, when so much or more moves from
// any version to any other. Power is such as .9. A version that has less to
// lose is not considered: that it stopped answering may go unnoticed.
//
// The direction matters, growth of a small share being the hardest to see, and
// the result is that of the hardest. It is exact for two versions and follows
// the approximation of [Power] for more. For a single version it is the share
// of intruders of which one shows up. When n is so small that the largest
// version could stop answering unnoticed, the result is +Inf.
//
// The errors are those of [Power], and a power that is not between 0 and 1.
func DetectableShift(weights []float64, n int64, alpha, power float64) (float64, error) {
	if err := checkPlan(n, alpha); err != nil {
		return 0, err
	}
	if err := checkLevel("power", power); err != nil {
		return 0, err
	}
	null, err := possible(weights)
	if err != nil {
		return 0, err
	}
	if n == 0 {
		return math.Inf(1), nil
	}
	if len(null) == 1 {
		return -math.Expm1(math.Log1p(-power) / float64(n)), nil
	}
	return hardestShift(newDetector(n, null, alpha), power), nil
}

// hardestShift compares powers as quantiles, which grow nearly in proportion to
// the shift.
func hardestShift(d detector, power float64) float64 {
	largest := d.null[0]
	var hardest float64
	for _, m := range pairs(d.null) {
		has := d.null[m.from]
		excess := func(delta float64) float64 { return probit(d.power(moved(d.null, m, delta))) - probit(power) }
		switch {
		case has <= hardest || excess(hardest) >= 0:
			continue
		case excess(has) >= 0:
			hardest = crossing(hardest, has, excess)
		case has == largest:
			return math.Inf(1)
		default:
			hardest = has
		}
	}
	return hardest
}

// checkShift refuses a shift that no version can make.
func checkShift(null []float64, shift float64) error {
	largest := null[0]
	if !(shift > 0) || !atLeast(largest, shift) {
		return fmt.Errorf("a shift of %v: it must be positive and at most %v, the largest share", shift, largest)
	}
	return nil
}

// atLeast reports whether a share is as large as a shift, but for rounding: 10
// of 10, 30 and 60 need not be exactly 0.1.
func atLeast(share, shift float64) bool {
	return share >= shift*(1-1e-9)
}
