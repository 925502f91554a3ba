package stats

import (
	"math/rand/v2"
	"testing"
)

// A count is in the band where the confidence sequence of that count holds the declared share.
func TestBandInvertsTheConfidenceSequence(t *testing.T) {
	for _, weights := range [][]float64{{90, 10}, {50, 50}, {99.9, 0.1}, {10, 30, 60}} {
		shares, err := sharesOf(make([]int64, len(weights)), weights, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range []int64{1, 2, 17, 1000} {
			for hits := int64(0); hits <= n; hits += 1 + n/100 {
				counts := make([]int64, len(weights))
				counts[0], counts[1] = hits, n-hits
				sequence, err := ConfidenceSequence(counts, weights, 0.01)
				if err != nil {
					t.Fatal(err)
				}
				band := Band(n, shares[0], len(weights), 0.01)
				seen := float64(hits) / float64(n)
				inside := band.Low <= seen && seen <= band.High
				holds := sequence[0].Low <= shares[0] && shares[0] <= sequence[0].High
				if inside != holds {
					t.Errorf("%v: %d of %d: in the band %v is %t, but %v holds the share: %t", weights, hits, n, band, inside, sequence[0], holds)
				}
			}
		}
	}
}

func TestBandAtItsEdges(t *testing.T) {
	check := func(answers int64, share float64, want Interval) {
		t.Helper()
		if got := Band(answers, share, 2, 0.01); got != want {
			t.Errorf("%d answers, share %v: %v, want %v", answers, share, got, want)
		}
	}
	check(0, 0.5, Interval{0, 1})
	check(1, 0.5, Interval{0, 1})
	check(1000, 0, Interval{0, 0})
	check(1000, 1, Interval{1, 1})
	if b := Band(10_000_000_000, 0.1, 2, 0.01); b.Low < 0.0999 || b.High > 0.1001 || b.Low >= 0.1 || b.High <= 0.1 {
		t.Errorf("after ten thousand million answers: %v", b)
	}
}

// Of 400 working runs, 4 may leave a band at alpha .01; more than 16 have probability below 1e-6, and the seed is fixed.
func TestBandHoldsAllAlong(t *testing.T) {
	const runs, answers = 400, 1000
	bands := make([]Interval, answers+1)
	for n := range bands {
		bands[n] = Band(int64(n), 0.1, 2, 0.01)
	}
	random := rand.New(rand.NewPCG(1, 2))
	left := 0
	for range runs {
		hits := 0
		for n := 1; n <= answers; n++ {
			if random.Float64() < 0.1 {
				hits++
			}
			if seen := float64(hits) / float64(n); seen < bands[n].Low || seen > bands[n].High {
				left++
				break
			}
		}
	}
	if left > 16 {
		t.Errorf("%d of %d working runs left the band", left, runs)
	}
}
