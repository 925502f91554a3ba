package diagnose

import (
	"math"
	"slices"

	"respy/stats"
)

// Stage is one of the four stages of a request's way, with the share that each version has there.
type Stage struct {
	Name   string // declared, programmed, chosen or observed
	Seen   bool
	Shares []Number // by row of Conclusion.Versions, null where unknown; none for a stage that was not seen
	Link   Link     // to the last stage before it that was seen
}

// Link says whether a stage agrees with the one before it.
type Link string

// The links. A link is called broken only in a mismatch, so that a picture never contradicts the verdict.
const (
	LinkNone   Link = "" // no stage before it was seen, or it was not seen itself
	LinkHolds  Link = "holds"
	LinkBroken Link = "broken"
	LinkOpen   Link = "open" // not decided
)

// chain compares the stages neighbour by neighbour, after the verdict.
func (j *judge) chain(c *Conclusion) []Stage {
	if j.Expectation == nil {
		return nil
	}
	stages := []Stage{
		{Name: "declared", Seen: j.Expectation.Source.Kind != FromEnvoy, Shares: column(c, func(v Version) Number { return v.ExpectedShare })},
		{Name: "programmed", Seen: j.programmed.route != nil, Shares: column(c, func(v Version) Number { return v.ProgrammedShare })},
		{Name: "chosen", Seen: j.chosen.usable() && sum(j.chosen.counts)+j.chosen.elsewhere > 0, Shares: j.chosenShares(c)},
		{Name: "observed", Seen: !j.ByProxy && j.tally.total() > 0, Shares: column(c, func(v Version) Number { return v.Share })},
	}
	before := false
	for i := range stages {
		s := &stages[i]
		if !s.Seen {
			s.Shares = nil
			continue
		}
		if before {
			s.Link = j.link(s.Name, c.Verdict)
		}
		before = true
	}
	if c.Verdict == Mismatch {
		breakSomewhere(stages)
	}
	return stages
}

// link says whether a stage agrees with what comes before it.
func (j *judge) link(stage string, verdict Verdict) Link {
	broken := false
	switch stage {
	case "programmed":
		broken = j.programmed.differs
	case "chosen":
		broken = j.strays(j.chosen.counts, j.chosen.elsewhere)
	case "observed":
		broken = j.answeredOtherwise()
	}
	switch {
	case verdict == Match, verdict == Mismatch && !broken:
		return LinkHolds
	case verdict == Mismatch:
		return LinkBroken
	}
	return LinkOpen
}

// strays reports whether counts contradict the shares that the proxy has, or the expected ones where those are unknown.
func (j *judge) strays(counts []int64, intruders int64) bool {
	weights := j.Expectation.Weights()
	if j.programmed.route != nil {
		weights = j.programmed.shares
	}
	if !slices.ContainsFunc(weights, func(w float64) bool { return w > 0 }) {
		return sum(counts)+intruders > 0
	}
	fit, err := stats.Test(counts, weights, stats.TestOptions{Kind: j.Test, Intruders: intruders})
	return err == nil && fit.Rejects(j.level())
}

// answeredOtherwise reports whether the answers are not those of the clusters that the proxy chose, or, where these are
// unknown, not as the weights ask for. Requests that failed have no answer to compare.
func (j *judge) answeredOtherwise() bool {
	if !j.chosen.usable() {
		return j.strays(j.tally.counts, j.tally.intruders)
	}
	for i, n := range j.chosen.counts {
		answers := j.Observed.Versions[i].Count
		if answers > n || n-answers > j.errors+j.Observed.Resent {
			return true
		}
	}
	return j.overBudget(j.failed, j.Observed.Sent)
}

// breakSomewhere marks the link to the answers in a mismatch that no comparison of two stages shows, such as errors.
func breakSomewhere(stages []Stage) {
	if slices.ContainsFunc(stages, func(s Stage) bool { return s.Link == LinkBroken }) {
		return
	}
	if last := &stages[len(stages)-1]; last.Link != LinkNone {
		last.Link = LinkBroken
	}
}

func column(c *Conclusion, share func(Version) Number) []Number {
	shares := make([]Number, len(c.Versions))
	for i, v := range c.Versions {
		shares[i] = share(v)
	}
	return shares
}

// chosenShares are those of the requests that the proxy sent to each version's cluster.
func (j *judge) chosenShares(c *Conclusion) []Number {
	shares := make([]Number, len(c.Versions))
	total := float64(sum(j.chosen.counts) + j.chosen.elsewhere)
	for i := range shares {
		shares[i] = Number(math.NaN())
		if i < len(j.chosen.counts) {
			shares[i] = Number(float64(j.chosen.counts[i]) / total)
		}
	}
	return shares
}
