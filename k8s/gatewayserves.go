package k8s

import (
	"fmt"
	"slices"
	"strings"
)

const idGatewayNotFound = "gateway-not-found"

// gateway finds Istio's Gateway by its qualified name; nil when it is not here.
func (o *Objects) gateway(qualified string) *Gateway {
	i := slices.IndexFunc(o.Gateways, func(g Gateway) bool { return g.Namespace+"/"+g.Name == qualified })
	if i < 0 {
		return nil
	}
	return &o.Gateways[i]
}

// served are the hosts of a VirtualService that a gateway's servers have, each the narrower of the two. A server's host
// may be limited to a namespace, "." being the gateway's.
func (g *Gateway) served(hosts []string, namespace string) []string {
	var served []string
	for _, server := range g.Spec.Servers {
		for _, text := range server.Hosts {
			own := text
			if scope, rest, found := strings.Cut(text, "/"); found {
				if scope == "." {
					scope = g.Namespace
				}
				if scope != "*" && scope != namespace {
					continue
				}
				own = rest
			}
			own = strings.ToLower(own)
			for _, host := range hosts {
				if within(own, host) {
					served = append(served, own)
				} else if within(host, own) {
					served = append(served, host)
				}
			}
		}
	}
	return served
}

// gatewayFault is why a VirtualService's hosts are not to be had at a gateway that it is bound to; nil when they are, or
// when it is not known.
func (o *Objects) gatewayFault(vs *VirtualService, index int, hosts []string) *Finding {
	name := vs.gateways()[index]
	qualified := qualify(name, vs.Namespace)
	virtualService := vs.object()
	field := fmt.Sprintf("spec.gateways[%d]", index)
	f := &Finding{ID: idGatewayNotFound, Severity: SeverityError, Object: virtualService.String(), Field: field,
		Evidence: []string{field + ": " + name}}
	namespace, short, _ := strings.Cut(qualified, "/")
	g := o.gateway(qualified)
	switch {
	case g == nil && strings.Contains(short, "~"):
		return nil // of the Gateway API: Istio generates it
	case g == nil && o.Complete["Gateway"]:
		f.Summary = fmt.Sprintf("there is no Gateway %s: the rule is at no gateway by that name", qualified)
		f.Fix = fmt.Sprintf("kubectl get gateways.networking.istio.io -n %s   # then correct spec.gateways", shellQuote(namespace))
		return f
	case g == nil:
		return nil
	}
	gateway := object{"Gateway", &g.Meta}
	switch {
	case len(g.served(hosts, vs.Namespace)) == 0:
		f.Summary = fmt.Sprintf("%s serves none of the rule's hosts: requests for them are answered with 404", gateway)
		f.Evidence = append(f.Evidence, "spec.hosts: "+strings.Join(vs.Spec.Hosts, ", "), gateway.String()+" serves "+g.listHosts())
		f.Fix = gateway.patch(operation{Op: "add", Path: "/spec/servers/0/hosts/-", Value: hosts[0]})
		if len(g.Spec.Servers) == 0 {
			f.Fix = "servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: [\"" + hosts[0] + "\"]}]"
		}
	case o.Complete["Pod"] && !o.selectsPod(g.Spec.Selector):
		f.Summary = fmt.Sprintf("%s selects no workload: no proxy has the rule", gateway)
		f.Evidence = append(f.Evidence, gateway.String()+": spec.selector: "+compact(g.Spec.Selector))
		f.Fix = fmt.Sprintf("kubectl get pods -A --show-labels   # then correct spec.selector of %s", gateway)
	default:
		return nil
	}
	return f
}

// unboundAnywhere reports whether a rule is bound to gateways alone of which none exists, or selects a workload.
func (o *Objects) unboundAnywhere(vs *VirtualService) bool {
	for i, name := range vs.gateways() {
		f := o.gatewayFault(vs, i, []string{"*"})
		if name == mesh || f == nil {
			return false
		}
	}
	return true
}

// elsewhere is the fault of a rule that is at other gateways than the one that the request enters by.
func (s *search) elsewhere(vs *VirtualService, hosts []string) (served []string, fault *Finding) {
	for i, name := range vs.gateways() {
		if name == mesh {
			continue
		}
		if fault = s.objects.gatewayFault(vs, i, hosts); fault != nil {
			return hosts, fault
		}
	}
	o := vs.object()
	return hosts, &Finding{ID: idGatewayNotFound, Severity: SeverityError, Object: o.String(), Field: "spec.gateways",
		Summary:  fmt.Sprintf("the rule is not at the gateway %s, by which the request enters", s.caller.Gateway),
		Evidence: []string{"spec.gateways: " + strings.Join(vs.gateways(), ", ")},
		Fix:      o.patch(operation{Op: "add", Path: "/spec/gateways/-", Value: s.caller.Gateway})}
}

// notServed is the fault of gateways that serve some hosts of a rule, and not the one of the request.
func notServed(o object, field, host string, served []string) *Finding {
	return &Finding{ID: idGatewayNotFound, Severity: SeverityError, Object: o.String(), Field: field,
		Summary:  fmt.Sprintf("the rule's gateways do not serve %s: requests for it are answered with 404", host),
		Evidence: []string{"they serve, of the rule's hosts, " + strings.Join(served, ", ")},
		Fix:      fmt.Sprintf("let a gateway in %s of %s serve %s", field, o, host)}
}

// selectsPod reports whether there is a pod with the labels, in whatever namespace.
func (o *Objects) selectsPod(selector map[string]string) bool {
	return slices.ContainsFunc(o.podTemplates(), func(m Meta) bool { return selects(selector, m.Labels) })
}

func (g *Gateway) listHosts() string {
	var hosts []string
	for _, server := range g.Spec.Servers {
		hosts = append(hosts, server.Hosts...)
	}
	return firstNonEmpty(strings.Join(hosts, ", "), "nothing")
}

// faultAtGateways is why none of the gateways by which the caller may come has the request's host of a rule. It is nil
// as soon as one has it, or may have it. The hosts that are served are the narrower ones.
func (s *search) faultAtGateways(vs *VirtualService, hosts []string, caller Caller) (served []string, fault *Finding) {
	if !caller.through(vs.gateways(), vs.Namespace) {
		return s.elsewhere(vs, hosts)
	}
	for i, name := range vs.gateways() {
		if name == mesh || !caller.through([]string{name}, vs.Namespace) {
			continue
		}
		f := s.objects.gatewayFault(vs, i, hosts)
		switch g := s.objects.gateway(qualify(name, vs.Namespace)); {
		case f != nil:
			fault = f
		case g == nil:
			return hosts, nil
		default:
			served = append(served, g.served(hosts, vs.Namespace)...)
		}
	}
	if len(served) > 0 {
		return served, nil
	}
	return hosts, fault
}
