package stats

import (
	"sort"
)

// search returns the smallest x from low on for which ok holds, and high if
// none below does; ok must hold for every larger x as well. It looks around a
// guess first, and is quick when that is close.
func search(low, high, guess int64, ok func(int64) bool) int64 {
	guess = min(max(guess, low), high)
	if guess == high || ok(guess) {
		high = guess
		for step := int64(1); low < high; step *= 2 {
			x := max(low, high-step)
			if !ok(x) {
				low = x + 1
				break
			}
			high = x
		}
	} else {
		low = guess + 1
		for step := int64(1); low < high; step *= 2 {
			x := min(high-1, low+step-1)
			if ok(x) {
				high = x
				break
			}
			low = x + 1
		}
	}
	return low + int64(sort.Search(int(high-low), func(i int) bool { return ok(low + int64(i)) }))
}

// crossing returns the smallest x in (low, high] with f(x) ≥ 0, which is
// negative at low, not negative at high, and changes its sign once between.
//
// It is the false position in its Illinois variant, where the value at an end
// that stays for a second time counts half, so that both ends close in
// (Dowell, M. and Jarratt, P. (1971), A modified regula falsi method for
// computing the root of an equation, BIT 11). Whenever four steps have not
// halved the interval the next one does.
func crossing(low, high float64, f func(float64) float64) float64 {
	below, above := f(low), f(high)
	tolerance := 1e-13 * high
	var widths [4]float64
	for step, side := 0, 0; high-low > tolerance; step++ {
		x := low - below*(high-low)/(above-below)
		before := &widths[step%len(widths)]
		if slow := *before > 0 && high-low > *before/2; slow || x <= low || x >= high {
			x = low + (high-low)/2
		}
		*before = high - low
		switch y := f(x); {
		case y == 0:
			return x
		case y > 0:
			if high, above = x, y; side > 0 {
				below /= 2
			}
			side = 1
		default:
			if low, below = x, y; side < 0 {
				above /= 2
			}
			side = -1
		}
	}
	return high
}
