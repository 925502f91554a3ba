package k8s

import (
	"slices"
	"strings"
)

// The texts before the first hyphen of a port's name, and its appProtocol, that select a protocol
// (https://istio.io/latest/docs/ops/configuration/traffic-management/protocol-selection/). Any other text means that
// the sidecar sniffs for HTTP.
var (
	httpProtocols = []string{"http", "http2", "grpc", "http_proxy"}
	l4Protocols   = []string{"tcp", "tls", "https", "mongo", "redis", "mysql", "udp"}
)

// protocol is what Istio takes a port for: the text that decided, "" when it is sniffed.
func (p ServicePort) protocol() string {
	text := strings.ToLower(p.Name)
	if p.AppProtocol != "" {
		text = strings.ToLower(p.AppProtocol)
	}
	switch text {
	case "kubernetes.io/h2c":
		return "http2"
	case "kubernetes.io/ws":
		return "http"
	case "kubernetes.io/wss":
		return "https"
	}
	if p.AppProtocol == "" || strings.HasPrefix(text, "grpc-web") {
		text, _, _ = strings.Cut(text, "-")
	}
	switch {
	case strings.EqualFold(p.Protocol, "UDP"):
		return "udp"
	case slices.Contains(httpProtocols, text) || slices.Contains(l4Protocols, text):
		return text
	case slices.Contains([]int{25, 53, 3306, 27017}, p.Port):
		return "tcp" // protocols in which the server speaks first, or that are no HTTP by convention
	}
	return ""
}

// opaque reports whether the sidecar sees connections only.
func (p ServicePort) opaque() bool { return slices.Contains(l4Protocols, p.protocol()) }

// port finds a Service's port and its position; -1 when it has none of that number.
func (s *Service) port(number int) int {
	return slices.IndexFunc(s.Spec.Ports, func(p ServicePort) bool { return p.Port == number })
}
