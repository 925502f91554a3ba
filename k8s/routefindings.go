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
