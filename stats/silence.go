package stats

import "math"

// SilenceRequired returns, for each version, from how many answers on [Test]
// at level alpha notices that it answers no more, the others sharing its
// traffic as their weights say. It is 0 where there is nothing to notice: for
// a version of weight 0, and for one that has all the weight, as nothing
// answers then.
//
// With two versions the answers of the other one are certain, and the number
// is exact up to 1000 and good to a thousandth above. With more it is that at
// which Pearson's test has the given power. It is an error when the weights
// are no weights (see [NewEProcess]) or a level is not between 0 and 1.
func SilenceRequired(weights []float64, alpha, power float64) ([]int64, error) {
	if err := checkLevel("alpha", alpha); err != nil {
		return nil, err
	}
	if err := checkLevel("power", power); err != nil {
		return nil, err
	}
	all, err := shares(weights)
	if err != nil {
		return nil, err
	}
	required := make([]int64, len(all))
	for k, p := range all {
		switch {
		case p == 0 || p == 1:
		case positive(all) == 2:
			required[k] = silenceOfTwo(p, alpha)
		default:
			required[k] = silenceOfMany(positive(all), p, alpha, power)
		}
	}
	return required, nil
}

// silenceOfTwo looks for the last number of answers that the exact test
// accepts although the version of share p is missing. It lies near that where
// the chance of its silence, (1−p)ⁿ, falls below alpha; the other tail adds to
// that in jumps.
func silenceOfTwo(p, alpha float64) int64 {
	first := int64(math.Log(alpha) / math.Log1p(-p))
	last := first
	for n := first; n < 2*first+20; n += 1 + n>>10 {
		if n > 0 && newBinomial(n, p, nil).pValue(0) > alpha {
			last = n
		}
	}
	return last + 1
}

// silenceOfMany solves Pearson's test for n. Without the version of share p the
// counts of the others vary as they should, and the statistic is
// (X + np)/(1−p) with X a chi-square of one degree of freedom less.
func silenceOfMany(versions int, p, alpha, power float64) int64 {
	critical := chiSquareCritical(alpha, float64(versions-1))
	chance := chiSquareCritical(power, float64(versions-2)) // what X exceeds with that power
	return max(1, int64(math.Ceil(((1-p)*critical-chance)/p)))
}
