package k8s

import "fmt"

// sidecarView is that of a sidecar whose caller may dial one host and name another in the Host header. By the latter goes
// a port that is known to speak HTTP; one that is sniffed, or no HTTP at all, goes by the address that is dialled
// (buildSidecarOutboundListeners in pilot/pkg/networking/core/listener.go).
func (s *search) sidecarView() (*view, error) {
	v, err := s.dialedView()
	if err == nil && v.governs == nil && v.meant == nil && s.caller.Sidecar != Absent {
		s.noteDoubtfulHosts(v)
	}
	return v, err
}

// dialedView chooses between the host that is dialled and the one of the Host header.
func (s *search) dialedView() (*view, error) {
	dialed := s.toDialed()
	if dialed == nil {
		return s.meshView()
	}
	service := s.objects.serviceOf(dialed.names.service, s.caller)
	i := service.port(s.request.Port)
	if p := service.Spec.Ports[i]; p.protocol() == "" || p.opaque() {
		return dialed.meshView()
	}
	v, err := s.meshView()
	if err != nil || v.meant != nil || v.hit != nil || s.objects.serviceOf(s.names.service, s.caller) != nil || s.objects.hasEntry(s.request.Host) {
		return v, err
	}
	meant, err := dialed.meshView()
	if err != nil || meant.meant == nil {
		return v, err
	}
	v.meant = meant.meant
	v.find(unknownHost(s.request, service))
	return v, nil
}

// toDialed is the search for the host that is dialled; nil when that is the request's, or no Service with the port.
func (s *search) toDialed() *search {
	if s.request.Dialed == "" || s.request.Dialed == s.request.Host {
		return nil
	}
	dialed := *s
	dialed.names = s.objects.namesOf(s.request.Dialed, s.caller)
	service := s.objects.serviceOf(dialed.names.service, s.caller)
	if service == nil || dialed.names.service == s.names.service || service.port(s.request.Port) < 0 {
		return nil
	}
	return &dialed
}

func unknownHost(request Request, service *Service) Finding {
	port := service.Spec.Ports[service.port(request.Port)]
	return Finding{ID: "passthrough", Severity: SeverityError, Object: "the request", Field: "Host",
		Summary: fmt.Sprintf("the Host header names %s, which is no service: the sidecar goes by it on port %d and passes the request through, so that no rule applies",
			request.Authority, request.Port),
		Evidence: []string{fmt.Sprintf("%s is dialled, whose port %d is %s by its name or appProtocol", service.object(), request.Port, port.protocol())},
		Fix:      fmt.Sprintf("send the Host header %s.%s, or leave --host out", service.Name, service.Namespace)}
}
