package k8s

import (
	"fmt"
	"slices"
	"strings"
)

const idNotOnMesh = "not-on-mesh"

func notOnMesh(vs *VirtualService) *Finding {
	o := vs.object()
	return &Finding{ID: idNotOnMesh, Severity: SeverityError, Object: o.String(), Field: "spec.gateways",
		Summary:  "the rule is bound to gateways alone: no sidecar has it",
		Evidence: []string{"gateways: " + strings.Join(vs.Spec.Gateways, ", "), "hosts: " + strings.Join(vs.Spec.Hosts, ", ")},
		Fix:      o.patch(operation{Op: "add", Path: "/spec/gateways/-", Value: mesh})}
}

func notExported(o object, exportTo []string, caller Caller) *Finding {
	return &Finding{ID: "not-exported", Severity: SeverityError, Object: o.String(), Field: "spec.exportTo",
		Summary:  fmt.Sprintf("the rule is not exported to the caller's namespace %s", firstNonEmpty(caller.Namespace, "(unknown)")),
		Evidence: []string{"exportTo: " + strings.Join(exportTo, ", ")},
		Fix:      o.patch(operation{Op: "add", Path: "/spec/exportTo/-", Value: firstNonEmpty(caller.Namespace, "*")})}
}

func hostNotFound(vs *VirtualService, index int, service string) *Finding {
	o := vs.object()
	field := fmt.Sprintf("spec.hosts[%d]", index)
	why := "a host with a dot is taken as it is"
	if !strings.Contains(vs.Spec.Hosts[index], ".") {
		why = "a short name is one of the namespace of the rule, " + vs.Namespace
	} else if strings.Contains(vs.Spec.Hosts[index], ".svc.") {
		why = "there is none of that name"
	}
	return &Finding{ID: "host-not-found", Severity: SeverityError, Object: o.String(), Field: field,
		Summary:  fmt.Sprintf("%s is no service, and the rule is ignored: %s", vs.Spec.Hosts[index], why),
		Evidence: []string{field + ": " + vs.Spec.Hosts[index], "the service is " + service},
		Fix:      o.patch(operation{Op: "replace", Path: pointer(field), Value: service})}
}

func noRuleMatches(t *table, request Request) Finding {
	f := Finding{ID: "no-rule-matches", Severity: SeverityError, Object: t.object.String(), Field: "spec.http",
		Summary: fmt.Sprintf("there are rules for the host, and none takes %s %s: it is answered with 404", request.Method, request.Path)}
	for _, r := range t.live {
		f.Evidence = append(f.Evidence, fmt.Sprintf("%s: %s", r.at, r.match))
	}
	s := t.live[max(0, slices.IndexFunc(t.live, func(r route) bool { return r.spec.weighted() }))].spec
	value := any(map[string]any{"uri": map[string]string{"prefix": request.Path}})
	field := s.field + ".match"
	if s.object.kind != "VirtualService" {
		value = attachedMatch(s.object, request.Path)
		f.Field, field = "spec.rules", s.field+".matches"
	}
	f.Fix = s.object.patch(operation{Op: "add", Path: pointer(field) + "/-", Value: value})
	return f
}

func routeShadowed(hit, meant route, severity string) Finding {
	f := Finding{ID: "route-shadowed", Severity: severity, Object: meant.spec.object.String(), Field: meant.spec.field,
		Summary: fmt.Sprintf("%s comes first and takes every request that %s would take", hit.at, meant.at),
		Evidence: []string{
			fmt.Sprintf("%s: %s", hit.at, firstNonEmpty(hit.match.String(), "every request")),
			fmt.Sprintf("%s: %s", meant.at, firstNonEmpty(meant.match.String(), "every request"))}}
	if hit.spec.object.is(meant.spec.object) {
		f.Fix = meant.spec.object.patch(operation{Op: "move", From: pointer(meant.spec.field), Path: pointer(hit.spec.field)})
	} else {
		f.Evidence = append(f.Evidence, hit.spec.object.String()+" is the older one")
		f.Fix = hit.spec.object.patch(operation{Op: "remove", Path: pointer(hit.spec.field)})
	}
	return f
}

func sourceMismatch(e exclusion, caller Caller) Finding {
	o := e.spec.object
	field := e.at + "." + string(e.because.on)
	f := Finding{ID: "source-mismatch", Severity: SeverityError, Object: o.String(), Field: field,
		Summary:  fmt.Sprintf("the rule is for other callers: %s", e.because),
		Evidence: []string{fmt.Sprintf("%s: %s", e.at, e.match)},
		Fix:      o.patch(operation{Op: "remove", Path: pointer(field)})}
	switch e.because.on {
	case onSourceLabel:
		if caller.Entry == EntryWaypoint {
			f.Summary = fmt.Sprintf("a waypoint drops matches that ask for the caller's labels: %s", e.because)
			return f
		}
		f.Evidence = append(f.Evidence, "the caller's labels: "+compact(caller.Labels))
	case onSourceNamespace:
		f.Evidence = append(f.Evidence, "the caller's namespace: "+caller.Namespace)
	case onGateways:
		f.Fix = o.patch(operation{Op: "add", Path: pointer(field) + "/-", Value: firstNonEmpty(caller.Gateway, mesh)})
	}
	return f
}

// conflicts finds the other objects for the same host, which a sidecar ignores whole. Those that differ for this
// request explain a wrong split; one of a farther tier is overridden on purpose.
func (s *search) conflicts(hit *route, live []*table) []Finding {
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
		f := Finding{ID: "conflicting-routes", Severity: SeverityWarning, Object: loser.object.String(), Field: "spec.hosts",
			Summary:  fmt.Sprintf("%s is for the same host and is in effect alone: rules of different objects are not merged", winner.object),
			Evidence: []string{winner.evidence(), loser.evidence()},
			Fix: fmt.Sprintf("kubectl delete %s %s -n %s   # or move its rules into %s", strings.ToLower(loser.object.kind),
				shellQuote(loser.object.meta.Name), shellQuote(loser.object.meta.Namespace), winner.object)}
		if s.differ(hit, loser) {
			f.Severity = SeverityError
		}
		if loser.tier != winner.tier {
			f.Severity = SeverityInfo
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

func delegateMissing(g gap) Finding {
	look := fmt.Sprintf("kubectl get virtualservice %s -n %s -o yaml", shellQuote(g.to.meta.Name), shellQuote(g.to.meta.Namespace))
	return Finding{ID: "delegate-missing", Severity: SeverityError, Object: g.root.object.String(), Field: g.root.field + ".delegate",
		Summary:  g.why,
		Evidence: []string{fmt.Sprintf("%s.delegate: %s/%s", g.root.field, g.to.meta.Namespace, g.to.meta.Name)},
		Fix:      firstNonEmpty(g.fix, look)}
}

func ignoredAtIngress(r *Rule, meant object) Finding {
	o := object{r.Kind, &Meta{Namespace: r.Namespace, Name: r.Name}}
	field := r.Field + ".route[0]"
	if r.Kind != "VirtualService" {
		field = r.Field + ".backendRefs[0]"
	}
	return Finding{ID: "ignored-at-ingress", Severity: SeverityError, Object: o.String(), Field: field,
		Summary: fmt.Sprintf("the gateway's rule sends everything to the whole service: the weights of %s hold in the mesh alone", meant),
		Evidence: []string{
			fmt.Sprintf("%s goes to %s", field, r.Destinations[0].Host),
			fmt.Sprintf("%s has the weights", meant)},
		Fix: "route: the destinations and weights of " + meant.String()}
}

func portNotHTTP(s *Service, port int, o object) *Finding {
	p := s.Spec.Ports[port]
	service := object{"Service", &s.Meta}
	field := fmt.Sprintf("spec.ports[%d].name", port)
	name := "http"
	if _, rest, found := strings.Cut(p.Name, "-"); found {
		name += "-" + rest
	}
	fix := operation{Op: "add", Path: pointer(field), Value: name}
	if p.AppProtocol != "" {
		field = fmt.Sprintf("spec.ports[%d].appProtocol", port)
		fix = operation{Op: "replace", Path: pointer(field), Value: "http"}
	}
	return &Finding{ID: "port-not-http", Severity: SeverityError, Object: service.String(), Field: field,
		Summary: fmt.Sprintf("port %d is %s to the sidecar: it forwards connections, and the http rules of %s are ignored",
			p.Port, p.protocol(), o),
		Evidence: []string{fmt.Sprintf("%s: %s", field, firstNonEmpty(p.AppProtocol, p.Name))},
		Fix:      service.patch(fix)}
}
