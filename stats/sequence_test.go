package stats

import (
	"math"
	"testing"
)

// Closed forms by SciPy 1.17.1's betaln and root finding.
func TestConfidenceSequence(t *testing.T) {
	check := func(hits, misses, share, limit, low, high float64) {
		t.Helper()
		got := unrejected(hits, misses, share, limit)
		within(t, "low", got.Low, low, 1e-8)
		within(t, "high", got.High, high, 1e-8)
	}
	limit := math.Log(100)
	check(97, 903, 0.1, limit, .06627772655, .134919716)
	check(0, 1000, 0.1, limit, 0, .0069863125)
	check(10, 8, 0.1, limit, .17138177558, .89504470071)
}

func TestConfidenceSequenceShape(t *testing.T) {
	got, err := ConfidenceSequence([]int64{903, 97}, []float64{90, 10}, 0.01)
	if err != nil {
		t.Fatal(err)
	}
	within(t, "mirrored low", 1-got[0].High, got[1].Low, 1e-9)
	within(t, "mirrored high", 1-got[0].Low, got[1].High, 1e-9)
	within(t, "low", got[1].Low, .06627772655, 1e-8)

	none, err := ConfidenceSequence([]int64{0, 0, 0}, []float64{1, 2, 3}, 0.01)
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range none {
		if i != (Interval{0, 1}) {
			t.Errorf("without answers: %v, want [0, 1]", i)
		}
	}
	all, err := ConfidenceSequence([]int64{50, 0}, []float64{1, 0}, 0.01)
	if err != nil {
		t.Fatal(err)
	}
	if all[0].High != 1 || all[1].Low != 0 || all[0].Low < 0.8 || all[1].High > 0.2 {
		t.Errorf("all of one version: %v", all)
	}
	if _, err := ConfidenceSequence([]int64{1, 1}, []float64{1, 1}, 0); err == nil {
		t.Error("alpha 0: no error")
	}
	if _, err := ConfidenceSequence([]int64{1}, []float64{1, 1}, 0.01); err == nil {
		t.Error("one count for two weights: no error")
	}
}
