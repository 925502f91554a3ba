package diagnose_test

import (
	"math/rand/v2"

	"respy/probe"
)

func seeded(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 7)) }

func answerOf(version int) probe.Answer {
	return probe.Answer{Version: version, Session: -1, First: true}
}

// drawn is a version drawn by the weights.
func drawn(rng *rand.Rand, weights []float64) int {
	total := 0.0
	for _, w := range weights {
		total += w
	}
	at := rng.Float64() * total
	for i, w := range weights {
		if at < w {
			return i
		}
		at -= w
	}
	return len(weights) - 1
}
