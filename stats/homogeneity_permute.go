package stats

import (
	"math"
	"math/rand/v2"
)

// enoughExceedances is the number of samples as large as what was observed
// after which a permutation test stops: its p then has a standard error of a
// tenth.
const enoughExceedances = 100

// permute returns the p-value of the statistic over random tables with the
// same margins, and the number of samples it took, at most m.
func (t contingency) permute(m int, seed uint64) (p float64, samples int) {
	src := rand.New(rand.NewPCG(seed, uint64(t.total)))
	observed := t.score(t.cells)
	sample := make([][]int64, len(t.rows))
	for r := range sample {
		sample[r] = make([]int64, len(t.columns))
	}
	asLarge := 0
	for i := range m {
		t.shuffle(sample, src)
		if t.score(sample) >= observed*(1-tieSlack) {
			asLarge++
		}
		if asLarge == enoughExceedances {
			return float64(asLarge) / float64(i+1), i + 1
		}
	}
	return float64(asLarge+1) / float64(m+1), m
}

// score returns Σ n²/(row·column), which orders tables of the same margins as
// Pearson's statistic does.
func (t contingency) score(cells [][]int64) float64 {
	var s float64
	for r, row := range cells {
		for k, n := range row {
			s += float64(n) / float64(t.rows[r]) * float64(n) / float64(t.columns[k])
		}
	}
	return s
}

// shuffle fills sample with a random table of t's margins, version by version:
// how many answers of a version a shard gets is hypergeometric given what the
// versions before have left.
func (t contingency) shuffle(sample [][]int64, src *rand.Rand) {
	commonest := 0
	for k, n := range t.columns {
		if n > t.columns[commonest] {
			commonest = k
		}
	}
	for r, size := range t.rows {
		clear(sample[r])
		sample[r][commonest] = size // what the others leave
	}
	free := t.total
	for k, left := range t.columns {
		if k == commonest {
			continue
		}
		population := free
		free -= left
		for r := range sample {
			if left == 0 {
				break
			}
			room := sample[r][commonest]
			n := hypergeometric(population, room, left, src.Float64())
			sample[r][k] = n
			sample[r][commonest] -= n
			population -= room
			left -= n
		}
	}
}

// hypergeometric returns how many marked items are among draws of a population
// with so many marked ones, for a uniform u. It inverts the distribution from
// its mode outwards, which takes a few standard deviations of steps.
func hypergeometric(population, marked, draws int64, u float64) int64 {
	total, good, taken := float64(population), float64(marked), float64(draws)
	low, high := max(0, draws+marked-population), min(draws, marked)
	mode := min(high, max(low, int64((taken+1)*(good+1)/(total+2))))
	x := float64(mode)
	down := math.Exp(chooseLog(good, x) + chooseLog(total-good, taken-x) - chooseLog(total, taken))
	up := down
	u -= down
	for below, above := mode, mode; u >= 0 && (below > low || above < high); {
		if above < high {
			x := float64(above)
			up *= (good - x) * (taken - x) / ((x + 1) * (total - good - taken + x + 1))
			above++
			if u -= up; u < 0 {
				return above
			}
		}
		if below > low {
			x := float64(below)
			down *= x * (total - good - taken + x) / ((good - x + 1) * (taken - x + 1))
			below--
			if u -= down; u < 0 {
				return below
			}
		}
	}
	return mode // u is closer to 1 than the rounding
}

// chooseLog returns ln of n over k.
func chooseLog(n, k float64) float64 {
	return lgamma(n+1) - lgamma(k+1) - lgamma(n-k+1)
}
