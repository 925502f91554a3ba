package stats

import (
	"math"
	"sort"
)

const (
	// negligible is how far below the observed log probability an outcome is
	// left out of a table: by a factor of 1e-20.
	negligible = 46

	// searchCost is how many entries of a table take as long to compute as one
	// answer without a table.
	searchCost = 40
)

// lastTwo is the last draw of an enumeration, between two versions. How
// probable its unlikely outcomes are is asked many times for the same number of
// answers, at limits that are never below that of the enumeration; a table is
// made of it once that has taken as long as a table does.
type lastTwo struct {
	binomial
	limit float64

	untilTable float64   // the entries that it would have, less those that could have been computed
	logs, mass []float64 // ascending ln pmf, and the mass of so many; empty without a table
}

// deal prepares for another number of answers.
func (l *lastTwo) deal(n int64) {
	l.binomial = l.binomial.of(n)
	l.logs, l.mass = l.logs[:0], l.mass[:0]
	l.untilTable = math.Min(float64(n), 2*l.deviation()*math.Sqrt(2*(negligible-l.limit)))
}

// unlikely returns P(ln pmf(X) ≤ limit).
func (l *lastTwo) unlikely(limit float64) float64 {
	if len(l.mass) == 0 {
		if l.untilTable -= searchCost; l.untilTable > 0 {
			return l.binomial.unlikely(limit)
		}
		l.tabulate(l.likely(l.limit - negligible))
	}
	return l.mass[sort.Search(len(l.logs), func(i int) bool { return l.logs[i] > limit })]
}

// tabulate takes the outcomes from first to last in the order of their
// probability, the less likely end each time.
func (l *lastTwo) tabulate(first, last int64) {
	var mass float64
	l.mass = append(l.mass, 0)
	for first <= last {
		log, right := l.logPMF(first), l.logPMF(last)
		if log <= right {
			first++
		} else {
			log = right
			last--
		}
		mass += math.Exp(log)
		l.logs, l.mass = append(l.logs, log), append(l.mass, mass)
	}
}
