package diagnose

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"respy/k8s"
	"respy/k8s/envoy"
)

// Ids of findings made here; those that objects alone show are made by package k8s.
const (
	NoRuleMatches  = "no-rule-matches"
	faultInjected  = "fault-injected"
	hashPolicy     = "hash-policy"
	portNotHTTP    = "port-not-http"
	passthrough    = "passthrough"
	proxyStale     = "proxy-stale"
	weightsChanged = "weights-changed"
	versionFailing = "version-failing"
)

// collectFindings gathers what the objects, the proxies and the answers show, the gravest first. What is but the
// consequence of another finding is left out.
func (j *judge) collectFindings() error {
	for _, f := range j.Declared.Findings {
		j.add(f)
		j.readAsChanged = j.readAsChanged || f.ID == weightsChanged
	}
	for _, u := range j.Declared.Unseen {
		j.unseen = append(j.unseen, Unseen(u))
	}
	j.objectsTell = j.explained()
	j.routeFindings()
	j.clusterFindings()
	j.answerFindings()
	j.findPortNotHTTP()
	j.findWeightsChanged()
	j.findRedeclared()
	if err := j.signatures(); err != nil {
		return err
	}
	j.raiseEnvoyFilter()
	if !j.explained() {
		j.findProxyStale()
		j.findVersionFailing()
	}
	j.noteAnswers()
	j.noteUnexplained()
	slices.SortStableFunc(j.findings, byGravity)
	return nil
}

func byGravity(a, b Finding) int { return cmp.Compare(gravity(a), gravity(b)) }

func gravity(f Finding) int {
	return slices.Index([]string{k8s.SeverityError, k8s.SeverityWarning, k8s.SeverityInfo}, f.Severity)
}

// explained reports whether a finding names the cause of a wrong split already.
func (j *judge) explained() bool {
	return slices.ContainsFunc(j.findings, func(f Finding) bool { return f.Severity == k8s.SeverityError })
}

// addOnce adds a finding unless the objects have shown it already; then its evidence is theirs.
func (j *judge) addOnce(f k8s.Finding) {
	for i := range j.findings {
		if j.findings[i].ID == f.ID {
			j.findings[i].Evidence = append(j.findings[i].Evidence, f.Evidence...)
			return
		}
	}
	j.add(f)
}

// addCause adds a finding of the proxies or the answers, unless the objects name another cause, of which it is then but the
// consequence.
func (j *judge) addCause(f k8s.Finding) {
	if _, same := j.finding(f.ID); same || !j.objectsTell {
		j.addOnce(f)
	}
}

// routeFindings are those that a proxy's route shows by itself.
func (j *judge) routeFindings() {
	for _, p := range j.Proxies {
		if p.Before == nil {
			continue
		}
		r := p.Before
		object := routeObject(r)
		switch {
		case r.Kind == envoy.KindNone && r.VirtualHost != "":
			j.addCause(k8s.Finding{ID: NoRuleMatches, Severity: k8s.SeverityError, Object: object,
				Summary:  "the host has rules, and none of them takes this request: the proxy answers 404 with an empty body",
				Evidence: []string{fmt.Sprintf("virtual host %s of route table %s matches, none of its routes does", r.VirtualHost, r.Config)},
				Fix:      "add a rule for this request, or a last one without a match"})
		case r.Passthrough():
			j.findPassthrough(r, object)
		}
		j.faultFinding(r, object)
		j.hashFinding(r, object)
	}
}

// findPassthrough holds where a rule is meant and the proxy knows no service. Whether the request names none, or a Sidecar
// resource hides it, the objects alone can tell.
func (j *judge) findPassthrough(r *envoy.Route, object string) {
	seen := "the proxy has " + Describe(r)
	if r.Protocol == envoy.HTTP {
		seen = fmt.Sprintf("the request's host takes virtual host %s of route table %s", r.VirtualHost, r.Config)
	}
	switch {
	case j.Declared.Rule != nil:
		j.addCause(k8s.Finding{ID: passthrough, Severity: k8s.SeverityError, Object: object,
			Summary:  "the proxy knows no service of this host and port, so that it passes the request through and no rule applies",
			Evidence: []string{seen},
			Fix:      "call the service by its name and port, and see that a Sidecar resource does not hide it"})
	case j.wrongSplit():
		j.leaveOpen("programmed", "the proxy knows no service of this host and port, and passes the request through (%s): whether the Host header names none, "+
			"or a Sidecar resource hides it, cannot be seen without the objects", seen)
	}
}

func (j *judge) faultFinding(r *envoy.Route, object string) {
	if r.Fault.Abort == 0 && r.Fault.Delay == 0 {
		return
	}
	var evidence []string
	if r.Fault.Abort > 0 {
		evidence = append(evidence, fmt.Sprintf("the proxy's route aborts %s%% of the requests with status %d", trim(100*r.Fault.Abort), r.Fault.Status))
	}
	if r.Fault.Delay > 0 {
		evidence = append(evidence, fmt.Sprintf("the proxy's route delays %s%% of the requests by %s", trim(100*r.Fault.Delay), r.Fault.By))
	}
	j.addOnce(k8s.Finding{ID: faultInjected, Severity: k8s.SeverityError, Object: object, Field: "fault",
		Summary:  "the rule aborts or delays a share of the requests by design",
		Evidence: evidence, Fix: "remove the fault from the rule"})
}

func (j *judge) hashFinding(r *envoy.Route, object string) {
	var how []string
	if r.UseHashPolicy {
		how = append(how, "use_hash_policy: the cluster is chosen by a hash of the request")
	}
	if r.HeaderName != "" {
		how = append(how, fmt.Sprintf("the cluster is chosen by the request's header %s", r.HeaderName))
	}
	for _, p := range r.HashPolicies {
		how = append(how, "inside a cluster the host is chosen by a hash of "+p)
	}
	if len(how) == 0 {
		return
	}
	j.addOnce(k8s.Finding{ID: hashPolicy, Severity: k8s.SeverityInfo, Object: object,
		Summary: "the proxy chooses by a hash or a header, not at random", Evidence: how})
}

func routeObject(r *envoy.Route) string {
	if r.Source == (envoy.Source{}) {
		return "route table " + r.Config
	}
	kind := r.Source.Kind
	if kind == "virtualservice" {
		kind = "VirtualService"
	}
	if generated(r) {
		return "HTTPRoute " + r.Source.Namespace + "/" + routeName(r)
	}
	return fmt.Sprintf("%s %s/%s", kind, r.Source.Namespace, r.Source.Name)
}

// generated reports whether Istio made the route from an HTTPRoute: a VirtualService's name has no tilde.
func generated(r *envoy.Route) bool { return strings.Contains(r.Source.Name, "~") }

// routeName is the HTTPRoute's, which stands in that of the route (NAMESPACE.NAME.RULE) unless the rule has a name.
func routeName(r *envoy.Route) string {
	name, ok := strings.CutPrefix(r.Name, r.Source.Namespace+".")
	if i := strings.LastIndexByte(name, '.'); ok && i > 0 {
		return name[:i]
	}
	return r.Source.Name
}

func ruleObject(r *k8s.Rule) string { return fmt.Sprintf("%s %s/%s", r.Kind, r.Namespace, r.Name) }

// findPortNotHTTP looks for a port that the proxy serves as TCP while the weights are to divide HTTP requests: the proxy has
// a TCP route for it, and its counters show one request for each connection.
func (j *judge) findPortNotHTTP() {
	if j.noWeightsMeant() {
		return
	}
	for _, p := range j.Proxies {
		r := p.Before
		if r == nil || r.Protocol != envoy.TCP || j.Declared.Rule == nil && divides(r) || r.Passthrough() || r.Blocked() || len(r.Clusters) == 0 {
			continue
		}
		evidence := []string{fmt.Sprintf("the proxy has a TCP route for this port: %s", Describe(r))}
		for _, c := range j.chosen.clusters {
			evidence = append(evidence, fmt.Sprintf("cluster %s: %d connections and %d requests counted, %d sent", c.Name,
				c.Total.Connections, c.Total.Requests, j.Observed.Sent))
		}
		j.addCause(k8s.Finding{ID: portNotHTTP, Severity: k8s.SeverityError, Object: "Service " + destination(r.Clusters[0].Name).Host,
			Field:    "spec.ports[].name",
			Summary:  "the port's name or appProtocol makes it TCP for the mesh, so that HTTP weights do not apply",
			Evidence: evidence, Fix: "appProtocol: http"})
		return
	}
}

// noWeightsMeant reports whether nobody expects weights over HTTP: the declared rule is of another protocol, or there is none and
// the user gave no weights either.
func (j *judge) noWeightsMeant() bool {
	if j.Declared.Rule != nil {
		return j.Declared.Rule.Protocol != envoy.HTTP
	}
	return j.Declared.Read || j.Expectation == nil || j.Expectation.Source.Kind != FromFlag || len(j.Expectation.Versions) < 2
}

// findWeightsChanged compares the content of each proxy's route before, during and after the run.
func (j *judge) findWeightsChanged() {
	for _, p := range j.Proxies {
		other := p.Meanwhile
		if other == nil && p.After != nil && p.Before != nil && !p.Before.Equal(*p.After) {
			other = p.After
		}
		if other == nil {
			continue
		}
		when := ""
		if p.ChangedAfter > 0 {
			when = fmt.Sprintf(", seen %s after the start", rounded(p.ChangedAfter))
		}
		j.add(k8s.Finding{ID: weightsChanged, Severity: k8s.SeverityError, Object: routeObject(other),
			Summary:  "the route changed during the run" + when + ", so that its answers follow two sets of weights",
			Evidence: routesSeen(p),
			Fix:      "run again when the weights rest"})
		j.readAsChanged = true
		return
	}
}

// routesSeen says what the readings of a proxy's route had.
func routesSeen(p ProxyView) []string {
	seen := []string{"before: " + Describe(p.Before)}
	if p.Meanwhile != nil {
		seen = append(seen, "meanwhile: "+Describe(p.Meanwhile))
	}
	if p.After != nil {
		seen = append(seen, "after: "+Describe(p.After))
	}
	return seen
}

// findProxyStale holds when a proxy differs from the declared rule and nothing explains it.
func (j *judge) findProxyStale() {
	if !j.programmed.differs || j.Declared.Rule == nil {
		return
	}
	var waited time.Duration
	for _, p := range j.Proxies {
		waited = max(waited, p.Waited)
	}
	j.add(k8s.Finding{ID: proxyStale, Severity: k8s.SeverityError, Object: ruleObject(j.Declared.Rule), Field: j.Declared.Rule.Field,
		Summary:  "the proxy is not programmed with what the rule declares",
		Evidence: []string{"declared: " + j.weightsText(), "programmed: " + Describe(j.programmed.route), fmt.Sprintf("waited %s", waited.Round(time.Millisecond))},
		Fix:      "istioctl proxy-status"})
}
