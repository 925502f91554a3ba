package stats

import (
	"fmt"
	"math"
)

// Kind says which test decides.
type Kind string

const (
	// Auto chooses the most exact test that is affordable; see [Test].
	Auto Kind = "auto"
	// Exact never uses the chi-square approximation: where enumerating the
	// outcomes would take too long, it draws samples of them.
	Exact Kind = "exact"
	// ChiSquare always lets Pearson's approximation decide, even where it
	// rejects too often because few answers are expected of some version.
	ChiSquare Kind = "chi-square"
)

const (
	defaultAlpha = 0.01

	// chiSquareExpected is the smallest expected count from which on Auto
	// trusts the approximation, and only with three or more versions. The
	// usual rule of 5 lets the real size at alpha = .001 reach 3.5 times alpha;
	// from 50 on it stays within 1.3 times.
	chiSquareExpected = 50
)

// TestOptions configures [Test].
type TestOptions struct {
	// Kind is the test that decides; empty means [Auto].
	Kind Kind
	// Intruders is how many answers came from versions that the weights do
	// not list.
	Intruders int64
	// Alpha is the level at which the caller is going to judge, 0 meaning .01.
	// It changes no p-value but for the number of Monte Carlo samples: 9999 at
	// .01 and above, else 99999.
	Alpha float64
	// Seed makes another Monte Carlo run; the same seed gives the same p.
	Seed uint64
}

func (o TestOptions) validate() (TestOptions, error) {
	switch o.Kind {
	case "":
		o.Kind = Auto
	case Auto, Exact, ChiSquare:
	default:
		return o, fmt.Errorf("test %q is unknown: use %s, %s or %s", o.Kind, Auto, Exact, ChiSquare)
	}
	if o.Alpha == 0 {
		o.Alpha = defaultAlpha
	}
	return o, checkLevel("alpha", o.Alpha)
}

// Fit is how well counts fit the declared weights.
type Fit struct {
	// Name is the test behind P: "binomial" with two versions, "multinomial"
	// otherwise, "chi-square" when Pearson's approximation decided.
	Name string
	// Method is how P was computed: "exact", "monte-carlo" or "asymptotic".
	Method string
	// P is the p-value: how probable counts at least as unusual are when the
	// weights are at work.
	P float64
	// Statistic is Pearson's Σ(observed−expected)²/expected, whichever test
	// decided. It is +Inf when an impossible version answered.
	Statistic float64
	// DF is its degrees of freedom: the number of versions less one.
	DF int
	// ChiSquareP is the p-value of Pearson's test. Below 1e-306 it is 0.
	ChiSquareP float64
	// EffectSize is Cohen's w, √(Statistic/N): .1 is small, .5 large (Cohen
	// 1988). Below √(DF/N) it is indistinguishable from noise.
	EffectSize float64
	// Distance is ½Σ|observed share − expected share|, from 0 to 1: the part
	// of the traffic that went to the wrong version.
	Distance float64
	// N is the number of answers tested, intruders included.
	N int64
	// Samples is the number of Monte Carlo samples behind P, else 0. P is
	// never below 1/(Samples+1) then.
	Samples int
	// StdErr is the standard error of P from sampling, else 0.
	StdErr float64
}

// Rejects reports whether the counts contradict the weights at level alpha.
func (f Fit) Rejects(alpha float64) bool { return f.P <= alpha }

// Test tests whether counts came from a split with the given weights.
//
// H0: each of the N answers came from version k with probability
// weights[k]/Σweights, independently of all others; the counts are then
// multinomial. The alternative is any other split. N must have been fixed
// beforehand: to look at a running test use [NewEProcess].
//
// With two versions P is that of the exact two-sided binomial test, at any N.
// With more it is that of the exact multinomial test while enumerating the
// outcomes is affordable; else that of Pearson's chi-square test [1] if at
// least 50 answers are expected of every version, and a Monte Carlo estimate
// of the multinomial test [3] otherwise. The exact tests order outcomes by
// their probability: P is the probability of all outcomes at most as likely as
// the observed one, ties within a factor of 1e-7 included. Their real size is
// at most alpha, often less, since counts are discrete. Cochran [2] discusses
// how far the approximation can be trusted; its statistic and its p-value are
// reported in every case.
//
// A version of weight 0 is impossible under H0. One answer from it, or one
// intruder, makes P 0 and the statistic infinite. If it never answers, the
// result is the same as without it. A single version fits by definition, P 1
// with no degrees of freedom.
//
// Test returns [ErrNoAnswers] when there is not one answer, and an error when
// counts and weights differ in length, a count is negative, a weight is
// negative, NaN or infinite, no weight is positive, or an option is invalid.
//
//  1. Pearson, K. (1900), On the criterion that a given system of deviations
//     from the probable in the case of a correlated system of variables is such
//     that it can be reasonably supposed to have arisen from random sampling,
//     Philosophical Magazine 50.
//  2. Cochran, W. G. (1954), Some methods for strengthening the common χ² tests,
//     Biometrics 10.
//  3. Phipson, B. and Smyth, G. K. (2010), Permutation P-values should never be
//     zero, Statistical Applications in Genetics and Molecular Biology 9.
func Test(counts []int64, weights []float64, o TestOptions) (Fit, error) {
	o, err := o.validate()
	if err != nil {
		return Fit{}, err
	}
	t, err := newTally(counts, weights, o.Intruders)
	if err != nil {
		return Fit{}, err
	}
	if t.n+t.intruders == 0 {
		return Fit{}, ErrNoAnswers
	}
	fit := t.describe()
	if t.intruders == 0 && len(t.counts) > 1 {
		t.decide(&fit, o)
	}
	return fit, nil
}

// describe fills in what does not depend on the choice of the test, and the
// p-value where none is needed.
func (t tally) describe() Fit {
	fit := Fit{
		Name:      "multinomial",
		Method:    "exact",
		P:         1,
		Statistic: t.chiSquare(),
		DF:        len(t.counts) - 1,
		Distance:  t.distance(),
		N:         t.n + t.intruders,
	}
	if len(t.counts) == 2 {
		fit.Name = "binomial"
	}
	if t.intruders > 0 {
		fit.P = 0
	}
	fit.ChiSquareP = chiSquareSurvival(fit.Statistic, float64(fit.DF))
	fit.EffectSize = math.Sqrt(fit.Statistic / float64(fit.N))
	return fit
}

// decide chooses the test from N and the shares alone, never from what was
// observed, and fills in its p-value.
func (t tally) decide(fit *Fit, o TestOptions) {
	switch {
	case t.asymptotic(o.Kind):
		fit.Name, fit.Method, fit.P = "chi-square", "asymptotic", fit.ChiSquareP
	case len(t.counts) == 2:
		fit.P = newBinomial(t.n, t.shares[0], nil).pValue(t.counts[0])
	case t.enumerable():
		fit.P = multinomialPValue(t.n, t.counts, t.shares)
	default:
		fit.Method, fit.Samples = "monte-carlo", draws(o.Alpha)
		fit.P = monteCarloPValue(t.n, t.counts, t.shares, fit.Samples, o.Seed)
		fit.StdErr = monteCarloStdErr(fit.P, fit.Samples)
	}
}

// asymptotic reports whether Pearson's approximation decides.
func (t tally) asymptotic(kind Kind) bool {
	switch kind {
	case ChiSquare:
		return true
	case Exact:
		return false
	}
	return !t.enumerable() && float64(t.n)*t.shares[0] >= chiSquareExpected
}

// enumerable reports whether all outcomes of noticeable probability can be
// visited in about a second.
func (t tally) enumerable() bool {
	return prefixes(t.n, t.shares, bulkDepth) <= maxPrefixes
}

// Deflated is Pearson's test for draws that depend on each other within clusters: the statistic divided by the design
// effect, the factor by which clustering inflates the variance of the counts (Rao & Scott, Journal of the American
// Statistical Association 76, 1981). It is the first-order correction, and asymptotic.
func (f Fit) Deflated(designEffect float64) Fit {
	f.Name, f.Method, f.Samples, f.StdErr = "chi-square", "asymptotic", 0, 0
	f.Statistic /= designEffect
	if f.DF > 0 && !math.IsInf(f.Statistic, 0) {
		f.P = chiSquareSurvival(f.Statistic, float64(f.DF))
	}
	f.ChiSquareP = f.P
	return f
}
