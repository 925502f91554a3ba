package stats

import "gonum.org/v1/gonum/mathext"

// contingency is a table of counts without its empty rows and columns.
type contingency struct {
	cells         [][]int64
	rows, columns []int64 // their sums
	total         int64
}

// newContingency returns the table of these rows, which are of equal length.
func newContingency(rows [][]int64) contingency {
	var t contingency
	var columns []int64
	for _, row := range rows {
		var sum int64
		for k, n := range row {
			if k == len(columns) {
				columns = append(columns, 0)
			}
			columns[k] += n
			sum += n
		}
		if sum > 0 {
			t.cells, t.rows, t.total = append(t.cells, row), append(t.rows, sum), t.total+sum
		}
	}
	for _, sum := range columns {
		if sum > 0 {
			t.columns = append(t.columns, sum)
		}
	}
	if len(t.columns) < len(columns) {
		for r, row := range t.cells {
			t.cells[r] = without(row, columns)
		}
	}
	return t
}

// without returns the cells of a row that lie in columns with a sum.
func without(row, columns []int64) []int64 {
	var kept []int64
	for k, n := range row {
		if columns[k] > 0 {
			kept = append(kept, n)
		}
	}
	return kept
}

// statistic returns Pearson's X² of independence of rows and columns.
func (t contingency) statistic() float64 {
	var x float64
	for r, row := range t.cells {
		for k, n := range row {
			expected := float64(t.rows[r]) * float64(t.columns[k]) / float64(t.total)
			x += (float64(n) - expected) * (float64(n) - expected) / expected
		}
	}
	return x
}

// df returns the degrees of freedom of the statistic.
func (t contingency) df() int { return max(0, len(t.rows)-1) * max(0, len(t.columns)-1) }

// moments returns the exact mean and variance of the statistic under
// independence given both margins (Haldane 1940, Dawson 1954), for a total
// above 3.
func (t contingency) moments() (mean, variance float64) {
	n := float64(t.total)
	spread := func(sums []int64) (v, w float64) {
		c := float64(len(sums))
		var inverse float64
		for _, s := range sums {
			inverse += n / float64(s)
		}
		return (c - 1) * (n - c) / (n - 1), (inverse - c*c) / (n - 2)
	}
	v1, w1 := spread(t.rows)
	v2, w2 := spread(t.columns)
	mean = n * float64(t.df()) / (n - 1)
	variance = 2*n/(n-3)*(v1-w1)*(v2-w2) + n*n/(n-1)*w1*w2
	return mean, variance
}

// rightTail returns the probability of a statistic of at least x, by the
// gamma distribution with the exact moments: 1 where there is nothing to test.
func (t contingency) rightTail(x float64) float64 {
	shape, scale, ok := t.gamma()
	if !ok {
		return 1
	}
	return mathext.GammaIncRegComp(shape, x/scale)
}

// leftTail returns the probability of a statistic of at most x likewise.
func (t contingency) leftTail(x float64) float64 {
	shape, scale, ok := t.gamma()
	if !ok {
		return 1
	}
	return mathext.GammaIncReg(shape, x/scale)
}

// gamma returns the gamma distribution with the exact moments, or false where
// the statistic cannot vary: without two rows and columns, with too few
// answers, and with margins for which all tables have the same statistic.
func (t contingency) gamma() (shape, scale float64, ok bool) {
	if t.df() == 0 || t.total <= 3 {
		return 0, 0, false
	}
	const rounding = 1e-9 // the shape is at most about half of df
	mean, variance := t.moments()
	return mean * mean / variance, variance / mean, variance > rounding*mean*mean
}

// smallestExpected returns the smallest expected count of a cell.
func (t contingency) smallestExpected() float64 {
	smallest := float64(t.total)
	for _, r := range t.rows {
		for _, k := range t.columns {
			smallest = min(smallest, float64(r)*float64(k)/float64(t.total))
		}
	}
	return smallest
}
