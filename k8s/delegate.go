package k8s

import (
	"fmt"
	"slices"
	"strings"
)

// gap is a rule whose routes vanish without a trace: its delegate is not to be had, or takes other requests than it.
type gap struct {
	root *spec
	to   object
	why  string
	sure bool    // not for want of objects
	fix  string  // "" = look at the delegate
	lost []*spec // the rules that would be in effect but for this, as far as they are here
}

// httpRules are the http rules of a VirtualService with those of its delegates in their places. A delegated rule
// belongs to the delegate, has the root's hosts and gateways, and takes what both matches take.
func (o *Objects) httpRules(vs *VirtualService, caller Caller) (specs []*spec, gaps []gap, err error) {
	own, err := vs.httpSpecs(caller.domain())
	if err != nil {
		return nil, nil, err
	}
	for i, root := range own {
		ref := vs.Spec.HTTP[i].Delegate
		if ref == nil {
			specs = append(specs, root)
			continue
		}
		delegate, g := o.delegate(vs, root, ref)
		var delegated []*spec
		if delegate != nil {
			if delegated, err = delegate.httpSpecs(caller.domain()); err != nil {
				return nil, nil, err
			}
		}
		if g != nil {
			for _, s := range delegated {
				if merged := root.hand(s); merged != nil {
					g.lost = append(g.lost, merged)
				}
			}
			gaps = append(gaps, *g)
			continue
		}
		for _, s := range delegated {
			if merged := root.hand(s); merged != nil {
				specs = append(specs, merged)
				continue
			}
			gaps = append(gaps, gap{root, delegate.object(), fmt.Sprintf("%s of %s asks for other requests than %s of %s, and is dropped silently",
				s.field, s.object, root.field, root.object), true, "", nil})
		}
	}
	return specs, gaps, nil
}

// delegate finds the VirtualService that a rule refers to, and why it is not in effect if it has hosts, or is not exported
// to the rule's namespace.
func (o *Objects) delegate(vs *VirtualService, root *spec, ref *DelegateRef) (*VirtualService, *gap) {
	namespace := firstNonEmpty(ref.Namespace, vs.Namespace)
	delegate := o.virtualService(namespace, ref.Name)
	g := gap{root: root, to: object{"VirtualService", &Meta{Namespace: namespace, Name: ref.Name}}, sure: true}
	switch {
	case delegate == nil:
		g.why, g.sure = fmt.Sprintf("%s, which holds the rules, does not exist: they vanish silently", g.to), o.Complete["VirtualService"]
	case len(delegate.Spec.Hosts) > 0:
		g.why = fmt.Sprintf("%s, which holds the rules, has hosts and so is no delegate: they vanish silently", g.to)
	case !(Caller{Namespace: vs.Namespace}).sees(delegate.Spec.ExportTo, namespace):
		g.why = fmt.Sprintf("%s, which holds the rules, is not exported to namespace %s: they vanish silently", g.to, vs.Namespace)
		g.fix = delegate.object().patch(operation{Op: "add", Path: "/spec/exportTo/-", Value: vs.Namespace})
		if slices.Contains(delegate.Spec.ExportTo, "~") { // that stands for nobody, and alone
			g.fix = delegate.object().patch(operation{Op: "replace", Path: "/spec/exportTo", Value: []string{vs.Namespace}})
		}
	default:
		return delegate, nil
	}
	return delegate, &g
}

// hand gives a delegate's rule the hosts, gateways and matches of the root's; nil when one of its matches fits none of
// them: then the rule is dropped whole.
func (root *spec) hand(delegated *spec) *spec {
	s := *delegated
	s.root, s.hosts, s.gateways = &root.object, root.hosts, root.gateways
	if s.fault == nil {
		s.fault = root.fault
	}
	if root.label != "" {
		s.label = strings.TrimSuffix(root.label+"-"+s.label, "-")
	}
	if len(root.matches) == 0 {
		return &s
	}
	s.matches = nil
	for _, inner := range delegated.alternatives() {
		fits := false
		for _, outer := range root.matches {
			if merged, ok := mergeMatches(outer, inner); ok {
				s.matches = append(s.matches, merged)
				fits = true
			}
		}
		if !fits {
			return nil
		}
	}
	return &s
}

// mergeMatches puts a delegate's match into a root's. What both ask for must be narrower in the delegate's, which then
// counts; otherwise they conflict (mergeHTTPMatchRequests in pilot/pkg/model/virtualservice.go).
func mergeMatches(root, leaf match) (match, bool) {
	if len(leaf) == 0 {
		return root, true
	}
	merged := slices.Clone(leaf)
	for _, r := range root {
		i := slices.IndexFunc(leaf, func(l predicate) bool { return l.on == r.on && l.name == r.name && l.not == r.not })
		if i < 0 {
			if r.fold || r.on == onSourceNamespace {
				return nil, false
			}
			merged = append(merged, r)
			continue
		}
		if !leaf[i].narrows(r) {
			return nil, false
		}
	}
	return merged, true
}

// narrows reports whether a delegate may ask for this where its root asks for the other.
func (p predicate) narrows(root predicate) bool {
	if p.on.static() {
		return p.on == onGateways && !slices.ContainsFunc(p.values, func(v string) bool { return !slices.Contains(root.values, v) }) ||
			p.on != onGateways && p.values[0] == root.values[0]
	}
	if p.fold != root.fold {
		return false
	}
	switch {
	case root.op == exact && p.op == exact:
		return p.values[0] == root.values[0]
	case root.op == prefix && (p.op == prefix || p.op == exact):
		return strings.HasPrefix(p.values[0], root.values[0])
	}
	return false
}
