package diagnose

import (
	"errors"
	"math"
	"slices"

	"respy/probe"
	"respy/stats"
)

// judge gathers what the rules of the verdict look at.
type judge struct {
	Evidence
	Settings
	tally      tally
	named      int64 // answers that named an expected version
	errors     int64 // requests without a version
	failed     int64 // those, and the 5xx answers that named one
	unplaced   int64 // errors of which no stage shows a version
	unit       string
	split      split
	tested     bool
	programmed comparison
	chosen     choice
	clustering stats.Clustering

	readAsChanged bool // the content of a route was another one after the run
	objectsTell   bool // a finding of the objects names the cause
	findings      []Finding
	unseen        []Unseen
}

// Judge compares the stages and decides. The error is one of the statistics: weights that no test accepts.
func Judge(e Evidence, s Settings) (*Conclusion, error) {
	j := &judge{Evidence: e, Settings: s, unseen: e.Unseen}
	if j.Observer == nil {
		j.Observer = &Observer{}
	}
	j.countErrors()
	j.compareProgrammed()
	j.followChosen()
	if e.Expectation != nil {
		if err := errors.Join(j.compareShards(), j.compareCallers()); err != nil {
			return nil, err
		}
		j.chooseUnit()
		j.countDraws()
		var err error
		if j.split, j.tested, err = j.testSplit(); err != nil {
			return nil, err
		}
	}
	if err := j.collectFindings(); err != nil {
		return nil, err
	}
	c := j.conclusion()
	j.decide(c)
	c.Chain, c.Trace = j.chain(c), j.trace(c.Versions)
	return c, nil
}

// countErrors adds up the requests that failed, and those that failed and yet named a version.
func (j *judge) countErrors() {
	for _, f := range j.Observed.Failures {
		j.errors += f.Count
	}
	j.failed = j.errors
	for _, v := range j.Observed.Versions {
		j.failed += v.ServerErrors
	}
}

// The units of the test: what is drawn independently.
const (
	unitRequest    = "request"
	unitConnection = "connection"
	unitSession    = "session"
)

// chooseUnit takes the request, unless the run has sessions or the answers show that a version belongs to a connection.
func (j *judge) chooseUnit() {
	j.unit = unitRequest
	switch clusters := j.Observer.clusters; {
	case len(j.Shards) > 0 && j.Shards[0].Report.Test != nil:
		j.unit = j.Shards[0].Report.Test.Unit
	case j.Watch != nil && j.overTCP():
		j.unit = unitConnection // which is what the proxy counts then
	case clusters == nil || j.ByProxy:
	case j.Sessions > 0:
		j.unit, j.clustering = unitSession, clusters.Test()
	default:
		j.clustering = clusters.Test()
		if j.clustering.Fires() || j.drawsConnections() {
			j.unit = unitConnection
		}
	}
}

// countDraws counts what the test looks at: the answers, the first one of each connection or session, or the proxy's
// choices.
func (j *judge) countDraws() {
	n := len(j.Expectation.Versions)
	switch {
	case j.ByProxy:
		j.tally = tally{counts: slices.Clone(j.chosen.counts), intruders: j.chosen.elsewhere}
		return
	case len(j.Shards) > 0:
		j.tally = j.answers()
		j.named = j.tally.mapped()
		j.unplaced = j.unplacedInShards()
	case j.unit == unitRequest:
		j.tally = j.answers()
		j.named = j.tally.mapped()
		j.unplaced = j.placeByChosen() + j.setResentAside()
	default:
		j.tally = tally{counts: slices.Clone(j.Observer.first.counts[:n]), intruders: j.Observer.first.counts[n], others: j.otherDraws()}
		j.named = j.tally.mapped()
		draws, answers := j.tally.total(), j.answers().total()
		j.unplaced = (j.errors*draws + answers - 1) / max(answers, 1)
	}
}

// otherDraws are the draws of the versions that nothing expects, in the order of their rows.
func (j *judge) otherDraws() []int64 {
	n := len(j.Expectation.Versions)
	draws := make([]int64, max(0, len(j.Observed.Versions)-n))
	for i := range draws {
		if k := j.Observed.Versions[n+i].Index - n; k >= 0 && k < len(j.Observer.others) {
			draws[i] = j.Observer.others[k]
		}
	}
	return draws
}

// answers is the tally of all answers that named a version.
func (j *judge) answers() tally {
	t := tally{counts: make([]int64, len(j.Expectation.Versions))}
	for i, v := range j.Observed.Versions {
		if i < len(t.counts) {
			t.counts[i] = v.Count
		} else {
			t.others = append(t.others, v.Count)
			t.intruders += v.Count
		}
	}
	return t
}

// setResentAside takes the answers to requests that were sent twice out of the counts, once they are more than errors may
// be, and returns how many: a version that closes its connections loses draws to the others, as one that fails does.
func (j *judge) setResentAside() int64 {
	resent := j.Observer.resent
	if len(resent) == 0 || !j.overBudget(sum(resent), j.Observed.Answered) {
		return 0
	}
	var aside int64
	for i := range j.tally.counts {
		j.tally.counts[i] -= resent[i]
		aside += resent[i]
	}
	return aside
}

// placeByChosen counts the errors of which no stage shows the version. Where the proxy served nobody else, the requests
// that it sent to a version and that no answer of this version accounts for are that version's errors; they are added
// to its count.
func (j *judge) placeByChosen() int64 {
	if !j.chosen.usable() {
		return j.errors
	}
	var extras int64
	for i, n := range j.chosen.counts {
		if n < j.tally.counts[i] {
			return j.errors // the version is not what the proxy chose
		}
		extras += n - j.tally.counts[i]
	}
	if extras > j.errors {
		return j.errors // some are first attempts of requests that were sent twice
	}
	copy(j.tally.counts, j.chosen.counts)
	return j.errors - extras
}

// conclusion fills in everything but the verdict.
func (j *judge) conclusion() *Conclusion {
	r := j.Observed
	c := &Conclusion{
		Schema: Schema, Target: j.Target, Started: r.Started, ElapsedSeconds: r.Elapsed.Seconds(),
		Unseen: orEmpty(j.unseen), Requests: r.Sent, Answered: r.Answered, Resent: r.Resent,
		Errors: []Failure{}, Versions: j.rows(), Findings: orEmpty(j.findings), Test: j.testReport(),
	}
	if len(j.Proxies) > 0 {
		c.Proxy = &Proxy{ID: j.Proxies[0].Server.Node.ID}
	}
	if j.Expectation != nil {
		c.Expectation = &j.Expectation.Source
	}
	for _, f := range r.Failures {
		c.Errors = append(c.Errors, Failure{Kind: string(f.Kind), Count: f.Count, Sample: f.Sample})
	}
	return c
}

func (j *judge) testReport() *Test {
	if !j.tested {
		return nil
	}
	fit := j.split.placement.Base
	t := &Test{
		Name: fit.Name, Method: fit.Method, Statistic: Number(fit.Statistic), DF: fit.DF,
		PValue: Number(j.split.p), ChiSquarePValue: Number(fit.ChiSquareP), Alpha: Number(j.Alpha),
		EffectSize: Number(fit.EffectSize), DetectableShift: Number(j.split.shift), Samples: fit.Samples,
		LnE: Number(j.split.logE), AnytimePValue: Number(j.split.anytimeP),
		RequestsRequired: j.split.required, Unit: j.unit, Tolerance: Number(j.Tolerance), Unplaced: j.unplaced,
	}
	if j.split.stopped || j.sequentialShards() {
		t.Name, t.Method = "e-process", "sequential"
		t.RequestsSaved = max(0, j.Requests-j.Observed.Sent)
	}
	return t
}

// rows are the versions: the expected ones in their order, then those that nothing expects.
func (j *judge) rows() []Version {
	observed := j.Observed.Versions
	if j.ByProxy && j.Expectation != nil {
		observed = nil
		for i, name := range j.Expectation.Names() {
			observed = append(observed, probe.Version{Name: name, Count: j.tally.counts[i]})
		}
	}
	rows := make([]Version, len(observed))
	for i, v := range observed {
		rows[i] = j.row(i, v)
	}
	return rows
}

func (j *judge) row(i int, v probe.Version) Version {
	nan := Number(math.NaN())
	row := Version{
		Name: v.Name, Count: v.Count, Draws: v.Count, ServerErrors: v.ServerErrors, Latency: quantiles(v),
		Weight: nan, ExpectedShare: nan, ProgrammedShare: nan, Share: nan, Low: nan, High: nan,
	}
	if n := len(j.tally.counts); i < n {
		row.Draws = j.tally.counts[i]
	} else if i-n < len(j.tally.others) {
		row.Draws = j.tally.others[i-n]
	}
	if all := j.draws(); all > 0 {
		row.Share = Number(float64(row.Draws) / float64(all))
	}
	if j.Expectation == nil {
		return row
	}
	row.ExpectedShare = 0
	if i < len(j.Expectation.Versions) {
		row.Weight = Number(j.Expectation.Versions[i].Weight)
		row.ExpectedShare = Number(j.Expectation.Shares()[i])
		row.ProgrammedShare = Number(j.programmed.shares[i])
		if j.chosen.usable() {
			row.Chosen = &j.chosen.counts[i]
		}
	}
	if limits, ok := j.split.intervals[i]; ok {
		row.Low, row.High = Number(limits.Low), Number(limits.High)
	}
	return row
}

// draws is how many units the shares are of.
func (j *judge) draws() int64 {
	if j.Expectation != nil {
		return j.tally.total()
	}
	var n int64
	for _, v := range j.Observed.Versions {
		n += v.Count
	}
	return n
}

func quantiles(v probe.Version) Latency {
	if v.Latency == (probe.Latency{}) {
		nan := Number(math.NaN())
		return Latency{nan, nan, nan}
	}
	return Latency{Number(v.Latency.P50.Seconds()), Number(v.Latency.P95.Seconds()), Number(v.Latency.P99.Seconds())}
}

// orEmpty makes an absent list an empty one, so that its JSON form is [].
func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
