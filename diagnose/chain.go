package diagnose

import (
	"math"
	"slices"

	"respy/stats"
)

// Stage is one of the four stages of a request's way, with the share that each version has there.
type Stage struct {
	Name      string // declared, programmed, chosen or observed
	Seen      bool
	Why       string   // it was not seen
	Shares    []Number // by row of Conclusion.Versions, null where unknown; none for a stage that was not seen
	Elsewhere Number   // share of none of these versions: sent to others, or without a version in the answer
	Link      Link     // to the last stage before it that was seen
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
	stages := []Stage{j.declaredStage(c), j.programmedStage(c), j.chosenStage(c), j.observedStage(c)}
	before := false
	for i := range stages {
		s := &stages[i]
		if !s.Seen {
			s.Shares, s.Elsewhere = nil, 0
			continue
		}
		if s.Why = ""; before {
			s.Link = j.link(*s, c.Verdict)
		}
		before = true
	}
	if c.Verdict == Mismatch {
		breakSomewhere(stages)
	}
	return stages
}

func (j *judge) declaredStage(c *Conclusion) Stage {
	return Stage{Name: "declared", Seen: j.Expectation.Source.Kind != FromEnvoy, Why: j.why("declared", "the weights are the proxy's own"),
		Shares: column(c, func(v Version) Number { return v.ExpectedShare })}
}

func (j *judge) programmedStage(c *Conclusion) Stage {
	s := Stage{Name: "programmed", Seen: j.programmed.route != nil, Why: j.why("programmed", "no proxy's route was read"),
		Shares: column(c, func(v Version) Number { return v.ProgrammedShare })}
	s.Elsewhere = Number(1 - total(j.programmed.shares))
	return s
}

func (j *judge) chosenStage(c *Conclusion) Stage {
	all := sum(j.chosen.counts) + j.chosen.elsewhere
	s := Stage{Name: "chosen", Seen: j.chosen.usable() && j.Expectation.placed() && all > 0, Why: j.why("chosen", "no proxy's counters were read"),
		Shares: make([]Number, len(c.Versions)), Elsewhere: Number(float64(j.chosen.elsewhere) / float64(all))}
	if j.chosen.usable() && !j.Expectation.placed() {
		s.Why = "it is not known which cluster stands for which version"
	}
	for i := range s.Shares {
		s.Shares[i] = Number(math.NaN())
		if i < len(j.chosen.counts) {
			s.Shares[i] = Number(float64(j.chosen.counts[i]) / float64(all))
		}
	}
	return s
}

func (j *judge) observedStage(c *Conclusion) Stage {
	s := Stage{Name: "observed", Seen: !j.ByProxy && j.tally.total() > 0, Why: j.why("observed", "not one answer named a version"),
		Shares: column(c, func(v Version) Number { return v.Share })}
	if j.ByProxy {
		s.Why = "the versions are the proxy's choices"
	}
	if requests := float64(j.errors + j.named + j.tally.intruders); j.unit == unitRequest && j.errors > 0 {
		s.Elsewhere = Number(float64(j.errors) / requests)
		for i := range s.Shares {
			s.Shares[i] = Number(float64(c.Versions[i].Count) / requests)
		}
	}
	return s
}

// why says why a stage was not seen, in the words of its note if there is one.
func (j *judge) why(stage, otherwise string) string {
	for _, u := range j.unseen {
		if u.Stage == stage {
			return u.Why
		}
	}
	return otherwise
}

// link says whether a stage agrees with what comes before it.
func (j *judge) link(s Stage, verdict Verdict) Link {
	if verdict == Match {
		return LinkHolds
	}
	broken, sure := false, true
	switch s.Name {
	case "programmed":
		broken = j.programmed.differs
	case "chosen":
		broken, sure = j.strays(j.chosen.counts, j.chosen.elsewhere), verdict != Inconclusive
	case "observed":
		broken, sure = j.answeredOtherwise()
	}
	switch {
	case broken && verdict == Mismatch:
		return LinkBroken
	case broken || !sure:
		return LinkOpen
	}
	return LinkHolds
}

// strays reports whether counts contradict the shares that the proxy has, or the expected ones where those are unknown.
// Draws of none of the versions stand for what the proxy sends elsewhere.
func (j *judge) strays(counts []int64, others int64) bool {
	weights := slices.Clone(j.Expectation.Weights())
	if j.programmed.route != nil {
		weights = slices.Clone(j.programmed.shares)
	}
	elsewhere := 0.0
	if j.programmed.route != nil {
		elsewhere = max(0, 1-total(weights))
	}
	if elsewhere < shareSlack {
		elsewhere = 0
	}
	fit, err := stats.Test(append(slices.Clone(counts), others), append(weights, elsewhere), stats.TestOptions{Kind: j.Test})
	return err == nil && fit.Rejects(j.level())
}

// answeredOtherwise reports whether the answers are not those of the clusters that the proxy chose, or, where these are
// unknown, not as the weights ask for. Requests that failed have no answer to compare. It is not sure where requests went
// to clusters of no version, or uncounted: as TCP the proxy counts connections.
func (j *judge) answeredOtherwise() (broken, sure bool) {
	if !j.chosen.usable() || !j.Expectation.placed() {
		return j.strays(j.tally.counts, j.tally.intruders), j.unplaced == 0 && j.asked() >= j.split.required
	}
	if j.overBudget(j.failed, j.Observed.Sent) {
		return true, true
	}
	if sum(j.chosen.counts)+j.chosen.elsewhere < j.Observed.Answered {
		return false, false
	}
	for i, n := range j.chosen.counts {
		answers := j.Observed.Versions[i].Count
		if answers > n+j.chosen.elsewhere || n-answers > j.errors+j.Observed.Resent {
			return true, true
		}
	}
	return false, j.chosen.elsewhere == 0
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

func total(shares []float64) float64 {
	t := 0.0
	for _, s := range shares {
		t += s
	}
	return t
}
