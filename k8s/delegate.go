package k8s

import "slices"

// gap is a rule whose delegate is not to be had: its routes vanish without a trace.
type gap struct {
	root *spec
	to   object
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
		namespace := firstNonEmpty(ref.Namespace, vs.Namespace)
		delegate := o.virtualService(namespace, ref.Name)
		if delegate == nil || !(Caller{Namespace: vs.Namespace}).sees(delegate.Spec.ExportTo, namespace) {
			gaps = append(gaps, gap{root, object{"VirtualService", &Meta{Namespace: namespace, Name: ref.Name}}})
			continue
		}
		delegated, err := delegate.httpSpecs(caller.domain())
		if err != nil {
			return nil, nil, err
		}
		for _, s := range delegated {
			specs = append(specs, root.hand(s))
		}
	}
	return specs, gaps, nil
}

// hand gives a delegate's rule the hosts, gateways and matches of the root's.
func (root *spec) hand(delegated *spec) *spec {
	s := *delegated
	s.root, s.hosts, s.gateways = &root.object, root.hosts, root.gateways
	if len(root.matches) == 0 {
		return &s
	}
	s.matches = nil
	for _, inner := range delegated.alternatives() {
		for _, outer := range root.matches {
			s.matches = append(s.matches, slices.Concat(outer, inner))
		}
	}
	return &s
}
