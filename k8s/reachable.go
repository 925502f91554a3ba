package k8s

import (
	"maps"
	"slices"
	"strings"
)

// Reach is what a request may come to by its rules: of these the endpoints and the pods matter, and of no others.
type Reach struct {
	Services []ServiceName // sorted
	Gateways []*Gateway    // that the rules are bound to
}

// ServiceName names a Service, which need not exist.
type ServiceName struct{ Namespace, Name string }

// Reach gathers the Services that the rules send to, the one that the request names, and the rules' gateways. A request
// without a host is any.
func (o *Objects) Reach(request Request, caller Caller, lookups ...Lookup) Reach {
	services := map[ServiceName]bool{}
	note := func(host string) {
		if name, namespace, ok := splitService(host, caller.domain()); ok {
			services[ServiceName{namespace, name}] = true
		}
	}
	note(o.namesOf(request.Host, caller).service)
	gateways := map[string]bool{}
	for _, l := range lookups {
		if l.Rule == nil {
			continue
		}
		for _, d := range l.Rule.Destinations {
			note(d.Host)
		}
		for _, g := range l.Rule.Gateways {
			gateways[qualify(g, l.Rule.Namespace)] = true
		}
	}
	r := Reach{Services: slices.SortedFunc(maps.Keys(services), ServiceName.compare)}
	for i := range o.Gateways {
		if g := &o.Gateways[i]; gateways[g.Namespace+"/"+g.Name] {
			r.Gateways = append(r.Gateways, g)
		}
	}
	return r
}

func (n ServiceName) compare(other ServiceName) int {
	return strings.Compare(n.Namespace+"/"+n.Name, other.Namespace+"/"+other.Name)
}

// Service finds a Service; nil when it is not here.
func (o *Objects) Service(n ServiceName) *Service { return o.service(n.Namespace, n.Name) }

// NamespaceOf is that of the Service that the request's host may name, by the host alone; "" when it can name none.
func (r Request) NamespaceOf(caller Caller) string {
	host := expand(r.Host, firstNonEmpty(caller.Namespace, defaultNamespace), caller.domain())
	_, namespace, _ := splitService(host, caller.domain())
	return namespace
}

// Selects reports whether the labels hold everything that the selector asks for.
func Selects(selector, labels map[string]string) bool { return selects(selector, labels) }

// HasRoute reports whether the object that a [Rule.Ref] names is here.
func (o *Objects) HasRoute(ref string) bool {
	return slices.ContainsFunc(o.routeObjects(), func(candidate object) bool { return candidate.ref() == ref })
}
