package main

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"respy/diagnose"
	"respy/k8s"
	"respy/k8s/envoy"
)

// viewpoint is the request and who sends it from where.
type viewpoint struct {
	request k8s.Request
	caller  k8s.Caller
	dialed  string // host of the URL, which the Host header may differ from
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
	return e.shares != "" || len(e.files) > 0 || e.route != "" || e.namesProxy() || e.envoyDump != ""
}

// caller is who sends the requests: what the flags say of it, else what its proxy says.
func (c *config) caller(proxies []*proxy) k8s.Caller {
	caller := k8s.Caller{Namespace: c.expect.namespace}
	if len(c.expect.labels) > 0 {
		caller.Labels = c.expect.labels
	}
	if len(proxies) == 0 {
		return caller
	}
	node := proxies[0].node()
	if caller.Namespace == "" {
		caller.Namespace = node.Namespace
	}
	if caller.Labels == nil {
		caller.Labels = node.Labels
	}
	switch node.Role {
	case envoy.Sidecar:
		caller.Entry = k8s.EntryMesh
	case envoy.Router:
		caller.Entry = k8s.EntryGateway
	}
	caller.Domain = strings.TrimPrefix(node.Suffix, "svc.")
	return caller
}

// declare reads the objects and finds the rule that is meant for the request.
func (c *config) declare(e *diagnose.Evidence, view viewpoint, std streams) error {
	if len(c.expect.files) == 0 {
		if c.expect.route != "" {
			return usagef("--route %s names an object, and there is no -f to find it in", c.expect.route)
		}
		e.Unseen = append(e.Unseen, diagnose.Unseen{Stage: "declared", Why: "no -f was given"})
		return nil
	}
	objects, err := k8s.Load(c.expect.files, std.in, view.caller.Namespace)
	if err != nil && !(errors.Is(err, k8s.ErrNoRoutes) && c.expect.shares != "") {
		return usagef("%v", err)
	}
	for _, name := range objects.Replaced {
		note(std.err, "%s was read more than once; the last one counts", name)
	}
	lookup, err := objects.Lookup(view.request, view.caller, c.expect.route)
	if err != nil {
		return usagef("%v", err)
	}
	e.Declared = diagnose.Declared{Read: true, Objects: objects, Lookup: lookup}
	return nil
}

// expectation takes the first source there is: the user's weights, the declared rule, the proxy's route.
func expectation(s *settings, declared diagnose.Declared, proxies []*proxy) *diagnose.Expectation {
	if s.shares != nil {
		return diagnose.FromShares(s.shares, knownDestinations(declared, proxies), s.mapping)
	}
	if splits(declared) {
		return diagnose.FromRule(diagnose.FromFile, declared.Rule, s.mapping)
	}
	if declared.Read {
		return nil
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
		return usagef("--version-from envoy needs the proxy's counters: give --envoy ADDRESS")
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
