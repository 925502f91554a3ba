package k8s

import (
	"net"
	"slices"
	"strings"
)

// gatewayNameLabel is on the pods, and in the selector of the Service, that Istio deploys for a Gateway of the Gateway
// API.
const gatewayNameLabel = "gateway.networking.k8s.io/gateway-name"

// GatewaysAt names the gateways, as NAMESPACE/NAME, by which a request enters that is sent to a host or to one of the
// addresses that it resolves to: they belong to a Service that selects a gateway's workload. Short names are resolved
// in the caller's namespace. Host is that of the URL, not the Host header.
func (o *Objects) GatewaysAt(host string, addresses []string, caller Caller) []string {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if net.ParseIP(host) != nil {
		addresses = append([]string{host}, addresses...)
	}
	names := o.namesOf(host, caller)
	var found []string
	for i := range o.Services {
		s := &o.Services[i]
		fqdn := s.Name + "." + s.Namespace + ".svc." + caller.domain()
		if names.service != fqdn && !s.answersTo(host, addresses) {
			continue
		}
		for j := range o.Gateways {
			if g := &o.Gateways[j]; o.sharePod(s, g.Spec.Selector) {
				found = append(found, g.Namespace+"/"+g.Name)
			}
		}
		for j := range o.KubeGateways {
			g := &o.KubeGateways[j]
			if g.Namespace == s.Namespace && g.Spec.GatewayClassName != "istio-waypoint" && s.Spec.Selector[gatewayNameLabel] == g.Name {
				found = append(found, g.Namespace+"/"+g.Name)
			}
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// answersTo reports whether a Service has one of the addresses, inside the cluster or outside.
func (s *Service) answersTo(host string, addresses []string) bool {
	own := slices.Concat([]string{s.Spec.ClusterIP}, s.Spec.ClusterIPs, s.Spec.ExternalIPs)
	for _, ingress := range s.Status.LoadBalancer.Ingress {
		if host != "" && strings.EqualFold(ingress.Hostname, host) {
			return true
		}
		own = append(own, ingress.IP)
	}
	return slices.ContainsFunc(addresses, func(address string) bool {
		return address != "" && slices.ContainsFunc(own, func(ip string) bool { return sameIP(ip, address) })
	})
}

// sameIP compares addresses however they are written.
func sameIP(a, b string) bool {
	x, y := net.ParseIP(a), net.ParseIP(b)
	return x != nil && y != nil && x.Equal(y)
}

// sharePod reports whether a pod of the Service is a gateway's: the Service's selector makes sure of the gateway's, or
// there is a pod that both select.
func (o *Objects) sharePod(s *Service, gateway map[string]string) bool {
	if len(s.Spec.Selector) == 0 || len(gateway) == 0 {
		return false
	}
	return selects(gateway, s.Spec.Selector) || slices.ContainsFunc(o.podTemplates(), func(m Meta) bool {
		return m.Namespace == s.Namespace && selects(s.Spec.Selector, m.Labels) && selects(gateway, m.Labels)
	})
}
