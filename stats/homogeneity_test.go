package stats

import (
	"math"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func compareShards(t testing.TB, shards [][]int64) Homogeneity {
	t.Helper()
	h, err := CompareShards(shards, HomogeneityOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// X², its moments and the gamma tail by SciPy 1.17.1: chi2.sf(2μX²/V, 2μ²/V).
func TestHomogeneityReferenceValues(t *testing.T) {
	check := func(shards [][]int64, statistic, mean, variance, p float64) {
		t.Helper()
		h := compareShards(t, shards)
		within(t, "statistic", h.Statistic, statistic, 1e-9)
		within(t, "mean", h.Mean, mean, 1e-9)
		within(t, "variance", h.Variance, variance, 1e-9)
		c := newContingency(shards)
		within(t, "p", c.rightTail(h.Statistic), p, 1e-7)
	}
	check([][]int64{{90, 10}, {88, 12}, {70, 30}, {91, 9}}, 22.8057449587, 3.00751879699, 5.92850864548, 4.0274090e-05)
	check([][]int64{{10, 0}, {10, 0}, {0, 10}}, 30, 2.06896551724, 3.92135213182, 1.8119651e-07)
	check([][]int64{{3, 0, 2}, {1, 2, 0}, {0, 4, 1}}, 8.08888888889, 4.33333333333, 6.77181818182, .0884924868918)
}

func TestHomogeneityEdges(t *testing.T) {
	check := func(shards [][]int64) {
		t.Helper()
		if h := compareShards(t, shards); h.P != 1 || h.Rejects(0.99) || len(h.Odd(0.5)) != 0 {
			t.Errorf("%v: %+v, want p 1", shards, h)
		}
	}
	check(nil)
	check([][]int64{{90, 10}})
	check([][]int64{{90}, {10}})
	check([][]int64{{90, 0}, {10, 0}})
	check([][]int64{{90, 10}, {0, 0}})
	check([][]int64{{1, 0}, {0, 1}, {0, 1}})
	for _, bad := range [][][]int64{{{1, 2}, {1}}, {{1, -2}}} {
		if _, err := CompareShards(bad, HomogeneityOptions{}); err == nil {
			t.Errorf("%v: no error", bad)
		}
	}
	if _, err := CompareShards(nil, HomogeneityOptions{Alpha: 2}); err == nil {
		t.Error("alpha 2: no error")
	}
}

// One answer of a version, in either of two shards of a size: every table of
// these margins has the same statistic, whose variance is 0 but for rounding.
func TestHomogeneityOfConstantStatistic(t *testing.T) {
	for _, shards := range [][][]int64{{{2, 1}, {3, 0}}, {{48, 1}, {49, 0}}, {{9999, 1}, {10000, 0}}} {
		h := compareShards(t, shards)
		if h.P != 1 || h.Shards[0].P != 1 || h.Shards[1].P != 1 {
			t.Errorf("%v: %+v, want p 1", shards, h)
		}
	}
}

func TestHomogeneityNamesTheOddShard(t *testing.T) {
	shards := [][]int64{{90, 10}, {88, 12}, {60, 40}, {91, 9}, {92, 8}}
	h := compareShards(t, shards)
	if !h.Rejects(0.005) {
		t.Fatalf("p = %v, want a rejection", h.P)
	}
	if odd := h.Odd(0.005); len(odd) == 0 || odd[0] != 2 {
		t.Errorf("odd shards %v, want 2 first", odd)
	}
	if diff := cmp.Diff([]int64{421, 79}, h.Pooled); diff != "" {
		t.Error(diff)
	}
}

// The permutation test of a small table against all its permutations: of the
// 28 ways to give two hits to four shards of two answers each, 4 put both into
// one shard.
func TestPermutationIsExact(t *testing.T) {
	h := compareShards(t, [][]int64{{0, 2}, {2, 0}, {2, 0}, {2, 0}})
	if h.Method != "monte-carlo" {
		t.Fatalf("method %s, want monte-carlo", h.Method)
	}
	if want := 4.0 / 28; math.Abs(h.P-want) > 0.05 {
		t.Errorf("p = %v, want %v", h.P, want)
	}
	if h.Samples < 100 || h.Samples > 2000 {
		t.Errorf("%d samples, want about 700", h.Samples)
	}
}

func TestPermutationOfClearDifference(t *testing.T) {
	h := compareShards(t, [][]int64{{100, 0}, {100, 0}, {100, 0}, {100, 5}, {94, 6}, {0, 12}})
	if h.Samples != 99999 || h.P != 1e-5 {
		t.Errorf("p = %v of %d samples, want 1e-5 of 99999", h.P, h.Samples)
	}
}

// Mean and variance of the hypergeometric distribution, by inverting it at
// evenly spaced points.
func TestHypergeometric(t *testing.T) {
	check := func(population, marked, draws int64) {
		t.Helper()
		const points = 20000
		var mean, square float64
		for i := range points {
			x := hypergeometric(population, marked, draws, (float64(i)+0.5)/points)
			if x < max(0, marked+draws-population) || x > min(marked, draws) {
				t.Fatalf("%d of %d, %d drawn: %d is impossible", marked, population, draws, x)
			}
			mean += float64(x) / points
			square += float64(x) * float64(x) / points
		}
		n, k, d := float64(population), float64(marked), float64(draws)
		want := d * k / n
		variance := want * (1 - k/n) * (n - d) / max(1, n-1)
		if math.Abs(mean-want) > 0.01*max(1, want) || math.Abs(square-mean*mean-variance) > 0.02*max(0.1, variance) {
			t.Errorf("%d of %d, %d drawn: mean %v, variance %v, want %v, %v",
				marked, population, draws, mean, square-mean*mean, want, variance)
		}
	}
	check(10, 3, 4)
	check(10, 10, 4)
	check(10, 0, 4)
	check(1000, 10, 500)
	check(100000, 30000, 2000)
	check(7, 5, 6)
	if x := hypergeometric(10, 3, 4, math.Nextafter(1, 0)); x < 0 || x > 3 {
		t.Errorf("u next to 1: %d", x)
	}
}

func TestOrderOfShardsDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		versions := rapid.IntRange(1, 4).Draw(t, "versions")
		row := rapid.SliceOfN(rapid.Int64Range(0, 30), versions, versions)
		shards := rapid.SliceOfN(row, 1, 5).Draw(t, "shards")
		order := rapid.Permutation(indices(len(shards))).Draw(t, "order")
		shuffled := make([][]int64, len(shards))
		for i, j := range order {
			shuffled[i] = shards[j]
		}
		o := HomogeneityOptions{Alpha: 0.01}
		a, err := CompareShards(shards, o)
		if err != nil {
			t.Fatal(err)
		}
		b, err := CompareShards(shuffled, o)
		if err != nil {
			t.Fatal(err)
		}
		for i, j := range order {
			if a.Shards[j] != b.Shards[i] {
				t.Errorf("shard %d: %+v, moved to %d: %+v", j, a.Shards[j], i, b.Shards[i])
			}
		}
		a.Shards, b.Shards = nil, nil
		if diff := cmp.Diff(a, b); diff != "" {
			t.Error(diff)
		}
	})
}

// Merging shards of one proxy before the comparison changes neither what is
// pooled nor what the pooled counts say.
func TestMergingShardsEqualsPooling(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		weights := drawWeights(t)
		row := rapid.SliceOfN(rapid.Int64Range(0, 1000), len(weights), len(weights))
		shards := rapid.SliceOfN(row, 2, 6).Draw(t, "shards")
		merged := slices.Clone(shards[1:])
		merged[0] = slices.Clone(merged[0])
		for k, n := range shards[0] {
			merged[0][k] += n
		}
		a, err := CompareShards(shards, HomogeneityOptions{Alpha: 0.01})
		if err != nil {
			t.Fatal(err)
		}
		b, err := CompareShards(merged, HomogeneityOptions{Alpha: 0.01})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(a.Pooled, b.Pooled); diff != "" {
			t.Error(diff)
		}
		together, _ := LogE(a.Pooled, weights, 0)
		apart, _ := LogE(b.Pooled, weights, 0)
		if together != apart {
			t.Errorf("ln E %v of all, %v of the merged", together, apart)
		}
	})
}

func indices(n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	return all
}
