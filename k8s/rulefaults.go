package k8s

import (
	"fmt"
	"slices"
)

// lost is what is wrong with rules; dead: none of them is in effect.
type lost struct {
	findings []Finding
	dead     bool
}

func (l *lost) add(found ...Finding) { l.findings = append(l.findings, found...) }

// faults are what is wrong with an object, whatever the request is, and with its http rules alone.
type faults struct {
	lost
	http   lost
	unseen []Unseen
}

// virtualServiceFaults looks at the gateways and hosts of a VirtualService. One that is bound to gateways alone is not
// missed on the mesh.
func (o *Objects) virtualServiceFaults(vs *VirtualService, caller Caller) faults {
	var f faults
	gatewaysLost := o.gatewayFaults(&f, vs, caller)
	if !vs.onMesh() {
		f.dead = gatewaysLost
		return f
	}
	hostsLost := o.hostFaults(&f, vs, caller)
	elsewhere := !gatewaysLost && len(vs.gateways()) > 1
	f.dead = hostsLost && !elsewhere
	f.http.dead = o.opaqueHosts(&f.http, vs.object(), vs.hosts(caller.domain()), caller) && !elsewhere
	return f
}

// gatewayFaults looks at every gateway of a VirtualService. One of several that has nothing of it is a warning.
func (o *Objects) gatewayFaults(f *faults, vs *VirtualService, caller Caller) (gone bool) {
	hosts := o.hostsForGateways(vs, caller)
	var found []Finding
	bound := 0
	for i, name := range vs.gateways() {
		if name == mesh || len(hosts) == 0 {
			continue
		}
		bound++
		if fault := o.gatewayFault(vs, i, hosts); fault != nil {
			found = append(found, *fault)
		} else if o.gateway(qualify(name, vs.Namespace)) == nil {
			f.unseen = append(f.unseen, unseen("Gateway %s, to which %s is bound, is not here", qualify(name, vs.Namespace), vs.object()))
		}
	}
	if len(found) < bound {
		for i := range found {
			found[i].Severity = SeverityWarning
		}
	}
	f.add(found...)
	return bound > 0 && len(found) == bound
}

// hostsForGateways are the hosts of a VirtualService that may be meant for its gateways: all or, if it is also bound to
// the mesh, those that are no Services of the cluster.
func (o *Objects) hostsForGateways(vs *VirtualService, caller Caller) []string {
	return slices.DeleteFunc(vs.hosts(caller.domain()), func(host string) bool {
		_, _, inside := splitService(host, caller.domain())
		return vs.onMesh() && (inside || o.halfQualified(host, caller) != "")
	})
}

// hostFaults finds hosts of the mesh that are no Services. A half-qualified one works on port 80.
func (o *Objects) hostFaults(f *faults, vs *VirtualService, caller Caller) (gone bool) {
	hosts := vs.hosts(caller.domain())
	sound := 0
	for i, host := range hosts {
		meant := o.halfQualified(host, caller)
		if meant == "" || slices.Contains(hosts, meant) {
			sound++
			continue
		}
		fault := hostNotFound(vs, i, meant)
		if service := o.serviceOf(meant, caller); service == nil || service.port(80) >= 0 {
			fault.Severity = SeverityWarning
			sound++
		}
		f.add(*fault)
	}
	if i := o.unknownHost(vs, caller); i >= 0 {
		fault := hostNotFound(vs, i, "not there")
		fault.Evidence = fault.Evidence[:1]
		fault.Fix = fmt.Sprintf("kubectl get services -A   # then correct spec.hosts[%d] of %s", i, vs.object())
		f.add(*fault)
		return true
	}
	if fault := o.doubtfulHost(vs, caller); fault != nil {
		f.add(*fault)
	}
	return sound == 0
}

// opaqueHosts finds Services of which every port is no HTTP to the sidecars.
func (o *Objects) opaqueHosts(f *lost, rule object, hosts []string, caller Caller) (gone bool) {
	found := 0
	for _, host := range hosts {
		service := o.serviceOf(host, caller)
		if service == nil || len(service.Spec.Ports) == 0 || slices.ContainsFunc(service.Spec.Ports, func(p ServicePort) bool { return !p.opaque() }) {
			continue
		}
		found++
		f.add(*portNotHTTP(service, 0, rule))
	}
	return found > 0 && found == len(hosts)
}

// attachedFaults looks at the parents of an HTTPRoute or GRPCRoute. One of several that does not have it is a warning.
func (o *Objects) attachedFaults(a *attached, caller Caller) faults {
	var f faults
	for i := range a.parents {
		if fault := o.parentFault(a, i, caller.domain()); fault != nil {
			f.add(*fault)
		}
	}
	f.dead = len(a.parents) > 0 && len(f.findings) == len(a.parents)
	if !f.dead {
		for i := range f.findings {
			f.findings[i].Severity = SeverityWarning
		}
	}
	var services []string
	for _, p := range a.parents {
		if p.isService() {
			services = append(services, p.service(a.object.meta.Namespace, caller.domain()))
		}
	}
	f.http.dead = o.opaqueHosts(&f.http, a.object, services, caller) && len(services) == len(a.parents)
	return f
}

// waypointFaults finds Services of a rule of the mesh that have no waypoint, in a namespace of the ambient mesh.
func (o *Objects) waypointFaults(f *faults, rule object, hosts []string, caller Caller) {
	if caller.Sidecar == Present || caller.Entry != EntryUnknown {
		return
	}
	for _, host := range hosts {
		service := o.serviceOf(host, caller)
		if service == nil {
			continue
		}
		from := firstNonEmpty(caller.Namespace, service.Namespace)
		w := o.waypointOf(service)
		if w.has == no && o.ambient(from, caller.Labels) == yes {
			f.add(noWaypoint(service, w, rule, from))
			f.dead = true
		}
	}
}

// ignoredRules finds rules of a gateway that send everything to a whole Service for which another object has shares or
// a subset on the mesh: requests that enter by the gateway do not get these.
func (o *Objects) ignoredRules(rules []Lookup, vs *VirtualService, claims []claim) {
	if !slices.ContainsFunc(vs.gateways(), func(g string) bool { return g != mesh }) {
		return
	}
	for i := range rules {
		r := rules[i].Rule
		if r.Protocol != "http" || len(r.Destinations) != 1 || r.Destinations[0].Subset != "" {
			continue
		}
		for _, c := range claims {
			meant := slices.IndexFunc(c.specs, (*spec).divides)
			if meant < 0 || c.object.is(vs.object()) || !slices.Contains(c.hosts, r.Destinations[0].Host) {
				continue
			}
			f := ignoredAtIngress(r, c.specs[meant].object)
			f.Severity = SeverityWarning
			rules[i].Findings = append(rules[i].Findings, f)
			break
		}
	}
}
