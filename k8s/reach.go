package k8s

import "slices"

// reach is a destination of a rule with what stands behind it for a caller.
type reach struct {
	target
	spec   *spec
	caller Caller
	viewer Caller // who must see what the destination names: without a request, somebody whom the rule is for

	concrete string   // the host of the proxy's cluster: an ExternalName is followed
	service  *Service // of the concrete host; nil when it is none, or not here
	port     int      // of the proxy's cluster; 0 when not known
	policies []policy // of DestinationRules, the one in effect first
	settings settings // of the one in effect
	behind   backends // of the whole host
	labels   map[string]string
	defined  bool // the subset is, by labels, in the rule in effect
	weight   int64
}

// reaches looks behind every destination of a rule. Called is the port that is called, 0 when none is.
func (o *Objects) reaches(s *spec, caller Caller, called int) []reach {
	all := make([]reach, len(s.targets))
	for i, t := range s.targets {
		all[i] = o.reach(s, t, caller, called)
	}
	return all
}

func (o *Objects) reach(s *spec, t target, caller Caller, called int) reach {
	r := o.standing(t, caller)
	r.spec, r.viewer, r.weight = s, caller, t.effective()
	if s.object.kind == "VirtualService" && len(s.targets) == 1 {
		r.weight = 100
	}
	if called == 0 {
		r.viewer = o.viewerOf(s, caller)
	}
	r.port = r.defaultPort(called)
	if len(r.policies) > 0 {
		r.settings = r.policies[0].settings(t.subset, r.port)
	}
	return r
}

// standing finds what stands behind a host and subset, whatever rule names them.
func (o *Objects) standing(t target, caller Caller) reach {
	r := reach{target: t, caller: caller, concrete: o.concrete(t.host, caller)}
	r.service = o.serviceOf(r.concrete, caller)
	r.policies = o.policies(r.concrete, caller)
	if r.behind = o.backends(r.service); r.service == nil {
		r.behind = o.fromEntry(r.concrete, caller)
	}
	if t.subset != "" && len(r.policies) > 0 {
		if dr, i := r.policies[0].subset(t.subset); dr != nil {
			r.labels, r.defined = dr.Spec.Subsets[i].Labels, true
		}
	}
	return r
}

// defaultPort is the port of the proxy's cluster. Where the destination names none, a sidecar takes the one that is
// called; a gateway, whose own port says nothing, the only one of the Service.
func (r *reach) defaultPort(called int) int {
	only := 0
	if r.service != nil && len(r.service.Spec.Ports) == 1 {
		only = r.service.Spec.Ports[0].Port
	}
	switch {
	case r.target.port != 0:
		return r.target.port
	case called != 0 && (r.spec.entersMesh(r.caller) || r.caller.Entry == EntryWaypoint):
		return called
	default:
		return only
	}
}

// entersMesh reports whether the rule is looked at as a sidecar has it: a caller of which nothing is known may come
// through any of a rule's gateways.
func (s *spec) entersMesh(caller Caller) bool {
	return slices.Contains(s.gateways, mesh) && (caller.Entry == EntryMesh || caller.Entry == EntryUnknown && len(s.gateways) == 1)
}

// viewerOf is the caller, or where nothing is known of it, one from the namespace that a rule is for.
func (o *Objects) viewerOf(s *spec, caller Caller) Caller {
	if caller.Namespace != "" {
		return caller
	}
	caller.Namespace = s.object.meta.Namespace
	if vs := o.virtualService(s.object.meta.Namespace, s.object.meta.Name); vs != nil && len(vs.Spec.ExportTo) == 1 &&
		!slices.Contains([]string{"*", ".", "~"}, vs.Spec.ExportTo[0]) {
		caller.Namespace = vs.Spec.ExportTo[0]
	}
	return caller
}

// subsetAt is where the subset is defined; nil when it is not, or when the whole host is meant.
func (r *reach) subsetAt() (*DestinationRule, int) {
	if !r.defined {
		return nil, 0
	}
	return r.policies[0].subset(r.subset)
}

// pods are the endpoints of the destination; sure is false when there may be others, or when nothing is known.
func (r *reach) pods() (list []backend, sure bool) {
	if r.subset != "" && !r.defined {
		return nil, false
	}
	list, sure = r.behind.chosen(r.labels)
	return list, sure && r.behind.known
}

// name is how findings call the destination.
func (r *reach) name() string { return withSubset(r.raw, r.subset) }
