package stats

import (
	"math"
	"sort"
)

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
	logFact    logFactorials
}

func newBinomial(n int64, p float64, f logFactorials) binomial {
	return binomial{n: n, p: p, logP: math.Log(p), logQ: math.Log1p(-p), logFact: f}
}

// mode returns the likeliest number of successes.
func (b binomial) mode() int64 {
	return min(b.n, int64(math.Floor(float64(b.n+1)*b.p)))
}

func (b binomial) logPMF(x int64) float64 {
	return b.logFact.at(b.n) - b.logFact.at(x) - b.logFact.at(b.n-x) + float64(x)*b.logP + float64(b.n-x)*b.logQ
}

func (b binomial) upper(x int64) float64 { return binomialUpper(x, b.n, b.p) }
func (b binomial) lower(x int64) float64 { return binomialLower(x, b.n, b.p) }

// unlikely returns P(ln pmf(X) ≤ limit). The pmf rises up to the mode and
// falls after it, so what qualifies is a tail on each side and one binary
// search per side finds where it ends.
func (b binomial) unlikely(limit float64) float64 {
	mode := b.mode()
	if b.logPMF(mode) <= limit {
		return 1
	}
	counted := func(x int64) bool { return b.logPMF(x) <= limit }
	return b.lower(b.lastBelow(mode, counted)) + b.upper(b.firstAbove(mode, counted))
}

// pValue returns the exact two-sided p-value of x successes: the probability
// of all outcomes that are at most as likely as x.
func (b binomial) pValue(x int64) float64 {
	return math.Min(1, b.unlikely(b.logPMF(x)+tieSlack))
}

// acceptance returns the smallest and the largest number of successes that
// the exact test at level alpha does not reject.
func (b binomial) acceptance(alpha float64) (low, high int64) {
	rejected := func(x int64) bool { return b.pValue(x) <= alpha }
	mode := b.mode()
	return b.lastBelow(mode, rejected) + 1, b.firstAbove(mode, rejected) - 1
}

// lastBelow returns the largest x below the mode for which out holds, −1
// when there is none; out must hold for every smaller x as well.
func (b binomial) lastBelow(mode int64, out func(int64) bool) int64 {
	return int64(sort.Search(int(mode), func(x int) bool { return !out(int64(x)) })) - 1
}

// firstAbove returns the smallest x above the mode for which out holds, n+1
// when there is none; out must hold for every larger x as well.
func (b binomial) firstAbove(mode int64, out func(int64) bool) int64 {
	first := mode + 1
	return first + int64(sort.Search(int(b.n-mode), func(d int) bool { return out(first + int64(d)) }))
}
