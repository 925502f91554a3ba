package stats

import (
	"errors"
	"math"
	"strings"
	"testing"
)

func mustTest(t testing.TB, counts []int64, weights []float64, o TestOptions) Fit {
	t.Helper()
	fit, err := Test(counts, weights, o)
	if err != nil {
		t.Fatalf("Test(%v, %v): %v", counts, weights, err)
	}
	return fit
}

// Values of SciPy 1.17.1 by scipy.stats.chisquare.
func TestPearsonReferenceValues(t *testing.T) {
	check := func(counts []int64, weights []float64, statistic, p float64) {
		t.Helper()
		fit := mustTest(t, counts, weights, TestOptions{Kind: ChiSquare})
		within(t, "statistic", fit.Statistic, statistic, 1e-9)
		within(t, "p", fit.P, p, 1e-9)
		if fit.Name != "chi-square" || fit.Method != "asymptotic" || fit.DF != len(counts)-1 {
			t.Errorf("%s %s with %d degrees of freedom decided", fit.Method, fit.Name, fit.DF)
		}
	}
	check([]int64{503, 497}, []float64{900, 100}, 1751.2111111111, 0)
	check([]int64{80, 320, 600}, []float64{100, 300, 600}, 5.3333333333333, .069483451223)
	check([]int64{903, 97}, []float64{900, 100}, .1, .751829634046)
	check([]int64{210, 190, 220, 180, 200}, []float64{200, 200, 200, 200, 200}, 5, .287297495184)
}

// Values of SciPy 1.17.1 by scipy.stats.binomtest(x, n, p).pvalue.
func TestBinomialReferenceValues(t *testing.T) {
	check := func(x, n int64, p, want, tolerance float64) {
		t.Helper()
		fit := mustTest(t, []int64{x, n - x}, []float64{p, 1 - p}, TestOptions{})
		within(t, "p", fit.P, want, tolerance)
		if fit.Name != "binomial" || fit.Method != "exact" {
			t.Errorf("%s %s decided, want the exact binomial test", fit.Method, fit.Name)
		}
	}
	check(97, 1000, .1, .79221417794, 1e-9)
	check(20, 1000, .01, .0037676043, 1e-7)
	check(0, 458, .01, .017256588001, 1e-9) // not below .01: the far tail counts
	check(5, 10, .1, .0016349374, 1e-9)
	check(137, 1000, .1, .000177691750716, 1e-9)
	check(18, 1000, .01, .0165120137238, 1e-9)
	check(503, 1000, .9, 2.88184186049e-221, 1e-9)
	check(100300, 1000000, .1, .317310320, 1e-8)
	check(1, 1, .1, .1, 1e-12)
}

// Values of SciPy 1.17.1: full enumeration with scipy.special.gammaln.
func TestMultinomialReferenceValues(t *testing.T) {
	check := func(want float64, weights []float64, counts ...int64) {
		t.Helper()
		fit := mustTest(t, counts, weights, TestOptions{})
		within(t, "p", fit.P, want, 1e-9)
		if fit.Name != "multinomial" || fit.Method != "exact" {
			t.Errorf("%s %s decided, want the exact multinomial test", fit.Method, fit.Name)
		}
	}
	check(.13579240134, []float64{.1, .3, .6}, 3, 9, 8)
	check(.065277617725, []float64{.1, .3, .6}, 80, 320, 600)
	check(.273163715831, []float64{.1, .3, .6}, 0, 5, 15)
	check(1.31564946588e-05, []float64{.8, .1, .1}, 10, 10, 0)
	check(.281764575416, []float64{.98, .01, .01}, 197, 3, 0)
	check(.694263685346, []float64{.7, .1, .1, .1}, 15, 3, 1, 1)
	check(.0326179754722, []float64{.2, .2, .2, .2, .2}, 10, 4, 3, 2, 1)
	check(1, []float64{.2, .2, .2, .2, .2}, 4, 4, 4, 4, 4)
}

func TestEffectSize(t *testing.T) {
	fit := mustTest(t, []int64{503, 497}, []float64{90, 10}, TestOptions{})
	within(t, "w", fit.EffectSize, 1.32333333333, 1e-11)
	within(t, "distance", fit.Distance, .397, 1e-12)
	if fit.N != 1000 || fit.DF != 1 {
		t.Errorf("N = %d, DF = %d, want 1000 and 1", fit.N, fit.DF)
	}
}

func TestIntruders(t *testing.T) {
	check := func(what string, counts []int64, weights []float64, intruders int64, distance float64) {
		t.Helper()
		fit := mustTest(t, counts, weights, TestOptions{Intruders: intruders})
		if fit.P != 0 || fit.ChiSquareP != 0 || !math.IsInf(fit.Statistic, 1) || !math.IsInf(fit.EffectSize, 1) {
			t.Errorf("%s: %+v, want p 0 and an infinite statistic", what, fit)
		}
		within(t, what+": distance", fit.Distance, distance, 1e-12)
		if !fit.Rejects(1e-300) {
			t.Errorf("%s: not rejected", what)
		}
	}
	check("weight 0 answered", []int64{899, 100, 1}, []float64{90, 10, 0}, 0, .001)
	check("unknown answered", []int64{50, 50}, []float64{1, 1}, 1, 1./101)
	check("only unknown answered", []int64{0, 0}, []float64{1, 1}, 7, 1)
	check("unknown beside one version", []int64{99}, []float64{1}, 1, .01)
}

func TestSingleVersion(t *testing.T) {
	want := Fit{Name: "multinomial", Method: "exact", P: 1, ChiSquareP: 1, N: 1000}
	for _, kind := range []Kind{"", Auto, Exact, ChiSquare} {
		if fit := mustTest(t, []int64{0, 1000, 0}, []float64{0, 7, 0}, TestOptions{Kind: kind}); fit != want {
			t.Errorf("kind %q: %+v, want %+v", kind, fit, want)
		}
	}
}

func TestInvalidInput(t *testing.T) {
	check := func(counts []int64, weights []float64, o TestOptions, want string) {
		t.Helper()
		_, err := Test(counts, weights, o)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Test(%v, %v, %+v): error %v, want %q", counts, weights, o, err, want)
		}
	}
	some := []int64{1, 2}
	check(some, []float64{1, -1}, TestOptions{}, "weight 1 is -1")
	check(some, []float64{math.NaN(), 1}, TestOptions{}, "weight 0 is NaN")
	check(some, []float64{1, math.Inf(1)}, TestOptions{}, "weight 1 is +Inf")
	check(some, []float64{0, 0}, TestOptions{}, "none of 2 weights is positive")
	check(nil, nil, TestOptions{}, "none of 0 weights is positive")
	check(some, []float64{1}, TestOptions{}, "2 counts for 1 weights")
	check([]int64{-1, 2}, []float64{1, 1}, TestOptions{}, "-1 answers")
	check(some, []float64{1, 1}, TestOptions{Intruders: -1}, "-1 answers")
	check([]int64{math.MaxInt64, math.MaxInt64}, []float64{1, 1}, TestOptions{}, "more than")
	check(some, []float64{1, 1}, TestOptions{Kind: "best"}, `test "best" is unknown`)
	check(some, []float64{1, 1}, TestOptions{Alpha: 1}, "alpha is 1")
	check(some, []float64{1, 1}, TestOptions{Alpha: math.NaN()}, "alpha is NaN")

	if _, err := Test([]int64{0, 0}, []float64{1, 1}, TestOptions{}); !errors.Is(err, ErrNoAnswers) {
		t.Errorf("no answers: error %v, want ErrNoAnswers", err)
	}
}

func TestWeightsOfAnySize(t *testing.T) {
	want := mustTest(t, []int64{480, 520}, []float64{1, 1}, TestOptions{})
	for _, w := range []float64{math.MaxFloat64, math.SmallestNonzeroFloat64, 1e-200, 50} {
		if got := mustTest(t, []int64{480, 520}, []float64{w, w}, TestOptions{}); got != want {
			t.Errorf("weights %v each: %+v, want %+v", w, got, want)
		}
	}
	if fit := mustTest(t, []int64{1, 9}, []float64{1e-300, 1e300}, TestOptions{}); fit.P != 0 {
		t.Errorf("a share below the smallest number answered: p = %v, want 0", fit.P)
	}
}

func TestChoiceOfTest(t *testing.T) {
	even := func(versions int) []float64 {
		weights := make([]float64, versions)
		for k := range weights {
			weights[k] = 1
		}
		return weights
	}
	counts := func(versions int, each int64) []int64 {
		c := make([]int64, versions)
		for k := range c {
			c[k] = each
		}
		return c
	}
	check := func(kind Kind, versions int, each int64, name, method string) {
		t.Helper()
		fit := mustTest(t, counts(versions, each), even(versions), TestOptions{Kind: kind})
		if fit.Name != name || fit.Method != method {
			t.Errorf("%s, %d versions of %d answers: %s %s, want %s %s", kind, versions, each, fit.Method, fit.Name, method, name)
		}
	}
	check(Auto, 2, 1e9, "binomial", "exact")
	check(Auto, 3, 1e6, "multinomial", "exact")
	check(Auto, 5, 100, "multinomial", "exact")
	check(Auto, 10, 49, "multinomial", "monte-carlo")
	check(Auto, 10, 50, "chi-square", "asymptotic")
	check(Exact, 10, 50, "multinomial", "monte-carlo")
	check(ChiSquare, 2, 1, "chi-square", "asymptotic")
	check(ChiSquare, 10, 1, "chi-square", "asymptotic")
}

func TestMonteCarlo(t *testing.T) {
	counts := []int64{20, 4, 3, 2, 1, 9, 9, 3, 3, 6}
	weights := []float64{1, 1, 1, 1, 1, 1, 1, 1, 1, 1}
	fit := mustTest(t, counts, weights, TestOptions{})
	again := mustTest(t, counts, weights, TestOptions{})
	if fit != again {
		t.Errorf("same seed, different results: %+v and %+v", fit, again)
	}
	if other := mustTest(t, counts, weights, TestOptions{Seed: 1, Alpha: .001}); other.Samples != 99999 {
		t.Errorf("%d samples at alpha .001, want 99999", other.Samples)
	}
	least := mustTest(t, []int64{60, 0, 0, 0, 0, 0, 0, 0, 0, 0}, weights, TestOptions{})
	if fit.Samples != 9999 || least.P != 1./10000 {
		t.Errorf("p = %v of %d samples, want 1/10000 of 9999", least.P, least.Samples)
	}
	within(t, "standard error", fit.StdErr, math.Sqrt(fit.P*(1-fit.P)/9999), 1e-12)
}

// The estimate must lie within 5 standard errors of the exact p; the seed is
// fixed, and for a random one that fails in 6e-7 of all cases.
func TestMonteCarloEstimatesExact(t *testing.T) {
	for _, counts := range [][]int64{{12, 30, 58}, {20, 40, 40}, {5, 30, 65}, {9, 20, 71}} {
		tally, err := newTally(counts, []float64{10, 30, 60}, 0)
		if err != nil {
			t.Fatal(err)
		}
		exact := multinomialPValue(tally.n, tally.counts, tally.shares)
		const m = 99999
		p := monteCarloPValue(tally.n, tally.counts, tally.shares, m, 1)
		if math.Abs(p-exact) > 5*monteCarloStdErr(exact, m)+1./m {
			t.Errorf("%v: Monte Carlo p %v, exact %v", counts, p, exact)
		}
	}
}

// Where following every prefix costs too much, p is an upper bound; what it is
// too large by must stay negligible.
func TestHopelessCountsStayTiny(t *testing.T) {
	check := func(weights []float64, counts ...int64) {
		t.Helper()
		fit := mustTest(t, counts, weights, TestOptions{})
		if fit.Method != "exact" || fit.P > 1e-12 {
			t.Errorf("%v: %s p = %v, want an exact one below 1e-12", counts, fit.Method, fit.P)
		}
	}
	check([]float64{1, 1, 1, 1}, 10000, 0, 0, 0)
	check([]float64{1, 1, 1, 1, 1}, 500, 0, 0, 0, 0)
	check([]float64{1, 1, 1, 1, 500, 500}, 500, 0, 0, 0, 0, 0)
}

func TestHugeCounts(t *testing.T) {
	const n = int64(1e12)
	if fit := mustTest(t, []int64{n, n}, []float64{1, 1}, TestOptions{}); fit.P < .99 {
		t.Errorf("even counts of 1e12: p = %v, want about 1", fit.P)
	}
	// scipy.stats.binomtest(500063246, 10**9, .5).pvalue, SciPy 1.17.1; ln x! has
	// lost its last digits at this size.
	fit := mustTest(t, []int64{500063246, 499936754}, []float64{1, 1}, TestOptions{})
	within(t, "p", fit.P, 6.334338297897407e-05, 1e-5)
}

// scipy 1.17.1: chi2.sf(13.8/1.9, 2).
func TestDeflated(t *testing.T) {
	fit := Fit{Name: "multinomial", Method: "exact", Statistic: 13.8, DF: 2, P: 0.001}.Deflated(1.9)
	if math.Abs(fit.P-0.02647434978532698) > 1e-12 || fit.Statistic != 13.8/1.9 || fit.Name != "chi-square" {
		t.Errorf("got %+v, want p 0.026474 of chi-square %g", fit, 13.8/1.9)
	}
	if p := (Fit{Statistic: math.Inf(1), DF: 1}).Deflated(2).P; p != 0 {
		t.Errorf("an impossible version has p %g, want 0", p)
	}
}
