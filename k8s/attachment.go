package k8s

import (
	"fmt"
	"slices"
	"strings"
)

const (
	idNotAccepted = "route-not-accepted"
	idBackend     = "backend-invalid"
)

// parentFault is why an HTTPRoute or GRPCRoute has no effect at one of its parents: what the parent's controller says,
// else what the objects show. It is nil when the route is attached, or when nothing is known.
func (o *Objects) parentFault(a *attached, index int, domain string) *Finding {
	p := a.parents[index]
	field := fmt.Sprintf("spec.parentRefs[%d]", index)
	f := &Finding{ID: idNotAccepted, Severity: SeverityError, Object: a.object.String(), Field: field,
		Evidence: []string{field + ": " + p.String()}}
	namespace := firstNonEmpty(p.Namespace, a.object.meta.Namespace)
	if o.lacksPort(a, p, domain) {
		service := o.service(namespace, p.Name)
		f.Summary = fmt.Sprintf("%s has no port %d: the route is attached to nothing", service.object(), p.Port)
		f.Evidence = append(f.Evidence, "its ports: "+service.listPorts())
		f.Fix = a.object.patch(operation{Op: "replace", Path: pointer(field) + "/port", Value: service.Spec.Ports[0].Port})
		return f
	}
	if c, stated := a.condition(p, "Accepted"); stated {
		if c.Status != "False" {
			return nil
		}
		f.Summary = fmt.Sprintf("%s does not accept the route: %s", p, firstNonEmpty(c.Message, c.Reason))
		f.Evidence = append(f.Evidence, c.evidence())
		f.Fix = fmt.Sprintf("kubectl get %s %s -n %s -o jsonpath='{.status.parents}'   # says what the parent asks for",
			strings.ToLower(a.object.kind), shellQuote(a.object.meta.Name), shellQuote(a.object.meta.Namespace))
		return f
	}
	switch {
	case p.isService() && o.Complete["Service"] && o.service(namespace, p.Name) == nil && !o.hasEntry(p.service(a.object.meta.Namespace, domain)):
		f.Fix = fmt.Sprintf("kubectl get services -n %s   # then correct %s", shellQuote(namespace), field)
	case p.isGateway() && o.kubeGateway(namespace, p.Name) != nil:
		return o.listenerFault(a, index)
	case p.isGateway() && o.Complete["KubeGateway"]:
		f.Fix = fmt.Sprintf("kubectl get gateways.gateway.networking.k8s.io -n %s   # then correct %s", shellQuote(namespace), field)
	default:
		return nil
	}
	f.Summary = fmt.Sprintf("there is no %s: the route is attached to nothing", p.in(a.object.meta.Namespace))
	return f
}

// lacksPort reports whether a parent is a Service without the port that it names.
func (o *Objects) lacksPort(a *attached, p ParentRef, domain string) bool {
	service := o.serviceOf(p.service(a.object.meta.Namespace, domain), Caller{Domain: domain})
	return p.isService() && p.Port != 0 && service != nil && len(service.Spec.Ports) > 0 && service.port(p.Port) < 0
}

// listenerFault is the fault of a Gateway of which no listener takes the route.
func (o *Objects) listenerFault(a *attached, index int) *Finding {
	if len(o.servedAt(a, a.parents[index])) > 0 {
		return nil
	}
	p := a.parents[index]
	g := o.kubeGateway(firstNonEmpty(p.Namespace, a.object.meta.Namespace), p.Name)
	field := fmt.Sprintf("spec.parentRefs[%d]", index)
	f := &Finding{ID: idGatewayNotFound, Severity: SeverityError, Object: a.object.String(), Field: field,
		Summary: fmt.Sprintf("no listener of %s takes the route: its requests are answered with 404", object{"Gateway", &g.Meta}),
		Evidence: []string{field + ": " + p.String(), "spec.hostnames: " + firstNonEmpty(strings.Join(a.hostnames, ", "), "none"),
			"the route's namespace: " + a.object.meta.Namespace}}
	for i, l := range g.Spec.Listeners {
		f.Evidence = append(f.Evidence, fmt.Sprintf("%s: spec.listeners[%d] %s: port %d, hostname %s, routes from %s",
			object{"Gateway", &g.Meta}, i, l.Name, l.Port, firstNonEmpty(l.Hostname, "*"), l.from()))
	}
	f.Fix = fmt.Sprintf("kubectl edit gateways.gateway.networking.k8s.io %s -n %s   # a listener for the route's hostname, port and namespace",
		shellQuote(g.Name), shellQuote(g.Namespace))
	return f
}

// servedAt are the hosts by which a route is to be had at a Gateway, each the narrower of the route's and the listener's.
func (o *Objects) servedAt(a *attached, p ParentRef) []string {
	g := o.kubeGateway(firstNonEmpty(p.Namespace, a.object.meta.Namespace), p.Name)
	if g == nil || !p.isGateway() {
		return a.hostsOrAll()
	}
	var served []string
	for _, l := range g.Spec.Listeners {
		if p.SectionName != "" && p.SectionName != l.Name || p.Port != 0 && p.Port != l.Port || !o.admits(g, l, a.object) {
			continue
		}
		own := strings.ToLower(firstNonEmpty(l.Hostname, "*"))
		for _, host := range a.hostsOrAll() {
			if within(own, host) {
				served = append(served, own)
			} else if within(host, own) {
				served = append(served, host)
			}
		}
	}
	return served
}

// admits reports whether a listener takes routes of the kind and namespace, as far as can be known.
func (o *Objects) admits(g *KubeGateway, l GatewayListener, route object) bool {
	if l.AllowedRoutes == nil {
		return route.meta.Namespace == g.Namespace
	}
	kinds := l.AllowedRoutes.Kinds
	if len(kinds) > 0 && !slices.ContainsFunc(kinds, func(k RouteKind) bool { return k.Kind == route.kind }) {
		return false
	}
	switch l.from() {
	case "All":
		return true
	case "Selector":
		n, selector := o.namespace(route.meta.Namespace), l.AllowedRoutes.Namespaces.Selector
		return n == nil || selector == nil || len(selector.MatchExpressions) > 0 || selects(selector.MatchLabels, n.Labels)
	default:
		return route.meta.Namespace == g.Namespace
	}
}

func (l GatewayListener) from() string {
	if l.AllowedRoutes == nil {
		return "Same"
	}
	return firstNonEmpty(l.AllowedRoutes.Namespaces.From, "Same")
}

// hostsOrAll are the hostnames, in lower case; a route without takes every host.
func (a *attached) hostsOrAll() []string {
	if len(a.hostnames) == 0 {
		return []string{"*"}
	}
	hosts := make([]string, len(a.hostnames))
	for i, host := range a.hostnames {
		hosts[i] = strings.ToLower(host)
	}
	return hosts
}

// condition finds what the controllers of a parent say of the route, True if one of them does. What was said of an
// older generation of the route is not heard.
func (a *attached) condition(p ParentRef, name string) (found Condition, stated bool) {
	for _, parent := range a.status.Parents {
		if !parent.ParentRef.same(p, a.object.meta.Namespace) {
			continue
		}
		for _, c := range parent.Conditions {
			old := c.ObservedGeneration != 0 && c.ObservedGeneration < a.object.meta.Generation
			if c.Type == name && !old && (!stated || c.Status == "True") {
				found, stated = c, true
			}
		}
	}
	return found, stated
}

func (c Condition) evidence() string {
	return strings.TrimRight(fmt.Sprintf("status: %s is %s: %s %s", c.Type, c.Status, c.Reason, c.Message), " :")
}

func (p ParentRef) isGateway() bool {
	return (p.Kind == "" || p.Kind == "Gateway") && (p.Group == "" || p.Group == gatewayGroup)
}

// same compares two references of a route of the given namespace; what is omitted has its default.
func (p ParentRef) same(other ParentRef, namespace string) bool {
	return firstNonEmpty(p.Kind, "Gateway") == firstNonEmpty(other.Kind, "Gateway") && p.Name == other.Name &&
		firstNonEmpty(p.Namespace, namespace) == firstNonEmpty(other.Namespace, namespace) &&
		p.SectionName == other.SectionName && p.Port == other.Port
}

func (p ParentRef) String() string { return p.in(p.Namespace) }

// in is the reference with the namespace that it has by default.
func (p ParentRef) in(namespace string) string {
	text := firstNonEmpty(p.Kind, "Gateway") + " "
	if namespace = firstNonEmpty(p.Namespace, namespace); namespace != "" {
		text += namespace + "/"
	}
	text += p.Name
	if p.SectionName != "" {
		text += " section " + p.SectionName
	}
	if p.Port != 0 {
		text += fmt.Sprintf(" port %d", p.Port)
	}
	return text
}

// unresolvedRefs finds what the controllers say of a rule's backends, where the objects show nothing: the share of a
// backend that does not resolve is answered with 500.
func (o *Objects) unresolvedRefs(s *spec, found []Finding, domain string) []Finding {
	if s.object.kind == "VirtualService" || slices.ContainsFunc(found, func(f Finding) bool { return f.ID == idBackend }) {
		return nil
	}
	all, err := o.attachedRoutes(domain)
	i := slices.IndexFunc(all, func(a attached) bool { return a.object.is(s.object) })
	if err != nil || i < 0 {
		return nil
	}
	for index, p := range all[i].parents {
		c, stated := all[i].condition(p, "ResolvedRefs")
		if !stated || c.Status != "False" || len(all[i].specs) > 1 && !s.named(c.Message) {
			continue
		}
		return []Finding{{ID: idNotAccepted, Severity: SeverityError, Object: s.object.String(), Field: s.field + ".backendRefs",
			Summary:  fmt.Sprintf("a backend does not resolve, its share is answered with 500: %s", firstNonEmpty(c.Message, c.Reason)),
			Evidence: []string{fmt.Sprintf("spec.parentRefs[%d]: %s", index, p), c.evidence()},
			Fix:      fmt.Sprintf("correct %s.backendRefs of %s", s.field, s.object)}}
	}
	return nil
}

// named reports whether a message speaks of one of the rule's backends.
func (s *spec) named(message string) bool {
	return slices.ContainsFunc(s.targets, func(t target) bool { return strings.Contains(message, t.raw) })
}
