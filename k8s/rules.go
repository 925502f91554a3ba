package k8s

import "slices"

// Rules lists every rule that there is with what is wrong with it, for whatever request. InEffect is false where an
// earlier rule of the same object takes all that the rule would take. The caller's namespace decides which
// DestinationRules are in effect.
func (o *Objects) Rules(caller Caller) ([]Lookup, error) {
	return o.RulesIn(func(string) bool { return true }, caller)
}

// RulesIn lists the rules, as [Objects.Rules] does, of the objects whose Ref is wanted. The rules of a delegate belong to
// the VirtualService that delegates to it.
func (o *Objects) RulesIn(wanted func(ref string) bool, caller Caller) ([]Lookup, error) {
	var all []Lookup
	for i := range o.VirtualServices {
		vs := &o.VirtualServices[i]
		if len(vs.Spec.Hosts) == 0 || !wanted(vs.object().ref()) {
			continue // the first is a delegate: its rules are those of its roots
		}
		http, gaps, err := o.httpRules(vs, caller)
		if err != nil {
			return nil, err
		}
		for _, block := range [][]*spec{http, vs.l4Specs("tls", caller.domain()), vs.l4Specs("tcp", caller.domain())} {
			all = append(all, o.block(block, caller)...)
		}
		if o.Complete["VirtualService"] {
			for _, g := range gaps {
				all = append(all, Lookup{Rule: g.root.rule(o, caller), Findings: []Finding{delegateMissing(g)}})
			}
		}
	}
	attached, err := o.attachedRoutes(caller.domain())
	if err != nil {
		return nil, err
	}
	for _, a := range attached {
		if !wanted(a.object.ref()) {
			continue
		}
		for _, s := range a.specs {
			r := s.rule(o, caller)
			all = append(all, Lookup{Rule: r, InEffect: true, Findings: o.audit(s, r, caller)})
		}
	}
	return all, nil
}

// block inspects rules that are tried in their order.
func (o *Objects) block(specs []*spec, caller Caller) []Lookup {
	var all []Lookup
	for i, s := range specs {
		r := s.rule(o, caller)
		l := Lookup{Rule: r, InEffect: true, Findings: o.audit(s, r, caller)}
		if f, shadowed := shadowedBy(specs[:i], s); shadowed {
			l.InEffect = false
			l.Findings = once(append([]Finding{f}, l.Findings...))
		}
		all = append(all, l)
	}
	return all
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
			f = routeShadowed(hit, route{spec: s, match: narrow, at: s.place(0)}, SeverityError)
		}
	}
	return f, true
}

func firstCovering(earlier []*spec, narrow match) (*spec, int) {
	for _, s := range earlier {
		if i := slices.IndexFunc(s.alternatives(), func(wide match) bool { return coversStatic(wide, narrow) }); i >= 0 {
			return s, i
		}
	}
	return nil, 0
}
