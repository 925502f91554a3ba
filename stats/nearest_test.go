package stats

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// misfit is the likelihood ratio that Nearest makes as small as it can be.
func misfit(counts []int64, pi []float64) (g float64) {
	n := float64(sum(counts))
	for k, c := range counts {
		if c > 0 {
			g += float64(c) * math.Log(float64(c)/(n*pi[k]))
		}
	}
	return g
}

// Nearest is as good as the best of all counts within the limits, but for
// rounding to whole answers.
func TestNearestAgainstEnumeration(t *testing.T) {
	src := rand.New(rand.NewPCG(33, 0))
	for range 300 {
		pi := []float64{.1 + .8*src.Float64(), 0}
		pi[1] = 1 - pi[0]
		low := []int64{src.Int64N(60), src.Int64N(60)}
		high := []int64{low[0] + src.Int64N(30), low[1] + src.Int64N(30)}
		got, err := Nearest(low, high, pi)
		if err != nil {
			t.Fatal(err)
		}
		best := math.Inf(1)
		for a := low[0]; a <= high[0]; a++ {
			for b := low[1]; b <= high[1]; b++ {
				best = min(best, misfit([]int64{a, b}, pi))
			}
		}
		for k := range got {
			if got[k] < low[k] || got[k] > high[k] {
				t.Fatalf("%v is not between %v and %v", got, low, high)
			}
		}
		if g := misfit(got, pi); g > best+0.1 {
			t.Errorf("between %v and %v of %v: %v has %v, the best has %v", low, high, pi, got, g, best)
		}
	}
}

func TestNearestWithThreeVersions(t *testing.T) {
	got, err := Nearest([]int64{100, 200, 300}, []int64{100, 400, 700}, []float64{10, 30, 60})
	if want := []int64{100, 300, 600}; err != nil || !slices.Equal(got, want) {
		t.Errorf("%v, error %v, want %v", got, err, want)
	}
	got, err = Nearest([]int64{50, 50}, []int64{50, 50}, []float64{90, 10})
	if want := []int64{50, 50}; err != nil || !slices.Equal(got, want) {
		t.Errorf("without room %v, error %v, want %v", got, err, want)
	}
}

func TestCorners(t *testing.T) {
	got, err := Corners([]int64{1, 2}, []int64{3, 4}, []float64{1, 1})
	want := [][]int64{{3, 2}, {1, 4}, {1, 4}, {3, 2}}
	if err != nil || !slices.EqualFunc(got, want, slices.Equal) {
		t.Errorf("%v, error %v, want %v", got, err, want)
	}
	if _, err := Corners([]int64{5, 0}, []int64{3, 4}, []float64{1, 1}); err == nil {
		t.Error("a low above its high is accepted")
	}
	if _, err := Nearest([]int64{1}, []int64{1, 2}, []float64{1, 1}); err == nil {
		t.Error("one low for two weights is accepted")
	}
}
