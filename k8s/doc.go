// Package k8s reads what is declared about a split: VirtualServices, HTTPRoutes and the objects that they refer to. It
// says which rule a request takes, to which destinations with which weights, and which faults in the objects themselves
// keep that rule from working.
//
// [Load] and [Read] turn files into [Objects]; [Objects.Lookup] finds the rule of a request as Istio's control plane
// and Envoy do: pilot/pkg/networking/core/route and pilot/pkg/model in istio/istio for VirtualServices,
// pilot/pkg/config/kube/gateway and https://gateway-api.sigs.k8s.io for HTTPRoutes. Reading and looking up know nothing
// of each other, so that objects may come from anywhere.
package k8s
