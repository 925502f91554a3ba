package stats

import (
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func mustIntervals(t *testing.T, alpha float64, counts ...int64) []Interval {
	t.Helper()
	intervals, err := Intervals(counts, alpha)
	if err != nil {
		t.Fatal(err)
	}
	return intervals
}

// Values of SciPy 1.17.1 by binomtest(x, n).proportion_ci(1-alpha, "exact"),
// alpha being that of one interval.
func TestIntervalReferenceValues(t *testing.T) {
	check := func(got Interval, low, high float64) {
		t.Helper()
		within(t, "low", got.Low, low, 1e-9)
		within(t, "high", got.High, high, 1e-9)
	}
	check(mustIntervals(t, .01, 97, 903)[0], .074364446767, .12356775404)
	check(mustIntervals(t, .01, 0, 1000)[0], 0, .0052843060395)
	check(mustIntervals(t, .01, 10, 990)[0], .0037267829242, .021276058754)
	check(mustIntervals(t, .01, 3, 8, 9)[0], .011940181952, .49091780835) // three versions: 1−.01/3
	check(mustIntervals(t, .01, 1)[0], .005, 1)
	check(mustIntervals(t, .01, 1000, 0)[0], .994715693961, 1)
	check(mustIntervals(t, .01, 100300, 899700)[0], .0995276250337, .101076180806)
}

func TestIntervalsWithoutAnswers(t *testing.T) {
	want := []Interval{{0, 1}, {0, 1}}
	if diff := cmp.Diff(want, mustIntervals(t, .01, 0, 0)); diff != "" {
		t.Errorf("no answers (-want +got):\n%s", diff)
	}
	if got := mustIntervals(t, .01); len(got) != 0 {
		t.Errorf("no versions: %v, want none", got)
	}
}

func TestIntervalErrors(t *testing.T) {
	check := func(alpha float64, want string, counts ...int64) {
		t.Helper()
		if _, err := Intervals(counts, alpha); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Intervals(%v, %v): error %v, want %q", counts, alpha, err, want)
		}
	}
	check(0, "alpha is 0", 1, 2)
	check(1, "alpha is 1", 1, 2)
	check(math.NaN(), "alpha is NaN", 1, 2)
	check(.01, "-1 answers", 1, -1)
	check(.01, "more than", math.MaxInt64, math.MaxInt64)
}

func TestTwoIntervalsAreMirrored(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		counts := rapid.SliceOfN(rapid.Int64Range(0, 5000), 2, 2).Draw(t, "counts")
		alpha := rapid.Float64Range(1e-4, .2).Draw(t, "alpha")
		i, err := Intervals(counts, alpha)
		if err != nil {
			t.Fatal(err)
		}
		if math.Abs(i[0].Low-(1-i[1].High)) > 1e-9 || math.Abs(i[0].High-(1-i[1].Low)) > 1e-9 {
			t.Fatalf("%v is not the mirror of %v", i[1], i[0])
		}
	})
}

// For two versions the coverage is computed, not simulated: the probability of
// all counts whose interval holds the true share.
func TestIntervalsCover(t *testing.T) {
	const alpha = .01
	for _, p := range []float64{.5, .1, .01, .003} {
		for _, n := range []int64{20, 100, 1000} {
			b := newBinomial(n, p, nil)
			var covered float64
			for x := range n + 1 {
				if i := mustIntervals(t, alpha, x, n-x)[0]; i.Low <= p && p <= i.High {
					covered += math.Exp(b.logPMF(x))
				}
			}
			if covered < 1-alpha-1e-9 {
				t.Errorf("share %v, %d answers: covered with probability %v", p, n, covered)
			}
		}
	}
}
