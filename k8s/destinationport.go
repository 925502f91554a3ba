package k8s

import (
	"fmt"
	"slices"
	"strings"
)

// portAmbiguous finds a destination without a port where the one that Istio takes instead does not exist: a sidecar
// takes the port that is called, a gateway its server's unless the Service has a single one.
func (o *Objects) portAmbiguous(r *reach, called int) *Finding {
	if r.target.port != 0 || r.service == nil || r.spec.object.kind != "VirtualService" || len(r.service.Spec.Ports) == 0 {
		return nil
	}
	ports, from := o.listenerPorts(r, called)
	if len(ports) == 0 || slices.ContainsFunc(ports, func(port int) bool { return r.service.port(port) >= 0 }) {
		return nil
	}
	field := r.field + ".destination.port"
	return &Finding{ID: "port-ambiguous", Severity: SeverityError, Object: r.spec.object.String(), Field: field,
		Summary:  fmt.Sprintf("%s names no port, and %s has no port %s: its share is answered with 503", r.name(), r.service.object(), oneOf(ports)),
		Evidence: []string{fmt.Sprintf("%s: %s", from, oneOf(ports)), fmt.Sprintf("ports of %s: %s", r.service.object(), r.service.listPorts())},
		Fix: r.spec.object.patch(operation{Op: "add", Path: pointer(field),
			Value: map[string]any{"number": r.service.Spec.Ports[0].Port}})}
}

// listenerPorts are the ports that Istio may take for the destination's, and whose they are; none when they are not
// known.
func (o *Objects) listenerPorts(r *reach, called int) (ports []int, from string) {
	ports = o.portsOf(r.spec.hosts, r.caller)
	switch {
	case r.spec.entersMesh(r.caller) && called != 0 && (len(ports) == 0 || slices.Contains(ports, called)): // another one is forwarded to it
		return []int{called}, "the port that is called"
	case r.spec.entersMesh(r.caller):
		return ports, "ports of the rule's hosts"
	case len(r.service.Spec.Ports) == 1 || slices.Contains(r.spec.gateways, mesh):
		return nil, ""
	}
	ports = nil
	for i := range o.VirtualServices {
		if o.VirtualServices[i].object().is(r.spec.object) {
			ports = o.serverPorts(&o.VirtualServices[i])
		}
	}
	return ports, "ports of the gateway"
}

// portsOf are the ports of Services; none when one of the hosts is not a Service that is here.
func (o *Objects) portsOf(hosts []string, caller Caller) []int {
	var ports []int
	for _, host := range hosts {
		s := o.serviceOf(host, caller)
		if s == nil {
			return nil
		}
		for _, p := range s.Spec.Ports {
			ports = append(ports, p.Port)
		}
	}
	return ports
}

func oneOf(ports []int) string {
	texts := make([]string, len(ports))
	for i, port := range ports {
		texts[i] = fmt.Sprint(port)
	}
	return strings.Join(texts, " or ")
}
