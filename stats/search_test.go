package stats

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

func TestSearch(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		low := rapid.Int64Range(-5, 5).Draw(t, "low")
		high := low + rapid.Int64Range(0, 1000).Draw(t, "range")
		first := rapid.Int64Range(low, high).Draw(t, "first")
		guess := rapid.Int64Range(low-10, high+10).Draw(t, "guess")
		asked := 0
		got := search(low, high, guess, func(x int64) bool {
			if asked++; x < low || x >= high {
				t.Fatalf("asked about %d, which is not in [%d, %d)", x, low, high)
			}
			return x >= first
		})
		if got != first {
			t.Errorf("got %d, want %d", got, first)
		}
		if off := math.Abs(float64(first - guess)); asked > 3+2*int(math.Log2(off+1)) {
			t.Errorf("asked %d times with a guess off by %v", asked, off)
		}
	})
}

func TestCrossing(t *testing.T) {
	check := func(what string, low, high, want float64, most int, f func(float64) float64) {
		t.Helper()
		asked := 0
		got := crossing(low, high, func(x float64) float64 { asked++; return f(x) })
		if math.Abs(got-want) > 2e-13*high || f(got) < 0 {
			t.Errorf("%s: got %v, want %v", what, got, want)
		}
		if asked > most {
			t.Errorf("%s: asked %d times, want at most %d", what, asked, most)
		}
	}
	check("a line", 0, 1, .3, 6, func(x float64) float64 { return x - .3 })
	check("a cube", 0, 2, math.Cbrt(.3), 20, func(x float64) float64 { return x*x*x - .3 })
	check("a step", 0, 1, .7, 120, func(x float64) float64 {
		if x < .7 {
			return -1
		}
		return 1
	})
	check("flat before a steep end", 0, 1, math.Pow(.5, .01), 60, func(x float64) float64 { return math.Pow(x, 100) - .5 })
}
