package stats

import (
	"math"
	"strings"
	"testing"
)

var (
	fiveEqual = []float64{1, 1, 1, 1, 1}
	oneOfTen  = []float64{91, 1, 1, 1, 1, 1, 1, 1, 1, 1}
)

func mustRequire(t *testing.T, weights []float64, shift, alpha float64, limit int64) int64 {
	t.Helper()
	n, err := Required(weights, shift, alpha, .9, limit)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestRequiredReferenceValues(t *testing.T) {
	check := func(weights []float64, shift float64, at01, at001 int64) {
		t.Helper()
		if got := mustRequire(t, weights, shift, .01, 0); got != at01 {
			t.Errorf("%v, shift %v at .01: %d, want %d", weights, shift, got, at01)
		}
		if got := mustRequire(t, weights, shift, .001, 0); got != at001 {
			t.Errorf("%v, shift %v at .001: %d, want %d", weights, shift, got, at001)
		}
	}
	check([]float64{50, 50}, .1, 373, 520)
	check([]float64{90, 10}, .1, 177, 243)
	check([]float64{95, 5}, .05, 379, 522)
	check([]float64{99, 1}, .01, 1968, 2739)
	check([]float64{99.9, .1}, .001, 19711, 27982)
	check([]float64{10, 30, 60}, .1, 361, 491)
	check(fiveEqual, .1, 202, 271)
	check(oneOfTen, .01, 3093, 3962)
	// At 0.8 alpha, for the last test of a sequential check.
	if got := mustRequire(t, []float64{99, 1}, .01, .008, 0); got != 2023 {
		t.Errorf("99/1 at .008: %d, want 2023", got)
	}
}

// Against two versions of a normal split, the test must reach the power at the
// very number that Required names.
func TestRequiredIsEnough(t *testing.T) {
	for _, weights := range [][]float64{{50, 50}, {75, 25}, {90, 10}, {97, 3}, {99, 1}, {99.5, .5}} {
		shift := weights[1] / 100
		n := mustRequire(t, weights, shift, .01, 0)
		for _, to := range [][]float64{{weights[0] + 100*shift, weights[1] - 100*shift}, {weights[0] - 100*shift, weights[1] + 100*shift}} {
			if power := mustPower(t, n, weights, to, .01); power < .9 {
				t.Errorf("%v to %v: power %v at n = %d", weights, to, power, n)
			}
		}
	}
}

func TestRequiredEdges(t *testing.T) {
	check := func(what string, got, want int64) {
		t.Helper()
		if got != want {
			t.Errorf("%s: %d, want %d", what, got, want)
		}
	}
	check("limited, two versions", mustRequire(t, []float64{99.9, .1}, .001, .01, 10000), 10000)
	check("limited, three versions", mustRequire(t, []float64{10, 30, 60}, .1, .01, 300), 300)
	check("limit of one", mustRequire(t, []float64{10, 30, 60}, .1, .01, 1), 1)
	check("one version", mustRequire(t, []float64{100}, .1, .01, 0), 22)
	check("one version, all traffic", mustRequire(t, []float64{100}, 1, .01, 0), 1)
	check("one version, limited", mustRequire(t, []float64{100}, .001, .01, 100), 100)
	check("a weight of 0", mustRequire(t, []float64{90, 0, 10}, .1, .01, 0), 177)
	// Rounding must not make the largest share too small for itself.
	check("the whole of either half", mustRequire(t, []float64{.1, .1}, .5, .01, 0), mustRequire(t, []float64{7, 7}, .5, .01, 0))
	if n := mustRequire(t, []float64{999999, 1}, 1e-6, .01, 0); n < 15e6 || n > 25e6 {
		t.Errorf("one in a million: %d, want about 20 million", n)
	}
}

func TestRequiredErrors(t *testing.T) {
	check := func(weights []float64, shift, alpha, power float64, limit int64, want string) {
		t.Helper()
		if _, err := Required(weights, shift, alpha, power, limit); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Required(%v, %v, %v, %v, %d): error %v, want %q", weights, shift, alpha, power, limit, err, want)
		}
	}
	even := []float64{1, 1}
	check(even, .1, 0, .9, 0, "alpha is 0")
	check(even, .1, .01, 1, 0, "power is 1")
	check(even, .1, .01, .9, -1, "-1 requests")
	check(even, 0, .01, .9, 0, "a shift of 0")
	check(even, math.NaN(), .01, .9, 0, "a shift of NaN")
	check(even, .6, .01, .9, 0, "at most 0.5")
	check([]float64{0, 0}, .1, .01, .9, 0, "none of 2 weights")
}

// Exact shifts: the smallest at which the exact power, by scipy.stats.binom,
// is .9; N = 1000, alpha = .01. SciPy 1.17.1, points of two decimals.
func TestDetectableShiftReferenceValues(t *testing.T) {
	check := func(weights []float64, points float64) {
		t.Helper()
		shift, err := DetectableShift(weights, 1000, .01, .9)
		if err != nil {
			t.Fatal(err)
		}
		if math.Abs(100*shift-points) > .00501 {
			t.Errorf("%v: %v points, want %v", weights, 100*shift, points)
		}
	}
	check([]float64{50, 50}, 6.16)
	check([]float64{90, 10}, 3.84)
	check([]float64{95, 5}, 2.94)
	check([]float64{99, 1}, 1.47)
	check([]float64{1, 99}, 1.47)
	check([]float64{1, 0, 99}, 1.47)
}

func TestDetectableShiftOfOneVersion(t *testing.T) {
	check := func(n int64, want float64) {
		t.Helper()
		shift, err := DetectableShift([]float64{5}, n, .01, .9)
		if err != nil {
			t.Fatal(err)
		}
		within(t, "shift", shift, want, 1e-7)
	}
	check(20, .10874906) // 1 − 0.1^(1/N)
	check(100, .022762779)
	check(1000, .0022999362)
	check(10000, .00023023200)
}

// What is required to notice a shift must be about what notices it.
func TestDetectableShiftInvertsRequired(t *testing.T) {
	for _, weights := range [][]float64{{50, 50}, {90, 10}, {10, 30, 60}, fiveEqual} {
		n := mustRequire(t, weights, .05, .01, 0)
		shift, err := DetectableShift(weights, n, .01, .9)
		if err != nil {
			t.Fatal(err)
		}
		if shift > .05+1e-9 || shift < .048 {
			t.Errorf("%v: %d answers required for .05 notice %v", weights, n, shift)
		}
	}
}

func TestNothingIsDetectable(t *testing.T) {
	for _, weights := range [][]float64{{50, 50}, {99, 1}, {1, 1, 1}} {
		for _, n := range []int64{0, 1} {
			shift, err := DetectableShift(weights, n, .001, .9)
			if err != nil {
				t.Fatal(err)
			}
			if !math.IsInf(shift, 1) {
				t.Errorf("%v, %d answers: shift %v, want +Inf", weights, n, shift)
			}
		}
	}
}

func TestDetectableShiftErrors(t *testing.T) {
	check := func(weights []float64, n int64, alpha, power float64, want string) {
		t.Helper()
		if _, err := DetectableShift(weights, n, alpha, power); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("DetectableShift(%v, %d, %v, %v): error %v, want %q", weights, n, alpha, power, err, want)
		}
	}
	check([]float64{1, 1}, -1, .01, .9, "-1 requests")
	check([]float64{1, 1}, 1, 2, .9, "alpha is 2")
	check([]float64{1, 1}, 1, .01, 0, "power is 0")
	check([]float64{-1, 1}, 1, .01, .9, "weight 0 is -1")
}

func TestDefaults(t *testing.T) {
	check := func(weights []float64, sufficient, requests int64) {
		t.Helper()
		n, err := Sufficient(weights, .01)
		if err != nil {
			t.Fatal(err)
		}
		def, err := DefaultRequests(weights, .01)
		if err != nil {
			t.Fatal(err)
		}
		if n != sufficient || def != requests {
			t.Errorf("%v: sufficient %d, default %d, want %d and %d", weights, n, def, sufficient, requests)
		}
	}
	check([]float64{50, 50}, 373, 1000)
	check([]float64{90, 10}, 177, 1000)
	check([]float64{95, 5}, 379, 1000)
	check([]float64{99, 1}, 1968, 1968)
	check([]float64{99.9, .1}, 10000, 10000)
	check([]float64{10, 30, 60}, 361, 1000)
	check(fiveEqual, 202, 1000)
	check(oneOfTen, 3093, 3093)
	check([]float64{100, 0}, 22, 1000)

	if n, err := DefaultRequests(nil, .01); err == nil {
		t.Errorf("no weights: %d requests, want an error", n)
	}
}
