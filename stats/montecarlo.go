package stats

import (
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/stat/distuv"
)

// draws returns how many Monte Carlo samples a test at level alpha takes: at
// the usual levels .01 and .001 the standard error of a p near alpha is a tenth
// of alpha.
func draws(alpha float64) int {
	if alpha >= 0.01 {
		return 9999
	}
	return 99999
}

// monteCarloPValue draws m multinomial samples and returns (b+1)/(m+1), where
// b of them were at most as likely as the counts. Counting the observed counts
// among the samples makes the test valid for every m (Phipson & Smyth 2010).
// The shares ascend. The same seed gives the same p.
func monteCarloPValue(n int64, counts []int64, shares []float64, m int, seed uint64) float64 {
	limit := multinomialLogPMF(n, counts, shares) + tieSlack
	s := sampler{n: n, shares: shares, rest: suffixSums(shares), src: rand.NewPCG(seed, uint64(n))}
	sample := make([]int64, len(shares))
	atMostAsLikely := 0
	for range m {
		s.draw(sample)
		if multinomialLogPMF(n, sample, shares) <= limit {
			atMostAsLikely++
		}
	}
	return float64(atMostAsLikely+1) / float64(m+1)
}

// monteCarloStdErr returns the standard error of p estimated from m samples.
func monteCarloStdErr(p float64, m int) float64 {
	return math.Sqrt(p * (1 - p) / float64(m))
}

// sampler draws multinomial counts as a chain of binomials, each given those
// before it.
type sampler struct {
	n      int64
	shares []float64
	rest   []float64
	src    rand.Source
}

func (s sampler) draw(counts []int64) {
	left, last := s.n, len(counts)-1
	for k := range last {
		counts[k] = int64(distuv.Binomial{N: float64(left), P: s.shares[k] / s.rest[k], Src: s.src}.Rand())
		left -= counts[k]
	}
	counts[last] = left
}
