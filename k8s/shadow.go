package k8s

import (
	"fmt"
	"slices"
	"strings"
)

// routeShadowed is that a route comes before another one and takes all that it would take.
func routeShadowed(hit, meant route, severity string) Finding {
	f := Finding{ID: "route-shadowed", Severity: severity, Object: meant.spec.object.String(), Field: meant.spec.field,
		Summary: fmt.Sprintf("%s comes first and takes every request that %s would take", hit.at, meant.at),
		Evidence: []string{
			fmt.Sprintf("%s: %s", hit.at, firstNonEmpty(hit.match.String(), "every request")),
			fmt.Sprintf("%s: %s", meant.at, firstNonEmpty(meant.match.String(), "every request"))},
		Fix: unshadow(hit, meant)}
	if a, b := hit.spec.object, meant.spec.object; !a.is(b) {
		f.Summary = fmt.Sprintf("%s of %s comes first and takes every request that %s of %s would take", hit.at, a, meant.at, b)
		f.Evidence = []string{a.String() + " " + f.Evidence[0], b.String() + " " + f.Evidence[1]}
		if first := precedes(a, b); first != "" {
			f.Evidence = append(f.Evidence, first)
		}
	}
	return f
}

// precedes is why one object's rules come before another's; "" when nothing is known of their age.
func precedes(a, b object) string {
	switch {
	case a.meta.CreationTimestamp.IsZero():
		return ""
	case compareCreation(a.meta, b.meta) < 0:
		return a.String() + " is the older one"
	case compareCreation(a.meta, b.meta) == 0:
		return a.String() + " was created at the same time, and comes first by name"
	}
	return ""
}

// shadowSeverity is an error where weights are lost to a rule without any. Other rules that nothing reaches divide no
// request otherwise than the one before them says.
func shadowSeverity(hit, meant *spec) string {
	if meant.weighted() && !hit.weighted() {
		return SeverityError
	}
	return SeverityWarning
}

// unshadow is how the rule that is meant takes its requests: before the one that takes more, or instead of it. Where
// the first one is as likely meant, the later one goes.
func unshadow(hit, meant route) string {
	a, b := hit.spec, meant.spec
	same, lost, narrower := a.object.is(b.object), shadowSeverity(a, b) == SeverityError, !b.covers(a)
	switch {
	case same && narrower:
		return b.object.patch(operation{Op: "move", From: pointer(b.field), Path: pointer(a.field)})
	case same && lost && len(a.matches) > 1:
		return a.object.patch(operation{Op: "remove", Path: pointer(hit.at)})
	case same && lost:
		return a.removal()
	case lost && narrower:
		return fmt.Sprintf("move %s of %s into %s, before its %s", b.field, b.object, a.object, a.field)
	case lost:
		return fmt.Sprintf("move %s of %s into %s, in place of its %s", b.field, b.object, a.object, a.field)
	}
	return b.removal()
}

// covers reports whether the rule takes all that another one takes, from whatever caller.
func (s *spec) covers(other *spec) bool {
	return !slices.ContainsFunc(other.alternatives(), func(narrow match) bool {
		return !slices.ContainsFunc(s.alternatives(), func(wide match) bool { return coversStatic(wide, narrow) })
	})
}

// removal takes a rule out of its object. One without rules is refused by Istio.
func (s *spec) removal() string {
	switch {
	case s.siblings > 1:
		return s.object.patch(operation{Op: "remove", Path: pointer(s.field)})
	case s.root != nil:
		return fmt.Sprintf("remove the rule of %s that delegates to %s", s.root, s.object)
	case len(s.hosts) > 1 || len(s.gateways) > 1:
		return fmt.Sprintf("take the host or the gateway out of %s, whose only rule it is", s.object)
	}
	return s.object.deletion()
}

func (o object) deletion() string {
	return fmt.Sprintf("kubectl delete %s %s -n %s", strings.ToLower(o.kind), shellQuote(o.meta.Name), shellQuote(o.meta.Namespace))
}

// unreachable reports whether the rule of a route is taken whole by routes before it, those that are for other callers
// included.
func unreachable(routes []route, at int) bool {
	s := routes[at].spec
	for k, narrow := range s.alternatives() {
		before := slices.IndexFunc(routes, func(r route) bool { return r.spec == s && r.at == s.place(k) })
		if before < 0 {
			before = at // it is not for this caller
		}
		if !slices.ContainsFunc(routes[:before], func(r route) bool { return r.spec != s && coversStatic(r.match, narrow) }) {
			return false
		}
	}
	return true
}

// shadowedBy reports whether earlier rules take everything that a rule would take.
func shadowedBy(earlier []*spec, s *spec) (Finding, bool) {
	var f Finding
	for i, narrow := range s.alternatives() {
		wide, at := firstCovering(earlier, narrow)
		if wide == nil {
			return Finding{}, false
		}
		if i == 0 {
			hit := route{spec: wide, match: wide.alternatives()[at], at: wide.place(at)}
			f = routeShadowed(hit, route{spec: s, match: narrow, at: s.place(0)}, shadowSeverity(wide, s))
		}
	}
	return f, true
}

// partlyShadowed finds alternatives of a rule that earlier rules take, where others are left to it.
func partlyShadowed(earlier []*spec, s *spec) []Finding {
	var findings []Finding
	for i, narrow := range s.alternatives() {
		if wide, at := firstCovering(earlier, narrow); wide != nil {
			hit := route{spec: wide, match: wide.alternatives()[at], at: wide.place(at)}
			f := routeShadowed(hit, route{spec: s, match: narrow, at: s.place(i)}, SeverityInfo)
			f.Field = s.place(i)
			f.Fix = s.object.patch(operation{Op: "remove", Path: pointer(f.Field)})
			findings = append(findings, f)
		}
	}
	return findings
}

func firstCovering(earlier []*spec, narrow match) (*spec, int) {
	for _, s := range earlier {
		if i := slices.IndexFunc(s.alternatives(), func(wide match) bool { return coversStatic(wide, narrow) }); i >= 0 {
			return s, i
		}
	}
	return nil, 0
}
