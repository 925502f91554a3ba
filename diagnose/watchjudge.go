package diagnose

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"respy/k8s"
	"respy/k8s/envoy"
	"respy/stats"
)

// mixes reports whether other requests than those of the route, by other shares, are in the counts of its clusters.
func (w *Watch) mixes() bool {
	return slices.ContainsFunc(w.proxies, func(p *watchedProxy) bool { return p.mixing() != nil })
}

// mixing is a route that makes the counts of a proxy those of several rules, nil if there is none.
func (p *watchedProxy) mixing() *envoy.Route {
	own := p.view.Before
	if own == nil {
		return nil
	}
	drawn := func(cluster string) bool { return own.Share(cluster) > 0 }
	if slices.ContainsFunc(own.Mirrors, drawn) {
		return own
	}
	for i, r := range p.last.Others {
		if slices.ContainsFunc(targets(r), drawn) {
			return &p.last.Others[i]
		}
	}
	return nil
}

// notes say what the counters do not show.
func (w *Watch) notes() []Unseen {
	notes := []Unseen{{"observed", "no request was sent: the versions are those that the proxy chose, not those that answered"}}
	add := func(format string, args ...any) {
		notes = append(notes, Unseen{"chosen", fmt.Sprintf(format, args...)})
	}
	lost := "a request to a cluster that the proxy does not have (503) is in no counter"
	if w.byHosts() {
		lost = "a request that reaches no host (503: no such cluster, or no healthy upstream) is in no counter of a host"
	}
	add("%s", lost)
	for _, p := range w.proxies {
		p.notes(w, add)
	}
	if c := w.counted(); c.uncertain() {
		add("%d attempts failed, and the proxy keeps no count of its retries, so that as many may repeat others: "+
			"proxyStatsMatcher with upstream_rq_retry would tell", sum(c.high)-sum(c.low))
	}
	return notes
}

// byHosts reports whether counters of hosts had to do, or none was read.
func (w *Watch) byHosts() bool {
	counted := 0
	for _, p := range w.proxies {
		for _, s := range p.sums {
			if counted++; s.byHosts {
				return true
			}
		}
	}
	return counted == 0
}

func (p *watchedProxy) notes(w *Watch, add func(string, ...any)) {
	id := p.view.Server.Node.ID
	var lost time.Duration
	why := map[string]bool{}
	for _, c := range p.cuts {
		lost += c.to - c.from
		why[c.why] = true
	}
	if lost > 0 {
		reasons := make([]string, 0, len(why))
		for _, c := range p.cuts {
			if why[c.why] {
				reasons, why[c.why] = append(reasons, fmt.Sprintf("%s (%s after the start)", c.why, rounded(c.to))), false
			}
		}
		add("%s: %s of the watch are left out of the counts: %s", id, rounded(lost), strings.Join(reasons, "; "))
	}
	if p.missed != nil {
		add("%s: not read at the end: %v", id, p.missed)
	}
	if r := p.mixing(); r != nil {
		add("the counts mix the requests of several routes: route %d of virtual host %s leads to the same clusters by other shares (%s)",
			r.Index, r.VirtualHost, describeLead(r))
	}
	p.noteClusters(w, add)
}

func describeLead(r *envoy.Route) string {
	if len(r.Mirrors) > 0 {
		return "it sends copies to " + strings.Join(r.Mirrors, ", ")
	}
	return Describe(r)
}

// noteClusters tells of clusters that take no part in the counts.
func (p *watchedProxy) noteClusters(w *Watch, add func(string, ...any)) {
	if !p.began || p.view.Before == nil {
		return
	}
	hosts := healthyHosts(p.last.Counters)
	for _, c := range p.view.Before.Clusters {
		switch healthy, exists := hosts[c.Name]; {
		case c.Weight == 0 || healthy > 0:
		case !exists:
			add("%s: the proxy has no cluster %s: the requests of its share are answered 503 and counted nowhere", p.view.Server.Node.ID, c.Name)
		default:
			add("%s: cluster %s has no healthy host: the requests of its share are answered 503", p.view.Server.Node.ID, c.Name)
		}
	}
	for name, s := range p.sums {
		if s.seen > 0 && p.shared(name) {
			add("%s: %d requests to %s are left out: another route leads there as well", p.view.Server.Node.ID, s.seen, name)
		}
	}
}

// compareCallers tests several callers' proxies for agreement among themselves, at half of alpha. Where attempts may be
// repetitions, they differ only if they do with and without those.
func (j *judge) compareCallers() error {
	if j.Watch == nil || len(j.Watch.proxies) < 2 {
		return nil
	}
	j.Alpha /= 2
	var ids []string
	var lows, highs [][]int64
	for _, p := range j.Watch.proxies {
		if low, high := p.byVersion(j.Expectation); sum(high) > 0 {
			ids, lows, highs = append(ids, p.view.Server.Node.ID), append(lows, low), append(highs, high)
		}
	}
	if len(ids) < 2 {
		return nil
	}
	h, err := stats.CompareShards(highs, stats.HomogeneityOptions{Alpha: j.Alpha})
	if err != nil {
		return fmt.Errorf("comparing the callers: %w", err)
	}
	without, err := stats.CompareShards(lows, stats.HomogeneityOptions{Alpha: j.Alpha})
	if err != nil {
		return fmt.Errorf("comparing the callers: %w", err)
	}
	if !h.Rejects(j.Alpha) || !without.Rejects(j.Alpha) || j.Watch.mixes() {
		return nil
	}
	f := k8s.Finding{ID: proxiesDisagree, Severity: k8s.SeverityWarning,
		Summary:  fmt.Sprintf("the callers' proxies differ among themselves (p %s)", PText(h.P)),
		Evidence: []string{fmt.Sprintf("homogeneity test of %d proxies: X² = %s, p %s", len(ids), trim(h.Statistic), PText(h.P))},
		Fix:      "istioctl proxy-status"}
	for n, i := range j.furthestFirst(h.Odd(j.Alpha), highs) {
		if n == 0 {
			f.Object = ids[i]
			f.Summary = fmt.Sprintf("the proxy %s differs from the others (p %s)", ids[i], PText(h.P))
		}
		f.Evidence = append(f.Evidence, fmt.Sprintf("%s: %s", ids[i], pairs(j.Expectation.Names(), highs[i])))
	}
	j.add(f)
	return nil
}

// furthestFirst puts the callers that contradict the weights most first: of two that differ, each differs from the other.
func (j *judge) furthestFirst(odd []int, counts [][]int64) []int {
	p := map[int]float64{}
	for _, i := range odd {
		if fit, err := stats.Test(counts[i], j.Expectation.Weights(), stats.TestOptions{}); err == nil {
			p[i] = fit.P
		}
	}
	slices.SortStableFunc(odd, func(a, b int) int { return cmp.Compare(p[a], p[b]) })
	return odd
}

// doubtRepeats lets an outcome stand only if it is the same whichever of the failed attempts were repeated.
func (j *judge) doubtRepeats(sp *split) error {
	if j.Watch == nil {
		return nil
	}
	c, weights := j.Watch.counted(), j.Expectation.Weights()
	if !c.uncertain() || sp.stopped || j.tally.intruders > 0 {
		return nil
	}
	candidates, err := stats.Corners(c.low, c.high, weights)
	if sp.outcome == stats.Outside {
		var nearest []int64
		nearest, err = stats.Nearest(c.low, c.high, weights)
		candidates = [][]int64{nearest}
	}
	if err != nil {
		return fmt.Errorf("placing the retries: %w", err)
	}
	for _, counts := range candidates {
		if sum(counts) == 0 {
			continue
		}
		fit, err := stats.Test(counts, weights, stats.TestOptions{Kind: j.Test, Alpha: j.level()})
		if err != nil {
			return fmt.Errorf("placing the retries: %w", err)
		}
		if fit.Rejects(j.level()) != (sp.outcome == stats.Outside) {
			sp.robust, sp.flip = false, difference(c.high, counts)
		}
	}
	return nil
}

// untravelled holds when nobody sent anything while a watch went on.
func (j *judge) untravelled() (outcome, bool) {
	if j.Watch == nil || j.tally.total() > 0 {
		return outcome{}, false
	}
	return outcome{Inconclusive, ReasonTooSmall, fmt.Sprintf("the proxy sent no request to %s within %s: watch the proxy of a caller that sends some (--envoy), "+
		"or longer (--for), or send requests with respy itself", strings.Join(j.Expectation.Names(), ", "), j.Watch.duration)}, true
}

// mixed holds when the counts are those of several routes and do not fit: who is to blame cannot be told.
func (j *judge) mixed() (outcome, bool) {
	if j.Watch == nil || !j.tested || j.split.outcome != stats.Outside || !j.Watch.mixes() {
		return outcome{}, false
	}
	return outcome{Inconclusive, ReasonRecognition, fmt.Sprintf("the counts do not fit %s, and mix the requests of several routes: "+
		"send requests to this one with respy itself", j.weightsText())}, true
}

// impossibleChoice names what the weights rule out and was counted.
func (j *judge) impossibleChoice(all tally) string {
	for i, v := range j.Expectation.Versions {
		if n := all.counts[i]; v.Weight == 0 && n > 0 {
			return fmt.Sprintf("the proxy sent %d %ss to %s although its weight is 0", n, j.unit, clip(v.Name))
		}
	}
	intruders := slices.Clone(j.Watch.counted().intruders)
	slices.Sort(intruders)
	return fmt.Sprintf("the proxy sent %d %ss to %s, which %s does not name", all.intruders, j.unit,
		clip(strings.Join(slices.Compact(intruders), ", ")), j.weightsText())
}

// enough is how long a watch must be, at the rate that was seen, to see so many.
func (w *Watch) enough(required, seen int64) time.Duration {
	return time.Duration(float64(w.duration) * float64(required) / float64(max(seen, 1))).Round(time.Second)
}
