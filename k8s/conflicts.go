package k8s

import (
	"fmt"
	"slices"
	"strings"
)

// conflicts finds the other objects for the same host, which a sidecar ignores whole. Those that differ for this
// request explain a wrong split; one of a farther tier is overridden on purpose.
func (s *search) conflicts(v *view, live []*table) []Finding {
	var findings []Finding
	if len(live) == 0 {
		return nil
	}
	winner := live[0]
	for _, loser := range live[1:] {
		apart := winner.merged && loser.merged && winner.object.meta.Namespace != loser.object.meta.Namespace
		if loser.rank != winner.rank || apart {
			continue
		}
		a, b := s.claimOf(winner), s.claimOf(loser)
		common, nearer := audience(a, b, s.caller)
		if s.caller.Namespace == "" && (!common || nearer != 0) {
			v.note("%s is exported to other namespaces than %s: the caller is taken to be in none of them (--namespace says where it is)", loser.object, winner.object)
			continue
		}
		f := Finding{ID: "conflicting-routes", Severity: SeverityWarning, Object: loser.object.String(), Field: "spec.hosts",
			Summary:  fmt.Sprintf("%s is for the same host and is in effect alone: rules of different objects are not merged", winner.object),
			Evidence: []string{winner.evidence(), loser.evidence()},
			Fix:      reconcile(a, b, s.hostOf(loser))}
		if s.differ(v.hit, loser) {
			f.Severity = SeverityError
		}
		if loser.tier != winner.tier {
			f.Severity, f.Fix = SeverityInfo, ""
		}
		findings = append(findings, f)
	}
	return findings
}

// differ reports whether the request would be divided otherwise by the table that lost.
func (s *search) differ(hit *route, loser *table) bool {
	other, _ := take(loser.live, s.request, s.wanted)
	if other == nil {
		return false
	}
	return hit == nil || !hit.spec.rule(s.objects, s.caller).sameShares(other.spec.rule(s.objects, s.caller))
}

func (t *table) evidence() string {
	hosts := slices.Compact(slices.Clone(t.hosts))
	created := "not created yet"
	if !t.object.meta.CreationTimestamp.IsZero() {
		created = "created " + t.object.meta.CreationTimestamp.UTC().Format("2006-01-02T15:04:05Z")
	}
	return fmt.Sprintf("%s: hosts %s, %s", t.object, strings.Join(hosts, ", "), created)
}

// claimOf is a table without regard to a request.
func (s *search) claimOf(t *table) claim {
	c := claim{object: t.object, hosts: t.hosts}
	for i := range s.objects.VirtualServices {
		if vs := &s.objects.VirtualServices[i]; vs.object().is(t.object) {
			c.exportTo, c.gateways = vs.Spec.ExportTo, vs.gateways()
		}
	}
	for _, r := range t.live {
		if !slices.Contains(c.specs, r.spec) {
			c.specs = append(c.specs, r.spec)
		}
	}
	return c
}

// reconcile is one fix for two objects of one host, of which one is ignored whole: the weights stay. Either fix of the
// two leaves one object for the host.
func reconcile(winner, loser claim, host string) string {
	if loser.weighted() && !winner.weighted() {
		return winner.cede(host, fmt.Sprintf("move the rules of %s into %s", loser.object, winner.object))
	}
	return loser.cede(host, "move its rules into "+winner.object.String())
}

// choose is reconcile where it is not known which one is ignored.
func choose(a, b claim, host string) string {
	if b.weighted() && !a.weighted() || a.weighted() == b.weighted() && byAge(a.object.meta, b.object.meta) > 0 {
		a, b = b, a
	}
	if !b.weighted() && a.weighted() {
		return reconcile(a, b, host)
	}
	return fmt.Sprintf("move the rules of %s into %s, or the other way round, and keep one of the two for %s", b.object, a.object, host)
}

func (c claim) weighted() bool { return slices.ContainsFunc(c.specs, (*spec).weighted) }

// cede takes an object off a host of the mesh, and leaves it what else it is for.
func (c claim) cede(host, instead string) string {
	if c.object.kind != "VirtualService" {
		if len(c.hosts) == 1 && !slices.ContainsFunc(c.specs, func(s *spec) bool { return !s.object.is(c.object) || len(s.gateways) > 1 }) {
			return c.object.deletion() + "   # or " + instead
		}
		return instead
	}
	var others []operation
	for i := len(c.hosts) - 1; i >= 0; i-- {
		if c.hosts[i] == host {
			others = append(others, operation{Op: "remove", Path: fmt.Sprintf("/spec/hosts/%d", i)})
		}
	}
	switch at := slices.Index(c.gateways, mesh); {
	case len(others) == 0:
		return instead
	case len(others) < len(c.hosts):
		return c.object.patch(others...) + "   # or " + instead
	case len(c.gateways) > 1 && at >= 0:
		return c.object.patch(operation{Op: "remove", Path: fmt.Sprintf("/spec/gateways/%d", at)}) + "   # or " + instead
	}
	return c.object.deletion() + "   # or " + instead
}
