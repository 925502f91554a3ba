package stats

import "math"

// ConfidenceSequence returns intervals for the true shares of all versions, in
// the order of the counts, for a run that may have been stopped because of
// what it showed. With probability at least 1−alpha all of them hold at every
// number of answers at once. The answers must be independent draws; each
// interval is wider than its counterpart of [Intervals].
//
// The interval of a version holds the shares x that its own e-process does not
// reject at level alpha: those where the likelihood of a mixture of three Beta
// priors, two around the declared share (weights 2 and 100) and the uniform
// one, is below 1/alpha times that of x (Robbins 1970; Howard et al. [1]). The
// level is divided as in [Intervals]. A version of weight 0 or of all the
// weight has the uniform prior alone.
//
// It is an error when counts and weights do not go together or alpha is not
// between 0 and 1.
//
//  1. Howard, S. R., Ramdas, A., McAuliffe, J. and Sekhon, J. (2021),
//     Time-uniform, nonparametric, nonasymptotic confidence sequences, Annals
//     of Statistics 49.
func ConfidenceSequence(counts []int64, weights []float64, alpha float64) ([]Interval, error) {
	if err := checkLevel("alpha", alpha); err != nil {
		return nil, err
	}
	pi, err := sharesOf(counts, weights, 0)
	if err != nil {
		return nil, err
	}
	total := sum(counts)
	limit := math.Log(float64(independent(len(counts))) / alpha)
	intervals := make([]Interval, len(counts))
	for k, n := range counts {
		intervals[k] = unrejected(float64(n), float64(total-n), pi[k], limit)
	}
	return intervals, nil
}

// unrejected returns the shares against which the ln E of so many hits and
// misses stays below the limit. It is convex in the share, and lowest at the
// observed one.
func unrejected(hits, misses, share, limit float64) Interval {
	if hits+misses == 0 {
		return Interval{Low: 0, High: 1}
	}
	evidence := betaMixture(hits, misses, share)
	kept := func(x float64) bool {
		log := evidence
		if hits > 0 {
			log -= hits * math.Log(x)
		}
		if misses > 0 {
			log -= misses * math.Log1p(-x)
		}
		return log < limit
	}
	observed := hits / (hits + misses)
	i := Interval{Low: 0, High: 1}
	if hits > 0 {
		i.Low = boundary(0, observed, kept)
	}
	if misses > 0 {
		i.High = boundary(1, observed, kept)
	}
	return i
}

// betaMixture returns the ln likelihood of the hits and misses under the
// mixture of priors around a declared share.
func betaMixture(hits, misses, share float64) float64 {
	logs := []float64{betaLog(1+hits, 1+misses)}
	if share > 0 && share < 1 {
		for _, c := range [2]float64{2, 100} {
			a, b := c*share, c*(1-share)
			logs = append(logs, betaLog(a+hits, b+misses)-betaLog(a, b))
		}
	}
	return logSumExp(logs...) - math.Log(float64(len(logs)))
}

// betaLog returns ln B(a, b).
func betaLog(a, b float64) float64 { return lgamma(a) + lgamma(b) - lgamma(a+b) }

// boundary returns, to the last digit, where kept changes between a point out
// of the interval and one in it.
func boundary(out, in float64, kept func(float64) bool) float64 {
	for {
		middle := out + (in-out)/2
		if middle == out || middle == in {
			return in
		}
		if kept(middle) {
			in = middle
		} else {
			out = middle
		}
	}
}
