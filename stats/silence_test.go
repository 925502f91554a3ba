package stats

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSilenceRequired(t *testing.T) {
	check := func(weights []float64, alpha float64, want ...int64) {
		t.Helper()
		got, err := SilenceRequired(weights, alpha, .9)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%v at %v (-want +got):\n%s", weights, alpha, diff)
		}
	}
	// Values of scipy.stats.binomtest(0, n, p) for all n up to 2000.
	check([]float64{90, 10}, .01, 3, 50)
	check([]float64{95, 5}, .01, 2, 107)
	check([]float64{99, 1}, .01, 2, 530)
	check([]float64{90, 10}, .001, 4, 73)
	check([]float64{95, 5}, .001, 3, 153)
	check([]float64{99, 1}, .001, 2, 757)
	check([]float64{50, 50}, .01, 8, 8)
	check([]float64{9, 0, 1}, .01, 3, 0, 50)
	check([]float64{1}, .01, 0)
}

// From the number on, and with two versions never before it, a silent version
// is noticed.
func TestSilenceRequiredIsEnough(t *testing.T) {
	for _, share := range []float64{.5, .3, .1, .07, .05, .01} {
		required, err := SilenceRequired([]float64{1 - share, share}, .01, .9)
		if err != nil {
			t.Fatal(err)
		}
		for n := required[1] - 1; n < 2*required[1]; n++ {
			fit, err := Test([]int64{n, 0}, []float64{1 - share, share}, TestOptions{})
			if err != nil {
				t.Fatal(err)
			}
			if fit.Rejects(.01) != (n >= required[1]) {
				t.Errorf("share %v, required %d: p is %v at %d", share, required[1], fit.P, n)
			}
		}
	}
}

// With more versions the number is near that at which the test has the power;
// with half of it the test does not.
func TestSilenceRequiredOfMany(t *testing.T) {
	t.Parallel()
	check := func(weights []float64, silent int) {
		t.Helper()
		required, err := SilenceRequired(weights, .01, .9)
		if err != nil {
			t.Fatal(err)
		}
		n := required[silent]
		if rate := noticedSilence(t, weights, silent, n); rate < .85 {
			t.Errorf("%v: the silence of version %d is noticed by %v of the runs of %d, want .9", weights, silent, rate, n)
		}
		if rate := noticedSilence(t, weights, silent, n/2); rate > .5 {
			t.Errorf("%v: the silence of version %d is noticed by %v of the runs of %d, half of what is required", weights, silent, rate, n/2)
		}
	}
	check([]float64{10, 30, 60}, 0)
	check([]float64{10, 30, 60}, 1)
	check([]float64{94, 3, 3}, 1)
}

// noticedSilence returns the part of simulated runs of n answers without one
// version that the test rejects.
func noticedSilence(t *testing.T, weights []float64, silent int, n int64) float64 {
	t.Helper()
	const runs = 200
	truth := slices.Clone(weights)
	truth[silent] = 0
	q, _ := shares(truth)
	src := rand.New(rand.NewPCG(32, uint64(n)))
	noticed := 0
	for range runs {
		counts := make([]int64, len(q))
		for range n {
			counts[draw(src, q)]++
		}
		fit, err := Test(counts, weights, TestOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if fit.Rejects(.01) {
			noticed++
		}
	}
	return float64(noticed) / runs
}

func TestSilenceRequiredErrors(t *testing.T) {
	check := func(what string, weights []float64, alpha, power float64) {
		t.Helper()
		if _, err := SilenceRequired(weights, alpha, power); err == nil {
			t.Errorf("%s: no error", what)
		}
	}
	check("alpha of 0", []float64{1, 1}, 0, .9)
	check("power of 1", []float64{1, 1}, .01, 1)
	check("no positive weight", []float64{0, 0}, .01, .9)
}
