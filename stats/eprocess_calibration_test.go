package stats

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// splits are the weights on which the sequential tests are calibrated.
var splits = [][]float64{
	{.9, .1}, {.99, .01}, {.5, .5}, {.1, .3, .6}, {.2, .2, .2, .2, .2}, {.999, .001},
}

// notAbove checks that events in so many independent runs do not contradict a
// probability of at most p: three standard errors above it. Seeds are fixed.
func notAbove(t *testing.T, what string, events, runs int, p float64) {
	t.Helper()
	rate := float64(events) / float64(runs)
	if limit := p + 3*math.Sqrt(p*(1-p)/float64(runs)); rate > limit {
		t.Errorf("%s: %d of %d runs, a rate of %.4f, want at most %.4f", what, events, runs, rate, limit)
	}
}

// Looking after each of 5000 answers, the e-process rejects a healthy split
// with probability at most alpha.
func TestEProcessTypeI(t *testing.T) {
	const looks, alpha = 5000, 0.01
	runs := repetitions(2000)
	for i, pi := range splits {
		t.Run(fmt.Sprint(pi), func(t *testing.T) {
			t.Parallel()
			src := rand.New(rand.NewPCG(11, uint64(i)))
			rejected := 0
			for range runs {
				e := newEProcess(pi)
				for range looks {
					e.Add(draw(src, pi))
				}
				if e.Rejects(alpha) {
					rejected++
				}
			}
			notAbove(t, "false mismatches", rejected, runs, alpha)
		})
	}
}

// Stopping at StopLevel and testing at FinalLevel at the planned end is wrong
// with probability at most alpha together, and CombinedP agrees with it.
func TestSequentialTypeI(t *testing.T) {
	const planned, alpha = 1000, 0.01
	runs := repetitions(5000)
	for i, pi := range [][]float64{{.9, .1}, {.5, .5}} {
		t.Run(fmt.Sprint(pi), func(t *testing.T) {
			t.Parallel()
			src := rand.New(rand.NewPCG(12, uint64(i)))
			rejected, small := 0, 0
			for range runs {
				reject, p := sequentialRun(t, src, pi, pi, planned, alpha)
				if reject {
					rejected++
				}
				if p <= alpha {
					small++
				}
			}
			notAbove(t, "false mismatches", rejected, runs, alpha)
			if small != rejected {
				t.Errorf("p ≤ alpha in %d runs, rejected in %d", small, rejected)
			}
		})
	}
}

// The test at the planned end keeps the power that it has alone, .9 at 177
// answers of 80/20 for 90/10, where the e-process alone has .63.
func TestSequentialPower(t *testing.T) {
	const runs = 2000
	src := rand.New(rand.NewPCG(13, 0))
	rejected := 0
	for range runs {
		if reject, _ := sequentialRun(t, src, []float64{.9, .1}, []float64{.8, .2}, 177, 0.01); reject {
			rejected++
		}
	}
	if power := float64(rejected) / runs; power < 0.88 {
		t.Errorf("power %v, want .9", power)
	}
}

func sequentialRun(t *testing.T, src *rand.Rand, pi, truth []float64, planned int, alpha float64) (bool, float64) {
	t.Helper()
	e := newEProcess(pi)
	counts := make([]int64, len(pi))
	for range planned {
		version := draw(src, truth)
		e.Add(version)
		counts[version]++
		if e.Rejects(StopLevel(alpha)) {
			return true, CombinedP(e.MaxLogE(), 1)
		}
	}
	fit, err := Test(counts, pi, TestOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return fit.Rejects(FinalLevel(alpha)), CombinedP(e.MaxLogE(), fit.P)
}

// BenchmarkRequestsToReject prints how many requests the e-process takes to
// reject a wrong split at alpha = .01 on average, and that number divided by
// ln(1/α)/KL, which no valid test can beat.
func BenchmarkRequestsToReject(b *testing.B) {
	for i, c := range []struct{ declared, truth []float64 }{
		{[]float64{.9, .1}, []float64{.5, .5}},
		{[]float64{.9, .1}, []float64{1, 0}},
		{[]float64{.9, .1}, []float64{.8, .2}},
		{[]float64{.9, .1}, []float64{.85, .15}},
		{[]float64{.9, .1}, []float64{.88, .12}},
		{[]float64{.5, .5}, []float64{.6, .4}},
		{[]float64{.99, .01}, []float64{1, 0}},
		{[]float64{.99, .01}, []float64{.98, .02}},
		{[]float64{.1, .3, .6}, []float64{1. / 3, 1. / 3, 1. / 3}},
		{[]float64{.1, .3, .6}, []float64{0, 1. / 3, 2. / 3}},
		{[]float64{.2, .2, .2, .2, .2}, []float64{.3, .1, .2, .2, .2}},
	} {
		for _, alpha := range []float64{0.01, 0.002, 0.001} {
			b.Run(fmt.Sprintf("%.2g→%.2g/alpha=%v", c.declared, c.truth, alpha), func(b *testing.B) {
				const runs = 40000
				for b.Loop() {
					src := rand.New(rand.NewPCG(14, uint64(i)))
					requests := 0
					for range runs {
						requests += requestsToReject(src, c.declared, c.truth, alpha)
					}
					mean := float64(requests) / runs
					b.ReportMetric(mean, "requests")
					b.ReportMetric(mean*divergence(c.truth, c.declared)/-math.Log(alpha), "×bound")
				}
			})
		}
	}
}

func requestsToReject(src *rand.Rand, declared, truth []float64, alpha float64) int {
	e := newEProcess(declared)
	for n := 1; ; n++ {
		e.Add(draw(src, truth))
		if e.Rejects(alpha) {
			return n
		}
	}
}
