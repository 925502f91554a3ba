package mesh

import (
	"context"
	"fmt"
	"net"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// family is what differs between the two versions of IP.
type family struct {
	program, pods, services string
	kind                    corev1.IPFamily
}

func families() []family {
	return []family{
		{"iptables-restore", podRange, serviceRange, corev1.IPv4Protocol},
		{"ip6tables-restore", podRange6, serviceRange6, corev1.IPv6Protocol},
	}
}

// resetRules is the interception of an empty cluster.
func (m *Mesh) resetRules(ctx context.Context) error { return m.writeRules(ctx, nil, nil) }

// Resolve writes what a node's DNS and kube-proxy make of the Services that are there: names, and a random ready
// endpoint for each connection that no sidecar takes.
func (m *Mesh) Resolve(ctx context.Context) error {
	services, err := m.API.Typed.CoreV1().Services("").List(ctx, metav1.ListOptions{})
	if err != nil {
		return fmt.Errorf("listing the Services: %w", err)
	}
	slices, err := m.API.Typed.DiscoveryV1().EndpointSlices("").List(ctx, metav1.ListOptions{})
	if err != nil {
		return fmt.Errorf("listing the EndpointSlices: %w", err)
	}
	if err := m.net.writeHosts(hosts(services.Items, slices.Items)); err != nil {
		return err
	}
	return m.writeRules(ctx, services.Items, slices.Items)
}

// hosts is the hosts file for the Services: their addresses, and those of the pods of headless ones.
func hosts(services []corev1.Service, slices []discoveryv1.EndpointSlice) string {
	var b strings.Builder
	b.WriteString("127.0.0.1 localhost\n::1 localhost\n")
	for _, s := range services {
		addresses := s.Spec.ClusterIPs
		if s.Spec.ClusterIP == corev1.ClusterIPNone {
			addresses = endpointsOf(s, slices)
		}
		for _, a := range addresses {
			name := s.Name + "." + s.Namespace
			fmt.Fprintf(&b, "%s %s.svc.cluster.local %s.svc %s", a, name, name, name)
			if s.Namespace == metav1.NamespaceDefault {
				b.WriteString(" " + s.Name)
			}
			b.WriteString("\n")
		}
	}
	return b.String()
}

func endpointsOf(s corev1.Service, slices []discoveryv1.EndpointSlice) []string {
	var addresses []string
	for _, slice := range slices {
		if slice.Namespace == s.Namespace && slice.Labels[discoveryv1.LabelServiceName] == s.Name && slice.AddressType == discoveryv1.AddressTypeIPv4 {
			addresses = append(addresses, ready(slice)...)
		}
	}
	return addresses
}

func ready(slice discoveryv1.EndpointSlice) []string {
	var addresses []string
	for _, e := range slice.Endpoints {
		if e.Conditions.Ready != nil && *e.Conditions.Ready && len(e.Addresses) > 0 {
			addresses = append(addresses, e.Addresses[0])
		}
	}
	return addresses
}

// writeRules replaces the NAT rules of both families.
func (m *Mesh) writeRules(ctx context.Context, services []corev1.Service, slices []discoveryv1.EndpointSlice) error {
	for _, f := range families() {
		c := m.net.command(ctx, Caller{}, f.program)
		c.Stdin = strings.NewReader(f.rules(services, slices))
		if out, err := c.CombinedOutput(); err != nil {
			return fmt.Errorf("%s: %w: %s", f.program, err, out)
		}
	}
	return nil
}

// rules are the tables: the client's connections go to its sidecar, others to an endpoint, and the ports of the sidecar are
// the client's alone.
func (f family) rules(services []corev1.Service, slices []discoveryv1.EndpointSlice) string {
	var b strings.Builder
	b.WriteString("*nat\n")
	for _, r := range []string{f.services, f.pods} {
		fmt.Fprintf(&b, "-A OUTPUT -p tcp -d %s -m owner --uid-owner %d -j REDIRECT --to-ports 15001\n", r, uidClient)
	}
	for _, s := range services {
		for _, slice := range slices {
			if slice.Namespace == s.Namespace && slice.Labels[discoveryv1.LabelServiceName] == s.Name && string(slice.AddressType) == string(f.kind) {
				f.balance(&b, s, slice)
			}
		}
	}
	fmt.Fprintf(&b, "COMMIT\n*filter\n-A OUTPUT -o lo -p tcp -m multiport --dports 15000:15021 -m owner --uid-owner %d -j REJECT --reject-with tcp-reset\nCOMMIT\n", uidOutside)
	return b.String()
}

// balance writes the rules that pick one of the slice's endpoints at random.
func (f family) balance(b *strings.Builder, s corev1.Service, slice discoveryv1.EndpointSlice) {
	address := addressOf(s, f.kind)
	if address == "" {
		return
	}
	addresses := ready(slice)
	for _, target := range slice.Ports {
		port, ok := servicePort(s, target)
		if !ok {
			continue
		}
		for i, a := range addresses {
			fmt.Fprintf(b, "-A OUTPUT -p tcp -d %s --dport %d -m statistic --mode random --probability %.9f -j DNAT --to-destination %s\n",
				address, port, 1/float64(len(addresses)-i), net.JoinHostPort(a, strconv.Itoa(int(*target.Port))))
		}
	}
}

// addressOf is the Service's cluster address of a family, if it has one.
func addressOf(s corev1.Service, kind corev1.IPFamily) string {
	for i, f := range s.Spec.IPFamilies {
		if f == kind && i < len(s.Spec.ClusterIPs) && s.Spec.ClusterIPs[i] != corev1.ClusterIPNone {
			return s.Spec.ClusterIPs[i]
		}
	}
	return ""
}

// servicePort is the Service's port that an EndpointSlice's port belongs to.
func servicePort(s corev1.Service, target discoveryv1.EndpointPort) (int32, bool) {
	for _, p := range s.Spec.Ports {
		if target.Name != nil && p.Name == *target.Name && target.Port != nil {
			return p.Port, true
		}
	}
	return 0, false
}
