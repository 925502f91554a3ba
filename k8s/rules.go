package k8s

import "slices"

// Rules lists every rule that there is with what is wrong with it, for whatever request. InEffect is false where an
// earlier rule of the same object takes all that the rule would take, and where a fault of the object keeps all its
// rules from working. The caller's namespace decides which DestinationRules are in effect.
func (o *Objects) Rules(caller Caller) ([]Lookup, error) {
	return o.RulesIn(func(string) bool { return true }, caller)
}

// RulesIn lists the rules, as [Objects.Rules] does, of the objects whose Ref is wanted. The rules of a delegate belong to
// the VirtualService that delegates to it.
func (o *Objects) RulesIn(wanted func(ref string) bool, caller Caller) ([]Lookup, error) {
	claims, err := o.claims(caller)
	if err != nil {
		return nil, err
	}
	rivals := o.rivals(claims, caller)
	if err := o.gatewayRivals(rivals, caller); err != nil {
		return nil, err
	}
	var all []Lookup
	for i := range o.VirtualServices {
		vs := &o.VirtualServices[i]
		if len(vs.Spec.Hosts) == 0 || !wanted(vs.object().ref()) {
			continue // the first is a delegate: its rules are those of its roots
		}
		rules, err := o.virtualServiceRules(vs, caller)
		if err != nil {
			return nil, err
		}
		f := o.virtualServiceFaults(vs, caller)
		o.ignoredRules(rules, vs, claims)
		if vs.onMesh() {
			o.waypointFaults(&f, vs.object(), vs.hosts(caller.domain()), caller)
		}
		all = append(all, f.onto(vs.object(), rules, rivals[vs.object().String()])...)
	}
	attached, err := o.attachedRoutes(caller.domain())
	if err != nil {
		return nil, err
	}
	for i := range attached {
		a := &attached[i]
		if !wanted(a.object.ref()) {
			continue
		}
		var rules []Lookup
		for _, s := range a.specs {
			r := s.rule(o, caller)
			l := Lookup{Rule: r, InEffect: true}
			o.inspect(s, &l, caller, nil)
			l.Findings = append(l.Findings, o.unresolvedRefs(s, l.Findings, caller.domain())...)
			rules = append(rules, l)
		}
		f := o.attachedFaults(a, caller)
		o.waypointFaults(&f, a.object, a.hosts(caller.domain()), caller)
		all = append(all, f.onto(a.object, rules, rivals[a.object.String()])...)
	}
	return all, nil
}

// virtualServiceRules lists the rules of a VirtualService, those of its delegates in their places.
func (o *Objects) virtualServiceRules(vs *VirtualService, caller Caller) ([]Lookup, error) {
	http, gaps, err := o.httpRules(vs, caller)
	if err != nil {
		return nil, err
	}
	var all []Lookup
	for _, block := range [][]*spec{http, vs.l4Specs("tls", caller.domain()), vs.l4Specs("tcp", caller.domain())} {
		all = append(all, o.block(block, caller)...)
	}
	for _, g := range gaps {
		l := Lookup{Rule: g.root.rule(o, caller)}
		if g.sure {
			l.Findings = []Finding{delegateMissing(g)}
		} else {
			l.Unseen = []Unseen{unseen("%s, to which %s of %s delegates, is not here", g.to, g.root.field, g.root.object)}
		}
		all = append(all, l)
	}
	return all, nil
}

// onto puts the faults of an object before those of its rules. An object without rules that has something
// to be said of it gets one, of no destination, to hold it.
func (f faults) onto(o object, rules []Lookup, rivals *lost) []Lookup {
	if len(rules) == 0 && len(f.findings)+len(f.unseen) > 0 {
		rules = []Lookup{{Rule: &Rule{Kind: o.kind, Namespace: o.meta.Namespace, Name: o.meta.Name, Field: "spec"}}}
	}
	http := f.http
	if rivals != nil {
		http.findings = slices.Concat(http.findings, rivals.findings)
		http.dead = http.dead || rivals.dead
	}
	for i := range rules {
		l := &rules[i]
		findings, dead := f.findings, f.dead
		if l.Rule.Protocol == "http" {
			findings, dead = slices.Concat(findings, http.findings), dead || http.dead
		}
		l.InEffect = l.InEffect && !dead
		l.Findings = once(slices.Concat(findings, l.Findings))
		l.Unseen = slices.Concat(f.unseen, l.Unseen)
	}
	return rules
}

// block inspects rules that are tried in their order.
func (o *Objects) block(specs []*spec, caller Caller) []Lookup {
	var all []Lookup
	for i, s := range specs {
		r := s.rule(o, caller)
		l := Lookup{Rule: r, InEffect: true}
		o.inspect(s, &l, caller, nil)
		if f, shadowed := shadowedBy(specs[:i], s); shadowed {
			l.InEffect = false
			l.Findings = append([]Finding{f}, l.Findings...)
		} else {
			l.Findings = append(l.Findings, partlyShadowed(specs[:i], s)...)
		}
		all = append(all, l)
	}
	return all
}
