package stats

import "math"

// ToleranceProcess is a [Tolerance] that may be looked at after every answer,
// under the assumptions of [EProcess]. Both p-values of its Test are valid at
// every look.
//
// The mismatch is an EProcess divided by the best likelihood that the box
// allows instead of that of its centre (universal inference [1]), which can
// only make it smaller. The match has, for each edge b of each version, the
// likelihood of the declared share (weight 0.8) and of the point halfway to b
// (weight 0.2) over that of b: a supermartingale for every share beyond b, as
// in the sequential test of Wald [2]. A share close to an edge may stay
// undecided for ever.
//
// Memory is constant. It must be made by [Tolerance.Process].
//
//  1. Wasserman, L., Ramdas, A. and Balakrishnan, S. (2020), Universal
//     inference, PNAS 117.
//  2. Wald, A. (1945), Sequential tests of statistical hypotheses, Annals of
//     Mathematical Statistics 16.
type ToleranceProcess struct {
	box      *Tolerance
	centre   *EProcess
	counts   []int64
	total    int64
	maxLogE  float64
	maxMatch float64 // largest so far of the weakest edge's ln E
}

// Process returns a new process for the box.
func (t *Tolerance) Process() *ToleranceProcess {
	return &ToleranceProcess{box: t, centre: newEProcess(t.shares), counts: make([]int64, len(t.shares))}
}

// Add takes the next answer in send order, as EProcess.Add does.
func (p *ToleranceProcess) Add(version int) {
	p.centre.Add(version)
	if version < 0 || version >= len(p.counts) {
		p.maxLogE = math.Inf(1)
		return
	}
	p.counts[version]++
	p.total++
	// The box's E is at most the centre's, so most answers need no search.
	if p.centre.LogE() > p.maxLogE {
		p.maxLogE = max(p.maxLogE, p.LogE())
	}
	p.maxMatch = max(p.maxMatch, p.box.weakestEdge(p.counts, p.total, p.maxMatch))
}

// LogE returns ln E of the box after the answers so far.
func (p *ToleranceProcess) LogE() float64 {
	if math.IsInf(p.centre.LogE(), 1) {
		return math.Inf(1)
	}
	return p.centre.LogE() - p.box.gain(p.counts)
}

// Test returns the p-values so far. Where [Tolerance.Test] follows at a planned
// end, judge these at [StopLevel] and that one at [FinalLevel]: both at alpha
// would be wrong with probability 2α.
func (p *ToleranceProcess) Test() ToleranceTest {
	return ToleranceTest{OutsideP: math.Exp(-p.maxLogE), InsideP: math.Exp(-p.maxMatch)}
}

// LogE returns ln E of the box for these counts, whatever their order; see
// [ToleranceProcess] and the function [LogE].
func (t *Tolerance) LogE(counts []int64, intruders int64) (float64, error) {
	centre, err := LogE(counts, t.shares, intruders)
	if err != nil || math.IsInf(centre, 1) {
		return centre, err
	}
	return centre - t.gain(counts), nil
}

// weakestEdge returns the smallest ln E of the edges, or one that is at most
// enough: −Inf as long as a version has not answered, +Inf when all have and
// there is no edge.
func (t *Tolerance) weakestEdge(counts []int64, total int64, enough float64) float64 {
	for k, p := range t.shares {
		if p > 0 && counts[k] == 0 {
			return math.Inf(-1)
		}
	}
	weakest := math.Inf(1)
	for _, e := range t.edges {
		if weakest = min(weakest, e.logE(counts[e.version], total)); weakest <= enough {
			break
		}
	}
	return weakest
}

// logE returns ln E against all shares beyond the edge, n answers of total.
func (e edge) logE(n, total int64) float64 {
	return logSumExp(e.against[0].log(n, total), e.against[1].log(n, total))
}

func (b bernoulli) log(n, total int64) float64 {
	sum := b.prior + float64(n)*b.hit
	if n < total { // miss is −Inf for a version that takes everything
		sum += float64(total-n) * b.miss
	}
	return sum
}

// gain returns by how much the counts' log likelihood is larger at the best
// point of the box than at its centre.
func (t *Tolerance) gain(counts []int64) float64 {
	var sum float64
	for k, theta := range t.closest(counts) {
		if counts[k] > 0 {
			sum += float64(counts[k]) * math.Log(theta/t.shares[k])
		}
	}
	return sum
}
