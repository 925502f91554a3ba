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
// log probability is at most limit. Answers are dealt out to the two largest
// versions together, then to the others one after the other, as binomials given
// those before, and at last between the two.
type enumeration struct {
	draws   []binomial // whether an answer goes to the two; then to each of the others but the last
	lastTwo lastTwo
	limit   float64
	cut     float64 // prefixes at or below are not followed further
}

// multinomialPValue returns the exact p-value of the counts: the probability
// of all outcomes that are at most as likely. The shares ascend; there are at
// least three.
//
// A prefix that is itself no likelier than the observed counts has only such
// completions, so its whole mass counts and nothing is left out. Only when the
// observed counts are so unlikely that this reaches too far is the walk cut
// earlier; p is then an upper bound, too large by less than 1e-12.
func multinomialPValue(n int64, counts []int64, shares []float64) float64 {
	limit := multinomialLogPMF(n, counts, shares) + tieSlack
	e := enumeration{limit: limit, cut: limit}
	if limit < -bulkDepth && prefixes(n, shares, -limit) > maxPrefixes {
		e.cut = -bulkDepth
	}
	logFact := newLogFactorials(n)
	rest := suffixSums(shares)
	others := len(shares) - 2
	e.draws = append(e.draws, newBinomial(n, rest[others]/rest[0], logFact))
	for k, p := range shares[:others-1] {
		e.draws = append(e.draws, newBinomial(n, p/(rest[k]-rest[others]), logFact))
	}
	e.lastTwo = lastTwo{binomial: newBinomial(n, shares[others]/rest[others], logFact), limit: limit}
	return math.Min(1, e.walk(e.draws[0], 0, func(two int64, log float64) float64 {
		e.lastTwo.deal(two)
		return e.next(1, n-two, log)
	}))
}

// next returns what the outcomes contribute that start with a prefix of log
// probability logPrefix, when draw k is next and left answers are to be dealt.
func (e *enumeration) next(k int, left int64, logPrefix float64) float64 {
	if k == len(e.draws) {
		return math.Exp(logPrefix) * e.lastTwo.unlikely(e.limit-logPrefix)
	}
	return e.walk(e.draws[k].of(left), logPrefix, func(x int64, log float64) float64 {
		return e.next(k+1, left-x, log)
	})
}

// walk adds up what each x of a draw contributes, as far as it is followed, and
// the mass of those further out.
func (e *enumeration) walk(b binomial, logPrefix float64, follow func(x int64, log float64) float64) float64 {
	mode := b.mode()
	if logPrefix+b.logPMF(mode) <= e.cut {
		return math.Exp(logPrefix)
	}
	var sum float64
	for x := mode; x >= 0; x-- {
		next := logPrefix + b.logPMF(x)
		if next <= e.cut {
			sum += math.Exp(logPrefix) * b.lower(x)
			break
		}
		sum += follow(x, next)
	}
	for x := mode + 1; x <= b.n; x++ {
		next := logPrefix + b.logPMF(x)
		if next <= e.cut {
			sum += math.Exp(logPrefix) * b.upper(x)
			break
		}
		sum += follow(x, next)
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
