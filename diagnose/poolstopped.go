package diagnose

import (
	"fmt"
	"math"
	"slices"
)

// shardsStopped settles reports of runs that stopped early: their E multiply, as they are independent, and so does the
// mean of E hold; half of alpha is for each.
func (j *judge) shardsStopped() (outcome, bool) {
	if !j.sequentialShards() {
		return outcome{}, false
	}
	product, mean, why := j.stoppedEvidence()
	if why != "" {
		return outcome{Inconclusive, ReasonTooSmall, why}, true
	}
	if max(product, mean) >= -math.Log(j.Alpha) {
		return outcome{Mismatch, ReasonTest, fmt.Sprintf("%d reports of runs that stopped early contradict %s together (ln E = %s)",
			len(j.Shards), j.weightsText(), trim(product))}, true
	}
	for _, s := range j.Shards {
		if s.Report.Verdict != Match {
			return outcome{Inconclusive, ReasonTooSmall, fmt.Sprintf("%s says %s, and all %d reports together are not sure of it (ln E = %s)",
				s.Name, s.Report.Verdict, len(j.Shards), trim(product))}, true
		}
	}
	return outcome{Match, ReasonTest, fmt.Sprintf("%d reports agree with %s", len(j.Shards), j.weightsText())}, true
}

// stoppedEvidence is ln of the product of the reports' E, and of what the largest one alone makes of their mean; or else
// why they cannot be taken together.
func (j *judge) stoppedEvidence() (product, mean float64, why string) {
	most := math.Inf(-1)
	for _, s := range j.Shards {
		if e := expectationOf(s.Report); e == nil || !slices.Equal(e.Names(), j.Expectation.Names()) || !sameShares(e.Shares(), j.Expectation.Shares()) ||
			s.Report.Test != nil && float64(s.Report.Test.Tolerance) != j.Tolerance {
			return 0, 0, s.Name + " stopped early under other weights or another tolerance: its evidence is not about these"
		}
		if s.Report.Test == nil || !s.Report.Test.LnE.Exists() {
			return 0, 0, s.Name + " was measured without --early-stop and others with it: their evidence cannot be added"
		}
		product += float64(s.Report.Test.LnE)
		most = max(most, float64(s.Report.Test.LnE))
	}
	return product, most - math.Log(float64(len(j.Shards))), ""
}

// pooledE is ln E of reports of runs that stopped early, and its p-value; NaN where they cannot be taken together. It is
// the mean of the two that shardsStopped looks at, which holds as they do: so the sum can be pooled in its turn.
func (j *judge) pooledE() (logE, p float64) {
	product, mean, why := j.stoppedEvidence()
	if why != "" {
		return math.NaN(), math.NaN()
	}
	product = max(-math.MaxFloat64, min(math.MaxFloat64, product))
	most := max(product, mean)
	logE = most + math.Log((math.Exp(product-most)+math.Exp(mean-most))/2)
	return logE, min(1, math.Exp(-logE))
}
