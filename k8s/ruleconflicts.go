package k8s

import (
	"cmp"
	"fmt"
	"slices"
)

// claim is what an object has for hosts of the mesh.
type claim struct {
	object   object
	hosts    []string
	exportTo []string
	gateways []string // of a VirtualService
	specs    []*spec
}

// claims are the objects with http rules for the mesh. HTTPRoutes of one Service and namespace are one, by the oldest.
func (o *Objects) claims(caller Caller) ([]claim, error) {
	var all []claim
	for i := range o.VirtualServices {
		vs := &o.VirtualServices[i]
		if len(vs.Spec.Hosts) == 0 || len(vs.Spec.HTTP) == 0 || !vs.onMesh() {
			continue
		}
		specs, _, err := o.httpRules(vs, caller)
		if err != nil {
			return nil, err
		}
		all = append(all, claim{vs.object(), vs.hosts(caller.domain()), vs.Spec.ExportTo, vs.gateways(), specs})
	}
	attached, err := o.attachedRoutes(caller.domain())
	if err != nil {
		return nil, err
	}
	for _, a := range attached {
		for i, p := range a.parents {
			if p.isService() && o.parentFault(&a, i, caller.domain()) == nil {
				all = addClaim(all, claim{a.object, []string{p.service(a.object.meta.Namespace, caller.domain())}, nil, nil, a.specs})
			}
		}
	}
	return all, nil
}

// addClaim merges routes of one Service and namespace.
func addClaim(all []claim, c claim) []claim {
	i := slices.IndexFunc(all, func(other claim) bool {
		return other.object.kind != "VirtualService" && other.object.meta.Namespace == c.object.meta.Namespace && other.hosts[0] == c.hosts[0]
	})
	if i < 0 {
		return append(all, c)
	}
	if byAge(c.object.meta, all[i].object.meta) < 0 {
		all[i].object = c.object
	}
	all[i].specs = append(slices.Clone(all[i].specs), c.specs...)
	return all
}

// rivals finds the other objects for the same host of the mesh, by the object that loses against them; where their age
// is not known, both do. The ones that lose for certain are not in effect.
func (o *Objects) rivals(all []claim, caller Caller) map[string]*lost {
	found := map[string]*lost{}
	lose := func(loser, winner claim, host, severity string, certain bool) {
		f := found[loser.object.String()]
		if f == nil {
			f = &lost{}
			found[loser.object.String()] = f
		}
		f.rivalry(loser, winner, host, severity, certain)
		f.dead = f.dead || certain && severity != SeverityInfo && len(loser.hosts) == 1
	}
	for i, a := range all {
		for _, b := range all[i+1:] {
			host := shared(a, b)
			if host == "" {
				continue
			}
			severity, nearer := o.severity(a, b, caller)
			switch sure := sureOrder(a, b); {
			case severity == "":
			case nearer < 0:
				lose(b, a, host, severity, true)
			case nearer > 0:
				lose(a, b, host, severity, true)
			case !sure:
				lose(a, b, host, severity, false)
				lose(b, a, host, severity, false)
			case byAge(a.object.meta, b.object.meta) < 0:
				lose(b, a, host, severity, true)
			default:
				lose(a, b, host, severity, true)
			}
		}
	}
	return found
}

// sureOrder reports whether age decides between two objects: it is known, and none comes first for the callers of its
// own namespace, as HTTPRoutes do.
func sureOrder(a, b claim) bool {
	known := !a.object.meta.CreationTimestamp.IsZero() || !b.object.meta.CreationTimestamp.IsZero()
	return known && a.object.kind == "VirtualService" && b.object.kind == "VirtualService"
}

// shared finds a host of both.
func shared(a, b claim) string {
	for _, host := range a.hosts {
		if slices.Contains(b.hosts, host) {
			return host
		}
	}
	return ""
}

// severity says how bad it is that two objects are for one host: an error if requests would be divided otherwise by the
// other, a warning if not, an info if one is exported nearer to the caller than the other, as on purpose; "" if no caller
// gets both, some get the nearer one alone, or their rules are for different ports or callers. Nearer is negative when the first is the nearer one.
func (o *Objects) severity(a, b claim, caller Caller) (severity string, nearer int) {
	routes := a.object.kind != "VirtualService" && b.object.kind != "VirtualService"
	if routes || a.apart(b) {
		return "", 0
	}
	common, nearer := audience(a, b, caller)
	switch {
	case !common, nearer != 0 && caller.Namespace == "":
		return "", 0
	case nearer != 0:
		return SeverityInfo, nearer
	case slices.Equal(o.hashes(a, caller), o.hashes(b, caller)):
		return SeverityWarning, 0
	}
	return SeverityError, 0
}

// audience reports whether some caller, or the one that is known, gets both objects, and which one is nearer to all of
// those: negative for the first, 0 for neither.
func audience(a, b claim, caller Caller) (common bool, nearer int) {
	from := []string{caller.Namespace}
	if caller.Namespace == "" {
		from = append(namespacesOf(a), namespacesOf(b)...)
	}
	for _, namespace := range from {
		c := Caller{Namespace: namespace}
		if !c.sees(a.exportTo, a.object.meta.Namespace) || !c.sees(b.exportTo, b.object.meta.Namespace) {
			continue
		}
		near := cmp.Compare(c.tier(a.exportTo, a.object.meta.Namespace), c.tier(b.exportTo, b.object.meta.Namespace))
		if common && near != nearer {
			near = 0
		}
		common, nearer = true, near
	}
	return common, nearer
}

// namespacesOf are the namespaces that an object may matter to: those that it names, its own.
func namespacesOf(c claim) []string {
	named := slices.DeleteFunc(slices.Clone(c.exportTo), func(e string) bool { return e == "*" || e == "." || e == "~" })
	return append(named, c.object.meta.Namespace)
}

func (o *Objects) hashes(c claim, caller Caller) []string {
	hashes := make([]string, len(c.specs))
	for i, s := range c.specs {
		hashes[i] = s.rule(o, caller).Hash()
	}
	return hashes
}

// apart reports whether the rules of two objects are for different ports or callers throughout: both are in effect.
func (a claim) apart(b claim) bool {
	for _, s := range a.specs {
		for _, m := range s.alternatives() {
			for _, other := range b.specs {
				if slices.ContainsFunc(other.alternatives(), func(n match) bool { return !m.excludes(n) }) {
					return false
				}
			}
		}
	}
	return true
}

// excludes reports whether the control plane never gives both matches to one proxy for one port.
func (m match) excludes(other match) bool {
	return slices.ContainsFunc(m, func(p predicate) bool {
		return p.on.static() && p.on != onSubnet && p.on != onGateways && slices.ContainsFunc(other, func(q predicate) bool {
			return q.on == p.on && q.name == p.name && q.values[0] != p.values[0]
		})
	})
}

// rivalry adds a rival to the finding of an object, which has the worst severity.
func (l *lost) rivalry(loser, winner claim, host, severity string, certain bool) {
	evidence := func(c claim) string { return (&table{object: c.object, hosts: c.hosts}).evidence() }
	fix := ""
	switch {
	case severity == SeverityInfo:
	case certain:
		fix = reconcile(winner, loser, host)
	default:
		fix = choose(winner, loser, host)
	}
	if len(l.findings) > 0 {
		f := &l.findings[0]
		f.Evidence, f.Fix = append(f.Evidence, evidence(winner)), firstNonEmpty(f.Fix, fix)
		if severity == SeverityError || severity == SeverityWarning && f.Severity == SeverityInfo {
			f.Severity = severity
		}
		return
	}
	summary := fmt.Sprintf("%s is for the same host %s and is in effect alone: rules of different objects are not merged", winner.object, host)
	if !certain {
		summary = fmt.Sprintf("%s is for the same host %s: a sidecar takes one of them whole, the older, and ignores the other", winner.object, host)
	}
	l.add(Finding{ID: "conflicting-routes", Severity: severity, Object: loser.object.String(), Field: "spec.hosts", Summary: summary,
		Evidence: []string{evidence(loser), evidence(winner)}, Fix: fix})
}
