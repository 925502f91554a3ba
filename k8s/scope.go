package k8s

import (
	"slices"
	"strings"
)

// scope is what a Sidecar resource lets the proxy of a caller know: the hosts of its egress listeners
// (pilot/pkg/model/sidecar.go). The zero value knows everything.
type scope struct {
	sidecar   *Sidecar
	namespace string // of the caller: what "." stands for
}

// entry is one of an egress listener's hosts, taken apart.
type entry struct {
	namespace, host string
	excluded        bool // by "~" before the namespace
	at              int  // its position
}

// scopeOf finds the Sidecar resource that is in effect for a caller: one that selects it, one without a selector in its
// namespace, one without a selector in the root namespace. Gateways and waypoints have none, nor has a caller of which
// the namespace is not known.
func (o *Objects) scopeOf(caller Caller) scope {
	if caller.Namespace == "" || caller.Entry == EntryGateway || caller.Entry == EntryWaypoint {
		return scope{}
	}
	for _, rivals := range o.sidecarsFor(caller) {
		if len(rivals) > 0 {
			return scope{rivals[0], caller.Namespace}
		}
	}
	return scope{}
}

// sidecarsFor groups the Sidecar resources that may be in effect for a caller. The first group with any decides, and of
// these the oldest: the others of the group are ignored.
func (o *Objects) sidecarsFor(caller Caller) [3][]*Sidecar {
	var groups [3][]*Sidecar
	for i := range o.Sidecars {
		s := &o.Sidecars[i]
		selector := s.Spec.WorkloadSelector
		switch {
		case s.Namespace == caller.Namespace && selector != nil && (len(selector.Labels) == 0 || caller.Labels != nil && selects(selector.Labels, caller.Labels)):
			groups[0] = append(groups[0], s)
		case s.Namespace == caller.Namespace && selector == nil:
			groups[1] = append(groups[1], s)
		case s.Namespace == rootNamespace && selector == nil:
			groups[2] = append(groups[2], s)
		}
	}
	for _, group := range groups {
		slices.SortStableFunc(group, func(a, b *Sidecar) int { return byAge(&a.Meta, &b.Meta) })
	}
	return groups
}

// doubtfulSidecars are those with a selector, when the caller's labels are not known.
func (o *Objects) doubtfulSidecars(caller Caller) []*Sidecar {
	var doubtful []*Sidecar
	for i := range o.Sidecars {
		s := &o.Sidecars[i]
		if caller.Labels == nil && s.Namespace == caller.Namespace && s.Spec.WorkloadSelector != nil && len(s.Spec.WorkloadSelector.Labels) > 0 {
			doubtful = append(doubtful, s)
		}
	}
	return doubtful
}

// listener finds the egress listener of a port: the first that names the port, or none. A Sidecar without listeners
// has one that imports everything. Nil: the proxy listens on other ports alone.
func (c scope) listener(port int) (listener *EgressListener, index int) {
	for i := range c.sidecar.Spec.Egress {
		l := &c.sidecar.Spec.Egress[i]
		if l.Port == nil || l.Port.Number == port {
			return l, i
		}
	}
	if len(c.sidecar.Spec.Egress) == 0 {
		return &EgressListener{Hosts: []string{"*/*"}}, 0
	}
	return nil, 0
}

// trims reports whether a listener knows of services only those ports that are its own.
func (l *EgressListener) trims() bool {
	return l.Port != nil && !strings.EqualFold(l.Port.Protocol, "HTTP_PROXY")
}

// entries takes the hosts of a listener apart; those without a namespace are none.
func (c scope) entries(l *EgressListener) []entry {
	var entries []entry
	for i, text := range l.Hosts {
		namespace, host, found := strings.Cut(text, "/")
		if !found || strings.Contains(host, "/") {
			continue
		}
		e := entry{host: strings.ToLower(host), at: i}
		namespace, e.excluded = strings.CutPrefix(namespace, "~")
		switch {
		case namespace == "" && e.excluded:
			namespace = "*"
		case namespace == ".":
			namespace = c.namespace
		}
		e.namespace = namespace
		entries = append(entries, e)
	}
	return entries
}

// imports reports whether a listener has something of a namespace by one of its hosts. When an entry excludes it,
// excluding is that entry.
func (c scope) imports(l *EgressListener, namespace string, hosts []string, matches func(host, pattern string) bool) (ok bool, excluding *entry) {
	entries := slices.DeleteFunc(c.entries(l), func(e entry) bool { return e.namespace != "*" && e.namespace != namespace })
	for _, host := range hosts {
		if i := slices.IndexFunc(entries, func(e entry) bool { return e.excluded && within(host, e.host) }); i >= 0 {
			excluding = &entries[i]
			continue
		}
		if slices.ContainsFunc(entries, func(e entry) bool { return !e.excluded && matches(host, e.host) }) {
			return true, nil
		}
	}
	return false, excluding
}

// within reports whether a host, which may be a wildcard, is covered by a pattern.
func within(host, pattern string) bool {
	suffix, wild := strings.CutPrefix(pattern, "*")
	if !wild {
		return host == pattern
	}
	rest, _ := strings.CutPrefix(host, "*")
	return strings.HasSuffix(rest, suffix) && len(host) >= len(pattern)-1
}

// overlaps reports whether one of two hosts covers the other.
func overlaps(a, b string) bool { return within(a, b) || within(b, a) }

// matcher is how an object's hosts are compared with a listener's: a wildcard of a VirtualService counts when a part of
// it is imported, what an HTTPRoute is attached to only when it is imported itself.
func matcher(o object) func(host, pattern string) bool {
	if o.kind == "VirtualService" {
		return overlaps
	}
	return within
}

// knows reports whether the proxy has a cluster for a port of a Service: it is imported, or a rule that is imported
// sends requests to it.
func (c scope) knows(namespace, host string, port int, rule *table) bool {
	listeners := c.sidecar.Spec.Egress
	if len(listeners) == 0 {
		return true
	}
	return slices.ContainsFunc(listeners, func(l EgressListener) bool {
		if l.trims() && l.Port.Number != port {
			return false
		}
		service, _ := c.imports(&l, namespace, []string{host}, within)
		through, _ := c.imports(&l, rule.object.meta.Namespace, rule.hosts, matcher(rule.object))
		return service || through
	})
}
