package stats

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// ErrorsBorne is where PlaceErrors turns: that many errors are harmless, one
// more is not.
func TestErrorsBorne(t *testing.T) {
	check := func(weights []float64, n int64, o TestOptions) {
		t.Helper()
		borne, err := ErrorsBorne(weights, n, .01)
		if err != nil {
			t.Fatal(err)
		}
		null, _ := shares(weights)
		for _, errors := range []int64{borne, borne + 1} {
			placed, err := PlaceErrors(proportional(n-errors, null), weights, errors, .01, o)
			if err != nil {
				t.Fatal(err)
			}
			if placed.Robust != (errors <= borne) {
				t.Errorf("%v, %d answers: %d errors borne, and with %d of them p goes from %v to %v",
					weights, n, borne, errors, placed.Base.P, placed.Worst.P)
			}
		}
	}
	check([]float64{90, 10}, 1000, TestOptions{})
	check([]float64{50, 50}, 1000, TestOptions{})
	check([]float64{99, 1}, 1000, TestOptions{})
	check([]float64{99, 1}, 10000, TestOptions{})
	check([]float64{10, 30, 60}, 1000, TestOptions{Kind: ChiSquare})
	check(fiveEqual, 2000, TestOptions{Kind: ChiSquare})
}

func TestErrorsBorneEdges(t *testing.T) {
	check := func(what string, weights []float64, n, want int64) {
		t.Helper()
		got, err := ErrorsBorne(weights, n, .01)
		if err != nil || got != want {
			t.Errorf("%s: %d, %v, want %d", what, got, err, want)
		}
	}
	check("nothing sent", []float64{90, 10}, 0, 0)
	check("one answer", []float64{90, 10}, 1, 0)
	check("one version", []float64{3}, 100, 99)
	check("a weight of 0", []float64{90, 0, 10}, 1000, 27)
	check("a version too rare for any error", []float64{999999, 1}, 1000, 0)
	if _, err := ErrorsBorne([]float64{1, 1}, 10, 1); err == nil {
		t.Error("alpha of 1: no error")
	}
	if _, err := ErrorsBorne([]float64{0}, 10, .01); err == nil {
		t.Error("no positive weight: no error")
	}
}

func TestProportional(t *testing.T) {
	check := func(n int64, weights []float64, want ...int64) {
		t.Helper()
		null, _ := shares(weights)
		if diff := cmp.Diff(want, proportional(n, null)); diff != "" {
			t.Errorf("%d over %v (-want +got):\n%s", n, weights, diff)
		}
	}
	check(1000, []float64{90, 10}, 900, 100)
	check(1001, []float64{90, 10}, 901, 100)
	check(10, []float64{1, 1, 1}, 4, 3, 3)
	check(2, []float64{1, 2, 4}, 0, 1, 1)
	check(0, []float64{1, 1}, 0, 0)
}
