package stats

import (
	"math"
	"math/rand/v2"
	"testing"
)

// The simulation, which draws in steps, agrees with runs of an EProcess that
// takes answer by answer.
func TestExpectedRequests(t *testing.T) {
	t.Parallel()
	check := func(weights, truth []float64, shift float64, planned int64) {
		t.Helper()
		const runs, alpha = 500, 0.01
		got, err := ExpectedRequests(weights, shift, alpha, planned)
		if err != nil {
			t.Fatal(err)
		}
		src := rand.New(rand.NewPCG(31, uint64(planned)))
		var sum, squares float64
		for range runs {
			n := float64(stoppedAfter(src, weights, truth, alpha, planned))
			sum += n
			squares += n * n
		}
		mean := sum / runs
		sd := math.Sqrt(squares/runs - mean*mean)
		// Both means are random, that of ExpectedRequests with as few as 300
		// runs, and steps make it late by about one in 400 of the plan.
		if slack := 5*sd/math.Sqrt(300) + float64(planned)/200; math.Abs(got-mean) > slack {
			t.Errorf("%v, shift %v, %d planned: %v, want %v ± %v", weights, shift, planned, got, mean, slack)
		}
	}
	check([]float64{90, 10}, []float64{.8, .2}, .1, 183)
	check([]float64{99, 1}, []float64{.98, .02}, .01, 2000)
	check([]float64{10, 30, 60}, []float64{.1, .4, .5}, .1, 373)
	check(fiveEqual, []float64{.3, .1, .2, .2, .2}, .1, 800)
}

func stoppedAfter(src *rand.Rand, weights, truth []float64, alpha float64, planned int64) int64 {
	pi, _ := shares(weights)
	q, _ := shares(truth)
	e := newEProcess(pi)
	n := int64(0)
	for n < planned && !e.Rejects(StopLevel(alpha)) {
		e.Add(draw(src, q))
		n++
	}
	return n
}

func TestExpectedRequestsEdges(t *testing.T) {
	t.Parallel()
	check := func(what string, weights []float64, shift float64, planned int64, low, high float64) {
		t.Helper()
		got, err := ExpectedRequests(weights, shift, .01, planned)
		if err != nil || got < low || got > high {
			t.Errorf("%s: %v, %v, want %v to %v", what, got, err, low, high)
		}
	}
	check("one answer", []float64{90, 10}, .1, 1, 1, 1)
	check("too few to stop", []float64{90, 10}, .1, 5, 4.9, 5)
	check("an intruder in half of the answers", []float64{1}, .5, 1000, 2, 2)
	check("an intruder, one answer", []float64{1}, .5, 1, 1, 1)
	check("the whole of the largest share", []float64{60, 40}, .6, 100, 1, 20)
	check("a weight of 0", []float64{90, 0, 10}, .1, 183, 140, 160)
	check("millions", []float64{999999, 1}, 1e-6, 20e6, 15e6, 20e6)
	for _, planned := range []int64{0, -1, math.MinInt64 + 1} {
		if _, err := ExpectedRequests([]float64{1, 1}, .1, .01, planned); err == nil {
			t.Errorf("%d planned: no error", planned)
		}
	}
	if _, err := ExpectedRequests([]float64{1, 1}, .6, .01, 100); err == nil {
		t.Error("a shift of more than the largest share: no error")
	}
	if _, err := ExpectedRequests([]float64{0}, .1, .01, 100); err == nil {
		t.Error("no positive weight: no error")
	}
}
