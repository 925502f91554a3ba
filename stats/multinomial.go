package stats

import "math"

const (
	// maxPrefixes bounds the work of an exact multinomial test to about a
	// second or two.
	maxPrefixes = 5e6

	// bulkDepth is the log probability (1.6e-18) below which a prefix is left
	// out when following every prefix that matters would cost too much.
	bulkDepth = 41
)

// prefixes estimates how many prefixes an exact test visits that follows each
// one whose log probability is above −depth: all but the two largest shares
// vary within ±√(2·depth) standard deviations. The shares ascend.
func prefixes(n int64, shares []float64, depth float64) float64 {
	work := 1.0
	for _, p := range shares[:max(0, len(shares)-2)] {
		sigma := math.Sqrt(float64(n) * p * (1 - p))
		work *= math.Min(float64(n)+1, 2*math.Sqrt(2*depth)*sigma+1)
	}
	return work
}

// multinomialLogPMF returns the log probability of the counts, which sum to n.
// A version of share 0 must have count 0.
func multinomialLogPMF(n int64, counts []int64, shares []float64) float64 {
	sum := lgamma(float64(n) + 1)
	for k, x := range counts {
		if x > 0 {
			sum += float64(x)*math.Log(shares[k]) - lgamma(float64(x)+1)
		}
	}
	return sum
}

// enumeration sums the probability of every outcome of a multinomial whose
// log probability is at most limit.
type enumeration struct {
	shares  []float64 // ascending, at least two
	rest    []float64 // rest[k] is the sum of shares[k:]
	limit   float64
	cut     float64 // prefixes at or below are not followed further
	logFact logFactorials
}

// multinomialPValue returns the exact p-value of the counts: the probability
// of all outcomes that are at most as likely. The shares ascend.
//
// Counts are fixed one version after the other, as binomials given those
// before. A prefix that is itself no likelier than the observed counts has only
// such completions, so its whole mass counts and nothing is left out. Only
// when the observed counts are so unlikely that this reaches too far is the
// walk cut earlier; p is then an upper bound, too large by less than 1e-12.
func multinomialPValue(n int64, counts []int64, shares []float64) float64 {
	limit := multinomialLogPMF(n, counts, shares) + tieSlack
	cut := limit
	if limit < -bulkDepth && prefixes(n, shares, -limit) > maxPrefixes {
		cut = -bulkDepth
	}
	e := enumeration{shares: shares, rest: suffixSums(shares), limit: limit, cut: cut}
	if len(shares) > 2 {
		e.logFact = newLogFactorials(n)
	}
	return math.Min(1, e.mass(0, n, 0))
}

// mass returns what the outcomes contribute that start with a prefix of log
// probability logPrefix, with version k next and left answers to distribute.
func (e *enumeration) mass(k int, left int64, logPrefix float64) float64 {
	b := newBinomial(left, e.shares[k]/e.rest[k], e.logFact)
	if k == len(e.shares)-2 {
		return math.Exp(logPrefix) * b.unlikely(e.limit-logPrefix)
	}
	var sum float64
	mode := b.mode()
	for x := mode; x >= 0; x-- {
		next := logPrefix + b.logPMF(x)
		if next <= e.cut {
			sum += math.Exp(logPrefix) * b.lower(x)
			break
		}
		sum += e.mass(k+1, left-x, next)
	}
	for x := mode + 1; x <= left; x++ {
		next := logPrefix + b.logPMF(x)
		if next <= e.cut {
			sum += math.Exp(logPrefix) * b.upper(x)
			break
		}
		sum += e.mass(k+1, left-x, next)
	}
	return sum
}

// suffixSums returns the sum of xs[k:] for every k.
func suffixSums(xs []float64) []float64 {
	sums := make([]float64, len(xs))
	var sum float64
	for k := len(xs) - 1; k >= 0; k-- {
		sum += xs[k]
		sums[k] = sum
	}
	return sums
}
