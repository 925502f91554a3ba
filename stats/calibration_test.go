package stats

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// Under H0 the test must not reject more often than alpha. The seed is fixed;
// with a random one, a test whose size is exactly alpha would fail a check with
// a probability of .0013.
func TestSizeIsAtMostAlpha(t *testing.T) {
	const repetitions = 20000
	alphas := []float64{.05, .01, .001}
	for _, weights := range [][]float64{{50, 50}, {90, 10}, {99, 1}, {10, 30, 60}, {91, 3, 3, 3}} {
		for _, n := range []int64{20, 100, 1000} {
			if len(weights) > 3 && n > 100 {
				continue // thousands of different counts, half a millisecond each
			}
			t.Run(fmt.Sprintf("%v of %d", weights, n), func(t *testing.T) {
				rejected := rejections(t, weights, n, repetitions, alphas)
				for i, alpha := range alphas {
					stdErr := math.Sqrt(alpha * (1 - alpha) / repetitions)
					if size := float64(rejected[i]) / repetitions; size > alpha+3*stdErr {
						t.Errorf("rejects a working split in %v of all runs at alpha %v", size, alpha)
					}
				}
			})
		}
	}
}

// rejections counts how often the test rejects at each level when the weights
// are at work.
func rejections(t *testing.T, weights []float64, n int64, repetitions int, alphas []float64) []int {
	t.Helper()
	expected, err := shares(weights)
	if err != nil {
		t.Fatal(err)
	}
	draw := sampler{n: n, shares: expected, rest: suffixSums(expected), src: rand.NewPCG(1, uint64(n))}
	seen := make(map[[5]int64]float64)
	rejected := make([]int, len(alphas))
	counts := make([]int64, len(weights))
	for range repetitions {
		draw.draw(counts)
		var key [5]int64
		copy(key[:], counts)
		p, known := seen[key]
		if !known {
			p = mustTest(t, counts, weights, TestOptions{}).P
			seen[key] = p
		}
		for i, alpha := range alphas {
			if p <= alpha {
				rejected[i]++
			}
		}
	}
	return rejected
}
