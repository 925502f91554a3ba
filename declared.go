package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"respy/diagnose"
	"respy/k8s"
	"respy/k8s/cluster"
	"respy/k8s/envoy"
)

// viewpoint is the request and who sends it from where.
type viewpoint struct {
	request k8s.Request
	caller  k8s.Caller
	dialed  string // host of the URL, which the Host header may differ from

	resolving  bool   // whether dialed may be looked up
	redirected bool   // by --connect-to or --unix-socket: what is dialled is something else
	home       string // namespace in which to read objects: the caller's own, also where it enters by a gateway
	assumed    bool   // that the caller has a sidecar: it calls the Service itself
}

func hostOf(target string) string {
	u, err := url.Parse(target)
	if err != nil {
		return ""
	}
	return u.Hostname()
}

// explicit reports whether the user named a source of the expectation.
func (e *expectConfig) explicit() bool {
	return e.shares != "" || len(e.files) > 0 || e.route != "" || e.namesProxy() || e.envoyDump != "" || e.namesCluster()
}

// caller is who sends the requests: what the flags say of it, else what its proxy says, else what its pod says. The pod is
// nil when it was not read; sidecar is what waiting for one has shown.
func (c *config) caller(sidecar k8s.Presence, proxies []*proxy, place cluster.Place, pod *k8s.Pod) k8s.Caller {
	caller := k8s.Caller{Namespace: c.expect.namespace, Sidecar: sidecar}
	if len(c.expect.labels) > 0 {
		caller.Labels = c.expect.labels
	}
	if len(proxies) > 0 {
		byProxy(&caller, proxies[0].node())
	} else if caller.Namespace == "" {
		caller.Namespace = place.Namespace
	}
	if pod != nil {
		byPod(&caller, pod)
	}
	return caller
}

func byProxy(caller *k8s.Caller, node envoy.Node) {
	if caller.Namespace == "" {
		caller.Namespace = node.Namespace
	}
	if caller.Labels == nil {
		caller.Labels = node.Labels
	}
	switch node.Role {
	case envoy.Sidecar:
		caller.Entry, caller.Sidecar, caller.Pod = k8s.EntryMesh, k8s.Present, node.Pod
	case envoy.Router:
		caller.Entry = k8s.EntryGateway
	case envoy.Waypoint:
		caller.Entry, caller.Namespace = k8s.EntryWaypoint, node.Namespace
	}
	caller.Domain = strings.TrimPrefix(node.Suffix, "svc.")
}

// byPod completes the caller by its pod, unless the user asks for a caller of another namespace.
func byPod(caller *k8s.Caller, pod *k8s.Pod) {
	if caller.Sidecar == k8s.PresenceUnknown {
		caller.Sidecar = pod.Sidecar()
	}
	if caller.Namespace != pod.Namespace {
		return
	}
	caller.Pod = pod.Name
	if caller.Labels == nil {
		caller.Labels = pod.Labels
	}
	caller.ServiceAccount = pod.Spec.ServiceAccountName
	if caller.ServiceAccount == "" {
		caller.ServiceAccount = "default"
	}
}

// declare reads the objects and finds the rule that is meant for the request. A cluster that nobody named, or that is not
// needed for the weights, may be missing; then there are no objects, and a note in the evidence. Where no rule is needed,
// two that may be it are a finding.
func (c *config) declare(ctx context.Context, e *diagnose.Evidence, view *viewpoint, d *declarations) (err error) {
	if d.empty() {
		why := "no -f was given, and no cluster is read: " + d.why
		if c.expect.route != "" {
			return usagef("--route %s names an object, and there is nowhere to find it: %s", c.expect.route, why)
		}
		e.Unseen = append(e.Unseen, diagnose.Unseen{Stage: "declared", Why: why})
		return nil
	}
	if e.Declared, err = d.declare(ctx, view); err == nil {
		e.Declared.Caller = view.caller
		return nil
	}
	if tie := new(k8s.TieError); c.expect.ruleless && errors.As(err, &tie) {
		e.Declared.Findings = append(e.Declared.Findings, tie.Finding())
		return nil
	}
	e.Declared = diagnose.Declared{}
	api := new(apiError)
	switch lost := errors.As(err, &api); {
	case c.mustDeclare(lost, d) && lost:
		return usagef("%v: see that kubectl reaches it, or give the rule with -f or the weights with --expect", err)
	case c.mustDeclare(lost, d):
		return usagef("%v", err)
	}
	e.Unseen = append(e.Unseen, diagnose.Unseen{Stage: "declared", Why: err.Error()})
	return nil
}

// mustDeclare reports whether the run cannot go on without what is declared: files and --route must serve, a cluster, lost
// or not, only if the user named it and gave no weights.
func (c *config) mustDeclare(lost bool, d *declarations) bool {
	if c.expect.route != "" || d.client == nil || !lost && len(c.expect.files) > 0 {
		return true
	}
	return d.client.Named && c.expect.shares == ""
}

// expectation takes the first source there is: the user's weights, the declared rule, the proxy's route.
func expectation(s *settings, declared diagnose.Declared, proxies []*proxy) *diagnose.Expectation {
	if s.shares != nil {
		return diagnose.FromShares(s.shares, knownDestinations(declared, proxies), s.mapping)
	}
	if splits(declared) {
		return diagnose.FromRule(declared.Source, declared.Rule, s.mapping)
	}
	if declared.Read && (declared.Source == diagnose.FromFile || declared.Rule != nil && declared.InEffect) {
		return nil // what is declared divides nothing
	}
	for _, p := range proxies {
		if e := diagnose.FromRoute(p.view.Before, s.mapping); e != nil {
			return e
		}
	}
	return nil
}

// splits reports whether a rule says anything about versions: it has several destinations, or one subset that gets all.
// One to a whole service does not, nor does one that the request does not take.
func splits(declared diagnose.Declared) bool {
	r := declared.Rule
	return r != nil && (len(r.Destinations) > 1 || len(r.Destinations) == 1 && r.Destinations[0].Subset != "" && declared.InEffect)
}

// drawsConnections reports whether weights divide connections and not requests: those of a tcp or tls rule.
func drawsConnections(declared diagnose.Declared, proxies []*proxy) bool {
	if r := declared.Rule; r != nil {
		return r.Protocol != envoy.HTTP
	}
	return slices.ContainsFunc(proxies, func(p *proxy) bool {
		return p.view.Before != nil && p.view.Before.Protocol == envoy.TCP && diagnose.Destinations(p.view.Before) != nil
	})
}

func knownDestinations(declared diagnose.Declared, proxies []*proxy) []k8s.Destination {
	if declared.Rule != nil {
		return declared.Rule.Destinations
	}
	for _, p := range proxies {
		if d := diagnose.Destinations(p.view.Before); d != nil {
			return d
		}
	}
	return nil
}

// checkExpectation says why there is no expectation. Where the user named a source of one, that ends the run before
// anything is sent, unless what is missing is the very fault.
func (c *config) checkExpectation(e *diagnose.Evidence, proxies []*proxy) error {
	if e.ByProxy && len(proxies) == 0 {
		return usagef("the counters of a proxy are needed, and none answers at 127.0.0.1:15000 or [::1]:15000: give --envoy ADDRESS")
	}
	if e.Expectation != nil {
		return nil
	}
	var why []string
	for _, u := range e.Declared.Unseen {
		why = append(why, u.Why)
	}
	if r := e.Declared.Rule; r != nil {
		why = append(why, fmt.Sprintf("%s %s divides nothing for this request", r.Ref(), r.Field))
	}
	for _, p := range proxies {
		if p.view.Before != nil {
			why = append(why, "the proxy has "+diagnose.Describe(p.view.Before))
		}
	}
	for _, u := range e.Unseen {
		if u.Stage == "programmed" || u.Stage == "declared" && len(proxies) == 0 {
			why = append(why, u.Why)
		}
	}
	e.WhyNone = strings.Join(why, "; ")
	if e.Explicit && !isFault(e, proxies) {
		return fmt.Errorf("nothing to compare the answers with: %s; name the host with --host, the rule with --route, or the weights with --expect", e.WhyNone)
	}
	return nil
}

// isFault reports whether what is missing is the very fault: the objects name a cause, or the host has rules and none of
// them takes the request, or one that leaves no destination.
func isFault(e *diagnose.Evidence, proxies []*proxy) bool {
	for _, f := range e.Declared.Findings {
		if f.Severity == k8s.SeverityError {
			return true
		}
	}
	for _, p := range proxies {
		if r := p.view.Before; r != nil && diagnose.TakesNothing(r) {
			return true
		}
	}
	return false
}
