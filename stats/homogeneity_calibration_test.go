package stats

import (
	"math/rand/v2"
	"testing"
)

// shardsOf draws one shard of so many answers for each of the shares.
func shardsOf(src *rand.Rand, answers int, shares ...[]float64) [][]int64 {
	shards := make([][]int64, len(shares))
	for i, pi := range shares {
		shards[i] = make([]int64, len(pi))
		for range answers {
			shards[i][draw(src, pi)]++
		}
	}
	return shards
}

// Shards that agree are told apart with probability at most alpha, whether
// the gamma distribution or the permutation test decides. The gamma tail at
// .01 is good to a tenth.
func TestHomogeneityTypeI(t *testing.T) {
	check := func(what, method string, pi []float64, shards, answers, runs int) {
		t.Helper()
		src := rand.New(rand.NewPCG(41, uint64(answers)))
		all := make([][]float64, shards)
		for i := range all {
			all[i] = pi
		}
		rejected, methods := 0, 0
		runs = repetitions(runs)
		for range runs {
			h, err := CompareShards(shardsOf(src, answers, all...), HomogeneityOptions{Alpha: 0.01})
			if err != nil {
				t.Fatal(err)
			}
			if h.Rejects(0.01) {
				rejected++
			}
			if h.Method == method {
				methods++
			}
		}
		notAbove(t, what, rejected, runs, 0.011)
		if methods < runs*9/10 {
			t.Errorf("%s: %s in %d of %d runs", what, method, methods, runs)
		}
	}
	check("ten of 100", "asymptotic", []float64{.9, .1}, 10, 100, 8000)
	check("four of 10", "monte-carlo", []float64{.9, .1}, 4, 10, 4000)
}

// One of ten shards at 80/20 for 90/10, 300 answers each: the comparison sees
// it, the pooled counts mostly do not.
func TestHomogeneityFindsTheWrongShard(t *testing.T) {
	const runs = 300
	src := rand.New(rand.NewPCG(42, 0))
	all := make([][]float64, 10)
	for i := range all {
		all[i] = []float64{.9, .1}
	}
	all[3] = []float64{.8, .2}
	apart, pooled, named := 0, 0, 0
	for range runs {
		h := compareShards(t, shardsOf(src, 300, all...))
		if h.Rejects(0.005) {
			apart++
			if odd := h.Odd(0.005); len(odd) > 0 && odd[0] == 3 {
				named++
			}
		}
		fit, err := Test(h.Pooled, []float64{.9, .1}, TestOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if fit.Rejects(0.005) {
			pooled++
		}
	}
	if apart < runs*8/10 || named < apart*95/100 || pooled > runs*35/100 {
		t.Errorf("of %d runs: %d rejected by comparison, %d with the right name, %d by the pooled counts", runs, apart, named, pooled)
	}
}
