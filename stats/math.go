package stats

import (
	"math"

	"gonum.org/v1/gonum/mathext"
)

// logSumExp returns ln Σ exp(x) without overflow; of nothing, −Inf.
func logSumExp(xs ...float64) float64 {
	top := math.Inf(-1)
	for _, x := range xs {
		top = math.Max(top, x)
	}
	if math.IsInf(top, 0) || math.IsNaN(top) {
		return top
	}
	var sum float64
	for _, x := range xs {
		sum += math.Exp(x - top)
	}
	return top + math.Log(sum)
}

// lgamma returns ln Γ(x) for x > 0.
func lgamma(x float64) float64 {
	y, _ := math.Lgamma(x)
	return y
}

// binomialUpper returns P(X ≥ x) for X ~ Binomial(n, p). It is an incomplete
// beta function, not 1−CDF, and so keeps its digits in the far tail.
func binomialUpper(x, n int64, p float64) float64 {
	switch {
	case x <= 0:
		return 1
	case x > n || p <= 0:
		return 0
	case p >= 1:
		return 1
	}
	return mathext.RegIncBeta(float64(x), float64(n-x+1), p)
}

// binomialLower returns P(X ≤ x) for X ~ Binomial(n, p), computed directly.
func binomialLower(x, n int64, p float64) float64 {
	switch {
	case x < 0:
		return 0
	case x >= n || p <= 0:
		return 1
	case p >= 1:
		return 0
	}
	return mathext.RegIncBeta(float64(n-x), float64(x+1), 1-p)
}

// chiSquareSurvival returns P(X > x) for a chi-square X with df degrees of
// freedom. With none X is 0. Results below 1e-306 underflow to 0.
func chiSquareSurvival(x, df float64) float64 {
	switch {
	case math.IsInf(x, 1):
		return 0
	case x <= 0:
		return 1
	case df <= 0:
		return 0
	}
	return mathext.GammaIncRegComp(df/2, x/2)
}

// chiSquareCritical returns the c with P(X > c) = alpha for a chi-square X
// with df > 0 degrees of freedom. Inverting the survival function, rather
// than asking for the 1−alpha quantile, keeps the digits of a small alpha.
func chiSquareCritical(alpha, df float64) float64 {
	return 2 * mathext.GammaIncRegCompInv(df/2, alpha)
}
