package k8s

import "slices"

// gatewayView is that of an ingress gateway: the rules of all objects for the most specific host are put together.
func (s *search) gatewayView() (*view, error) {
	v := &view{caller: s.gatewayCaller()}
	services, err := s.virtualServicesAtGateway(v.caller)
	if err != nil {
		return nil, err
	}
	routes, err := s.attachedToGateway(v.caller)
	if err != nil {
		return nil, err
	}
	v.tables = slices.Concat(services, routes)
	live, idle := partition(v.tables)
	slices.SortStableFunc(live, func(a, b *table) int { return a.before(b) })
	s.follow(v, live)
	if err := s.unambiguous(v); err != nil {
		return nil, err
	}
	if v.meant == nil {
		s.seek(v, live, idle)
	}
	if err := s.seekBehind(v); err != nil {
		return nil, err
	}
	s.noteRedirects(v)
	return v, nil
}

// gatewayCaller is the gateway's own identity. What is known of a caller that may not be a gateway says nothing of it.
func (s *search) gatewayCaller() Caller {
	if s.caller.Entry == EntryGateway {
		return s.caller
	}
	return Caller{Entry: EntryGateway, Gateway: s.caller.Gateway, Domain: s.caller.Domain}
}

// virtualServicesAtGateway is one table of the VirtualServices with the best host, oldest first, and one of each that no
// gateway has.
func (s *search) virtualServicesAtGateway(caller Caller) ([]*table, error) {
	var tables, faulty []*table
	for i := range s.objects.VirtualServices {
		vs := &s.objects.VirtualServices[i]
		t := &table{object: vs.object(), hosts: vs.hosts(caller.domain()), tier: caller.tier(vs.Spec.ExportTo, vs.Namespace)}
		t.rank = s.rankAtGateway(t.hosts, vs.object())
		if t.rank == rankNone || !s.boundFor(vs, caller) || !caller.sees(vs.Spec.ExportTo, vs.Namespace) {
			continue
		}
		if s.narrow(t, vs, caller); t.rank == rankNone {
			continue
		}
		specs, err := s.blockAtGateway(vs, t)
		if err != nil {
			return nil, err
		}
		t.fill(specs, place{caller: caller, request: s.request, of: vs.Namespace, ports: s.objects.serverPorts(vs)})
		if t.fault != nil {
			faulty = append(faulty, t)
		} else {
			tables = append(tables, t)
		}
	}
	return append(join(tables), faulty...), nil
}

// boundFor reports whether a rule is bound to the gateway that the request enters by, or was meant to be: it is named, or
// its gateway is none.
func (s *search) boundFor(vs *VirtualService, caller Caller) bool {
	return caller.through(vs.gateways(), vs.Namespace) || s.named != nil && vs.object().is(*s.named) || s.objects.unboundAnywhere(vs)
}

// narrow ranks a table by the hosts that the gateways really serve; where they serve none of those that the request is
// for, that is the table's fault.
func (s *search) narrow(t *table, vs *VirtualService, caller Caller) {
	hosts := slices.DeleteFunc(slices.Clone(t.hosts), func(host string) bool { return s.rankAtGateway([]string{host}, vs.object()) == rankNone })
	served, fault := s.faultAtGateways(vs, hosts, caller)
	if t.fault = fault; fault != nil {
		return
	}
	wide := t.rank
	if t.rank = s.rankAtGateway(served, vs.object()); t.rank == rankNone && s.forGateway(wide) {
		t.rank, t.fault = wide, notServed(vs.object(), "spec.gateways", s.names.literal, served)
	}
}

// forGateway reports whether a request may be meant for gateways of which none serves its host: it enters by one, or
// the rule names the host, by more than "*".
func (s *search) forGateway(rank int) bool { return s.caller.Entry == EntryGateway || rank > rankAny }

// join puts the tables of the best rank together: the oldest first, what takes everything last.
func join(tables []*table) []*table {
	slices.SortStableFunc(tables, func(a, b *table) int { return a.before(b) })
	if len(tables) == 0 {
		return nil
	}
	all := *tables[0]
	for _, t := range tables[1:] {
		if t.rank == all.rank {
			all.live = append(all.live, t.live...)
			all.excluded = append(all.excluded, t.excluded...)
			all.gaps = append(all.gaps, t.gaps...)
		}
	}
	catchAllsLast(all.live)
	return []*table{&all}
}

// rankAtGateway compares hosts with the Host header. For a caller of which nothing is known, the short name of a Service
// may stand for the host that the gateway's clients use.
func (s *search) rankAtGateway(hosts []string, o object) int {
	if s.named != nil && o.is(*s.named) {
		return rankExact
	}
	best := rankNone
	for _, host := range hosts {
		best = max(best, rank(host, s.names.literal))
		if s.caller.Entry == EntryUnknown {
			best = max(best, s.names.rank(host))
		}
	}
	return best
}

// blockAtGateway takes the http rules where there are any: a gateway ends TLS, unless its server passes it on, and then
// there are tls rules alone.
func (s *search) blockAtGateway(vs *VirtualService, t *table) ([]*spec, error) {
	http, gaps, err := s.objects.httpRules(vs, s.caller)
	if err != nil || len(http) > 0 {
		t.gaps = gaps
		return http, err
	}
	if s.request.Scheme == "https" && len(vs.Spec.TLS) > 0 {
		return vs.l4Specs("tls", s.caller.domain()), nil
	}
	return vs.l4Specs("tcp", s.caller.domain()), nil
}

// serverPorts are the ports of the gateways that a VirtualService is bound to; nil when one of them is not here.
func (o *Objects) serverPorts(vs *VirtualService) []int {
	var ports []int
	for _, name := range vs.gateways() {
		if name == mesh {
			continue
		}
		g := o.gateway(qualify(name, vs.Namespace))
		if g == nil {
			return nil
		}
		for _, server := range g.Spec.Servers {
			ports = append(ports, server.Port.Number)
		}
	}
	return ports
}

// attachedToGateway merges the routes with the best hostname, HTTPRoutes and GRPCRoutes alike, and makes a table of each
// that no gateway takes.
func (s *search) attachedToGateway(caller Caller) ([]*table, error) {
	all, err := s.objects.attachedRoutes(caller.domain())
	if err != nil {
		return nil, err
	}
	t := &table{merged: true, tier: 2}
	var tables []*table
	for i := range all {
		a := &all[i]
		hosts, fault, bound := s.attachment(a, caller)
		if !bound {
			continue
		}
		got, wide := s.rankAtGateway(hosts, a.object), s.rankAtGateway(a.hostsOrAll(), a.object)
		if got == rankNone && wide > rankNone && s.forGateway(wide) {
			got, fault = wide, notServed(a.object, "spec.parentRefs", s.names.literal, hosts)
		}
		if got == rankNone {
			continue
		}
		in := place{caller: caller, request: s.request, of: a.object.meta.Namespace}
		if fault != nil {
			faulty := &table{object: a.object, hosts: hosts, rank: got, tier: 2, merged: true, fault: fault}
			faulty.add(a, in)
			tables = append(tables, faulty)
			continue
		}
		if got > t.rank {
			*t = table{object: a.object, hosts: hosts, rank: got, merged: true, tier: 2}
		}
		if got == t.rank {
			t.add(a, in)
		}
	}
	if t.rank > rankNone {
		slices.SortStableFunc(t.live, byPrecedence)
		tables = append(tables, t)
	}
	return tables, nil
}

// attachment looks at the gateways of a route by which the caller may come: the hosts that they serve of it or, when
// none takes it, the fault.
func (s *search) attachment(a *attached, caller Caller) (hosts []string, fault *Finding, bound bool) {
	for index, p := range a.parents {
		name := firstNonEmpty(p.Namespace, a.object.meta.Namespace) + "/" + p.Name
		through := caller.through([]string{name}, a.object.meta.Namespace)
		if p.isService() || !through && (s.named == nil || !a.object.is(*s.named)) {
			continue
		}
		bound = true
		if f := s.objects.parentFault(a, index, caller.domain()); f != nil {
			fault = f
			continue
		}
		if !through {
			continue // it is named, and somewhere else
		}
		hosts = append(hosts, s.objects.servedAt(a, p)...)
	}
	if len(hosts) > 0 {
		return hosts, nil, bound
	}
	return a.hostsOrAll(), fault, bound
}

// unambiguous refuses to guess when another object's rule would take the request as well, and nothing but their age,
// which is not known, puts one before the other.
func (s *search) unambiguous(v *view) error {
	if v.hit == nil || v.governs.merged || s.named != nil {
		return nil
	}
	for i := range v.governs.live {
		other := &v.governs.live[i]
		a, b := v.hit.spec.object, other.spec.object
		if a.is(b) || !a.meta.CreationTimestamp.IsZero() || !b.meta.CreationTimestamp.IsZero() ||
			!other.match.takes(s.request) || s.caller.Entry != EntryWaypoint && v.hit.match.catchesAll() != other.match.catchesAll() {
			continue
		}
		if !v.hit.spec.rule(s.objects, v.caller).sameShares(other.spec.rule(s.objects, v.caller)) {
			return ambiguous(a, b, s.names)
		}
	}
	return nil
}

// seekBehind looks for the weights of a Service to which the gateway's rule sends everything: a rule of the mesh that
// the gateway does not consult.
func (s *search) seekBehind(v *view) error {
	if v.hit == nil || v.meant != nil || s.named != nil || len(v.hit.spec.targets) != 1 || v.hit.spec.targets[0].subset != "" {
		return nil
	}
	to := v.hit.spec.targets[0]
	inner := *s
	inner.caller = Caller{Entry: EntryMesh, Namespace: s.caller.Namespace, Domain: s.caller.Domain}
	inner.request.Host, inner.request.Scheme = to.host, "http"
	if to.port != 0 {
		inner.request.Port = to.port
	}
	inner.names = s.objects.namesOf(to.host, inner.caller)
	behind, err := inner.meshView()
	if err != nil || !behind.settled() {
		return err
	}
	v.meant = behind.meant
	v.find(ignoredAtIngress(v.hit.spec.rule(s.objects, v.caller), behind.meant.spec.object))
	return nil
}
