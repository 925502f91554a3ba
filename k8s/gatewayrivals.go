package k8s

import (
	"fmt"
	"maps"
	"slices"
)

// atGateway is a VirtualService with http rules for gateways.
type atGateway struct {
	claim
	vs *VirtualService
}

// gatewayRivals adds the VirtualServices that meet at a gateway with rules for the same requests, of which the older
// one's take them. Objects that not every namespace sees are left out: who sees them is not known.
func (o *Objects) gatewayRivals(found map[string]*lost, caller Caller) error {
	var all []atGateway
	for i := range o.VirtualServices {
		vs := &o.VirtualServices[i]
		public := len(vs.Spec.ExportTo) == 0 || slices.Contains(vs.Spec.ExportTo, "*")
		if !public || !slices.ContainsFunc(vs.gateways(), func(g string) bool { return g != mesh }) {
			continue
		}
		specs, _, err := o.httpRules(vs, caller)
		if err != nil {
			return err
		}
		all = append(all, atGateway{claim{object: vs.object(), hosts: vs.hosts(caller.domain()), specs: specs}, vs})
	}
	slices.SortStableFunc(all, func(a, b atGateway) int { return byAge(a.object.meta, b.object.meta) })
	for i, a := range all {
		for _, b := range all[i+1:] {
			if host := shared(a.claim, b.claim); host != "" && o.meet(a.vs, b.vs, host) {
				o.gatewayRivalry(found, a, b, host, caller)
			}
		}
	}
	return nil
}

// gatewayRivalry compares two VirtualServices that meet at a gateway, the one that comes first being given first.
func (o *Objects) gatewayRivalry(found map[string]*lost, a, b atGateway, host string, caller Caller) {
	sure := sureOrder(a.claim, b.claim)
	hit, late := overlap(a.specs, b.specs)
	if late == nil && !sure {
		hit, late = overlap(b.specs, a.specs)
	}
	if late == nil || !hit.spec.weighted() && !late.spec.weighted() {
		return
	}
	same := hit.spec.rule(o, caller).sameShares(late.spec.rule(o, caller))
	f := Finding{ID: "conflicting-routes", Severity: SeverityError, Field: "spec.hosts",
		Summary: fmt.Sprintf("%s and %s meet at a gateway for %s: where both have a rule for a request, the older one's takes it", a.object, b.object, host),
		Evidence: []string{(&table{object: a.object, hosts: a.hosts}).evidence(), (&table{object: b.object, hosts: b.hosts}).evidence(),
			fmt.Sprintf("%s of %s and %s of %s take the same requests", hit.at, hit.spec.object, late.at, late.spec.object)},
		Fix: unshadow(*hit, *late)}
	if same || sure && !late.spec.weighted() {
		f.Severity = SeverityWarning
	}
	losers := []object{b.object}
	if !sure {
		losers = append(losers, a.object)
		f.Fix = chooseRule(*hit, *late, host)
	}
	for _, o := range losers {
		if found[o.String()] == nil {
			found[o.String()] = &lost{}
		}
		f.Object = o.String()
		found[o.String()].add(f)
	}
}

// chooseRule is unshadow where it is not known which one comes first.
func chooseRule(a, b route, host string) string {
	switch {
	case b.spec.weighted() && !a.spec.weighted():
		return unshadow(a, b)
	case a.spec.weighted() && !b.spec.weighted():
		return unshadow(b, a)
	}
	return choose(claim{object: a.spec.object}, claim{object: b.spec.object}, host)
}

// overlap finds a rule of the first object that takes all that one of the second would take. What takes everything
// comes after the rest at a gateway, whichever object it is of.
func overlap(first, second []*spec) (hit, late *route) {
	for _, s := range second {
		for i, narrow := range s.alternatives() {
			if narrow.forMesh() {
				continue
			}
			for _, w := range first {
				for j, wide := range w.alternatives() {
					if wide.catchesAll() == narrow.catchesAll() && coversStatic(wide, narrow) {
						return &route{spec: w, match: wide, at: w.place(j)}, &route{spec: s, match: narrow, at: s.place(i)}
					}
				}
			}
		}
	}
	return nil, nil
}

// forMesh reports whether a match is for the sidecars alone.
func (m match) forMesh() bool {
	return slices.ContainsFunc(m, func(p predicate) bool {
		return p.on == onGateways && !slices.ContainsFunc(p.values, func(g string) bool { return g != mesh })
	})
}

// oneGateway reports whether two rules of different objects may be routes of one gateway's port. In other views, and of
// one object, they are.
func (s *search) oneGateway(v *view, a, b *spec) bool {
	if v.mesh || v.caller.Entry == EntryWaypoint || a.object.is(b.object) {
		return true
	}
	x, y := s.objects.virtualServiceOf(a), s.objects.virtualServiceOf(b)
	return x == nil || y == nil || s.objects.meet(x, y, s.names.literal)
}

// virtualServiceOf is the object of a rule, or the one that delegates to it; nil when it is no VirtualService.
func (o *Objects) virtualServiceOf(s *spec) *VirtualService {
	owner := s.object
	if s.root != nil {
		owner = *s.root
	}
	i := slices.IndexFunc(o.VirtualServices, func(vs VirtualService) bool { return vs.object().is(owner) })
	if i < 0 {
		return nil
	}
	return &o.VirtualServices[i]
}

// meet reports whether a gateway, or two of the same workload and port, serve a host of both VirtualServices.
func (o *Objects) meet(a, b *VirtualService, host string) bool {
	for _, x := range a.gateways() {
		for _, y := range b.gateways() {
			if x == mesh || y == mesh {
				continue
			}
			x, y := qualify(x, a.Namespace), qualify(y, b.Namespace)
			if x == y {
				return true
			}
			g, h := o.gateway(x), o.gateway(y)
			if g == nil || h == nil || len(g.Spec.Selector) == 0 || !maps.Equal(g.Spec.Selector, h.Spec.Selector) {
				continue
			}
			ports := h.portsFor(host, b.Namespace)
			if slices.ContainsFunc(g.portsFor(host, a.Namespace), func(port int) bool { return slices.Contains(ports, port) }) {
				return true
			}
		}
	}
	return false
}

// portsFor are the ports on which a gateway serves a host of a VirtualService of the namespace.
func (g *Gateway) portsFor(host, namespace string) []int {
	var ports []int
	for i, server := range g.Spec.Servers {
		one := *g
		one.Spec.Servers = g.Spec.Servers[i : i+1]
		if len(one.served([]string{host}, namespace)) > 0 {
			ports = append(ports, server.Port.Number)
		}
	}
	return ports
}
