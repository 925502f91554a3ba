package stats

import (
	"math"
	"math/rand/v2"
)

const (
	// maxLooks is how often a simulated run looks at its evidence at most: the
	// moment at which it stops is known to a fraction of 1/maxLooks of the plan.
	maxLooks = 400

	// simulatedLooks bounds the work of a simulation to about half a second:
	// a look costs up to half a microsecond for each version.
	simulatedLooks = 1_200_000

	// simulatedRuns is how many runs are simulated where that allows; the mean
	// of so many is known to 1 or 2%.
	simulatedRuns = 2000
)

// ExpectedRequests returns how many answers a check takes on average that
// stops early, with planned answers at most, when the share shift has moved
// from one version to another: the mean of a seeded simulation of [EProcess]
// that stops at [StopLevel]. Of all such moves it is the one that the process
// is slowest to notice, that of the smallest Kullback-Leibler divergence. With
// one version, shift is the share of intruders, of which the first stops it.
//
// The mean is good to a few percent. The work does not grow with planned,
// because longer runs look less often. Errors are those of [Required], and a
// planned number that is not positive.
func ExpectedRequests(weights []float64, shift, alpha float64, planned int64) (float64, error) {
	if err := checkPlan(planned-1, alpha); err != nil {
		return 0, err
	}
	null, err := possible(weights)
	if err != nil {
		return 0, err
	}
	if err := checkShift(null, shift); err != nil {
		return 0, err
	}
	if len(null) == 1 {
		return -math.Expm1(float64(planned)*math.Log1p(-shift)) / shift, nil
	}
	s := stopping{null: null, planned: planned, bound: -math.Log(StopLevel(alpha))}
	return s.mean(slowest(null, plan{null: null, shift: shift}.alternatives())), nil
}

// slowest returns the alternative that gathers the least evidence against null
// with each answer.
func slowest(null []float64, alternatives [][]float64) []float64 {
	var hardest []float64
	least := math.Inf(1)
	for _, q := range alternatives {
		if d := divergence(q, null); d < least {
			hardest, least = q, d
		}
	}
	return hardest
}

// divergence returns the Kullback-Leibler divergence of q from p: the mean
// evidence against p in one answer of q.
func divergence(q, p []float64) float64 {
	var d float64
	for k, x := range q {
		if x > 0 {
			d += x * math.Log(x/p[k])
		}
	}
	return d
}

// stopping is a check that ends at planned answers, or when ln E reaches the
// bound.
type stopping struct {
	null    []float64
	planned int64
	bound   float64
}

// mean simulates runs with the shares q and returns their mean length.
func (s stopping) mean(q []float64) float64 {
	step := (s.planned + maxLooks - 1) / maxLooks
	looks := (s.planned + step - 1) / step
	runs := max(1, min(simulatedRuns, simulatedLooks/(looks*int64(len(q)))))
	from := sampler{n: step, shares: q, rest: suffixSums(q), src: rand.NewPCG(0, uint64(s.planned))}
	var total float64
	for range runs {
		total += float64(s.length(from))
	}
	return total / float64(runs)
}

// length simulates one run, in steps of as many answers as a draw holds.
func (s stopping) length(from sampler) int64 {
	step, counts := make([]int64, len(s.null)), make([]int64, len(s.null))
	for n := from.n; n < s.planned; n += from.n {
		from.draw(step)
		for k, c := range step {
			counts[k] += c
		}
		if mixtureLogE(counts, s.null) >= s.bound {
			return n
		}
	}
	return s.planned
}
