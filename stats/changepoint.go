package stats

import (
	"cmp"
	"math"
	"slices"
	"time"
)

const (
	// changeLevel is the p-value from which a ChangePoint fires. Real p-values
	// at 1e-5 occur at a rate of up to 5e-5.
	changeLevel = 1e-5
	// locateLevel is the p-value up to which a ChangePoint is located.
	locateLevel = 0.01
	// rangeDrop is by how much the likelihood ratio statistic may lie below
	// its maximum for a position to count as a possible place of the change.
	rangeDrop = 9
	// rareCount is the count below which versions are pooled, so that a rare
	// one among several does not push the margins inwards.
	rareCount = 25
	// endCount is the count of each version to expect before the first and
	// after the last position that are examined.
	endCount = 5
)

// ChangePoint says whether the shares changed in the course of a run, and
// where. H0: the order of the answers is exchangeable, whatever the shares.
//
// The statistic is the largest of Pearson's X² of "before or after τ" by
// version, over all positions τ that leave an expected count of 5 of every
// version on both sides. Its p-value is the asymptotic tail of the maximum of
// a standardised Brownian bridge ([1]; [2], section 1.3), which simulations of
// 1000 answers bear out within a factor of two or three down to 1e-4. From three versions on, those with fewer than 25 answers
// are pooled. When the rarer of two has 10 or fewer there is nothing to
// examine, and P is 1.
//
// The place is where the likelihood ratio statistic G² is largest, and the
// range holds the positions where it is at most 9 less, which covers the true
// one in 97% or more of clear changes and fewer of faint ones. A change that
// is gradual, or of which there are several, is reported as one.
//
// Positions count what was added to the [Blocks], in send order from 0: At is
// the first position of the new shares, and how many precede it. In runs of
// more than 4096 they are multiples of the block length. The zero value has
// found nothing.
//
//  1. Vostrikova, L. Ju. (1981), Detecting "disorder" in multidimensional
//     random processes, Soviet Mathematics Doklady 24.
//  2. Csörgő, M. and Horváth, L. (1997), Limit Theorems in Change-Point
//     Analysis.
type ChangePoint struct {
	Statistic float64 // the largest X²
	DF        int     // versions, after pooling, less one
	P         float64
	margin    float64 // the part at each end that was not examined

	// The following are set when P ≤ 0.01, and Found says so: a change that
	// is not there has no place.
	Found                   bool
	At, Low, High           int64         // positions: the likeliest, and the range
	Sent, SentLow, SentHigh time.Duration // when these were sent, as given to AddAt
	Before, After           []int64       // counts by version before At, and from At on
}

// Fires reports whether a change was found with P ≤ 1e-5.
func (c ChangePoint) Fires() bool { return c.Found && c.P <= changeLevel }

// Allowing returns the change point with P as it is when answers of a cluster
// depend on each other, where they are [Clustering.Suspicious] of that. Such
// answers stand close together in the order, and vary over time by the design
// effect more than independent ones do: the statistic is divided by it. A change
// makes clusters differ, too. What it adds to Rho, the variance between its two
// sides, is taken off before, so that a real one does not hide itself.
func (c ChangePoint) Allowing(k Clustering) ChangePoint {
	if c.Found && k.Suspicious() {
		rest := max(0, k.Rho-c.rho()) / k.Rho
		c.P = maximumTail(c.Statistic/(1+(k.DesignEffect-1)*rest), float64(c.DF), c.margin)
	}
	return c
}

// rho returns by how much more often than two answers of the run two of the
// same side of the change are equal, as [Clustering] measures it.
func (c ChangePoint) rho() float64 {
	before, after := float64(sum(c.Before)), float64(sum(c.After))
	var within, overall float64
	for k := range c.Before {
		x, y := float64(c.Before[k]), float64(c.After[k])
		within += (x*x/before + y*y/after) / (before + after)
		overall += (x + y) * (x + y) / ((before + after) * (before + after))
	}
	return (within - overall) / (1 - overall)
}

// ChangePoint scans the order so far; it may be called at any time. It costs
// O(blocks · versions).
func (b *Blocks) ChangePoint() ChangePoint {
	s := newScan(b.counts, b.started())
	c := ChangePoint{P: 1, DF: max(0, len(s.totals)-1)}
	margin, ok := s.margin()
	if !ok {
		return c
	}
	c.margin, c.Statistic = margin, s.largest(margin)
	c.P = maximumTail(c.Statistic, float64(c.DF), margin)
	if c.P <= locateLevel {
		b.locate(&c, s)
	}
	return c
}

// started returns the number of blocks with at least one position.
func (b *Blocks) started() int {
	if b.length == 0 {
		return 0
	}
	return int((b.total + b.length - 1) / b.length)
}

// locate fills in the place of the change.
func (b *Blocks) locate(c *ChangePoint, s scan) {
	at, low, high := s.place()
	c.Found = true
	c.At, c.Low, c.High = int64(at)*b.length, int64(low)*b.length, int64(high)*b.length
	c.Sent, c.SentLow, c.SentHigh = b.sent[at], b.sent[low], b.sent[high]
	c.Before, c.After = make([]int64, len(b.counts)), make([]int64, len(b.counts))
	for k, column := range b.counts {
		if column == nil {
			continue
		}
		c.Before[k], c.After[k] = sum(column[:at]), sum(column[at:])
	}
}

// scan holds the counts of pooled versions by block.
type scan struct {
	columns [][]int64 // by version, then block
	totals  []float64 // by version
	total   float64
	blocks  int
}

// newScan drops versions without answers, and joins the two rarest as long as
// there are more than two and a rare one among them.
func newScan(columns [][]int64, blocks int) scan {
	s := scan{blocks: blocks}
	for _, column := range columns {
		if column != nil {
			s.columns = append(s.columns, column[:blocks])
		}
	}
	rarestFirst := func(a, b []int64) int { return cmp.Compare(sum(a), sum(b)) }
	slices.SortStableFunc(s.columns, rarestFirst)
	for len(s.columns) > 2 && sum(s.columns[0]) < rareCount {
		pooled := slices.Clone(s.columns[1])
		for i, n := range s.columns[0] {
			pooled[i] += n
		}
		s.columns = s.columns[1:]
		s.columns[0] = pooled
		slices.SortStableFunc(s.columns, rarestFirst)
	}
	for _, column := range s.columns {
		n := float64(sum(column))
		s.totals = append(s.totals, n)
		s.total += n
	}
	return s
}

// margin returns the part of the answers at each end that is not examined,
// and false when there is nothing to examine.
func (s scan) margin() (float64, bool) {
	if len(s.totals) < 2 {
		return 0, false
	}
	rarest := slices.Min(s.totals)
	h := math.Ceil(endCount*s.total/rarest) / s.total
	return h, h < 0.5
}

// each calls f with the number of blocks, the answers and the counts by
// version before every inner boundary between blocks.
func (s scan) each(f func(blocks int, before float64, counts []float64)) {
	counts := make([]float64, len(s.columns))
	var before float64
	for i := range s.blocks - 1 {
		for k, column := range s.columns {
			counts[k] += float64(column[i])
			before += float64(column[i])
		}
		if before > 0 && before < s.total {
			f(i+1, before, counts)
		}
	}
}

// largest returns the maximum of X² between the margins.
func (s scan) largest(margin float64) float64 {
	low, high := margin*s.total, (1-margin)*s.total
	const slack = 1e-9 // for the rounding of the two products
	var largest float64
	s.each(func(_ int, before float64, counts []float64) {
		if before < low-slack || before > high+slack {
			return
		}
		var x float64
		for k, n := range s.totals {
			d := counts[k] - before*n/s.total
			x += d * d / n
		}
		largest = max(largest, x*s.total*s.total/(before*(s.total-before)))
	})
	return largest
}

// place returns the boundary where G² is largest, and the first and the last
// where it is at most rangeDrop less.
func (s scan) place() (at, low, high int) {
	ratio := make([]float64, s.blocks+1)
	s.each(func(blocks int, before float64, counts []float64) {
		for k, n := range s.totals {
			ratio[blocks] += 2 * (entropyTerm(counts[k], before) +
				entropyTerm(n-counts[k], s.total-before) - entropyTerm(n, s.total))
		}
		if ratio[blocks] > ratio[at] {
			at = blocks
		}
	})
	low, high = at, at
	for i := 1; i < s.blocks; i++ {
		if ratio[i] >= ratio[at]-rangeDrop {
			low, high = min(low, i), max(high, i)
		}
	}
	return at, low, high
}

// entropyTerm returns n ln(n/total), 0 for n = 0.
func entropyTerm(n, total float64) float64 {
	if n == 0 {
		return 0
	}
	return n * math.Log(n/total)
}

// maximumTail returns the probability that the maximum of X² with df degrees
// of freedom, scanned without the margins, reaches x. It approximates the tail
// for x > df, and is 1 below.
func maximumTail(x, df, margin float64) float64 {
	if x <= df {
		return 1
	}
	density := math.Exp(df/2*math.Log(x/2) - x/2 - lgamma(df/2))
	return min(1, max(0, density*((1-df/x)*2*math.Log((1-margin)/margin)+4/x)))
}

// sum returns the sum of counts.
func sum(counts []int64) (total int64) {
	for _, n := range counts {
		total += n
	}
	return total
}
