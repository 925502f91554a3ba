package stats

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// Of 10,000 healthy runs of 1000 requests, ten to a connection, the three
// signatures that read the order fire at most twice together. By their levels
// (1e-6 at each of four block lengths, 1e-6, 1e-5) 0.15 false alarms are due;
// the real level of the change point may be five times as large.
func TestSignaturesKeepQuietOnHealthyRuns(t *testing.T) {
	runs := repetitions(1667)
	fired := make([]int, len(splits))
	t.Run("splits", func(t *testing.T) {
		for i, pi := range splits {
			t.Run(fmt.Sprint(pi), func(t *testing.T) {
				t.Parallel()
				src := rand.New(rand.NewPCG(21, uint64(i)))
				for range runs {
					fired[i] += alarms(src, pi)
				}
			})
		}
	})
	total := 0
	for _, n := range fired {
		total += n
	}
	if total > 2 {
		t.Errorf("%d false alarms in %d runs: by split %v", total, runs*len(fired), fired)
	}
}

// alarms returns how many signatures fire on 1000 independent answers.
func alarms(src *rand.Rand, pi []float64) int {
	var b Blocks
	c := newClusters(pi)
	for range 100 {
		counts := make([]int64, len(pi))
		for range 10 {
			version := draw(src, pi)
			counts[version]++
			b.Add(version)
		}
		c.Fold(counts, 0)
	}
	fired := 0
	for _, f := range []bool{b.RoundRobin().Fires(), b.ChangePoint().Fires(), c.Test().Fires()} {
		if f {
			fired++
		}
	}
	return fired
}

// atLeast99 checks that something is found in 99 of 100 seeded runs.
func atLeast99(t *testing.T, what string, found func(src *rand.Rand) bool) {
	t.Helper()
	n := 0
	for seed := range uint64(100) {
		if found(rand.New(rand.NewPCG(22, seed))) {
			n++
		}
	}
	if n < 99 {
		t.Errorf("%s: found in %d of 100 runs", what, n)
	}
}

// One request in flight, dealt out in rotation over ten endpoints, of which
// the first so many are of version 0.
func TestRoundRobinIsFound(t *testing.T) {
	for _, first := range []int{5, 9} {
		atLeast99(t, fmt.Sprintf("rotation over %d and %d", first, 10-first), func(src *rand.Rand) bool {
			var b Blocks
			endpoints, at := src.Perm(10), src.IntN(10)
			for i := range 1000 {
				version := 0
				if endpoints[(at+i)%10] >= first {
					version = 1
				}
				b.Add(version)
			}
			return b.RoundRobin().Fires()
		})
	}
}

// Ten requests in flight at a time reach one rotating proxy in any order.
func TestRoundRobinIsFoundUnderConcurrency(t *testing.T) {
	atLeast99(t, "rotation, 10 in flight", func(src *rand.Rand) bool {
		var b Blocks
		for range 100 {
			for _, i := range src.Perm(10) {
				b.Add(i % 2)
			}
		}
		return b.RoundRobin().Fires()
	})
}

func TestVersionPerConnectionIsFound(t *testing.T) {
	for _, pi := range splits[2:5] {
		atLeast99(t, fmt.Sprintf("%v by connection", pi), func(src *rand.Rand) bool {
			c := newTestClusters(t, pi)
			for id := range int64(100) {
				version := draw(src, pi)
				for range 10 {
					c.Answer(id, version)
				}
			}
			return c.Test().Fires()
		})
	}
}

func TestPropagationLagIsFound(t *testing.T) {
	check := func(before, after []float64, lag int) {
		t.Helper()
		covered := 0
		atLeast99(t, fmt.Sprintf("%v, after %d requests %v", before, lag, after), func(src *rand.Rand) bool {
			c := changing(before, after, lag, 1000, src.Uint64()).ChangePoint()
			if c.Found && c.Low <= int64(lag) && int64(lag) <= c.High {
				covered++
			}
			return c.Fires()
		})
		if covered < 95 {
			t.Errorf("the range covers the change in %d of 100 runs", covered)
		}
	}
	check([]float64{.5, .5}, []float64{.9, .1}, 100)
	check([]float64{1, 0}, []float64{.9, .1}, 400)
	check([]float64{1. / 3, 1. / 3, 1. / 3}, []float64{.1, .3, .6}, 200)
}
