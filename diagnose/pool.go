package diagnose

import (
	"cmp"
	"fmt"
	"slices"

	"respy/k8s"
	"respy/probe"
	"respy/stats"
)

// Shard is the report of one of several runs that measured the same route, each through its own proxy.
type Shard struct {
	Name   string // of the file, for messages
	Report *Conclusion
}

// proxiesDisagree is the id of the finding that pooled reports differ among themselves.
const proxiesDisagree = "proxies-disagree"

// PoolError says why reports cannot be pooled.
type PoolError struct{ sentence string }

func (e *PoolError) Error() string { return e.sentence }

func poolErrorf(format string, args ...any) error { return &PoolError{fmt.Sprintf(format, args...)} }

// Pool adds up reports of the same rule, so that Judge can hold the sum against the weights and the reports against each
// other. The expectation is that of the reports, unless the caller has another. The error is a *PoolError when they are
// not of the same rule, weights or unit, or not such as Judge makes them.
func Pool(shards []Shard, e *Expectation) (Evidence, error) {
	first := shards[0]
	if err := checkShards(shards); err != nil {
		return Evidence{}, err
	}
	if e == nil {
		if e = expectationOf(first.Report); e == nil {
			return Evidence{}, poolErrorf("%s was measured without an expectation: give the weights with --expect", first.Name)
		}
		for _, s := range shards[1:] {
			if err := samePlan(first, s); err != nil {
				return Evidence{}, err
			}
		}
	}
	for _, s := range shards {
		if s.Report.Test != nil && first.Report.Test != nil && s.Report.Test.Unit != first.Report.Test.Unit {
			return Evidence{}, poolErrorf("%s counts %ss and %s %ss: they cannot be pooled", first.Name, first.Report.Test.Unit, s.Name, s.Report.Test.Unit)
		}
	}
	evidence := Evidence{Target: first.Report.Target, Expectation: e, Explicit: true, Shards: shards}
	evidence.Observed = pooled(shards, e.Names())
	return evidence, nil
}

// expectationOf restores the expectation of a report.
func expectationOf(c *Conclusion) *Expectation {
	if c.Expectation == nil {
		return nil
	}
	e := &Expectation{Source: *c.Expectation}
	for _, v := range c.Versions {
		if v.Weight.Exists() {
			e.Versions = append(e.Versions, Expected{Name: v.Name, Weight: float64(v.Weight)})
		}
	}
	if len(e.Versions) == 0 {
		return nil
	}
	return e
}

// samePlan reports, as an error that says which, what keeps two reports from being about the same rule.
func samePlan(a, b Shard) error {
	x, y := expectationOf(a.Report), expectationOf(b.Report)
	switch {
	case y == nil:
		return poolErrorf("%s was measured without an expectation: give the weights with --expect", b.Name)
	case x.Source.Route != y.Source.Route:
		return poolErrorf("%s is of %s and %s of %s: different routes cannot be pooled", a.Name, x.Source.Route, b.Name, y.Source.Route)
	case !slices.Equal(x.Names(), y.Names()) || !sameShares(x.Shares(), y.Shares()):
		return poolErrorf("%s expects %s and %s %s: different weights cannot be pooled", a.Name, sharesOf(x.Names(), x.Shares()),
			b.Name, sharesOf(y.Names(), y.Shares()))
	case x.Source.Kind == y.Source.Kind && x.Source.RuleHash != y.Source.RuleHash:
		return poolErrorf("%s and %s were measured under different versions of %s: run them again under one", a.Name, b.Name, x.Source.Route)
	case x.Source.Kind == FromCluster && y.Source.Kind == FromCluster && x.Source.Generation != y.Source.Generation:
		return poolErrorf("%s is of generation %d of %s and %s of %d: run them again under one", a.Name, x.Source.Generation,
			x.Source.Route, b.Name, y.Source.Generation)
	}
	return nil
}

// pooled is the sum of the reports, as if one run had made all their draws.
func pooled(shards []Shard, names []string) probe.Result {
	r := probe.Result{Started: shards[0].Report.Started}
	for _, name := range names {
		r.Versions = append(r.Versions, probe.Version{Name: name, Expected: true})
	}
	for _, s := range shards {
		c := s.Report
		r.Sent += c.Requests
		r.Answered += c.Answered
		r.Resent += c.Resent
		for _, v := range c.Versions {
			addVersion(&r, v)
		}
		for _, f := range c.Errors {
			addFailure(&r, f)
		}
	}
	slices.SortStableFunc(r.Versions[len(names):], func(a, b probe.Version) int { return cmp.Compare(a.Name, b.Name) })
	return r
}

func addVersion(r *probe.Result, v Version) {
	i := slices.IndexFunc(r.Versions, func(known probe.Version) bool { return known.Name == v.Name })
	if i < 0 {
		i = len(r.Versions)
		r.Versions = append(r.Versions, probe.Version{Name: v.Name})
	}
	r.Versions[i].Count += v.Draws
	r.Versions[i].ServerErrors += v.ServerErrors
}

func addFailure(r *probe.Result, f Failure) {
	i := slices.IndexFunc(r.Failures, func(known probe.Failure) bool { return string(known.Kind) == f.Kind })
	if i < 0 {
		i = len(r.Failures)
		r.Failures = append(r.Failures, probe.Failure{Kind: probe.Kind(f.Kind), Sample: f.Sample})
	}
	r.Failures[i].Count += f.Count
}

// compareShards tests the reports against each other, at half of alpha; the other half is for the sum. Reports of runs
// that stopped early have counts that depend on what they showed, and are combined by their E alone.
func (j *judge) compareShards() error {
	if len(j.Shards) < 2 {
		return nil
	}
	j.Alpha /= 2
	if j.sequentialShards() {
		return nil
	}
	rows := make([][]int64, len(j.Shards))
	for i, s := range j.Shards {
		rows[i] = make([]int64, len(j.Observed.Versions))
		for _, v := range s.Report.Versions {
			k := slices.IndexFunc(j.Observed.Versions, func(known probe.Version) bool { return known.Name == v.Name })
			rows[i][k] += v.Draws
		}
	}
	h, err := stats.CompareShards(rows, stats.HomogeneityOptions{Alpha: j.Alpha})
	if err != nil {
		return fmt.Errorf("comparing the reports: %w", err)
	}
	if !h.Rejects(j.Alpha) {
		return nil
	}
	f := k8s.Finding{ID: proxiesDisagree, Severity: k8s.SeverityWarning,
		Summary:  fmt.Sprintf("the reports differ among themselves (p %s)", PText(h.P)),
		Evidence: []string{fmt.Sprintf("homogeneity test of %d reports: X² = %s, p %s", len(rows), trim(h.Statistic), PText(h.P))},
		Fix:      "look at the proxy of the odd one: istioctl proxy-status"}
	for n, i := range h.Odd(j.Alpha) {
		if n == 0 {
			f.Object = j.Shards[i].Name
			f.Summary = fmt.Sprintf("%s differs from the other reports (p %s)", j.Shards[i].Name, PText(h.P))
		}
		f.Evidence = append(f.Evidence, fmt.Sprintf("%s: %s", j.Shards[i].Name, pairs(versionNames(j.Observed.Versions), rows[i])))
	}
	j.add(f)
	return nil
}

func versionNames(versions []probe.Version) []string {
	names := make([]string, len(versions))
	for i, v := range versions {
		names[i] = v.Name
	}
	return names
}

// sequentialShards reports whether a report is of a run that its sequential test ended.
func (j *judge) sequentialShards() bool {
	return slices.ContainsFunc(j.Shards, func(s Shard) bool { return s.Report.Test != nil && s.Report.Test.Method == "sequential" })
}

// unfitShard holds when a report's counts are no fair sample: what made them so passes on to the sum.
func (j *judge) unfitShard() (outcome, bool) {
	return j.shardWith(ReasonChanged, ReasonProxyRestarted, ReasonRecognition)
}

// cutShard holds when a report is of a run that did not go its whole way.
func (j *judge) cutShard() (outcome, bool) { return j.shardWith(ReasonInterrupted, ReasonUnreachable) }

func (j *judge) shardWith(reasons ...Reason) (outcome, bool) {
	for _, s := range j.Shards {
		if slices.Contains(reasons, s.Report.Reason) {
			return outcome{Inconclusive, s.Report.Reason, s.Name + ": " + s.Report.Message}, true
		}
	}
	return outcome{}, false
}

// shardDiffers holds when a report's proxy was not programmed with the weights.
func (j *judge) shardDiffers() (outcome, bool) {
	for _, s := range j.Shards {
		if s.Report.Reason == ReasonProgrammedDiffers {
			return outcome{Mismatch, ReasonProgrammedDiffers, s.Name + ": " + s.Report.Message}, true
		}
	}
	return outcome{}, false
}

// shardImpossible holds when a report saw a version that must not answer, which its rows may not show.
func (j *judge) shardImpossible() (outcome, bool) {
	for _, s := range j.Shards {
		if s.Report.Reason == ReasonImpossibleVersion {
			return outcome{Mismatch, ReasonImpossibleVersion, s.Name + ": " + s.Report.Message}, true
		}
	}
	return outcome{}, false
}

// unplacedInShards adds up what the reports placed in the worst way; of one without a test, all errors.
func (j *judge) unplacedInShards() int64 {
	var unplaced int64
	for _, s := range j.Shards {
		if s.Report.Test != nil {
			unplaced += s.Report.Test.Unplaced
			continue
		}
		for _, e := range s.Report.Errors {
			unplaced += e.Count
		}
	}
	return unplaced
}

// shardsDisagree holds when the reports contradict each other.
func (j *judge) shardsDisagree() (outcome, bool) {
	f, ok := j.finding(proxiesDisagree)
	return outcome{Mismatch, ReasonTest, f.Summary}, ok && j.Tolerance == 0 // within a tolerance they may differ
}
