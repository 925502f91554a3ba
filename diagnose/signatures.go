package diagnose

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"respy/k8s"
	"respy/stats"
)

// Ids of findings that the answers themselves show: how a split that goes wrong in a known way looks.
const (
	roundRobin      = "round-robin"
	perConnection   = "per-connection"
	followsReplicas = "follows-replicas"
	sameAsReplicas  = "same-as-replicas"
	propagationLag  = "propagation-lag"
	sticky          = "sticky"
)

// signatures looks for known ways to go wrong in the counts and in the order of the answers. They never change a
// p-value.
func (j *judge) signatures() error {
	if j.Expectation == nil || j.ByProxy || !j.tested {
		return nil
	}
	j.findPerConnection()
	j.findRoundRobin()
	j.findSticky()
	j.findBypass()
	if err := j.findPods(); err != nil {
		return err
	}
	if err := j.findChange(); err != nil {
		return err
	}
	return j.findReplicas()
}

func (j *judge) findPerConnection() {
	if j.unit != unitConnection || j.drawsConnections() {
		return
	}
	c := j.clustering
	j.add(k8s.Finding{ID: perConnection, Severity: k8s.SeverityWarning,
		Summary: "the version belongs to the connection: the choice is made once for each, not for each request",
		Evidence: []string{
			fmt.Sprintf("%d of %d connections with several answers saw one version alone", c.Repeated-c.Mixed, c.Repeated),
			fmt.Sprintf("ln E = %s, rho = %s", trim(c.LogE), trim(c.Rho))},
		Fix: "see that the port is HTTP for the mesh (a name such as http-web, or appProtocol: http) and that the caller has a sidecar or a waypoint; " +
			"--connection-reuse 1 makes each request a draw"})
}

func (j *judge) findRoundRobin() {
	if j.unit != unitRequest {
		return
	}
	r := j.Observer.all.blocks.RoundRobin()
	if !r.Fires() {
		return
	}
	j.add(k8s.Finding{ID: roundRobin, Severity: k8s.SeverityWarning,
		Summary:  "the versions take turns too evenly for random draws: something deals the requests out in rotation",
		Evidence: []string{fmt.Sprintf("so even an order has probability %.1g under random draws", r.P())},
		Fix:      "see that the rule with the weights is in effect for this caller: without it, requests go round the endpoints"})
}

// findSticky says whether sessions stay on one version.
func (j *judge) findSticky() {
	if j.unit != unitSession || !j.clustering.Decidable {
		return
	}
	s, err := stats.Sticky(j.clustering.Repeated, j.clustering.Mixed, j.Expectation.Weights(), j.Sessions, j.Alpha)
	if err != nil {
		return // weights were tested before; the sessions are counted here
	}
	summary := "sessions do not stay on one version"
	switch {
	case s.Stays():
		summary = "sessions stay on one version"
	case s.Mixed == 0:
		summary = fmt.Sprintf("no session has left its version, but it takes %d sessions to tell that from chance", s.Required)
	}
	j.add(k8s.Finding{ID: sticky, Severity: k8s.SeverityInfo, Summary: summary,
		Evidence: []string{fmt.Sprintf("%d of %d sessions saw more than one version (%s%% to %s%%)", s.Mixed, s.Sessions,
			trim(100*s.Interval.Low), trim(100*s.Interval.High))}})
}

// findChange looks for a point from which on the shares are others.
func (j *judge) findChange() error {
	c := j.change()
	if !c.Fires() || j.split.stopped || j.wrongSplit() && (j.explained() || j.passesThrough()) {
		return nil // without a rule, what connections last for looks like a change
	}
	n := len(j.Expectation.Versions)
	after := padded(c.After, n+1)
	rest, err := stats.Test(after[:n], j.Expectation.Weights(), stats.TestOptions{Intruders: after[n]})
	if err != nil {
		return fmt.Errorf("testing the answers after a change: %w", err)
	}
	f := k8s.Finding{ID: weightsChanged, Severity: k8s.SeverityError,
		Summary: "the shares changed during the run",
		Fix:     "run again when the weights rest"}
	if !rest.Rejects(fitsRest) {
		f.ID, f.Severity = propagationLag, k8s.SeverityWarning
		f.Summary = "the first part of the run followed other weights than the rest, which follows the expected ones"
		f.Fix = "wait until the proxies have the weights (--wait-programmed), then run again"
	}
	f.Evidence = []string{
		fmt.Sprintf("%ss 1 to %d, until %s after the start (%s to %s): %s", j.unit, c.At, rounded(c.Sent), rounded(c.SentLow), rounded(c.SentHigh),
			sharesOf(j.namesOf(c.Before), normalise(float64s(c.Before)))),
		"then " + sharesOf(j.namesOf(c.After), normalise(float64s(c.After))),
	}
	j.add(f)
	return nil
}

// change is where the shares of the draws became others, if they did.
func (j *judge) change() stats.ChangePoint {
	if j.unit != unitRequest {
		return j.Observer.first.blocks.ChangePoint()
	}
	return j.Observer.all.blocks.ChangePoint().Allowing(j.clustering)
}

// passesThrough reports whether no rule of the mesh can have applied.
func (j *judge) passesThrough() bool {
	return slices.ContainsFunc(j.Proxies, func(p ProxyView) bool { return p.Before != nil && p.Before.Passthrough() })
}

// fitsRest is the level at which what follows a change is held against the weights.
const fitsRest = 0.01

// namesOf names the versions of counts, whose last entry may be those that nothing expects.
func (j *judge) namesOf(counts []int64) []string {
	return append(j.Expectation.Names(), "others")[:len(counts)]
}

func padded(counts []int64, n int) []int64 {
	return append(slices.Clone(counts), make([]int64, max(0, n-len(counts)))...)
}

func rounded(d time.Duration) time.Duration { return d.Round(time.Millisecond) }

func (j *judge) destinationRule() string {
	for _, v := range j.Expectation.Versions {
		for _, d := range v.Destinations {
			return "DestinationRule of " + d.Host
		}
	}
	return ""
}

// pairs writes counts with their names: 890 requests to single, 110 to multiple.
func pairs(names []string, counts []int64) string {
	parts := make([]string, len(names))
	for i, name := range names {
		parts[i] = fmt.Sprintf("%d to %s", counts[i], clip(name))
	}
	return strings.Join(parts, ", ")
}

// findReplicas holds the ready endpoints that the proxy knows of each version against the counts: without a rule in
// effect, they and not the weights decide. Weights that changed may fit them in the mean by chance.
func (j *judge) findReplicas() error {
	ratio, ok := j.endpoints()
	if !ok {
		return nil
	}
	if sameShares(normalise(ratio), j.Expectation.Shares()) {
		j.findSameAsReplicas(ratio)
		return nil
	}
	if j.readAsChanged || j.split.outcome != stats.Outside || j.tally.intruders > 0 || slices.Min(ratio) == 0 || j.programmed.differs && divides(j.programmed.route) {
		return nil
	}
	fits, err := j.fits("endpoints", ratio)
	if err != nil || !fits {
		return err
	}
	j.add(k8s.Finding{ID: followsReplicas, Severity: k8s.SeverityWarning,
		Summary:  "the answers follow the number of ready endpoints, not the weights, as without a rule",
		Evidence: []string{"ready endpoints: " + pairs(j.Expectation.Names(), int64s(ratio)), "answers: " + pairs(j.Expectation.Names(), j.tally.counts)},
		Fix:      "istioctl proxy-config routes POD shows whether the caller's proxy has the rule"})
	return nil
}

func (j *judge) findSameAsReplicas(ratio []float64) {
	f := k8s.Finding{ID: sameAsReplicas, Severity: k8s.SeverityInfo,
		Summary:  "the weights are the ratio of the ready endpoints: the counts cannot tell a working rule from none",
		Evidence: []string{"ready endpoints: " + pairs(j.Expectation.Names(), int64s(ratio))},
		Fix:      "make the weights unlike the endpoints for the check, or let it read the proxy's counters (--envoy)"}
	if j.chosen.usable() && j.chosen.elsewhere == 0 {
		f.Summary += "; the proxy's counters show that it works"
		f.Fix = "nothing, as long as the check reads the proxy's counters"
	}
	j.add(f)
}

// endpoints counts the healthy hosts of each version's cluster, or what the objects say of them where no proxy was read.
func (j *judge) endpoints() ([]float64, bool) {
	counts := make([]float64, len(j.Expectation.Versions))
	if len(j.Proxies) == 0 {
		return j.declaredEndpoints()
	}
	known := false
	for cluster, hosts := range j.Proxies[0].Hosts { // every proxy is told of the same endpoints
		if i := j.Expectation.index(cluster); i >= 0 {
			counts[i] += float64(hosts)
			known = true
		}
	}
	return counts, known && slices.Max(counts) > 0
}

// declaredEndpoints counts the ready endpoints of the called Service behind each version.
func (j *judge) declaredEndpoints() ([]float64, bool) {
	counts := make([]float64, len(j.Expectation.Versions))
	if j.Declared.Rule == nil {
		return counts, false
	}
	for _, d := range j.Declared.Rule.Destinations {
		i := j.Expectation.standsFor(d)
		if d.Bare == nil || i < 0 {
			return counts, false
		}
		counts[i] += float64(*d.Bare)
	}
	return counts, slices.Max(counts) > 0
}

// fits reports whether one of the known explanations is the named one: shares that the counts agree with while the
// weights are far off.
func (j *judge) fits(name string, shares []float64) (bool, error) {
	explanations, err := stats.Explain(j.tally.counts, j.Expectation.Weights(), []stats.Alternative{{Name: name, Weights: shares}},
		stats.TestOptions{Alpha: j.Alpha})
	if err != nil {
		return false, fmt.Errorf("explaining the counts: %w", err)
	}
	return explanations[0].Named, nil
}

func int64s(values []float64) []int64 {
	counts := make([]int64, len(values))
	for i, v := range values {
		counts[i] = int64(v)
	}
	return counts
}
