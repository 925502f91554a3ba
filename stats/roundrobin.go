package stats

// roundRobinLevel is the p-value from which RoundRobin fires. Real p-values at
// 1e-4 occur at a rate of 0 to 2e-4 on independent draws of 15 blocks or more.
const roundRobinLevel = 1e-6

// The shortest block that is examined, and how many of them it takes: with 8
// blocks the approximation is too coarse.
const (
	shortestBlock = 8
	fewestBlocks  = 15
)

// RoundRobin says whether the versions take turns more evenly than chance
// would let them, as they do when something deals requests out in rotation.
// H0: the order of the answers is exchangeable, whatever the shares.
//
// The totals cannot show rotation (exactly N/2 of each version happens by
// chance, too), but the order does: it is even in every stretch. The run is
// cut into blocks of 8, 16, 32, … answers, as long as there are 15. The
// statistic of a level is Pearson's, of blocks by versions, and its p-value is
// the left tail: too good a fit (Fisher [1]). The exact mean and variance of the
// statistic given both margins, as in [Homogeneity], fix a gamma distribution
// that stands in for the exact one; the approximation errs on the safe side
// when counts are small.
//
// It has power for what rotates as a whole, best with one request in flight.
// Many requests in flight, or many proxies that rotate on their own, look like
// chance: that it does not fire proves nothing. A run of several levels adds
// up their chances of a false alarm.
//
//  1. Fisher, R. A. (1936), Has Mendel's work been rediscovered?, Annals of
//     Science 1.
type RoundRobin struct {
	Levels []RoundRobinLevel // by block length; none when the run is too short
}

// RoundRobinLevel is the test at one block length.
type RoundRobinLevel struct {
	Length    int64   // positions per block
	Blocks    int     // completed ones; the rest of the run is left out
	Statistic float64 // Pearson's, of blocks by versions
	Mean      float64 // of the statistic under H0
	Variance  float64
	P         float64 // the left tail
}

// P returns the smallest p-value of the levels, 1 when there are none.
func (r RoundRobin) P() float64 {
	p := 1.0
	for _, level := range r.Levels {
		p = min(p, level.P)
	}
	return p
}

// Fires reports whether some level has P ≤ 1e-6.
func (r RoundRobin) Fires() bool { return r.P() <= roundRobinLevel }

// RoundRobin tests the order so far; it may be called at any time. Runs of
// more than 32768 answers lose the shortest blocks.
func (b *Blocks) RoundRobin() RoundRobin {
	var r RoundRobin
	for length := max(shortestBlock, b.length); b.total/length >= fewestBlocks; length *= 2 {
		t := newContingency(b.table(length))
		if len(t.rows) < 2 || len(t.columns) < fewestBlocks {
			continue // a single version is even by itself
		}
		r.Levels = append(r.Levels, t.evenness(length))
	}
	return r
}

func (t contingency) evenness(length int64) RoundRobinLevel {
	mean, variance := t.moments()
	x := t.statistic()
	return RoundRobinLevel{
		Length:    length,
		Blocks:    len(t.columns),
		Statistic: x,
		Mean:      mean,
		Variance:  variance,
		P:         t.leftTail(x),
	}
}
