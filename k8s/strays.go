package k8s

import (
	"fmt"
	"strings"
)

const exportAnnotation = "networking.istio.io/exportTo"

// unexported is the fault of a Service that is not exported to the caller, whose proxy then does not know its host.
func (s *search) unexported(host string) *Finding {
	service := s.objects.serviceOf(host, s.caller)
	if service == nil {
		return nil
	}
	return service.hiddenFrom(s.caller)
}

// hiddenFrom is nil when a caller sees the Service.
func (s *Service) hiddenFrom(caller Caller) *Finding {
	if caller.sees(s.exportTo(), s.Namespace) {
		return nil
	}
	o := object{"Service", &s.Meta}
	exported := strings.Join(append(s.exportTo(), firstNonEmpty(caller.Namespace, "*")), ",")
	return &Finding{ID: "not-exported", Severity: SeverityError, Object: o.String(),
		Field:    fmt.Sprintf("metadata.annotations[%s]", exportAnnotation),
		Summary:  fmt.Sprintf("the Service is not exported to the caller's namespace %s: its proxy does not know the host", firstNonEmpty(caller.Namespace, "(unknown)")),
		Evidence: []string{exportAnnotation + ": " + s.Annotations[exportAnnotation]},
		Fix: fmt.Sprintf("kubectl annotate service %s -n %s --overwrite %s", shellQuote(s.Name), shellQuote(s.Namespace),
			shellQuote(exportAnnotation+"="+exported))}
}

// unreachable finds destinations of a rule in effect that the caller's proxy does not know, by exportTo or by its
// Sidecar: their share is answered with 503.
func (s *search) unreachable(t *table, spec *spec) []Finding {
	if t == nil {
		return nil
	}
	var findings []Finding
	for _, to := range spec.targets {
		f := s.unexported(to.host)
		if f == nil {
			f = s.unimported(t, spec, to)
		}
		if f != nil {
			f.Evidence = append(f.Evidence, fmt.Sprintf("%s: %s, whose share is answered with 503", to.field, withSubset(to.raw, to.subset)))
			findings = append(findings, *f)
		}
	}
	return findings
}

// unimported is the fault of a Sidecar whose listeners have a port, and so know of services that port alone.
func (s *search) unimported(t *table, spec *spec, to target) *Finding {
	_, namespace, ok := splitService(to.host, s.caller.domain())
	port := to.port
	if port == 0 {
		port = s.request.Port
	}
	if !ok || s.scope.sidecar == nil || s.scope.knows(namespace, to.host, port, t) {
		return nil
	}
	f := s.scope.finding("spec.egress")
	f.Summary = fmt.Sprintf("no egress listener imports port %d of %s, to which %s sends a share", port, to.host, spec.object)
	f.Fix = s.scope.object().patch(operation{Op: "add", Path: "/spec/egress/-",
		Value: map[string]any{"hosts": []string{namespace + "/" + to.host}}})
	return f
}
