package k8s

import (
	"fmt"
	"slices"
	"strings"
)

// calledPort is a port of the registry, and where its protocol stands.
type calledPort struct {
	object   object
	number   int
	protocol string // "" when it is detected
	field    string
	text     string // of the field
}

func (p *calledPort) opaque() bool { return slices.Contains(l4Protocols, p.protocol) }
func (p *calledPort) http() bool   { return slices.Contains(httpProtocols, p.protocol) }

// calledPort finds the port that the request is for, of a Service or of a ServiceEntry; nil when it is not known.
func (s *search) calledPort() *calledPort {
	if service := s.objects.serviceOf(s.names.service, s.caller); service != nil {
		i := service.port(s.request.Port)
		if i < 0 {
			return nil
		}
		p := service.Spec.Ports[i]
		found := &calledPort{service.object(), p.Port, p.protocol(), fmt.Sprintf("spec.ports[%d].name", i), p.Name}
		if p.AppProtocol != "" {
			found.field, found.text = fmt.Sprintf("spec.ports[%d].appProtocol", i), p.AppProtocol
		}
		return found
	}
	for _, e := range s.objects.entriesOf(s.names.literal, s.caller) {
		for i, p := range e.Spec.Ports {
			if p.Number == s.request.Port {
				return &calledPort{object{"ServiceEntry", &e.Meta}, p.Number, entryProtocol(p.Protocol), fmt.Sprintf("spec.ports[%d].protocol", i), p.Protocol}
			}
		}
	}
	return nil
}

// entryProtocol is what a ServiceEntry's port is taken for: its name says nothing.
func entryProtocol(text string) string {
	text = strings.ToLower(text)
	switch {
	case text == "grpc-web":
		return "grpc"
	case slices.Contains(httpProtocols, text) || slices.Contains(l4Protocols, text):
		return text
	}
	return ""
}

// dialsHost reports whether the URL itself names the request's host, and no forwarded port or other address.
func (s *search) dialsHost() bool {
	return s.request.Dialed == s.request.Host ||
		s.names.service != "" && s.objects.namesOf(s.request.Dialed, s.caller).service == s.names.service
}

// portMissing is the fault of a port that is none of the Service, of which no proxy has a listener or a virtual host. On
// port 80 alone a rule holds for its host as it is written, whatever the Service's ports are.
func (s *search) portMissing(rule *table) *Finding {
	service := s.objects.serviceOf(s.names.service, s.caller)
	if service == nil || service.Spec.Type == "ExternalName" || len(service.Spec.Ports) == 0 || service.port(s.request.Port) >= 0 || !s.dialsHost() ||
		s.request.Port == 80 && slices.Contains(rule.hosts, s.names.literal) || len(s.objects.entriesFor(s.names.service)) > 0 {
		return nil
	}
	evidence := []string{fmt.Sprintf("ports of %s: %s", service.object(), service.listPorts())}
	port, scheme := service.Spec.Ports[0].Port, "http"
	for _, p := range service.Spec.Ports {
		if p.TargetPort == float64(s.request.Port) {
			port = p.Port
			evidence = append(evidence, fmt.Sprintf("%d is the port of the pods behind port %d", s.request.Port, p.Port))
		}
	}
	if service.Spec.Ports[service.port(port)].opaque() {
		scheme = s.request.Scheme
	}
	return &Finding{ID: "passthrough", Severity: SeverityError, Object: "the request", Field: "port",
		Summary:  fmt.Sprintf("%s has no port %d: the sidecar does not know it and passes the request through, so that no rule applies", service.object(), s.request.Port),
		Evidence: evidence,
		Fix:      fmt.Sprintf("call port %d: %s://%s:%d", port, scheme, s.names.literal, port)}
}

// encrypted is the fault of a request that the caller encrypts, of which no proxy on its way sees more than a connection.
// A port that is known to speak HTTP has no place for one.
func (s *search) encrypted(o object) *Finding {
	f := &Finding{ID: "port-not-http", Severity: SeverityError, Object: o.String(), Field: "spec.http",
		Summary:  "the request is encrypted by the caller: the sidecar forwards connections, and http rules are ignored",
		Evidence: []string{"the URL's scheme is https"},
		Fix:      fmt.Sprintf("call http://%s and let the sidecar encrypt", s.names.literal)}
	if o.kind != "VirtualService" {
		f.Field = "spec.rules"
	}
	if p := s.calledPort(); p != nil && p.http() {
		f.Summary = fmt.Sprintf("the request is encrypted by the caller, and port %d is %s to the sidecar, which cannot read it: no rule applies", p.number, p.protocol)
		f.Evidence = append(f.Evidence, fmt.Sprintf("%s %s: %s", p.object, p.field, p.text))
	}
	if s.request.Port != 80 && s.request.Port != 443 {
		f.Fix = fmt.Sprintf("call http://%s:%d and let the sidecar encrypt", s.names.literal, s.request.Port)
	}
	return f
}

// entryNotHTTP is the fault of a ServiceEntry's port that the sidecar forwards connections of.
func (p *calledPort) entryNotHTTP(rule object) *Finding {
	return &Finding{ID: "port-not-http", Severity: SeverityError, Object: p.object.String(), Field: p.field,
		Summary: fmt.Sprintf("port %d is %s to the sidecar: it forwards connections, and the http rules of %s are ignored",
			p.number, p.protocol, rule),
		Evidence: []string{p.field + ": " + p.text},
		Fix:      p.object.patch(operation{Op: "replace", Path: pointer(p.field), Value: "HTTP"})}
}

// connectionRules is the fault of tcp or tls rules on a port whose requests are HTTP to the sidecar: these go by http
// rules or, where there are none, to the whole Service.
func (s *search) connectionRules(vs *VirtualService, block string) *Finding {
	p := s.calledPort()
	if p == nil || p.opaque() || p.protocol == "" && s.request.Scheme == "https" {
		return nil
	}
	o := vs.object()
	f := &Finding{ID: "port-wrong-protocol", Severity: SeverityError, Object: o.String(), Field: "spec." + block,
		Summary:  fmt.Sprintf("port %d is %s to the sidecar: it routes requests, and the %s rules, which are for connections, are ignored", p.number, p.protocol, block),
		Evidence: []string{fmt.Sprintf("%s %s: %s", p.object, p.field, p.text)},
		Fix:      o.patch(operation{Op: "move", From: "/spec/" + block, Path: "/spec/http"})}
	if p.protocol == "" {
		f.Summary = fmt.Sprintf("the sidecar detects the protocol of port %d: HTTP requests are routed as such, and the %s rules are for other connections", p.number, block)
		f.Evidence = []string{fmt.Sprintf("%s %s: %s", p.object, p.field, firstNonEmpty(p.text, "not given"))}
	}
	if block == "tls" { // its matches are no http ones
		f.Fix = fmt.Sprintf("kubectl edit virtualservice %s -n %s   # write the rules of spec.tls as spec.http", shellQuote(o.meta.Name), shellQuote(o.meta.Namespace))
	}
	return f
}
