package k8s

import (
	"fmt"
	"regexp"
	"strings"
)

// attached is what HTTPRoutes and GRPCRoutes have in common.
type attached struct {
	object    object
	parents   []ParentRef
	hostnames []string
	status    RouteStatus
	specs     []*spec
}

// attachedRoutes brings all HTTPRoutes and GRPCRoutes into the common form.
func (o *Objects) attachedRoutes(domain string) ([]attached, error) {
	var all []attached
	for i := range o.HTTPRoutes {
		route := &o.HTTPRoutes[i]
		a := attached{object: object{"HTTPRoute", &route.Meta}, parents: route.Spec.ParentRefs, hostnames: route.Spec.Hostnames, status: route.Status}
		for j, rule := range route.Spec.Rules {
			s := a.spec(j, rule.Name, rule.BackendRefs, domain)
			s.siblings = len(route.Spec.Rules)
			s.local, s.rewrites = answersItself(rule.Filters), len(rule.Filters) > 0
			if err := addMatches(s, rule.Matches); err != nil {
				return nil, err
			}
			a.specs = append(a.specs, s)
		}
		all = append(all, a)
	}
	return o.appendGRPC(all, domain)
}

func (o *Objects) appendGRPC(all []attached, domain string) ([]attached, error) {
	for i := range o.GRPCRoutes {
		route := &o.GRPCRoutes[i]
		a := attached{object: object{"GRPCRoute", &route.Meta}, parents: route.Spec.ParentRefs, hostnames: route.Spec.Hostnames, status: route.Status}
		for j, rule := range route.Spec.Rules {
			s := a.spec(j, rule.Name, rule.BackendRefs, domain)
			s.siblings = len(route.Spec.Rules)
			if err := addMatches(s, rule.Matches); err != nil {
				return nil, err
			}
			a.specs = append(a.specs, s)
		}
		all = append(all, a)
	}
	return all, nil
}

// addMatches brings the matches of a rule into the common form.
func addMatches[M interface{ match() (match, error) }](s *spec, matches []M) error {
	for k, m := range matches {
		matched, err := m.match()
		if err != nil {
			return fmt.Errorf("%s: %s.%w", s.object, s.matchField(k), err)
		}
		s.matches = append(s.matches, matched)
	}
	return nil
}

func (a *attached) spec(index int, label string, backends []BackendRef, domain string) *spec {
	s := &spec{
		object: a.object, index: index, field: fmt.Sprintf("spec.rules[%d]", index), label: label, protocol: "http",
		hosts: a.hosts(domain), gateways: a.gateways(),
	}
	for i, b := range backends {
		s.targets = append(s.targets, target{
			raw: b.Name, host: b.host(a.object.meta.Namespace, domain), port: b.Port,
			weight: b.Weight, implied: 1, field: fmt.Sprintf("%s.backendRefs[%d]", s.field, i), backend: &b,
		})
	}
	return s
}

// hosts are the Services that the route is attached to, and its hostnames, which count at gateways alone.
func (a *attached) hosts(domain string) []string {
	var hosts []string
	for _, p := range a.parents {
		if p.isService() {
			hosts = append(hosts, p.service(a.object.meta.Namespace, domain))
		}
	}
	for _, h := range a.hostnames {
		hosts = append(hosts, strings.ToLower(h))
	}
	return hosts
}

func (a *attached) gateways() []string {
	var gateways []string
	onMesh := false
	for _, p := range a.parents {
		if p.isService() {
			onMesh = true
		} else {
			gateways = append(gateways, firstNonEmpty(p.Namespace, a.object.meta.Namespace)+"/"+p.Name)
		}
	}
	if onMesh {
		gateways = append(gateways, mesh)
	}
	return gateways
}

// attachedMatch is the match of a route that takes requests for a path. A GRPCRoute has no paths: it names the service and
// the method, of which a gRPC path is made.
func attachedMatch(o object, path string) map[string]any {
	if o.kind != "GRPCRoute" {
		return map[string]any{"path": map[string]string{"type": "PathPrefix", "value": path}}
	}
	method := map[string]string{"service": "SERVICE", "method": "METHOD"}
	if service, name, found := strings.Cut(strings.TrimPrefix(path, "/"), "/"); found && service != "" && name != "" && !strings.Contains(name, "/") {
		method = map[string]string{"service": service, "method": name}
	}
	return map[string]any{"method": method}
}

func (p ParentRef) isService() bool {
	return p.Kind == "Service" && (p.Group == "" || p.Group == "core")
}

func (p ParentRef) service(namespace, domain string) string {
	return strings.ToLower(p.Name) + "." + firstNonEmpty(p.Namespace, namespace) + ".svc." + domain
}

// host is the Service's name; Istio also knows the kind Hostname, which is one already.
func (b BackendRef) host(namespace, domain string) string {
	if b.Kind == "Hostname" {
		return strings.ToLower(b.Name)
	}
	return strings.ToLower(b.Name) + "." + firstNonEmpty(b.Namespace, namespace) + ".svc." + domain
}

func answersItself(filters []RouteFilter) string {
	for _, f := range filters {
		if f.Type == "RequestRedirect" {
			return "redirect"
		}
	}
	return ""
}

// match brings an HTTPRouteMatch into the common form.
func (m HTTPRouteMatch) match() (match, error) {
	p, err := m.Path.predicate()
	if err != nil {
		return nil, err
	}
	all := match{p}
	if m.Method != "" {
		all = append(all, predicate{on: onMethod, op: exact, values: []string{m.Method}})
	}
	for _, c := range []struct {
		on     subject
		values []ValueMatch
	}{{onHeader, m.Headers}, {onQuery, m.QueryParams}} {
		ps, err := valuePredicates(c.on, c.values)
		if err != nil {
			return nil, err
		}
		all = append(all, ps...)
	}
	return all, nil
}

func (m *PathMatch) predicate() (predicate, error) {
	p := predicate{on: onPath, op: element, values: []string{"/"}}
	if m == nil {
		return p, nil
	}
	if m.Value != nil {
		p.values[0] = *m.Value
	}
	switch m.Type {
	case "Exact":
		p.op = exact
	case "RegularExpression":
		p.op = regex
		return p, p.compile()
	}
	return p, nil
}

func valuePredicates(on subject, values []ValueMatch) (match, error) {
	var all match
	for _, v := range values {
		p := predicate{on: on, name: v.Name, op: exact, values: []string{v.Value}}
		if v.Type == "RegularExpression" {
			p.op = regex
			if err := p.compile(); err != nil {
				return nil, err
			}
		}
		all = append(all, p)
	}
	return all, nil
}

// match brings a GRPCRouteMatch into the common form: the method is the path /SERVICE/METHOD.
func (m GRPCRouteMatch) match() (match, error) {
	var all match
	if m.Method != nil {
		p, err := m.Method.predicate()
		if err != nil {
			return nil, err
		}
		all = append(all, p)
	}
	headers, err := valuePredicates(onHeader, m.Headers)
	return append(all, headers...), err
}

func (m GRPCMethodMatch) predicate() (predicate, error) {
	p := predicate{on: onPath, op: regex}
	switch {
	case m.Type == "RegularExpression":
		p.values = []string{"/" + firstNonEmpty(m.Service, "[^/]+") + "/" + firstNonEmpty(m.Method, "[^/]+")}
	case m.Service != "" && m.Method != "":
		p.op, p.values = exact, []string{"/" + m.Service + "/" + m.Method}
		return p, nil
	case m.Service != "":
		p.op, p.values = prefix, []string{"/" + m.Service + "/"}
		return p, nil
	default:
		p.values = []string{"/[^/]+/" + firstNonEmpty(regexp.QuoteMeta(m.Method), "[^/]+")}
	}
	return p, p.compile()
}
