package k8s

import (
	"fmt"
	"strings"
)

// destinationFindings finds a destination that the proxy will not know.
func (o *Objects) destinationFindings(s *spec, t target, caller Caller) []Finding {
	if f := o.destinationNotFound(s, t, caller); f != nil {
		return []Finding{*f}
	}
	if f := o.subsetUndefined(s, t, caller); f != nil {
		return []Finding{*f}
	}
	return nil
}

// destinationNotFound finds a host that is no service, or a port that the Service does not have.
func (o *Objects) destinationNotFound(s *spec, t target, caller Caller) *Finding {
	f := &Finding{ID: "destination-not-found", Severity: SeverityError, Object: s.object.String(),
		Field: t.field + ".destination.host", Evidence: []string{fmt.Sprintf("%s names the host %s", t.field, t.raw)}}
	if s.object.kind != "VirtualService" {
		f.ID, f.Field = "backend-invalid", t.field+".name"
	}
	service := o.serviceOf(t.host, caller)
	half := o.halfQualified(t.host, caller)
	_, namespace, isService := splitService(t.host, caller.domain())
	switch {
	case half != "":
		f.Summary = fmt.Sprintf("%s is no service: a host with a dot is taken as it is, its share is answered with 503", t.raw)
		f.Fix = s.object.patch(operation{Op: "replace", Path: pointer(f.Field), Value: half})
	case service != nil && t.port != 0 && service.port(t.port) < 0:
		f.Field = strings.TrimSuffix(strings.TrimSuffix(f.Field, ".host"), ".name") + ".port"
		f.Summary = fmt.Sprintf("Service %s/%s has no port %d", service.Namespace, service.Name, t.port)
		f.Evidence = append(f.Evidence, fmt.Sprintf("its ports: %s", service.listPorts()))
		f.Fix = fmt.Sprintf("port: one of %s", service.listPorts())
	case isService && service == nil && o.Complete["Service"] && !o.hasEntry(t.host):
		f.Summary = fmt.Sprintf("there is no Service %s", t.host)
		f.Fix = fmt.Sprintf("kubectl get services -n %s", shellQuote(namespace))
	default:
		return nil
	}
	return f
}

func (s *Service) listPorts() string {
	texts := make([]string, len(s.Spec.Ports))
	for i, p := range s.Spec.Ports {
		texts[i] = fmt.Sprint(p.Port)
	}
	return firstNonEmpty(strings.Join(texts, ", "), "none")
}

// subsetUndefined finds a subset that the DestinationRule in effect lacks: its share is answered with 503. When one of
// another namespace has it, that one is hidden.
func (o *Objects) subsetUndefined(s *spec, t target, caller Caller) *Finding {
	policies := o.policies(t.host, caller)
	if t.subset == "" || len(policies) == 0 && !o.Complete["DestinationRule"] {
		return nil
	}
	f := &Finding{ID: "subset-undefined", Severity: SeverityError, Object: s.object.String(),
		Field:    t.field + ".destination.subset",
		Evidence: []string{fmt.Sprintf("%s.destination: %s", t.field, withSubset(t.raw, t.subset))},
		Summary:  fmt.Sprintf("no DestinationRule defines the subset %s of %s: its share is answered with 503", t.subset, t.host),
		Fix:      fmt.Sprintf("kubectl get destinationrules -A   # none is for %s", shellQuote(t.host)),
	}
	if len(policies) == 0 {
		return f
	}
	effective := policies[0]
	if dr, _ := effective.subset(t.subset); dr != nil {
		return nil
	}
	f.Evidence = append(f.Evidence, "in effect: "+effective.String())
	f.Summary = fmt.Sprintf("%s is in effect and has no subset %s: its share is answered with 503", effective.object(0), t.subset)
	f.Fix = effective.define(t.subset)
	for _, hidden := range policies[1:] {
		if dr, i := hidden.subset(t.subset); dr != nil {
			return shadowedRule(f, effective, hidden, dr.Spec.Subsets[i])
		}
	}
	return f
}

// define is the command that adds a subset, by the label that subsets usually go by.
func (p policy) define(name string) string {
	return p.add(Subset{Name: name, Labels: map[string]string{"version": name}})
}

func (p policy) add(s Subset) string {
	entry := map[string]any{"name": s.Name, "labels": s.Labels}
	if len(p.rules[0].Spec.Subsets) == 0 {
		return p.object(0).patch(operation{Op: "add", Path: "/spec/subsets", Value: []any{entry}})
	}
	return p.object(0).patch(operation{Op: "add", Path: "/spec/subsets/-", Value: entry})
}

func shadowedRule(f *Finding, effective, hidden policy, s Subset) *Finding {
	f.ID = "destination-rule-shadowed"
	f.Object, f.Field = effective.object(0).String(), "spec.host"
	f.Summary = fmt.Sprintf("%s hides %s, which defines the subset %s: the caller's namespace comes first, and nothing is merged",
		effective.object(0), hidden.object(0), s.Name)
	f.Evidence = append(f.Evidence, "hidden: "+hidden.String())
	f.Fix = effective.add(s)
	return f
}
