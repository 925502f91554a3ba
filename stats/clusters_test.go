package stats

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func newTestClusters(t testing.TB, weights []float64) *Clusters {
	t.Helper()
	c, err := NewClusters(weights)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func repeat(n int, counts ...int64) [][]int64 {
	all := make([][]int64, n)
	for i := range all {
		all[i] = counts
	}
	return all
}

// Closed forms by SciPy 1.17.1's gammaln; the moments agree with enumeration.
func TestClusteringReferenceValues(t *testing.T) {
	check := func(weights []float64, clusters [][]int64, logE, pairs, mean, variance, rho float64) {
		t.Helper()
		c := newTestClusters(t, weights)
		for _, counts := range clusters {
			c.Fold(counts, 0)
		}
		got := c.Test()
		within(t, "ln E", got.LogE, logE, 1e-9)
		within(t, "equal pairs", got.EqualPairs, pairs, 1e-9)
		within(t, "mean", got.EqualPairsMean, mean, 1e-9)
		within(t, "variance", got.EqualPairsVariance, variance, 1e-9)
		within(t, "ρ", got.Rho, rho, 1e-8)
	}
	half, nineTen := []float64{50, 50}, []float64{90, 10}
	tens := [][]int64{{10, 0}, {10, 0}, {0, 10}}
	check(half, tens, 15.9785700808, 270, 145.862068966, 77.458807542, 1)
	check(nineTen, tens, 15.8495635937, 270, 145.862068966, 77.458807542, 1)
	check(nineTen, [][]int64{{9, 1}, {8, 2}, {10, 0}, {9, 1}},
		-4.94900732281, 292, 293.538461538, 15.2718274176, -.0231481481)
	check(nineTen, append(repeat(9, 10, 0), []int64{0, 10}), 27.4278715166, 900, 736.363636364, 50.139711674, 1)
	check(nineTen, repeat(10, 10, 0), -2.53870120078, 900, 900, 0, 0)
}

func TestClusteringFires(t *testing.T) {
	check := func(what string, clusters [][]int64, decidable, dependent, fires bool) {
		t.Helper()
		c := newTestClusters(t, []float64{50, 50})
		for _, counts := range clusters {
			c.Fold(counts, 0)
		}
		got := c.Test()
		if got.Decidable != decidable || got.Dependent() != dependent || got.Fires() != fires {
			t.Errorf("%s: decidable %v, dependent %v, fires %v (ln E %v, ρ %v)",
				what, got.Decidable, got.Dependent(), got.Fires(), got.LogE, got.Rho)
		}
		if got.DesignEffect < 1 {
			t.Errorf("%s: design effect %v", what, got.DesignEffect)
		}
	}
	check("nothing", nil, false, false, false)
	check("one answer each", append(repeat(50, 1, 0), repeat(50, 0, 1)...), false, false, false)
	check("one version", repeat(100, 10, 0), false, false, false)
	check("3 connections of 10", [][]int64{{10, 0}, {10, 0}, {0, 10}}, true, true, true)
	check("3 connections of 5", [][]int64{{5, 0}, {5, 0}, {0, 5}}, true, false, false)
	check("30 connections of 2", append(repeat(15, 2, 0), repeat(15, 0, 2)...), true, true, true)
	check("independent", repeat(100, 5, 5), true, false, false)
	check("three in ten", append(append(repeat(140, 5, 5), repeat(30, 10, 0)...), repeat(30, 0, 10)...), true, true, false)
}

func TestClustersFollowOpenConnections(t *testing.T) {
	weights := []float64{60, 30, 10, 0}
	folded, followed := newTestClusters(t, weights), newTestClusters(t, weights)
	folded.Fold([]int64{2, 1, 0, 0}, 0)
	folded.Fold([]int64{0, 0, 3, 0, 1}, 1)
	folded.Fold([]int64{0, 0, 0, 1}, 0)
	folded.Fold(nil, 0)
	for _, a := range []struct {
		id      int64
		version int
	}{{7, 0}, {8, 2}, {7, 1}, {8, -1}, {8, 2}, {7, 0}, {8, 99}, {8, 2}, {9, 3}} {
		followed.Answer(a.id, a.version)
	}
	open := followed.Test()
	if diff := cmp.Diff(folded.Test(), open); diff != "" {
		t.Errorf("folded and followed differ:\n%s", diff)
	}
	if open.Clusters != 3 || open.Repeated != 2 || open.Mixed != 2 {
		t.Errorf("clusters %d, repeated %d, mixed %d, want 3, 2, 2", open.Clusters, open.Repeated, open.Mixed)
	}
}

// A connection that goes on is kept while others come and go; one that rests
// meanwhile is another one afterwards.
func TestClustersForgetTheOldest(t *testing.T) {
	const others = 3 * clusterSets * clusterWays
	check := func(what string, every int64, want bool) {
		t.Helper()
		c := newClusters([]float64{.5, .5})
		c.Answer(7, 0)
		for id := int64(100); id < 100+others; id++ {
			if !c.Answer(id, int(id%2)) || c.Answer(id, int(id%2)) {
				t.Fatalf("%s: connection %d has two first answers, or none", what, id)
			}
			if id%every == 0 && c.Answer(7, 1) {
				t.Fatalf("%s: forgotten after %d others", what, id-100)
			}
		}
		if first := c.Answer(7, 1); first != want {
			t.Errorf("%s: first %v, want %v", what, first, want)
		}
		clusters := int64(others + 1)
		if want {
			clusters++
		}
		if got := c.Test(); got.Clusters != clusters || got.Repeated < others {
			t.Errorf("%s: %d clusters, %d repeated, want %d and at least %d", what, got.Clusters, got.Repeated, clusters, others)
		}
	}
	check("one that goes on", 1000, false)
	check("one that rests", others*2, true)
}

// What is looked up agrees with what is computed.
func TestClusterMixtureTable(t *testing.T) {
	m := newClusterMixture([]float64{.7, 0, .3})
	counts := []int64{tabulated, 2, 1, 1}
	var got clusterLogs
	m.weigh(&got, counts)
	want := sizeLogs(tabulated + 4)
	for category, n := range []int64{tabulated, 0, 1, 3} {
		if logs := m.riseLogs(category, n); n > 0 {
			want.add(&logs)
		}
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(clusterLogs{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestClusteringOfUnexpectedVersions(t *testing.T) {
	c := newTestClusters(t, []float64{90, 10})
	for range 20 {
		c.Fold([]int64{10, 0}, 0)
		c.Fold(nil, 10)
	}
	if got := c.Test(); !got.Fires() || got.Rho != 1 {
		t.Errorf("half the connections are on an unexpected version: %+v", got)
	}
	single := newTestClusters(t, []float64{1})
	single.Fold([]int64{10}, 0)
	single.Fold(nil, 10)
	if got := single.Test(); math.IsNaN(got.LogE) || !got.Decidable {
		t.Errorf("a single expected version and another: %+v", got)
	}
	if _, err := NewClusters([]float64{0}); err == nil {
		t.Error("no positive weight: no error")
	}
}

// The exact moments of the equal pairs against all orders of the answers.
func TestEqualPairsMoments(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		answers := rapid.SliceOfN(rapid.IntRange(0, 2), 4, 6).Draw(t, "answers")
		cut := rapid.IntRange(1, len(answers)-1).Draw(t, "cut")
		var mean, square, orders float64
		permutations(answers, func(order []int) {
			pairs := cutInTwo(order, cut).EqualPairs
			mean, square, orders = mean+pairs, square+pairs*pairs, orders+1
		})
		mean, square = mean/orders, square/orders
		got := cutInTwo(answers, cut)
		if math.Abs(got.EqualPairsMean-mean) > 1e-9 || math.Abs(got.EqualPairsVariance-(square-mean*mean)) > 1e-9 {
			t.Errorf("mean %v, variance %v, want %v, %v", got.EqualPairsMean, got.EqualPairsVariance, mean, square-mean*mean)
		}
	})
}

// cutInTwo judges answers of which those before the cut are on one connection
// and the rest on another.
func cutInTwo(versions []int, cut int) Clustering {
	c := newClusters([]float64{1. / 3, 1. / 3, 1. / 3})
	for _, part := range [][]int{versions[:cut], versions[cut:]} {
		counts := make([]int64, 3)
		for _, version := range part {
			counts[version]++
		}
		c.Fold(counts, 0)
	}
	return c.Test()
}

// permutations calls f with every order of xs.
func permutations(xs []int, f func([]int)) {
	var visit func(int)
	visit = func(i int) {
		if i == len(xs) {
			f(xs)
			return
		}
		for j := i; j < len(xs); j++ {
			xs[i], xs[j] = xs[j], xs[i]
			visit(i + 1)
			xs[i], xs[j] = xs[j], xs[i]
		}
	}
	visit(0)
}
