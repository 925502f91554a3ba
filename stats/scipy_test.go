package stats

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"testing"
)

// scipyJSON is written by testdata/reference.py and names SciPy's version.
//
//go:embed testdata/scipy.json
var scipyJSON []byte

type scipyValues struct {
	Binomtest []struct {
		X, N    int64
		P, Want float64
	}
	Multinomial []struct {
		Counts  []int64
		Weights []float64
		Want    float64
	}
	Chisquare []struct {
		Counts          []int64
		Expected        []float64
		Statistic, Want float64
	}
	ClopperPearson []struct {
		X, N             int64
		Alpha, Low, High float64
	}
	Power []struct {
		N                     int64
		From, To, Alpha, Want float64
	}
}

const scipyTolerance = 1e-9

func TestAgainstSciPy(t *testing.T) {
	var ref scipyValues
	if err := json.Unmarshal(scipyJSON, &ref); err != nil {
		t.Fatal(err)
	}
	t.Run("binomtest", ref.binomtest)
	t.Run("multinomial", ref.multinomial)
	t.Run("chisquare", ref.chisquare)
	t.Run("clopperPearson", ref.clopperPearson)
	t.Run("power", ref.power)
}

func (ref scipyValues) binomtest(t *testing.T) {
	for _, c := range ref.Binomtest {
		fit := mustTest(t, []int64{c.X, c.N - c.X}, []float64{c.P, 1 - c.P}, TestOptions{})
		within(t, fmt.Sprintf("binomtest(%d, %d, %v)", c.X, c.N, c.P), fit.P, c.Want, scipyTolerance)
	}
}

func (ref scipyValues) multinomial(t *testing.T) {
	for _, c := range ref.Multinomial {
		fit := mustTest(t, c.Counts, c.Weights, TestOptions{})
		if fit.Name != "multinomial" || fit.Method != "exact" {
			t.Errorf("%v: %s %s decided, want the exact multinomial test", c.Counts, fit.Method, fit.Name)
		}
		within(t, fmt.Sprintf("multinomial(%v, %v)", c.Counts, c.Weights), fit.P, c.Want, scipyTolerance)
	}
}

func (ref scipyValues) chisquare(t *testing.T) {
	for _, c := range ref.Chisquare {
		fit := mustTest(t, c.Counts, c.Expected, TestOptions{Kind: ChiSquare})
		what := fmt.Sprintf("chisquare(%v, %v)", c.Counts, c.Expected)
		within(t, what+" statistic", fit.Statistic, c.Statistic, scipyTolerance)
		within(t, what, fit.P, c.Want, scipyTolerance)
		within(t, what+" beside it", fit.ChiSquareP, c.Want, scipyTolerance)
	}
}

func (ref scipyValues) clopperPearson(t *testing.T) {
	for _, c := range ref.ClopperPearson {
		got := clopperPearson(c.X, c.N, c.Alpha)
		what := fmt.Sprintf("%d of %d at %v", c.X, c.N, c.Alpha)
		within(t, what+" low", got.Low, c.Low, scipyTolerance)
		within(t, what+" high", got.High, c.High, scipyTolerance)
	}
}

func (ref scipyValues) power(t *testing.T) {
	for _, c := range ref.Power {
		got, err := Power(c.N, []float64{c.From, 1 - c.From}, []float64{c.To, 1 - c.To}, c.Alpha)
		if err != nil {
			t.Fatal(err)
		}
		within(t, fmt.Sprintf("power(%d, %v to %v, %v)", c.N, c.From, c.To, c.Alpha), got, c.Want, scipyTolerance)
	}
}
