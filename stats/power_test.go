package stats

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

func mustPower(t *testing.T, n int64, from, to []float64, alpha float64) float64 {
	t.Helper()
	power, err := Power(n, from, to, alpha)
	if err != nil {
		t.Fatal(err)
	}
	return power
}

// Exact powers: sums of scipy.stats.binom.pmf over the counts that binomtest
// rejects; approximate ones: the integral by scipy.integrate.quad. SciPy 1.17.1.
func TestPowerReferenceValues(t *testing.T) {
	check := func(n int64, from, to []float64, want, tolerance float64) {
		t.Helper()
		within(t, "power", mustPower(t, n, from, to, .01), want, tolerance)
	}
	check(1000, []float64{90, 10}, []float64{86, 14}, .92282303951, 1e-9)
	check(1968, []float64{99, 1}, []float64{98, 2}, .9004042868, 1e-9)
	check(349, []float64{.6, .3, .1}, []float64{.5, .4, .1}, .88839798, 1e-8)
	check(202, []float64{1, 1, 1, 1, 1}, []float64{1, 3, 2, 2, 2}, .90048910, 1e-8)
	check(3093, []float64{91, 1, 1, 1, 1, 1, 1, 1, 1, 1}, []float64{90, 2, 1, 1, 1, 1, 1, 1, 1, 1}, .900021545, 1e-8)
}

// The closed form that two versions start from; SciPy 1.17.1.
func TestApproximatePowerOfTwoVersions(t *testing.T) {
	check := func(n int64, p, q, wantSquared, wantRatio, want float64) {
		t.Helper()
		null, alternative := []float64{1 - p, p}, []float64{1 - q, q}
		w, ratio := effect(null, alternative)
		within(t, "w²", w*w, wantSquared, 1e-9)
		within(t, "ρ", ratio, wantRatio, 1e-9)
		d := detector{n: n, null: null, critical: chiSquareCritical(.01, 1)}
		within(t, "power", d.approximatePower(alternative), want, 1e-9)
	}
	check(1000, .1, .14, .01777777777778, 1.33777777777778, .92196125679)
	check(1474, .01, .02, .010101010101, 1.9797979798, .819033988243)
}

func TestPowerEdges(t *testing.T) {
	check := func(what string, got, want float64) {
		t.Helper()
		within(t, what, got, want, 1e-9)
	}
	check("no answers", mustPower(t, 0, []float64{1, 1}, []float64{1, 0}, .01), 0)
	check("one version", mustPower(t, 100, []float64{1}, []float64{5}, .01), 0)
	check("three, nothing moved", mustPower(t, 100, []float64{1, 1, 1}, []float64{2, 2, 2}, .01), .01)
	check("only an intruder", mustPower(t, 1, []float64{1, 0}, []float64{0, 1}, .01), 1)
	check("an intruder beside one version", mustPower(t, 20, []float64{1, 0}, []float64{.9, .1}, .01), 1-math.Pow(.9, 20))
	size := mustPower(t, 1000, []float64{90, 10}, []float64{90, 10}, .01)
	if size > .01 || size < .005 {
		t.Errorf("real size %v, want at most .01 and not far below", size)
	}
	without := mustPower(t, 300, []float64{90, 10}, []float64{80, 20}, .01)
	with := mustPower(t, 300, []float64{90, 10, 0}, []float64{80, 20, .1}, .01)
	if with <= without {
		t.Errorf("power %v with an intruder, %v without", with, without)
	}
}

// A dead version is noticed from this many answers on: the exact test of
// binomtest(0, n, p), SciPy 1.17.1.
func TestDeadVersion(t *testing.T) {
	check := func(percent float64, alpha float64, first int64) {
		t.Helper()
		from, to := []float64{100 - percent, percent}, []float64{1, 0}
		if before, at := mustPower(t, first-1, from, to, alpha), mustPower(t, first, from, to, alpha); before != 0 || at != 1 {
			t.Errorf("share of %v%% at alpha %v: power %v at %d answers, then %v", percent, alpha, before, first-1, at)
		}
	}
	check(10, .01, 50)
	check(5, .01, 107)
	check(1, .01, 530)
	check(10, .001, 73)
	check(5, .001, 153)
	check(1, .001, 757)
}

// The approximation promises Pearson's test at three versions or more. Its
// power is simulated at a fixed seed; ±.015 is more than six standard errors
// plus what the approximation may be off by.
func TestApproximatePowerIsReached(t *testing.T) {
	const repetitions = 40000
	check := func(n int64, from, to []float64) {
		t.Helper()
		null, err := shares(from)
		if err != nil {
			t.Fatal(err)
		}
		q, err := shares(to)
		if err != nil {
			t.Fatal(err)
		}
		draw := sampler{n: n, shares: q, rest: suffixSums(q), src: rand.NewPCG(3, uint64(n))}
		critical := chiSquareCritical(.01, float64(len(null)-1))
		counts := make([]int64, len(null))
		noticed := 0
		for range repetitions {
			draw.draw(counts)
			if (tally{counts: counts, shares: null, n: n}).chiSquare() >= critical {
				noticed++
			}
		}
		power := mustPower(t, n, from, to, .01)
		if got := float64(noticed) / repetitions; math.Abs(got-power) > .015 {
			t.Errorf("%v to %v, %d answers: %v noticed, %v promised", from, to, n, got, power)
		}
	}
	check(361, []float64{10, 30, 60}, []float64{20, 20, 60})
	check(361, []float64{10, 30, 60}, []float64{10, 40, 50})
	check(202, []float64{1, 1, 1, 1, 1}, []float64{1, 3, 2, 2, 2})
	check(3093, []float64{91, 1, 1, 1, 1, 1, 1, 1, 1, 1}, []float64{90, 2, 1, 1, 1, 1, 1, 1, 1, 1})
}

func TestPowerErrors(t *testing.T) {
	check := func(n int64, from, to []float64, alpha float64, want string) {
		t.Helper()
		if _, err := Power(n, from, to, alpha); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Power(%d, %v, %v, %v): error %v, want %q", n, from, to, alpha, err, want)
		}
	}
	even := []float64{1, 1}
	check(-1, even, even, .01, "-1 requests")
	check(math.MaxInt64, even, even, .01, "requests")
	check(1, even, even, 0, "alpha is 0")
	check(1, even, []float64{1}, .01, "2 weights against 1")
	check(1, []float64{0, 0}, even, .01, "none of 2 weights")
	check(1, even, []float64{-1, 1}, .01, "weight 0 is -1")
}
