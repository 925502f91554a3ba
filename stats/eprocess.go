package stats

import "math"

// stopShare is the part of alpha that a sequential check may spend on
// stopping early; the test at the planned end gets the rest.
const stopShare = 0.2

// priorKinds is the number of Dirichlet priors that an EProcess mixes.
const priorKinds = 3

// EProcess is evidence against a split that may be looked at after every
// answer. H0: the answers, in the order in which their requests were sent, are
// independent draws with the shares of the weights.
//
// E is the likelihood ratio of the answers under a mixture of three Dirichlet
// priors over the shares, and under H0. With π the shares of the weights, the
// priors are Dir(2π), Dir(100π) and Dir(1, …, 1), at a third each: the first
// and the last are quick to see gross faults, such as equal shares or a dead
// version, the second small shifts. Under H0 E is a nonnegative martingale
// that starts at 1, so P(E ever reaches 1/α) ≤ α (Ville [1]; Robbins [2] on
// mixtures; Lindon and Malek [3] on shares). That is exact, for every number
// of answers and for every rule that says when to look.
//
// It assumes send order. In the order of completion a slow version is missing
// among the first answers, and a healthy split is called wrong as a rule, not
// as an exception. It also assumes independence: where a version belongs to
// the connection, only the first answer of each connection may be added.
//
// With a single version E stays 1. A version of weight 0, or one unknown to
// the weights, is impossible under H0: its first answer makes E infinite.
//
// Memory is constant, and an answer costs O(1). E overflows after a few
// hundred answers of a wrong split, so all methods speak of its natural
// logarithm. An EProcess must be made by [NewEProcess].
//
//  1. Ville, J. (1939), Étude critique de la notion de collectif.
//  2. Robbins, H. (1970), Statistical methods related to the law of the iterated
//     logarithm, Annals of Mathematical Statistics 41.
//  3. Lindon, M. and Malek, A. (2022), Anytime-valid inference for multinomial
//     count data, Advances in Neural Information Processing Systems 35,
//     arXiv:2011.03567.
type EProcess struct {
	shares []float64
	counts []float64
	total  float64
	priors [priorKinds]dirichlet
	ratios [priorKinds]float64 // likelihood ratio of each prior, divided by exp(scale)
	scale  float64
	logE   float64
	maxLog float64
}

// NewEProcess returns an e-process for a split with these weights, which may
// sum to anything. It is an error when a weight is negative, NaN or infinite,
// or none is positive.
func NewEProcess(weights []float64) (*EProcess, error) {
	pi, err := shares(weights)
	if err != nil {
		return nil, err
	}
	return newEProcess(pi), nil
}

func newEProcess(pi []float64) *EProcess {
	return &EProcess{
		shares: pi,
		counts: make([]float64, len(pi)),
		priors: priors(pi),
		ratios: [priorKinds]float64{1, 1, 1},
	}
}

// rescaleBeyond is how far the sum of the ratios may wander from 1. A prior
// that falls behind the others by a factor of 1e300 underflows and is lost,
// which makes E smaller if anything.
const rescaleBeyond = 1e100

// Add takes the next answer in send order: the index of its version in the
// weights. An index outside them is a version that H0 knows nothing of.
func (e *EProcess) Add(version int) {
	if math.IsInf(e.logE, 1) {
		return
	}
	if version < 0 || version >= len(e.shares) || e.shares[version] == 0 {
		e.logE, e.maxLog = math.Inf(1), math.Inf(1)
		return
	}
	pi, n := e.shares[version], e.counts[version]
	ratios, sum := e.ratios, 0.0
	for j, prior := range e.priors {
		ratios[j] *= (prior.at(pi) + n) / ((prior.sum + e.total) * pi)
		sum += ratios[j]
	}
	if sum > rescaleBeyond || sum < 1/rescaleBeyond {
		for j := range ratios {
			ratios[j] /= sum
		}
		e.scale += math.Log(sum)
		sum = 1
	}
	e.ratios = ratios
	e.counts[version]++
	e.total++
	e.logE = e.scale + math.Log(sum/priorKinds)
	e.maxLog = max(e.maxLog, e.logE)
}

// LogE returns ln E after the answers so far: 0 before the first.
func (e *EProcess) LogE() float64 { return e.logE }

// MaxLogE returns the largest ln E so far, at least 0.
func (e *EProcess) MaxLogE() float64 { return e.maxLog }

// P returns min(1, 1/max E), a p-value that is valid at every look.
func (e *EProcess) P() float64 { return math.Exp(-e.maxLog) }

// Rejects reports whether E has ever reached 1/level. Under H0 it ever does
// with probability at most level.
func (e *EProcess) Rejects(level float64) bool { return e.maxLog >= -math.Log(level) }

// LogE returns ln E of an [EProcess] after these counts, in closed form: the
// order of the answers does not enter. It serves where counts are judged that
// never came in that order, such as those with errors placed in the worst way.
// It is +Inf when a version of weight 0, or an intruder, has answered. It is
// an error when counts and weights do not go together.
func LogE(counts []int64, weights []float64, intruders int64) (float64, error) {
	pi, err := sharesOf(counts, weights, intruders)
	if err != nil {
		return 0, err
	}
	if intruders > 0 {
		return math.Inf(1), nil
	}
	return mixtureLogE(counts, pi), nil
}

// mixtureLogE is [LogE] of counts that are known to go with the shares.
func mixtureLogE(counts []int64, pi []float64) float64 {
	var logs [priorKinds]float64
	for j, prior := range priors(pi) {
		logs[j] = prior.logRatio(counts, pi)
	}
	return logSumExp(logs[:]...) - math.Log(priorKinds)
}

// StopLevel is the level at which a sequential check with a planned end stops
// early: α/5, that is ln E ≥ ln(5/α). With FinalLevel for the test at the end,
// both together are wrong under H0 with probability at most alpha, and the
// test at the end loses next to no power. (An e-process alone has a power of
// about .6 where the test of the same size has .9; both at alpha would be
// wrong with probability 2α.)
func StopLevel(alpha float64) float64 { return stopShare * alpha }

// FinalLevel is the level of the test at the planned end of a sequential
// check that has not stopped: 0.8α. See StopLevel.
func FinalLevel(alpha float64) float64 { return (1 - stopShare) * alpha }

// CombinedP returns the p-value of a sequential check that stops at StopLevel
// and tests at FinalLevel: min(1, 5/max E, 1.25·p), where p is that of the
// test at the planned end, and 1 for a check that stopped before it. It is at
// most alpha exactly when one of the two rejects.
func CombinedP(maxLogE, finalP float64) float64 {
	return min(1, math.Exp(-maxLogE)/stopShare, finalP/(1-stopShare))
}

// sharesOf returns the shares of weights that go with the counts.
func sharesOf(counts []int64, weights []float64, intruders int64) ([]float64, error) {
	if err := checkMore(counts, intruders); err != nil {
		return nil, err
	}
	return checkCounts(counts, weights)
}

// dirichlet is a prior over shares π: Dir(flat + scale·π_1, …), over the
// versions with a positive share.
type dirichlet struct {
	flat, scale, sum float64
}

func (d dirichlet) at(pi float64) float64 { return d.flat + d.scale*pi }

// priors returns the priors of the mixture for the shares pi.
func priors(pi []float64) [priorKinds]dirichlet {
	return [priorKinds]dirichlet{
		{scale: 2, sum: 2},
		{scale: 100, sum: 100},
		{flat: 1, sum: float64(positive(pi))},
	}
}

// logRatio returns the logarithm of the counts' probability under d divided by
// that under pi, which is +Inf when pi rules them out.
func (d dirichlet) logRatio(counts []int64, pi []float64) float64 {
	var sum, total float64
	for k, c := range counts {
		n := float64(c)
		switch {
		case c == 0:
			continue
		case pi[k] == 0:
			return math.Inf(1)
		}
		sum += lgamma(d.at(pi[k])+n) - lgamma(d.at(pi[k])) - n*math.Log(pi[k])
		total += n
	}
	return sum + lgamma(d.sum) - lgamma(d.sum+total)
}

// positive counts the shares above 0.
func positive(pi []float64) int {
	n := 0
	for _, p := range pi {
		if p > 0 {
			n++
		}
	}
	return n
}
