package k8s

import (
	"fmt"
	"slices"
	"strings"
)

// meshTables are the tables of the mesh that name the request's host, those included that the caller's sidecar does not
// get; these have a fault.
func (s *search) meshTables() ([]*table, error) {
	var tables []*table
	for i := range s.objects.VirtualServices {
		t, err := s.meshTable(&s.objects.VirtualServices[i])
		if err != nil {
			return nil, err
		}
		switch {
		case t == nil:
		case t.forced:
			return []*table{t}, nil
		default:
			tables = append(tables, t)
		}
	}
	attached, err := s.attachedToService()
	if err != nil {
		return nil, err
	}
	return append(tables, attached...), nil
}

// meshTable is nil when the VirtualService has nothing to do with the request.
func (s *search) meshTable(vs *VirtualService) (*table, error) {
	if len(vs.Spec.Hosts) == 0 || !vs.onMesh() && s.caller.Entry != EntryMesh && s.caller.Entry != EntryWaypoint {
		return nil, nil
	}
	t := &table{object: vs.object(), hosts: vs.hosts(s.caller.domain()), tier: s.caller.tier(vs.Spec.ExportTo, vs.Namespace)}
	half := s.rankHosts(t, vs.onMesh())
	if t.rank == rankNone && s.named != nil && t.object.is(*s.named) {
		t.rank, t.forced = rankExact, true
	}
	if t.rank == rankNone && s.routesToService(vs) {
		half, t.guessed = s.objects.unknownHost(vs, s.caller), true
	}
	if t.rank == rankNone && (!t.guessed || vs.onMesh() && half < 0) {
		return nil, nil
	}
	specs, fault, err := s.block(vs, t)
	if err != nil {
		return nil, err
	}
	switch {
	case !vs.onMesh():
		fault = notOnMesh(vs)
	case !s.caller.sees(vs.Spec.ExportTo, vs.Namespace):
		fault = notExported(vs.object(), vs.Spec.ExportTo, s.caller)
	case half >= 0:
		fault = hostNotFound(vs, half, s.names.service)
	default:
		fault = s.unknown(t, fault)
	}
	t.fault = fault
	in := place{caller: s.caller, request: s.request, mesh: true, of: vs.Namespace}
	if !vs.onMesh() {
		in.mesh = false // its matches are judged as at its gateway: the binding is the fault
	}
	t.fill(specs, in)
	return t, nil
}

// unknown is why the caller's proxy does not know the request's Service or the rule; else the given fault.
func (s *search) unknown(t *table, fault *Finding) *Finding {
	if f := s.unexported(s.names.service); f != nil {
		return f
	}
	if f := s.hidden(t); f != nil {
		return f
	}
	if f := s.portMissing(t); f != nil {
		return f
	}
	return fault
}

// rankHosts ranks the table by the host that names the request's best. A host that only looks as if it did is
// half-qualified: its index is returned, -1 when there is none or a sound one beside it.
func (s *search) rankHosts(t *table, onMesh bool) (half int) {
	half = -1
	for i, host := range t.hosts {
		if host == "*" && onMesh {
			continue // Istio refuses it for the mesh
		}
		meant := s.objects.halfQualified(host, s.caller)
		switch {
		case meant == "":
			t.rank = max(t.rank, s.names.rank(host))
		case meant != s.names.service:
		case host == s.names.literal && s.request.Port == 80:
			// On port 80 alone Istio makes a virtual host for a name that is no Service.
			t.rank = rankExact
		default:
			half = i
		}
	}
	if t.rank > rankNone {
		return -1
	}
	if half >= 0 {
		t.rank = rankExact
	}
	return half
}

// routesToService reports whether a weighted rule divides the requests of the very Service that is called, whatever its
// own hosts are: the rule of an ingress gateway that was expected to hold inside the mesh as well.
func (s *search) routesToService(vs *VirtualService) bool {
	for _, rule := range vs.Spec.HTTP {
		for _, d := range rule.Route {
			if len(rule.Route) > 1 && resolve(d.Destination.Host, vs.Namespace, s.caller.domain()) == s.names.service {
				return true
			}
		}
	}
	return false
}

// block chooses among the http, tls and tcp rules of a VirtualService. On a port that is no HTTP to the sidecar the http
// rules are not in effect, which is the fault that is returned with them.
func (s *search) block(vs *VirtualService, t *table) ([]*spec, *Finding, error) {
	http, gaps, err := s.objects.httpRules(vs, s.caller)
	if err != nil {
		return nil, nil, err
	}
	fault := s.opaque(vs.object())
	if len(http) > 0 && fault == nil {
		t.gaps = gaps
		return http, nil, nil
	}
	for _, protocol := range []string{"tls", "tcp"} {
		specs := vs.l4Specs(protocol, s.caller.domain())
		if len(specs) > 0 && (protocol == "tcp" || s.request.Scheme == "https") {
			return specs, s.connectionRules(vs, protocol), nil
		}
	}
	t.gaps = gaps
	if len(http) == 0 {
		fault = nil
	}
	return http, fault, nil
}

// opaque says why a sidecar would see no HTTP in the request; nil when it does, or when nothing is known.
func (s *search) opaque(o object) *Finding {
	if f := s.opaqueListener(o); f != nil {
		return f
	}
	p := s.calledPort()
	if service := s.objects.serviceOf(s.names.service, s.caller); service != nil && p != nil && p.opaque() {
		return portNotHTTP(service, service.port(p.number), o)
	}
	switch {
	case s.request.Scheme == "https" && (s.caller.Entry == EntryMesh || s.caller.Entry == EntryUnknown && s.dialsHost()):
		return s.encrypted(o)
	case p != nil && p.opaque():
		return p.entryNotHTTP(o)
	}
	return nil
}

// attachedToService merges the routes of each namespace that are attached to the request's Service, those to one port of
// it apart. Those of another namespace than the Service's are for callers of that namespace alone.
func (s *search) attachedToService() ([]*table, error) {
	all, err := s.objects.attachedRoutes(s.caller.domain())
	if err != nil || s.names.service == "" {
		return nil, err
	}
	_, producer, _ := splitService(s.names.service, s.caller.domain())
	groups := map[string]*table{}
	var tables []*table
	for i := range all {
		a := &all[i]
		namespace := a.object.meta.Namespace
		own := namespace == s.caller.Namespace
		if namespace != producer && !own {
			continue
		}
		for index, p := range a.parents {
			if !s.parent(a, p) {
				continue
			}
			fault := s.objects.parentFault(a, index, s.caller.domain())
			key := fmt.Sprint(namespace, p.Port)
			t := groups[key]
			if t == nil || fault != nil {
				t = &table{object: a.object, hosts: []string{s.names.service}, rank: rankExact, tier: 2, own: own, merged: true, fault: fault}
				tables = append(tables, t)
			}
			if fault == nil && groups[key] == nil {
				t.fault = s.unknown(t, s.opaque(a.object))
				groups[key] = t
			}
			t.add(a, place{caller: s.caller, request: s.request, mesh: true, of: namespace})
		}
	}
	for _, t := range tables {
		slices.SortStableFunc(t.live, byPrecedence)
	}
	return tables, nil
}

// add merges one more route into the table, which goes by the oldest of them.
func (t *table) add(a *attached, in place) {
	if byAge(a.object.meta, t.object.meta) < 0 {
		t.object = a.object
	}
	t.fill(a.specs, in)
}

// parent reports whether a parent is the request's Service and port. A route that is named outright need not fit.
func (s *search) parent(a *attached, p ParentRef) bool {
	if s.named != nil && a.object.is(*s.named) {
		return p.isService()
	}
	return s.parentService(a, p) && (p.Port == 0 || p.Port == s.request.Port || s.objects.lacksPort(a, p, s.caller.domain()))
}

// parentService reports whether a parent is the request's Service.
func (s *search) parentService(a *attached, p ParentRef) bool {
	return p.isService() && strings.EqualFold(p.service(a.object.meta.Namespace, s.caller.domain()), s.names.service)
}
