package stats

import (
	"fmt"
	"math"
	"testing"

	"pgregory.net/rapid"
)

// split is a random test input of up to 5 versions.
type split struct {
	counts  []int64
	weights []float64
}

func drawSplit(t *rapid.T) split {
	versions := rapid.IntRange(1, 5).Draw(t, "versions")
	s := split{
		counts:  rapid.SliceOfN(rapid.Int64Range(0, 30), versions, versions).Draw(t, "counts"),
		weights: rapid.SliceOfN(rapid.Float64Range(.5, 100), versions, versions).Draw(t, "weights"),
	}
	s.counts[0]++
	return s
}

func mustAgree(t *rapid.T, what string, got, want Fit) {
	t.Helper()
	near := func(x, y float64) bool { return x == y || math.Abs(x-y) <= 1e-9*math.Abs(y)+1e-15 }
	if got.Name != want.Name || got.Method != want.Method || got.N != want.N || got.DF != want.DF ||
		!near(got.P, want.P) || !near(got.ChiSquareP, want.ChiSquareP) || !near(got.Distance, want.Distance) {
		t.Fatalf("%s: %+v, want %+v", what, got, want)
	}
}

func TestOrderOfVersionsIsIrrelevant(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawSplit(t)
		want, err := Test(s.counts, s.weights, TestOptions{})
		if err != nil {
			t.Fatal(err)
		}
		order := rapid.Permutation([]int{0, 1, 2, 3, 4}[:len(s.counts)]).Draw(t, "order")
		var shuffled split
		for _, k := range order {
			shuffled.counts = append(shuffled.counts, s.counts[k])
			shuffled.weights = append(shuffled.weights, s.weights[k])
		}
		got, err := Test(shuffled.counts, shuffled.weights, TestOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if got != want {
			t.Fatalf("in the order %v: %+v, want %+v", order, got, want)
		}
	})
}

func TestScaleOfWeightsIsIrrelevant(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawSplit(t)
		want, err := Test(s.counts, s.weights, TestOptions{})
		if err != nil {
			t.Fatal(err)
		}
		factor := rapid.Float64Range(1e-6, 1e6).Draw(t, "factor")
		for k := range s.weights {
			s.weights[k] *= factor
		}
		got, err := Test(s.counts, s.weights, TestOptions{})
		if err != nil {
			t.Fatal(err)
		}
		mustAgree(t, fmt.Sprintf("weights times %v", factor), got, want)
	})
}

func TestUnseenImpossibleVersionIsIrrelevant(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawSplit(t)
		want, err := Test(s.counts, s.weights, TestOptions{})
		if err != nil {
			t.Fatal(err)
		}
		got, err := Test(append(s.counts, 0), append(s.weights, 0), TestOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if got != want {
			t.Fatalf("with an unseen version of weight 0: %+v, want %+v", got, want)
		}
	})
}
