package stats

import (
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func mustPlace(t *testing.T, counts []int64, weights []float64, errors int64, o TestOptions) Placement {
	t.Helper()
	p, err := PlaceErrors(counts, weights, errors, .01, o)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// Values of SciPy 1.17.1: chisquare for three versions, binomtest for two.
func TestPlaceErrorsReferenceValues(t *testing.T) {
	three, two := []float64{10, 30, 60}, []float64{90, 10}
	check := func(counts []int64, weights []float64, errors int64, kind Kind, base, worst float64, placed ...int64) {
		t.Helper()
		p := mustPlace(t, counts, weights, errors, TestOptions{Kind: kind})
		within(t, "base p", p.Base.P, base, .006)
		within(t, "worst p", p.Worst.P, worst, 1e-3)
		got := make([]int64, len(counts))
		for k := range got {
			got[k] = counts[k] + p.Errors[k]
		}
		if diff := cmp.Diff(placed, got); diff != "" {
			t.Errorf("%v with %d errors (-want +got):\n%s", counts, errors, diff)
		}
		if p.Robust {
			t.Errorf("%v with %d errors: robust, want a placement that flips it", counts, errors)
		}
	}
	check([]int64{70, 250, 620}, three, 60, ChiSquare, .00047, .4346, 95, 285, 620)
	check([]int64{79, 264, 647}, three, 10, ChiSquare, .00199, .010026738, 88, 265, 647)
	check([]int64{870, 70}, two, 60, Auto, .00768502560832, 1, 900, 100)
}

func TestExtremesReferenceValues(t *testing.T) {
	check := func(counts []int64, weights []float64, errors int64, kind Kind, tolerance float64, want ...float64) {
		t.Helper()
		extremes, err := Extremes(counts, weights, errors)
		if err != nil {
			t.Fatal(err)
		}
		if len(extremes) != len(want) {
			t.Fatalf("%d extremes, want %d", len(extremes), len(want))
		}
		for i, placed := range extremes {
			within(t, "p", mustTest(t, placed, weights, TestOptions{Kind: kind}).P, want[i], tolerance)
		}
	}
	check([]int64{70, 250, 620}, []float64{10, 30, 60}, 60, ChiSquare, .05, .00012, .0067, 8e-7)
	check([]int64{79, 264, 647}, []float64{10, 30, 60}, 10, ChiSquare, .005, .00999, .00567, .00085)
	check([]int64{870, 70}, []float64{90, 10}, 60, Auto, 1e-9, .00106869414987, .00220172614486)
}

func TestErrorsDoNotFlip(t *testing.T) {
	check := func(what string, p Placement, rejects bool) {
		t.Helper()
		if !p.Robust || p.Base.Rejects(.01) != rejects || p.Worst.Rejects(.01) != rejects {
			t.Errorf("%s: %+v, want a robust verdict", what, p)
		}
	}
	split := []float64{90, 10}
	check("no errors", mustPlace(t, []int64{903, 97}, split, 0, TestOptions{}), false)
	check("a clear match", mustPlace(t, []int64{903, 97}, split, 5, TestOptions{}), false)
	check("a clear mismatch", mustPlace(t, []int64{503, 497}, split, 10, TestOptions{}), true)
	check("an intruder", mustPlace(t, []int64{903, 97}, split, 10, TestOptions{Intruders: 1}), true)
	check("one version", mustPlace(t, []int64{10}, []float64{1}, 5, TestOptions{}), false)
}

func TestErrorsFlipAMatch(t *testing.T) {
	p := mustPlace(t, []int64{988, 5}, []float64{99, 1}, 20, TestOptions{})
	if p.Robust || p.Base.Rejects(.01) || !p.Worst.Rejects(.01) {
		t.Fatalf("%+v, want a match that the errors flip", p)
	}
	if diff := cmp.Diff([]int64{0, 20}, p.Errors); diff != "" {
		t.Errorf("placement (-want +got):\n%s", diff)
	}
}

func TestErrorsNeverGoToImpossibleVersions(t *testing.T) {
	p := mustPlace(t, []int64{900, 0, 60}, []float64{90, 0, 10}, 40, TestOptions{})
	if p.Errors[1] != 0 || p.Errors[0]+p.Errors[2] != 40 {
		t.Errorf("placement %v, want 40 errors and none of them in the middle", p.Errors)
	}
	extremes, err := Extremes([]int64{1, 0, 1}, []float64{1, 0, 1}, 5)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([][]int64{{6, 0, 1}, {1, 0, 6}}, extremes); diff != "" {
		t.Errorf("extremes (-want +got):\n%s", diff)
	}
}

func TestManyErrorsArePlacedAtOnce(t *testing.T) {
	placed, err := Likeliest([]int64{870, 70}, []float64{90, 10}, 1e12)
	if err != nil {
		t.Fatal(err)
	}
	if placed[0]+placed[1] != 1e12+940 || math.Abs(float64(placed[0])/(1e12+940)-.9) > 1e-9 {
		t.Errorf("placed %v, want 9 to 1 of all", placed)
	}
}

func TestPlaceErrorsErrors(t *testing.T) {
	check := func(counts []int64, weights []float64, errors int64, alpha float64, want string) {
		t.Helper()
		if _, err := PlaceErrors(counts, weights, errors, alpha, TestOptions{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("PlaceErrors(%v, %v, %d, %v): error %v, want %q", counts, weights, errors, alpha, err, want)
		}
	}
	counts, weights := []int64{1, 1}, []float64{1, 1}
	check(counts, weights, -1, .01, "-1 answers")
	check(counts, weights, 1, 0, "alpha is 0")
	check(counts, []float64{1}, 1, .01, "2 counts for 1 weights")
	check([]int64{0, 0}, weights, 1, .01, "no answers")
	check(counts, weights, math.MaxInt64, .01, "more than")
}

// placements calls visit with every way to add errors to the counts.
func placements(counts []int64, errors int64, visit func([]int64)) {
	var place func(k int, left int64)
	placed := append([]int64(nil), counts...)
	place = func(k int, left int64) {
		if k == len(placed)-1 {
			placed[k] += left
			visit(placed)
			placed[k] -= left
			return
		}
		for e := range left + 1 {
			placed[k] += e
			place(k+1, left-e)
			placed[k] -= e
		}
	}
	place(0, errors)
}

// The verdict of PlaceErrors must be the one that trying every placement gives.
func TestPlaceErrorsAgainstAllPlacements(t *testing.T) {
	const alpha = .05
	rapid.Check(t, func(t *rapid.T) {
		versions := rapid.IntRange(2, 3).Draw(t, "versions")
		counts := rapid.SliceOfN(rapid.Int64Range(0, 25), versions, versions).Draw(t, "counts")
		weights := rapid.SliceOfN(rapid.Float64Range(1, 20), versions, versions).Draw(t, "weights")
		errors := rapid.Int64Range(0, 8).Draw(t, "errors")
		kind := rapid.SampledFrom([]Kind{Auto, ChiSquare}).Draw(t, "kind")
		counts[0]++
		got, err := PlaceErrors(counts, weights, errors, alpha, TestOptions{Kind: kind})
		if err != nil {
			t.Fatal(err)
		}
		robust := true
		placements(counts, errors, func(placed []int64) {
			fit, err := Test(placed, weights, TestOptions{Kind: kind})
			if err != nil {
				t.Fatal(err)
			}
			robust = robust && fit.Rejects(alpha) == got.Base.Rejects(alpha)
		})
		if got.Robust != robust {
			t.Fatalf("robust %t, trying all placements says %t; worst %+v", got.Robust, robust, got.Worst)
		}
	})
}
