package stats

import (
	"fmt"
	"math"
)

// AddBatch takes the next answers as counts by version, whose order among
// themselves is unknown, such as what a proxy's counters grew by between two
// looks. Intruders are answers of versions that the weights do not list. It is
// an error when there is not one count for each weight or one is negative.
//
// H0 and the guarantee are those of the process: E of an i.i.d. sequence
// depends on its counts alone, so that E after a batch is E at the batch's
// last answer, whatever the order before it was, and the bound holds over all
// numbers of answers at once (Ville). So it holds for every way to cut the
// sequence into batches: by the clock, by a number, or by what was seen.
//
// It assumes that the counts at every look are those of a beginning of the
// sequence in send order: all requests sent until then, and none sent later.
// Counters that grow when a request is sent have that property, also when
// those of several senders are added up; counters of completed requests do
// not, nor do ones of which a part was lost for some versions only. What the
// answers themselves do to the number of later requests, as with clients that
// wait for an answer before they send again, is no harm: the draw of a request
// does not depend on when it is sent. What lies within a batch is not looked
// at, which makes the process slower by at most a batch.
func (e *EProcess) AddBatch(counts []int64, intruders int64) error {
	if err := checkBatch(counts, len(e.shares), intruders); err != nil {
		return err
	}
	if math.IsInf(e.logE, 1) {
		return nil
	}
	after := make([]int64, len(counts))
	for k, n := range counts {
		after[k] = int64(e.counts[k]) + n
	}
	if err := checkMore(after, intruders); err != nil {
		return err
	}
	if intruders > 0 || math.IsInf(mixtureLogE(after, e.shares), 1) {
		e.logE, e.maxLog = math.Inf(1), math.Inf(1)
		return nil
	}
	e.jump(after)
	return nil
}

// jump brings the process to where these counts, which H0 allows, lead it.
func (e *EProcess) jump(counts []int64) {
	var logs [priorKinds]float64
	for j, prior := range e.priors {
		logs[j] = prior.logRatio(counts, e.shares)
	}
	e.scale = logSumExp(logs[:]...)
	for j, log := range logs {
		e.ratios[j] = math.Exp(log - e.scale)
	}
	e.total = 0
	for k, n := range counts {
		e.counts[k] = float64(n)
		e.total += float64(n)
	}
	e.logE = e.scale - math.Log(priorKinds)
	e.maxLog = max(e.maxLog, e.logE)
}

func checkBatch(counts []int64, versions int, intruders int64) error {
	if len(counts) != versions {
		return fmt.Errorf("%d counts for %d weights: each version needs one of each", len(counts), versions)
	}
	return checkMore(counts, intruders)
}
