package k8s

import (
	"fmt"
	"slices"
	"strings"
)

// destinationFindings finds the first reason why a destination does not get its requests. Called is the port that is
// called, 0 when none is.
func (o *Objects) destinationFindings(r *reach, called int) []Finding {
	for _, find := range []func() *Finding{
		func() *Finding { return o.backendRefused(r) },
		func() *Finding { return o.destinationNotFound(r) },
		func() *Finding { return o.portAmbiguous(r, called) },
	} {
		if f := find(); f != nil {
			return []Finding{*f}
		}
	}
	if f := o.subsetUndefined(r); f != nil {
		return append([]Finding{*f}, o.unusedRules(r)...)
	}
	findings := o.unusedRules(r)
	for _, find := range []func() *Finding{
		func() *Finding { return subsetEmpty(r) },
		func() *Finding { return noReadyEndpoints(r) },
		func() *Finding { return withoutReplicas(r) },
		func() *Finding { return o.noWorkload(r) },
		func() *Finding { return o.mtlsConflict(r) },
	} {
		if f := find(); f != nil {
			return append(findings, *f)
		}
	}
	return findings
}

// finding begins one about the destination's host. A backend of an HTTPRoute has its own id.
func (r *reach) finding() *Finding {
	f := &Finding{ID: "destination-not-found", Severity: SeverityError, Object: r.spec.object.String(),
		Field: r.field + ".destination.host", Evidence: []string{fmt.Sprintf("%s names the host %s", r.field, r.raw)}}
	if r.spec.object.kind != "VirtualService" {
		f.ID, f.Field = "backend-invalid", r.field+".name"
	}
	return f
}

// destinationNotFound finds a host that is no service, or a port that it does not have.
func (o *Objects) destinationNotFound(r *reach) *Finding {
	if r.host == "" {
		f := r.finding()
		f.Summary = "the destination names no host: the API server refuses the rule"
		f.Evidence = []string{r.field + ".destination.host is not given"}
		f.Fix = "destination: {host: SERVICE}"
		return f
	}
	if half := o.halfQualified(r.host, r.caller); half != "" {
		f := r.finding()
		f.Summary = fmt.Sprintf("%s is no service: a host with a dot is taken as it is, its share is answered with 503", r.raw)
		f.Fix = r.spec.object.patch(operation{Op: "replace", Path: pointer(f.Field), Value: half})
		return f
	}
	_, _, isService := splitService(r.concrete, r.caller.domain())
	switch {
	case r.backend != nil && !r.backend.isService() && r.backend.Kind != "Hostname":
		return nil // what stands behind it is not read
	case r.service != nil:
		return r.serviceRefuses()
	case isService && len(o.entriesFor(r.concrete)) == 0:
		return o.serviceMissing(r)
	default:
		return o.entryMissing(r)
	}
}

// serviceRefuses finds a port that the Service does not have, or callers that do not see it.
func (r *reach) serviceRefuses() *Finding {
	s, f := r.service, r.finding()
	if hidden := s.hiddenFrom(r.viewer); hidden != nil {
		hidden.Evidence = append(hidden.Evidence, f.Evidence...)
		return hidden
	}
	if r.target.port == 0 || s.Spec.Type == "ExternalName" || s.port(r.target.port) >= 0 {
		return nil
	}
	f.Field = strings.TrimSuffix(strings.TrimSuffix(f.Field, ".host"), ".name") + ".port"
	f.Summary = fmt.Sprintf("Service %s/%s has no port %d", s.Namespace, s.Name, r.target.port)
	f.Evidence = append(f.Evidence, fmt.Sprintf("its ports: %s", s.listPorts()))
	f.Fix = fmt.Sprintf("port: one of %s", s.listPorts())
	return f
}

// serviceMissing finds the name of a Service that does not exist. Files do not show that, but where they hold others of
// its namespace it is worth a look.
func (o *Objects) serviceMissing(r *reach) *Finding {
	_, namespace, _ := splitService(r.concrete, r.caller.domain())
	f := r.finding()
	f.Summary = fmt.Sprintf("there is no Service %s", r.concrete)
	f.Fix = fmt.Sprintf("kubectl get services -n %s", shellQuote(namespace))
	if o.Complete["Service"] {
		return f
	}
	var others []string
	for i := range o.Services {
		if o.Services[i].Namespace == namespace {
			others = append(others, o.Services[i].Name)
		}
	}
	if len(others) == 0 {
		return nil
	}
	if len(others) > 5 {
		others = append(others[:5], "…")
	}
	f.Severity = SeverityWarning
	f.Summary = fmt.Sprintf("the Service %s is not in the files, which hold others of its namespace", r.concrete)
	f.Evidence = append(f.Evidence, "Services of the namespace: "+strings.Join(others, ", "))
	return f
}

// entryMissing finds an outside host without a ServiceEntry that the caller sees, or a port that it does not have.
func (o *Objects) entryMissing(r *reach) *Finding {
	entries, hidden := o.entriesOf(r.concrete, r.viewer), o.entriesFor(r.concrete)
	f := r.finding()
	switch {
	case strings.HasPrefix(r.concrete, "*"):
		return nil
	case len(entries) == 0 && len(hidden) > 0:
		e := object{"ServiceEntry", &hidden[0].Meta}
		f.Summary = fmt.Sprintf("%s, which has the host %s, is not exported to the caller's namespace %s", e, r.concrete, r.viewer.Namespace)
		f.Evidence = append(f.Evidence, fmt.Sprintf("%s spec.exportTo: %s", e, strings.Join(hidden[0].Spec.ExportTo, ", ")))
		f.Fix = e.patch(operation{Op: "add", Path: "/spec/exportTo/-", Value: r.viewer.Namespace})
	case len(entries) == 0 && o.Complete["ServiceEntry"] && o.Complete["Service"]:
		f.Summary = fmt.Sprintf("%s is neither a Service nor the host of a ServiceEntry: its share is answered with 503", r.concrete)
		f.Fix = "kubectl get serviceentries -A"
	default:
		return entryPort(f, r, entries)
	}
	return f
}

func entryPort(f *Finding, r *reach, entries []*ServiceEntry) *Finding {
	var ports []string
	for _, e := range entries {
		for _, p := range e.Spec.Ports {
			if p.Number == r.target.port {
				return nil
			}
			ports = append(ports, fmt.Sprint(p.Number))
		}
	}
	if len(ports) == 0 || r.target.port == 0 {
		return nil
	}
	f.Field = strings.TrimSuffix(strings.TrimSuffix(f.Field, ".host"), ".name") + ".port"
	f.Summary = fmt.Sprintf("%s has no port %d in its ServiceEntry", r.concrete, r.target.port)
	f.Evidence = append(f.Evidence, "its ports: "+strings.Join(slices.Compact(ports), ", "))
	f.Fix = "port: one of " + strings.Join(slices.Compact(ports), ", ")
	return f
}

func (s *Service) listPorts() string {
	texts := make([]string, len(s.Spec.Ports))
	for i, p := range s.Spec.Ports {
		texts[i] = fmt.Sprint(p.Port)
	}
	return firstNonEmpty(strings.Join(texts, ", "), "none")
}
