package stats

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

// within checks a value to a relative tolerance, which is absolute around 0.
func within(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	if got == want {
		return
	}
	if !(math.Abs(got-want) <= tolerance*max(math.Abs(want), 1e-300)) {
		t.Errorf("%s = %.15g, want %.15g", what, got, want)
	}
}

func newTestEProcess(t testing.TB, weights []float64) *EProcess {
	t.Helper()
	e, err := NewEProcess(weights)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// ln E of the mixture by mpmath 1.4.1 at 30 digits, with loggamma in the
// closed form.
var eProcessValues = []struct {
	weights []float64
	counts  []int64
	logE    float64
}{
	{[]float64{90, 10}, []int64{0, 5}, 8.6801305063405},
	{[]float64{90, 10}, []int64{10, 10}, 8.0325175759504},
	{[]float64{90, 10}, []int64{61, 0}, 4.6205120804426},
	{[]float64{90, 10}, []int64{60, 0}, 4.5196902135065},
	{[]float64{90, 10}, []int64{903, 97}, -2.0763065362133},
	{[]float64{90, 10}, []int64{503, 497}, 500.13671082812},
	{[]float64{50, 50}, []int64{11, 0}, 4.7390585241152},
	{[]float64{10, 30, 60}, []int64{10, 10, 10}, 3.7876059268524},
	{[]float64{99, 1}, []int64{564, 0}, 4.6084277022458},
	{[]float64{99, 1}, []int64{563, 0}, 4.5986276170561},
}

func TestLogEReferenceValues(t *testing.T) {
	for _, c := range eProcessValues {
		closed, err := LogE(c.counts, c.weights, 0)
		if err != nil {
			t.Fatal(err)
		}
		within(t, "closed form", closed, c.logE, 1e-9)
		e := newTestEProcess(t, c.weights)
		for k, n := range c.counts {
			for range n {
				e.Add(k)
			}
		}
		within(t, "one by one", e.LogE(), c.logE, 1e-9)
	}
}

func TestEProcessEdges(t *testing.T) {
	e := newTestEProcess(t, []float64{90, 10, 0})
	if e.LogE() != 0 || e.MaxLogE() != 0 || e.P() != 1 || e.Rejects(0.99) {
		t.Errorf("before the first answer: ln E %v, max %v, p %v", e.LogE(), e.MaxLogE(), e.P())
	}
	for _, impossible := range []int{2, 3, -1} {
		e := newTestEProcess(t, []float64{90, 10, 0})
		e.Add(0)
		e.Add(impossible)
		e.Add(0)
		if !math.IsInf(e.LogE(), 1) || e.P() != 0 || !e.Rejects(1e-300) {
			t.Errorf("after version %d: ln E %v, p %v", impossible, e.LogE(), e.P())
		}
	}
	single := newTestEProcess(t, []float64{3})
	for range 1000 {
		single.Add(0)
	}
	if math.Abs(single.LogE()) > 1e-12 {
		t.Errorf("a single version: ln E %v, want 0", single.LogE())
	}
	for _, weights := range [][]float64{nil, {0, 0}, {1, -1}, {math.NaN()}} {
		if _, err := NewEProcess(weights); err == nil {
			t.Errorf("weights %v: no error", weights)
		}
	}
}

func TestLogEEdges(t *testing.T) {
	check := func(counts []int64, weights []float64, intruders int64, want float64) {
		t.Helper()
		got, err := LogE(counts, weights, intruders)
		if err != nil {
			t.Fatal(err)
		}
		if math.Abs(got-want) > 1e-12 {
			t.Errorf("LogE(%v, %v, %d) = %v, want %v", counts, weights, intruders, got, want)
		}
	}
	inf := math.Inf(1)
	check([]int64{0, 0}, []float64{1, 1}, 0, 0)
	check([]int64{7}, []float64{1}, 0, 0)
	check([]int64{7, 0}, []float64{1, 0}, 0, 0)
	if got, _ := LogE([]int64{7, 1}, []float64{1, 0}, 0); got != inf {
		t.Errorf("version of weight 0: %v, want +Inf", got)
	}
	if got, _ := LogE([]int64{7}, []float64{1}, 1); got != inf {
		t.Errorf("intruder: %v, want +Inf", got)
	}
	if _, err := LogE([]int64{7}, []float64{1, 1}, 0); err == nil {
		t.Error("one count for two weights: no error")
	}
}

func TestMaxLogEAndP(t *testing.T) {
	e := newTestEProcess(t, []float64{90, 10})
	for range 5 {
		e.Add(1)
	}
	for range 45 {
		e.Add(0)
	}
	within(t, "max ln E", e.MaxLogE(), 8.6801305063405, 1e-9)
	within(t, "p", e.P(), math.Exp(-8.6801305063405), 1e-9)
	if e.LogE() >= e.MaxLogE() {
		t.Errorf("ln E %v has not fallen from its maximum %v", e.LogE(), e.MaxLogE())
	}
	if !e.Rejects(0.001) || e.Rejects(1e-4) {
		t.Errorf("max E %v: rejects at .001 %v, at 1e-4 %v", math.Exp(e.MaxLogE()), e.Rejects(0.001), e.Rejects(1e-4))
	}
}

func TestSequentialLevels(t *testing.T) {
	check := func(what string, got, want float64) {
		t.Helper()
		within(t, what, got, want, 1e-12)
	}
	check("stop level", StopLevel(0.01), 0.002)
	check("final level", FinalLevel(0.01), 0.008)
	check("p by the end", CombinedP(0, 0.004), 0.005)
	check("p by the stop", CombinedP(math.Log(1000), 1), 0.005)
	check("p of neither", CombinedP(0.5, 0.9), 1)
	check("p of an intruder", CombinedP(math.Inf(1), 1), 0)
}

func TestIncrementalEqualsClosedForm(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		weights := drawWeights(t)
		answers := rapid.SliceOfN(rapid.IntRange(0, len(weights)-1), 0, 300).Draw(t, "answers")
		e, err := NewEProcess(weights)
		if err != nil {
			t.Fatal(err)
		}
		counts := make([]int64, len(weights))
		for _, version := range answers {
			e.Add(version)
			counts[version]++
		}
		closed, err := LogE(counts, weights, 0)
		if err != nil {
			t.Fatal(err)
		}
		if math.Abs(e.LogE()-closed) > 1e-9*max(1, math.Abs(closed)) {
			t.Errorf("one by one %.15g, closed form %.15g", e.LogE(), closed)
		}
	})
}

// drawWeights draws two to six positive weights.
func drawWeights(t *rapid.T) []float64 {
	return rapid.SliceOfN(rapid.Float64Range(0.1, 100), 2, 6).Draw(t, "weights")
}
