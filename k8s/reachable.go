package k8s

import (
	"maps"
	"slices"
	"strings"
)

// Reach is what a request may come to by its rules: of these the endpoints and the pods matter, and of no others.
type Reach struct {
	Services []ServiceName // sorted
	Gateways []*Gateway    // whose workloads a rule or the caller may be bound to, one for each selector
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
	bound := false
	for _, l := range lookups {
		if l.Rule == nil {
			continue
		}
		for _, d := range l.Rule.Destinations {
			note(d.Host)
		}
		bound = bound || slices.ContainsFunc(l.Rule.Gateways, func(g string) bool { return g != mesh })
	}
	r := Reach{Services: slices.SortedFunc(maps.Keys(services), ServiceName.compare)}
	if bound || caller.Entry == EntryGateway {
		r.Gateways = o.gatewaysBySelector()
	}
	return r
}

// gatewaysBySelector is one Gateway for each group of workloads that are selected.
func (o *Objects) gatewaysBySelector() []*Gateway {
	var list []*Gateway
	seen := map[string]bool{}
	for i := range o.Gateways {
		if selector := compact(o.Gateways[i].Spec.Selector); !seen[selector] {
			seen[selector] = true
			list = append(list, &o.Gateways[i])
		}
	}
	return list
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
