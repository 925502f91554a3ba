package stats

import (
	"math"
	"testing"
)

// Values of SciPy 1.17.1 by scipy.stats.chi2.sf(x, df).
func TestChiSquareSurvival(t *testing.T) {
	check := func(x, df, want float64) {
		t.Helper()
		within(t, "chi2.sf", chiSquareSurvival(x, df), want, 1e-11)
	}
	check(13.8, 2, .00100778542905)
	check(50, 63, .882679692399)
	check(1000, 1, 1.7958327848e-219)
	check(0, 3, 1)
	check(math.Inf(1), 3, 0)
	check(0, 0, 1)
	check(1, 0, 0)
}

func TestChiSquareCritical(t *testing.T) {
	// scipy.stats.chi2.isf(1e-6, 1), SciPy 1.17.1
	within(t, "chi2.isf", chiSquareCritical(1e-6, 1), 23.92812697693, 1e-12)
	for _, alpha := range []float64{.05, .01, 1e-9, 1e-100} {
		within(t, "survival of the critical value", chiSquareSurvival(chiSquareCritical(alpha, 4), 4), alpha, 1e-10)
	}
}

func TestBinomialTails(t *testing.T) {
	// scipy.stats.binom.sf(499, 1000, .1), binom.cdf(97, 1000, .15) and
	// binom.sf(96, 1000, .05), SciPy 1.17.1
	within(t, "P(X ≥ 500)", binomialUpper(500, 1000, .1), 4.0188255e-224, 1e-7)
	within(t, "P(X ≤ 97)", binomialLower(97, 1000, .15), 4.66087364366e-07, 1e-11)
	within(t, "P(X ≥ 97)", binomialUpper(97, 1000, .05), 7.85257028693e-10, 1e-11)

	check := func(what string, got, want float64) {
		t.Helper()
		if got != want {
			t.Errorf("%s = %v, want %v", what, got, want)
		}
	}
	check("P(X ≥ 0)", binomialUpper(0, 5, .5), 1)
	check("P(X ≥ n+1)", binomialUpper(6, 5, .5), 0)
	check("P(X ≤ −1)", binomialLower(-1, 5, .5), 0)
	check("P(X ≤ n)", binomialLower(5, 5, .5), 1)
	for _, x := range []int64{1, 5} {
		check("P(X ≥ x) at p = 0", binomialUpper(x, 5, 0), 0)
		check("P(X ≥ x) at p = 1", binomialUpper(x, 5, 1), 1)
	}
	check("P(X ≤ 4) at p = 0", binomialLower(4, 5, 0), 1)
	check("P(X ≤ 4) at p = 1", binomialLower(4, 5, 1), 0)
}

func TestLogSumExp(t *testing.T) {
	within(t, "of two large", logSumExp(1000, 1000), 1000+math.Ln2, 1e-15)
	within(t, "of unequal", logSumExp(math.Log(3), math.Log(4)), math.Log(7), 1e-15)
	if got := logSumExp(); !math.IsInf(got, -1) {
		t.Errorf("of nothing = %v, want -Inf", got)
	}
	if got := logSumExp(math.Inf(-1), 2); got != 2 {
		t.Errorf("of -Inf and 2 = %v, want 2", got)
	}
	if got := logSumExp(math.Inf(1), 2); !math.IsInf(got, 1) {
		t.Errorf("of +Inf and 2 = %v, want +Inf", got)
	}
}
