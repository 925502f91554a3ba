package stats

import (
	"math/rand/v2"
	"testing"
)

// The gamma tail and the moments by SciPy 1.17.1: chi2.cdf(2μX²/V, 2μ²/V).
func TestRoundRobinReferenceValues(t *testing.T) {
	check := func(blocks [][]int64, statistic, mean, variance, p float64) {
		t.Helper()
		got := newContingency(blocks).evenness(1)
		within(t, "statistic", got.Statistic, statistic, 1e-9)
		within(t, "mean", got.Mean, mean, 1e-9)
		within(t, "variance", got.Variance, variance, 1e-9)
		within(t, "p", got.P, p, 1e-7)
	}
	tens := append(repeat(18, 9, 1), []int64{8, 2}, []int64{10, 0})
	check(tens, 2.22222222222, 19.0954773869, 33.4666815042, 1.35104316584e-07)
	sixteens := append(append(repeat(32, 8, 8), repeat(15, 7, 9)...), repeat(15, 9, 7)...)
	check(sixteens, 7.5, 61.0615539859, 114.72182454, 4.8021575e-19)
}

func TestRoundRobinLevels(t *testing.T) {
	check := func(total int, want ...int64) {
		t.Helper()
		var b Blocks
		for i := range total {
			b.Add(i % 2)
		}
		got := b.RoundRobin()
		if len(got.Levels) != len(want) {
			t.Fatalf("%d answers: %d levels, want %d", total, len(got.Levels), len(want))
		}
		for i, level := range got.Levels {
			if level.Length != want[i] || level.Blocks != int(int64(total)/want[i]) {
				t.Errorf("%d answers: level %d is %+v, want blocks of %d", total, i, level, want[i])
			}
		}
		if got.Fires() != (len(want) > 0 && total >= 200) {
			t.Errorf("%d answers: fires is %v, p %v", total, got.Fires(), got.P())
		}
	}
	check(0)
	check(119)
	check(1000, 8, 16, 32, 64)
	check(1023, 8, 16, 32, 64)
	check(40000, 16, 32, 64, 128, 256, 512, 1024, 2048)
}

func TestRoundRobinOfOneVersion(t *testing.T) {
	var b Blocks
	for range 1000 {
		b.Add(3)
		b.Add(-1)
	}
	if got := b.RoundRobin(); len(got.Levels) != 0 || got.P() != 1 || got.Fires() {
		t.Errorf("a single version: %+v", got)
	}
}

// Rotation with errors in between still shows: an error takes a place but no
// turn.
func TestRoundRobinWithErrors(t *testing.T) {
	var b Blocks
	src := rand.New(rand.NewPCG(2, 2))
	turn := 0
	for range 1000 {
		if src.IntN(20) == 0 {
			b.Add(-1)
			continue
		}
		b.Add(turn % 2)
		turn++
	}
	if got := b.RoundRobin(); !got.Fires() {
		t.Errorf("p = %v", got.P())
	}
}
