package main

import (
	"context"
	"slices"

	"respy/k8s"
)

// enterByGateway completes a caller of whose proxy nothing is known: a request that is sent to the Service of a gateway
// enters by that gateway, and what rules ask of their callers is asked of it. Among several it is any.
func (v *viewpoint) enterByGateway(ctx context.Context, o *k8s.Objects) {
	if v.caller.Entry != k8s.EntryUnknown || v.redirected || len(o.Gateways)+len(o.KubeGateways) == 0 {
		return
	}
	var addresses []string
	for _, a := range v.addresses(ctx) {
		addresses = append(addresses, a.String())
	}
	gateways := o.GatewaysAt(v.dialed, addresses, v.caller)
	if len(gateways) == 0 {
		return
	}
	v.caller = k8s.Caller{Entry: k8s.EntryGateway, Domain: v.caller.Domain}
	if len(gateways) == 1 {
		v.caller.Gateway = gateways[0]
	}
}

// enterMesh looks from the mesh where a rule was found that is bound to a gateway, but the request is for the very Service
// that it calls by name and port: such a request comes by no gateway. It reports whether that changes anything. A rule for
// other hosts, or for all, may well be meant for a gateway that has the address, unless the caller has a sidecar.
func (v *viewpoint) enterMesh(o *k8s.Objects, found k8s.Lookup, route string) bool {
	c := v.caller
	if found.Rule == nil || c.Entry != k8s.EntryUnknown || found.Trail.Entry != k8s.EntryGateway || v.redirected ||
		v.dialed != v.request.Host || c.Sidecar == k8s.Absent && route != "" {
		return false
	}
	called := o.Called(v.request, c)
	if !called.Listens || c.Sidecar != k8s.Present && !slices.Contains(found.Rule.Hosts, called.Host) {
		return false
	}
	v.caller.Entry = k8s.EntryMesh
	v.assumed = c.Sidecar == k8s.PresenceUnknown
	return true
}

// lookup finds the rule that is meant for the request, and how the request enters.
func (v *viewpoint) lookup(ctx context.Context, o *k8s.Objects, route string) (k8s.Lookup, error) {
	v.enterByGateway(ctx, o)
	found, err := o.Lookup(v.request, v.caller, route)
	if err == nil && v.enterMesh(o, found, route) {
		return o.Lookup(v.request, v.caller, route)
	}
	return found, err
}
