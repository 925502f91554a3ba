package stats

import (
	"math"
	"testing"
)

// Λ by SciPy 1.17.1.
func TestExplainReferenceValues(t *testing.T) {
	check := func(counts []int64, want float64) {
		t.Helper()
		got, err := Explain(counts, []float64{90, 10}, []Alternative{{"equal", []float64{1, 1}}}, TestOptions{})
		if err != nil {
			t.Fatal(err)
		}
		within(t, "Λ", got[0].LogRatio, want, 1e-9)
	}
	check([]int64{503, 497}, 504.233950034)
	check([]int64{903, 97}, -374.655880901)
}

func TestExplainNames(t *testing.T) {
	alternatives := []Alternative{
		{"swapped", []float64{10, 90}},
		{"equal", []float64{1, 1}},
		{"only the first", []float64{1, 0}},
		{"endpoints 10:11", []float64{10, 11}},
	}
	check := func(counts []int64, intruders int64, want ...string) {
		t.Helper()
		got, err := Explain(counts, []float64{90, 10}, alternatives, TestOptions{Intruders: intruders})
		if err != nil {
			t.Fatal(err)
		}
		var named []string
		for i, e := range got {
			if e.Named {
				named = append(named, e.Name)
			}
			if i > 0 && e.LogRatio > got[i-1].LogRatio {
				t.Errorf("%v: not sorted: %+v", counts, got)
			}
		}
		if len(named) != len(want) {
			t.Fatalf("%v: %q, want %q", counts, named, want)
		}
		for i := range want {
			if named[i] != want[i] {
				t.Errorf("%v: %q, want %q", counts, named, want)
			}
		}
	}
	check([]int64{903, 97}, 0)
	check([]int64{110, 890}, 0, "swapped")
	check([]int64{503, 497}, 0, "equal", "endpoints 10:11")
	check([]int64{5300, 4700}, 0) // a multiple of neither
	check([]int64{5030, 4970}, 0, "equal")
	check([]int64{5030, 4970}, 1)
	check([]int64{1000, 0}, 0, "only the first")
	check([]int64{60, 0}, 0) // likely enough with the weights
}

func TestExplainErrors(t *testing.T) {
	one := []Alternative{{"equal", []float64{1, 1}}}
	if _, err := Explain([]int64{1}, []float64{1, 1}, one, TestOptions{}); err == nil {
		t.Error("one count for two weights: no error")
	}
	if _, err := Explain([]int64{0, 0}, []float64{1, 1}, one, TestOptions{}); err != ErrNoAnswers {
		t.Errorf("no answers: %v", err)
	}
	if _, err := Explain([]int64{1, 1}, []float64{1, 1}, []Alternative{{"bad", []float64{1}}}, TestOptions{}); err == nil {
		t.Error("an alternative of one weight for two: no error")
	}
}

// For two versions the smallest numbers with an exact power of .9, from trying
// all; for three that of the approximation.
func TestSeparate(t *testing.T) {
	check := func(weights, alternative []float64, required int64) {
		t.Helper()
		got, err := Separate(weights, alternative, 1000, 0.01)
		if err != nil {
			t.Fatal(err)
		}
		if got.Required != required {
			t.Errorf("%v against %v: %+v, want %d", weights, alternative, got, required)
		}
		if got.Same != (required == 0) {
			t.Errorf("%v against %v: same is %v", weights, alternative, got.Same)
		}
		if at, _ := Power(got.Required, weights, alternative, 0.01); required > 0 && at < 0.9 {
			t.Errorf("%v against %v: power %v at %d", weights, alternative, at, got.Required)
		}
	}
	check([]float64{50, 50}, []float64{2, 3}, 373)
	check([]float64{50, 50}, []float64{1, 2}, 133)
	check([]float64{90, 10}, []float64{1, 1}, 14)
	check([]float64{90, 10}, []float64{8, 1}, 11215)
	check([]float64{20, 80}, []float64{1, 3}, 1013)
	check([]float64{10, 30, 60}, []float64{1, 3, 5}, 2136)
	check([]float64{50, 50}, []float64{3, 3}, 0)
	check([]float64{10, 30, 60}, []float64{1, 3, 6}, 0)
	if got, _ := Separate([]float64{90, 10}, []float64{1, 1}, 12, 0.01); got.Power >= 0.9 {
		t.Errorf("power at 12: %v", got.Power)
	}
	if _, err := Separate([]float64{1, 1}, []float64{1}, 10, 0.01); err == nil {
		t.Error("one weight against two: no error")
	}
	if got, _ := Separate([]float64{1, 0}, []float64{1, 1}, 10, 0.01); math.Abs(got.Power-1) > 0.01 || got.Required > 10 {
		t.Errorf("a version that the weights rule out: %+v", got)
	}
}
