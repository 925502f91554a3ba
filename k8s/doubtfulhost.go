package k8s

import (
	"fmt"
	"slices"
	"strings"
)

// doubtfulHost finds a VirtualService of the mesh for Services none of which is in the files, while others of their
// namespaces are. That proves nothing, and is worth a look.
func (o *Objects) doubtfulHost(vs *VirtualService, caller Caller) *Finding {
	if len(o.Complete) > 0 || !vs.onMesh() || len(vs.Spec.Hosts) == 0 {
		return nil
	}
	var others []string
	for _, host := range vs.hosts(caller.domain()) {
		_, namespace, inside := splitService(host, caller.domain())
		if !inside || strings.HasPrefix(host, "*") || len(o.entriesFor(host)) > 0 || o.serviceOf(host, caller) != nil {
			return nil
		}
		for i := range o.Services {
			if name := o.Services[i].Name; o.Services[i].Namespace == namespace && !slices.Contains(others, name) {
				others = append(others, name)
			}
		}
	}
	if len(others) == 0 {
		return nil
	}
	if len(others) > 5 {
		others = append(others[:5], "…")
	}
	object := vs.object()
	return &Finding{ID: "host-not-found", Severity: SeverityWarning, Object: object.String(), Field: "spec.hosts",
		Summary:  fmt.Sprintf("the Service %s is not in the files, which hold others of its namespace: a rule for no service is ignored", vs.hosts(caller.domain())[0]),
		Evidence: []string{"spec.hosts: " + strings.Join(vs.Spec.Hosts, ", "), "Services of the namespace: " + strings.Join(others, ", ")},
		Fix: fmt.Sprintf("kubectl edit virtualservice %s -n %s   # spec.hosts: a Service that exists",
			shellQuote(object.meta.Name), shellQuote(object.meta.Namespace))}
}

// noteDoubtfulHosts finds rules that divide the requests of the Service that is called and are for a host that may be
// none, when no rule is in effect.
func (s *search) noteDoubtfulHosts(v *view) {
	for i := range s.objects.VirtualServices {
		vs := &s.objects.VirtualServices[i]
		if !s.routesToService(vs) || !s.caller.sees(vs.Spec.ExportTo, vs.Namespace) {
			continue
		}
		if f := s.objects.doubtfulHost(vs, s.caller); f != nil {
			v.find(*f)
		}
	}
}
