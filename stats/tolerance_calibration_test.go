package stats

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// On an edge of the box, or just outside, a split may be taken for a match
// with probability at most alpha, and on an edge or inside for a mismatch,
// looking after every answer.
func TestToleranceProcessErrors(t *testing.T) {
	const looks, alpha = 2000, 0.01
	runs := repetitions(2000)
	for i, c := range []struct {
		declared, truth []float64
		margin          float64
		inside          bool // the truth lies in the box
	}{
		{[]float64{.9, .1}, []float64{.85, .15}, .05, true},
		{[]float64{.9, .1}, []float64{.95, .05}, .05, true},
		{[]float64{.9, .1}, []float64{.845, .155}, .05, false},
		{[]float64{.99, .01}, []float64{.97, .03}, .02, true},
		{[]float64{.99, .01}, []float64{1, 0}, .05, false},
		{[]float64{.1, .3, .6}, []float64{.15, .3, .55}, .05, true},
	} {
		t.Run(fmt.Sprint(c.truth, "for", c.declared, "±", c.margin), func(t *testing.T) {
			t.Parallel()
			src := rand.New(rand.NewPCG(31, uint64(i)))
			box := newTestTolerance(t, c.declared, c.margin)
			matches, mismatches := 0, 0
			for range runs {
				p := box.Process()
				for range looks {
					p.Add(draw(src, c.truth))
				}
				if p.Test().InsideP <= alpha {
					matches++
				}
				if p.Test().OutsideP <= alpha {
					mismatches++
				}
			}
			notAbove(t, "false matches", matches, runs, alpha)
			if c.inside {
				notAbove(t, "false mismatches", mismatches, runs, alpha)
			}
		})
	}
}

// Mean numbers of answers until a match; a simulation of 1000 runs elsewhere
// gave 131, 358, 126 and 365.
func TestToleranceProcessAccepts(t *testing.T) {
	runs := repetitions(2000)
	for i, c := range []struct {
		declared []float64
		want     float64
	}{
		{[]float64{.9, .1}, 131}, {[]float64{.5, .5}, 358}, {[]float64{.99, .01}, 126}, {[]float64{.1, .3, .6}, 365},
	} {
		src := rand.New(rand.NewPCG(32, uint64(i)))
		box := newTestTolerance(t, c.declared, 0.1)
		total := 0
		for range runs {
			p := box.Process()
			for p.Test().Outcome(0.01) == Undecided {
				p.Add(draw(src, c.declared))
				total++
			}
		}
		if mean := float64(total) / float64(runs); mean < 0.92*c.want || mean > 1.08*c.want {
			t.Errorf("%v ± 10 points: accepted after %.1f on average, want %v", c.declared, mean, c.want)
		}
	}
}

// A fixed number of answers, the one required, proves the match with the
// power asked for; on the edge it does so with probability at most alpha.
func TestToleranceFixedErrors(t *testing.T) {
	const alpha = 0.01
	runs := repetitions(4000)
	check := func(declared, truth []float64, margin float64, low, high float64) {
		t.Helper()
		box := newTestTolerance(t, declared, margin)
		n, err := box.Required(alpha, 0.9)
		if err != nil {
			t.Fatal(err)
		}
		src := rand.New(rand.NewPCG(33, uint64(n)))
		matches, mismatches := 0, 0
		for range runs {
			counts := make([]int64, len(declared))
			for range n {
				counts[draw(src, truth)]++
			}
			got, err := box.Test(counts, 0)
			if err != nil {
				t.Fatal(err)
			}
			if got.InsideP <= alpha {
				matches++
			}
			if got.OutsideP <= alpha {
				mismatches++
			}
		}
		if rate := float64(matches) / float64(runs); rate < low || rate > high {
			t.Errorf("%v for %v, %d answers: a match in %.3f of the runs, want %v to %v", truth, declared, n, rate, low, high)
		}
		notAbove(t, "false mismatches", mismatches, runs, alpha)
	}
	check([]float64{.9, .1}, []float64{.9, .1}, .1, .87, .94)
	check([]float64{.1, .3, .6}, []float64{.1, .3, .6}, .1, .87, .95)
	check([]float64{.9, .1}, []float64{.85, .15}, .05, 0, .02)
	check([]float64{.99, .01}, []float64{.97, .03}, .02, 0, .02)
}

// Whenever one stops, all shares lie in the confidence sequence with
// probability 1−alpha: here after the run has drifted as far as it would.
func TestConfidenceSequenceCoverage(t *testing.T) {
	const looks, alpha = 300, 0.05
	runs := repetitions(2000)
	for i, pi := range [][]float64{{.9, .1}, {.1, .3, .6}} {
		src := rand.New(rand.NewPCG(34, uint64(i)))
		missed := 0
		for range runs {
			if !covered(t, src, pi, looks, alpha) {
				missed++
			}
		}
		notAbove(t, fmt.Sprintf("%v missed", pi), missed, runs, alpha)
	}
}

// covered looks at a run every ten answers.
func covered(t *testing.T, src *rand.Rand, pi []float64, looks int, alpha float64) bool {
	t.Helper()
	counts := make([]int64, len(pi))
	for n := range looks {
		counts[draw(src, pi)]++
		if n%10 != 9 {
			continue
		}
		intervals, err := ConfidenceSequence(counts, pi, alpha)
		if err != nil {
			t.Fatal(err)
		}
		for k, interval := range intervals {
			if pi[k] < interval.Low || pi[k] > interval.High {
				return false
			}
		}
	}
	return true
}
