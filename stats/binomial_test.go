package stats

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

// The acceptance region against its definition: what the test does not reject.
func TestAcceptance(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Int64Range(1, 3000).Draw(t, "n")
		p := math.Pow(10, rapid.Float64Range(-4, 0).Draw(t, "log p")) * .999
		alpha := math.Pow(10, rapid.Float64Range(-12, -.3).Draw(t, "log alpha"))
		b := newBinomial(n, p, nil)
		low, high := b.acceptance(alpha)
		if low > b.mode() || high < b.mode() {
			t.Fatalf("accepted %d to %d, without the mode %d", low, high, b.mode())
		}
		if b.pValue(low) <= alpha || b.pValue(high) <= alpha {
			t.Errorf("accepted %d to %d, p %v and %v", low, high, b.pValue(low), b.pValue(high))
		}
		if low > 0 && b.pValue(low-1) > alpha || high < n && b.pValue(high+1) > alpha {
			t.Errorf("accepted %d to %d only, p %v and %v beyond", low, high, b.pValue(low-1), b.pValue(high+1))
		}
	})
}

// Equal halves are rejected on both sides or on neither, and a p-value of
// exactly alpha rejects here as it does in Test.
func TestAcceptanceOfTies(t *testing.T) {
	for _, n := range []int64{1, 2, 7, 10, 1000, 1001} {
		if low, high := newBinomial(n, .5, nil).acceptance(.01); low != n-high {
			t.Errorf("%d draws of halves: accepted %d to %d", n, low, high)
		}
	}
	b := newBinomial(1, .999, nil)
	if low, _ := b.acceptance(b.pValue(0)); low != 1 {
		t.Errorf("p = alpha: accepted from %d on", low)
	}
}

// A share that is 1 but for its rounding has an end of its region all the same, and so have draws beyond counting.
func TestAcceptanceAtTheEdges(t *testing.T) {
	for _, n := range []int64{1, 1010, 1e9, 1e15, 1 << 53} {
		for _, p := range []float64{0, 1e-300, 1e-18, .5, 1 - 1e-18, 1} {
			b := newBinomial(n, p, nil)
			if low, high := b.acceptance(.01); low > b.mode() || high < b.mode() {
				t.Errorf("%d draws of %v: accepted %d to %d, without the mode %d", n, p, low, high, b.mode())
			}
		}
	}
}
