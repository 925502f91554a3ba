package k8s

import (
	"fmt"
	"slices"
)

// spec is a rule as written, of whichever kind, before anything is known about a request or its caller.
type spec struct {
	object   object
	root     *object // the VirtualService that delegates to the object; nil when none does
	index    int
	field    string // "spec.http[0]"
	siblings int    // rules in its list, itself included
	label    string
	protocol string
	hosts    []string // resolved
	gateways []string
	matches  []match
	targets  []target
	local    string // how the proxy answers by itself, as "redirect to /login"; "" when it forwards
	fault    *HTTPFaultInjection
	rewrites bool // the request that arrives may have another path, host or other headers
}

// target is a destination as written.
type target struct {
	raw     string // the host as written
	host    string // resolved
	subset  string
	port    int
	weight  *int32
	implied int64       // the weight when none is given
	field   string      // "spec.http[0].route[1]"
	backend *BackendRef // of an HTTPRoute; nil in a VirtualService
}

func (t target) effective() int64 {
	if t.weight == nil {
		return t.implied
	}
	return int64(*t.weight)
}

// matchField is the place of a match: "spec.http[0].match[1]".
func (s *spec) matchField(i int) string {
	if s.object.kind == "VirtualService" {
		return fmt.Sprintf("%s.match[%d]", s.field, i)
	}
	return fmt.Sprintf("%s.matches[%d]", s.field, i)
}

// place is that of the match, or that of the rule if it has none.
func (s *spec) place(i int) string {
	if len(s.matches) == 0 {
		return s.field
	}
	return s.matchField(i)
}

// alternatives are the matches; the one that takes everything when there is none.
func (s *spec) alternatives() []match {
	if len(s.matches) == 0 {
		return []match{nil}
	}
	return s.matches
}

func (s *spec) weighted() bool { return len(s.targets) > 1 }

// total is the sum of the effective weights. Istio gives a VirtualService's only destination everything.
func (s *spec) total() int64 {
	if s.object.kind == "VirtualService" && len(s.targets) == 1 {
		return 100
	}
	total := int64(0)
	for _, t := range s.targets {
		total += t.effective()
	}
	return total
}

// rule builds the plain form for a caller, whose DestinationRules define the subsets.
func (s *spec) rule(o *Objects, caller Caller) *Rule {
	m := s.object.meta
	r := &Rule{
		Kind: s.object.kind, Namespace: m.Namespace, Name: m.Name,
		Index: s.index, Field: s.field, Label: s.label, Protocol: s.protocol,
		Hosts: s.hosts, Gateways: s.gateways, Local: s.local,
		Generation: m.Generation, ResourceVersion: m.ResourceVersion,
	}
	for _, match := range s.matches {
		r.Matches = append(r.Matches, match.String())
	}
	for _, t := range s.targets {
		r.Destinations = addDestination(r.Destinations, s.destination(t, o, caller))
	}
	NameVersions(r.Destinations)
	labelDestinations(r.Destinations, o, caller)
	return r
}

func (s *spec) destination(t target, o *Objects, caller Caller) Destination {
	d := Destination{Host: t.host, Subset: t.subset, Port: t.port, Weight: t.effective(), Omitted: t.weight == nil}
	if s.object.kind == "VirtualService" && len(s.targets) == 1 {
		d.Weight = 100
	}
	d.Selector = o.selector(d, caller)
	return d
}

// addDestination adds up the weights of a destination that is listed twice: it is one cluster to the proxy.
func addDestination(list []Destination, d Destination) []Destination {
	i := slices.IndexFunc(list, func(e Destination) bool {
		return e.Host == d.Host && e.Subset == d.Subset && e.Port == d.Port
	})
	if i < 0 {
		return append(list, d)
	}
	list[i].Weight += d.Weight
	list[i].Omitted = list[i].Omitted && d.Omitted
	return list
}
