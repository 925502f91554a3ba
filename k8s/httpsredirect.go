package k8s

import (
	"slices"
	"strings"
)

// noteRedirects says that a gateway sends plain requests to https before any rule is asked.
func (s *search) noteRedirects(v *view) {
	if s.request.Scheme != "http" || v.hit == nil {
		return
	}
	of := v.hit.spec.object
	if v.hit.spec.root != nil {
		of = *v.hit.spec.root
	}
	for _, name := range v.hit.spec.gateways {
		if name == mesh || !v.caller.through([]string{name}, of.meta.Namespace) {
			continue
		}
		if g := s.objects.gateway(qualify(name, of.meta.Namespace)); g != nil && g.redirects(s.names.literal, s.request.Port) {
			v.note("%s redirects http requests for %s to https (tls.httpsRedirect): they are answered with 301, and no destination is chosen",
				object{"Gateway", &g.Meta}, s.names.literal)
		}
	}
}

// redirects reports whether every server that may have a plain request for a host sends it to https. The port that is
// dialled may be another one than the server's.
func (g *Gateway) redirects(host string, port int) bool {
	var servers []GatewayServer
	for _, server := range g.Spec.Servers {
		serves := slices.ContainsFunc(server.Hosts, func(h string) bool {
			_, after, found := strings.Cut(h, "/")
			if found {
				h = after
			}
			return within(host, strings.ToLower(h))
		})
		if serves && slices.Contains(httpProtocols, strings.ToLower(server.Port.Protocol)) {
			servers = append(servers, server)
		}
	}
	exactly := slices.DeleteFunc(slices.Clone(servers), func(server GatewayServer) bool { return server.Port.Number != port })
	if len(exactly) > 0 {
		servers = exactly
	}
	return len(servers) > 0 && !slices.ContainsFunc(servers, func(server GatewayServer) bool { return !server.TLS.HTTPSRedirect })
}
