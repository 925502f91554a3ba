package stats

import "math"

// tieSlack is how far apart two log probabilities may lie and still count as
// equally probable. It absorbs the rounding of lgamma, about 1e-9 at a million
// answers, and is the slack of R's and SciPy's exact binomial tests. Beyond
// ten million answers the rounding exceeds it, but then a tie no longer moves
// p noticeably.
const tieSlack = 1e-7

// logFactorials is a table of ln x!. The zero value computes each on demand.
type logFactorials []float64

// maxTable bounds the memory of a table to 8 MiB.
const maxTable = 1 << 20

func newLogFactorials(n int64) logFactorials {
	f := make(logFactorials, min(n+1, maxTable))
	for x := range f {
		f[x] = lgamma(float64(x) + 1)
	}
	return f
}

func (f logFactorials) at(x int64) float64 {
	if x < int64(len(f)) {
		return f[x]
	}
	return lgamma(float64(x) + 1)
}

// binomial is the distribution of the successes among n draws, 0 < p < 1.
type binomial struct {
	n          int64
	p          float64
	logP, logQ float64
	logN       float64 // ln n!
	logFact    logFactorials
}

// newBinomial takes a p that has been rounded to 0 or 1, as the share of a weight beside a very small one is, for the number
// next to it.
func newBinomial(n int64, p float64, f logFactorials) binomial {
	p = min(max(p, math.SmallestNonzeroFloat64), math.Nextafter(1, 0))
	return binomial{p: p, logP: math.Log(p), logQ: math.Log1p(-p), logFact: f}.of(n)
}

// of returns the same with n draws.
func (b binomial) of(n int64) binomial {
	b.n, b.logN = n, b.logFact.at(n)
	return b
}

// mode returns the likeliest number of successes.
func (b binomial) mode() int64 {
	return min(b.n, int64(math.Floor(float64(b.n+1)*b.p)))
}

// deviation returns the standard deviation.
func (b binomial) deviation() float64 { return math.Sqrt(float64(b.n) * b.p * (1 - b.p)) }

func (b binomial) logPMF(x int64) float64 {
	return b.logN - b.logFact.at(x) - b.logFact.at(b.n-x) + float64(x)*b.logP + float64(b.n-x)*b.logQ
}

func (b binomial) upper(x int64) float64 { return binomialUpper(x, b.n, b.p) }
func (b binomial) lower(x int64) float64 { return binomialLower(x, b.n, b.p) }

// likely returns the smallest and the largest x with ln pmf(x) > limit; if
// there are none, the largest is below the smallest. The pmf rises up to the
// mode and falls after it, so that one search on each side finds them, next to
// where the normal distribution has them.
func (b binomial) likely(limit float64) (first, last int64) {
	mode := b.mode()
	top := b.logPMF(mode)
	if top <= limit {
		return mode + 1, mode
	}
	reach := int64(math.Min(float64(b.n), b.deviation()*math.Sqrt(2*(top-limit))))
	first = search(0, mode, mode-reach, func(x int64) bool { return b.logPMF(x) > limit })
	last = search(mode+1, b.n+1, mode+reach, func(x int64) bool { return b.logPMF(x) <= limit }) - 1
	return first, last
}

// unlikely returns P(ln pmf(X) ≤ limit).
func (b binomial) unlikely(limit float64) float64 {
	first, last := b.likely(limit)
	if last < first {
		return 1
	}
	return b.lower(first-1) + b.upper(last+1)
}

// pValue returns the exact two-sided p-value of x successes: the probability
// of all outcomes that are at most as likely as x.
func (b binomial) pValue(x int64) float64 {
	return math.Min(1, b.unlikely(b.logPMF(x)+tieSlack))
}

// acceptance returns the smallest and the largest number of successes that
// the exact test at level alpha does not reject: one search on each side, next
// to where the normal distribution has them.
func (b binomial) acceptance(alpha float64) (low, high int64) {
	mode := b.mode()
	reach := int64(math.Min(float64(b.n), b.deviation()*math.Sqrt(chiSquareCritical(alpha, 1))))
	low = search(0, mode, mode-reach, func(x int64) bool { return b.pValue(x) > alpha })
	high = search(mode+1, b.n+1, mode+reach, func(x int64) bool { return b.pValue(x) <= alpha }) - 1
	return low, high
}
