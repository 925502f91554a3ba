package stats

import (
	"cmp"
	"fmt"
	"slices"
)

// sparseExpected is the smallest expected count below which the gamma
// approximation gives way to permutation.
const sparseExpected = 2

// Homogeneity says whether several reports, the shards of one check, agree
// with each other. H0: all answers are independent draws with the same shares,
// whatever these are and whichever shard they belong to.
//
// The statistic is Pearson's X² of shards by versions. Its p-value is that of
// a gamma distribution with the exact mean and variance of X² given both
// margins (Haldane [1], Dawson [2]), of size .009 to .011 at level .01 when at
// least 2 answers are expected in every cell; below that it is a permutation
// test that keeps the margins, (b+1)/(m+1) of m samples, which stops as soon
// as 100 of them are as large (Besag & Clifford [3]), and is valid at any
// size.
//
// Shards that disagree can hide in the sum: of ten, one at 80/20 for 90/10
// leaves the pooled counts all but right. So a pooled check tests both, the
// shards against each other and the pooled counts against the weights, each at
// half its level. Pool only reports of one expectation and one unit; for
// shards that stopped early add their ln E instead.
//
// With one shard, one version or three answers there is nothing to compare,
// and P is 1.
//
//  1. Haldane, J. B. S. (1940), The mean and variance of χ², when used as a
//     test of homogeneity, when expectations are small, Biometrika 31.
//  2. Dawson, R. B. (1954), A simplified expression for the variance of the
//     χ²-function on a contingency table, Biometrika 41.
//  3. Besag, J. and Clifford, P. (1991), Sequential Monte Carlo p-values,
//     Biometrika 78.
type Homogeneity struct {
	Statistic float64
	DF        int
	Mean      float64 // of the statistic under H0
	Variance  float64
	P         float64
	Method    string // "asymptotic" or "monte-carlo"
	Samples   int    // drawn by permutation, else 0

	Pooled []int64 // the sum of the shards by version
	Shards []Shard // each against the rest, in the order given
}

// Shard is one report compared with all others together. P is that of the
// gamma approximation.
type Shard struct {
	Statistic float64
	P         float64
}

// HomogeneityOptions configures [CompareShards].
type HomogeneityOptions struct {
	// Alpha is the level at which the caller is going to judge, 0 meaning
	// .005, half of .01. It sets the largest number of samples as in
	// [TestOptions].
	Alpha float64
	// Seed makes another permutation run; the same seed gives the same p.
	Seed uint64
}

// Rejects reports whether the shards contradict each other at level alpha.
func (h Homogeneity) Rejects(alpha float64) bool { return h.P <= alpha }

// Odd returns the indices of the shards that differ from the rest at level
// alpha (Bonferroni over the shards), the clearest first. It is meant for
// shards that Rejects: then the first is nearly always the culprit, while the
// others may only look odd because of it.
func (h Homogeneity) Odd(alpha float64) []int {
	var odd []int
	for i, s := range h.Shards {
		if s.P*float64(len(h.Shards)) <= alpha {
			odd = append(odd, i)
		}
	}
	slices.SortStableFunc(odd, func(a, b int) int {
		return cmp.Or(cmp.Compare(h.Shards[a].P, h.Shards[b].P), cmp.Compare(h.Shards[b].Statistic, h.Shards[a].Statistic))
	})
	return odd
}

// CompareShards compares the counts of several reports, a row each; the rows
// list the same versions in the same order, unexpected ones included. The
// order of the shards does not matter. It is an error when the rows differ in
// length or hold negative counts.
func CompareShards(shards [][]int64, o HomogeneityOptions) (Homogeneity, error) {
	if o.Alpha == 0 {
		o.Alpha = defaultAlpha / 2
	}
	if err := checkLevel("alpha", o.Alpha); err != nil {
		return Homogeneity{}, err
	}
	pooled, err := pool(shards)
	if err != nil {
		return Homogeneity{}, err
	}
	// The sums below round the same way whatever the order of the shards.
	sorted := slices.Clone(shards)
	slices.SortFunc(sorted, slices.Compare)
	t := newContingency(sorted)
	h := Homogeneity{Statistic: t.statistic(), DF: t.df(), P: 1, Method: "asymptotic", Pooled: pooled}
	if h.DF > 0 && t.total > 3 {
		h.Mean, h.Variance = t.moments()
		t.decide(&h, o)
	}
	for _, shard := range shards {
		h.Shards = append(h.Shards, againstRest(shard, pooled))
	}
	return h, nil
}

func (t contingency) decide(h *Homogeneity, o HomogeneityOptions) {
	if t.smallestExpected() >= sparseExpected {
		h.P = t.rightTail(h.Statistic)
		return
	}
	h.Method = "monte-carlo"
	h.P, h.Samples = t.permute(draws(o.Alpha), o.Seed)
}

// pool returns the sum of the shards by version.
func pool(shards [][]int64) ([]int64, error) {
	if len(shards) == 0 {
		return nil, nil
	}
	pooled := make([]int64, len(shards[0]))
	for i, shard := range shards {
		if len(shard) != len(pooled) {
			return nil, fmt.Errorf("shard %d counts %d versions, the first %d: all must list the same", i, len(shard), len(pooled))
		}
		if err := checkMore(shard, 0); err != nil {
			return nil, fmt.Errorf("shard %d: %w", i, err)
		}
		for k, n := range shard {
			pooled[k] += n
		}
	}
	return pooled, nil
}

// againstRest compares one shard with the sum of the others.
func againstRest(shard, pooled []int64) Shard {
	rest := make([]int64, len(pooled))
	for k, n := range pooled {
		rest[k] = n - shard[k]
	}
	t := newContingency([][]int64{shard, rest})
	x := t.statistic()
	return Shard{Statistic: x, P: t.rightTail(x)}
}
