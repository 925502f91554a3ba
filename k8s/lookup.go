package k8s

import (
	"fmt"
	"slices"
	"strings"
)

// Lookup is what is declared for a request.
type Lookup struct {
	Rule     *Rule // the rule that is meant for the request; nil when there is none
	InEffect bool  // it is the one that the request takes
	Findings []Finding
	Unseen   []Unseen
	Trail    Trail
}

// search is one lookup.
type search struct {
	objects *Objects
	request Request
	caller  Caller
	names   names
	scope   scope   // of the caller's proxy
	named   *object // by --route; nil when none is
}

// Lookup finds the rule that is meant for a request: the one that it takes, when that one has weights; else a rule with
// weights that would take it but for a fault, which is then a finding; else the one that it takes. The route, as
// "virtualservice/NAME", "httproute/NAMESPACE/NAME" or short "vs/NAME", names the object outright. An error is a route
// that does not exist, a condition that cannot be read, or two objects between which nothing but their age, which files
// do not give, can decide.
func (o *Objects) Lookup(request Request, caller Caller, route string) (Lookup, error) {
	s := &search{objects: o, request: request, caller: caller, names: o.namesOf(request.Host, caller), scope: o.scopeOf(caller)}
	if route != "" {
		named, err := o.named(route, firstNonEmpty(caller.Namespace, defaultNamespace))
		if err != nil {
			return Lookup{}, err
		}
		s.named = &named
	}
	v, err := s.view()
	if err != nil {
		return Lookup{}, err
	}
	l := s.conclude(v)
	l.Trail = s.trail(v)
	return l, nil
}

// view looks from where the request enters.
func (s *search) view() (*view, error) {
	if s.caller.Entry == EntryWaypoint {
		return s.waypointView()
	}
	if bare, ambient := s.bare(); bare {
		return s.bareView(ambient)
	}
	return s.outerView()
}

// outerView looks from the caller's sidecar or from a gateway, whichever has something to say.
func (s *search) outerView() (*view, error) {
	switch s.caller.Entry {
	case EntryMesh:
		return s.sidecarView()
	case EntryGateway:
		return s.gatewayView()
	}
	inside, err := s.sidecarView()
	if err != nil || inside.settled() {
		return inside, err
	}
	outside, err := s.gatewayView()
	if err != nil {
		return nil, err
	}
	if outside.governs == nil && outside.meant == nil || !outside.settled() && s.concerns(inside) {
		return inside, nil
	}
	bound := outside.governs
	if bound == nil {
		bound = &table{object: outside.meant.spec.object}
	}
	outside.note("%s is bound to a gateway: the request is taken to enter by it", bound.object)
	return outside, nil
}

// concerns reports whether a view has anything to say about the request, or about the object that --route names.
func (s *search) concerns(v *view) bool {
	if s.named == nil {
		return v.governs != nil || v.meant != nil
	}
	return v.meant != nil || v.hit != nil && s.belongs(*v.hit)
}

// belongs reports whether a route is of the object that --route names, if it names one.
func (s *search) belongs(r route) bool {
	return s.named == nil || r.spec.object.is(*s.named) || r.spec.root != nil && r.spec.root.is(*s.named)
}

// wanted reports whether a route may be the one that is meant: it must have weights.
func (s *search) wanted(r route) bool { return r.spec.weighted() && s.belongs(r) }

// conclude turns a view into plain data.
func (s *search) conclude(v *view) Lookup {
	l := Lookup{Findings: v.findings, Unseen: v.unseen}
	switch {
	case v.meant == nil && v.hit == nil:
		l.Unseen = append(l.Unseen, s.absent())
		return l
	case v.meant == nil && v.hit.spec.local != "":
		l.Unseen = append(l.Unseen, unseen("%s of %s is a %s: no destination is chosen", v.hit.spec.field, v.hit.spec.object, v.hit.spec.local))
		return l
	case v.meant == nil:
		v.meant = v.hit
	}
	l.InEffect = v.hit != nil && v.hit.spec == v.meant.spec
	l.Rule = v.meant.spec.rule(s.objects, v.caller)
	if s.misses(l.Rule.Hosts) {
		l.Unseen = append(l.Unseen, unseen("%s is for %s, and the request for %s: --route says that it is meant",
			v.meant.spec.object, strings.Join(l.Rule.Hosts, ", "), s.names.literal))
	}
	s.objects.inspect(v.meant.spec, &l, v.caller, &s.request)
	l.Findings = append(l.Findings, s.objects.unresolvedRefs(v.meant.spec, l.Findings, s.caller.domain())...)
	l.Findings = append(l.Findings, s.envoyFilters(v, v.meant.spec)...)
	if l.InEffect {
		inner := *s
		inner.caller, inner.scope = v.caller, s.objects.scopeOf(v.caller)
		l.Findings = append(l.Findings, inner.unreachable(v.governs, v.meant.spec)...)
	}
	if v.hit != nil && !l.InEffect {
		l.Findings = append(l.Findings, faultInjected(v.hit.spec)...)
	}
	l.Findings = once(l.Findings)
	return l
}

// misses reports whether none of the hosts is the request's.
func (s *search) misses(hosts []string) bool {
	return s.named != nil && len(hosts) > 0 && !slices.ContainsFunc(hosts, func(host string) bool {
		return s.names.rank(host) > rankNone || rank(host, s.names.literal) > rankNone
	})
}

// absent says which hosts there are rules for, when there is none for the request's.
func (s *search) absent() Unseen {
	var hosts []string
	for i := range s.objects.VirtualServices {
		hosts = append(hosts, s.objects.VirtualServices[i].hosts(s.caller.domain())...)
	}
	if all, err := s.objects.attachedRoutes(s.caller.domain()); err == nil {
		for i := range all {
			hosts = append(hosts, all[i].hosts(s.caller.domain())...)
		}
	}
	slices.Sort(hosts)
	hosts = slices.Compact(hosts)
	name := firstNonEmpty(s.names.service, s.names.literal)
	switch {
	case len(hosts) == 0:
		return unseen("no rule names %s", name)
	case slices.Contains(hosts, name):
		return unseen("no rule for %s is in effect on port %d", name, s.request.Port)
	}
	more := ""
	if len(hosts) > 5 {
		hosts, more = hosts[:5], ", …"
	}
	return unseen("no rule names %s: there are rules for %s%s", name, strings.Join(hosts, ", "), more)
}

// named finds the object that --route names.
func (o *Objects) named(route, namespace string) (object, error) {
	parts := strings.Split(route, "/")
	if len(parts) < 2 || len(parts) > 3 || slices.Contains(parts, "") {
		return object{}, fmt.Errorf("route %q: write it as virtualservice/NAME or httproute/NAME, with NAMESPACE/ before the name if need be", route)
	}
	kind, ok := map[string]string{
		"virtualservice": "VirtualService", "virtualservices": "VirtualService", "vs": "VirtualService",
		"httproute": "HTTPRoute", "httproutes": "HTTPRoute", "hr": "HTTPRoute",
		"grpcroute": "GRPCRoute", "grpcroutes": "GRPCRoute", "gr": "GRPCRoute",
	}[strings.ToLower(parts[0])]
	if !ok {
		return object{}, fmt.Errorf("route %q: the kind is virtualservice, httproute or grpcroute", route)
	}
	name := parts[len(parts)-1]
	var found []object
	for _, candidate := range o.routeObjects() {
		if candidate.kind != kind || candidate.meta.Name != name {
			continue
		}
		if len(parts) == 3 && candidate.meta.Namespace == parts[1] || len(parts) == 2 && candidate.meta.Namespace == namespace {
			return candidate, nil
		}
		found = append(found, candidate)
	}
	switch {
	case len(found) > 0:
		return object{}, fmt.Errorf("route %q: there is %s: write %s", route, found[0], found[0].ref())
	default:
		return object{}, fmt.Errorf("route %q: there is no such %s; there is %s", route, kind, o.listRoutes())
	}
}

// routeObjects are the objects that may hold weights.
func (o *Objects) routeObjects() []object {
	var all []object
	for i := range o.VirtualServices {
		all = append(all, o.VirtualServices[i].object())
	}
	for i := range o.HTTPRoutes {
		all = append(all, object{"HTTPRoute", &o.HTTPRoutes[i].Meta})
	}
	for i := range o.GRPCRoutes {
		all = append(all, object{"GRPCRoute", &o.GRPCRoutes[i].Meta})
	}
	return all
}

func (o *Objects) listRoutes() string {
	var refs []string
	for _, candidate := range o.routeObjects() {
		refs = append(refs, candidate.ref())
	}
	if len(refs) > 5 {
		refs = append(refs[:5], "…")
	}
	return firstNonEmpty(strings.Join(refs, ", "), "none")
}
