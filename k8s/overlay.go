package k8s

import "slices"

// Overlay lays other objects over these: one of the same kind, namespace and name takes the place of the one that is
// here. What is known to be complete stays so.
func (o *Objects) Overlay(over *Objects) {
	replaced := o.Replaced
	lay(o, "VirtualService", &o.VirtualServices, over.VirtualServices)
	lay(o, "DestinationRule", &o.DestinationRules, over.DestinationRules)
	lay(o, "HTTPRoute", &o.HTTPRoutes, over.HTTPRoutes)
	lay(o, "GRPCRoute", &o.GRPCRoutes, over.GRPCRoutes)
	lay(o, "Service", &o.Services, over.Services)
	lay(o, "ServiceEntry", &o.ServiceEntries, over.ServiceEntries)
	lay(o, "Gateway", &o.Gateways, over.Gateways)
	lay(o, "KubeGateway", &o.KubeGateways, over.KubeGateways)
	lay(o, "ReferenceGrant", &o.ReferenceGrants, over.ReferenceGrants)
	lay(o, "Sidecar", &o.Sidecars, over.Sidecars)
	lay(o, "EnvoyFilter", &o.EnvoyFilters, over.EnvoyFilters)
	lay(o, "Pod", &o.Pods, over.Pods)
	lay(o, "EndpointSlice", &o.EndpointSlices, over.EndpointSlices)
	lay(o, "Namespace", &o.Namespaces, over.Namespaces)
	lay(o, "PeerAuthentication", &o.PeerAuthentications, over.PeerAuthentications)
	lay(o, "AuthorizationPolicy", &o.AuthorizationPolicies, over.AuthorizationPolicies)
	o.Workloads = append(o.Workloads, over.Workloads...) // of files alone: of a cluster the pods are read
	o.Replaced = replaced
	for kind, n := range over.Kinds {
		if o.Kinds == nil {
			o.Kinds = map[string]int{}
		}
		o.Kinds[kind] += n
	}
}

func lay[T any, P interface {
	*T
	meta() *Meta
}](o *Objects, kind string, list *[]T, over []T) {
	*list = slices.Grow(*list, len(over))
	for _, item := range over {
		put[T, P](o, kind, list, item)
	}
}
