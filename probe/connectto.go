package probe

import (
	"fmt"
	"net"
	"strings"
)

// redirect is one parsed entry of Options.ConnectTo; empty strings as there.
type redirect struct {
	fromHost, fromPort, toHost, toPort string
}

// parseRedirect reads HOST1:PORT1:HOST2:PORT2; IPv6 addresses stand in brackets.
func parseRedirect(s string) (redirect, error) {
	var parts []string
	rest := s
	for {
		part, after, more, ok := cutPart(rest)
		if !ok {
			return redirect{}, fmt.Errorf("connect-to %q: a bracket is not closed or does not end the host", s)
		}
		parts = append(parts, part)
		if !more {
			break
		}
		rest = after
	}
	if len(parts) != 4 {
		return redirect{}, fmt.Errorf("connect-to %q: write HOST1:PORT1:HOST2:PORT2, with [] around IPv6 addresses; all but the colons may be left out", s)
	}
	r := redirect{parts[0], parts[1], parts[2], parts[3]}
	for _, port := range []string{r.fromPort, r.toPort} {
		if port != "" && !isPort(port) {
			return redirect{}, fmt.Errorf("connect-to %q: port %q is not between 1 and 65535", s, port)
		}
	}
	for _, host := range []string{r.fromHost, r.toHost} {
		if host != "" && !isHost(host) {
			return redirect{}, fmt.Errorf("connect-to %q: host %q has characters that no host has", s, host)
		}
	}
	return r, nil
}

// cutPart cuts s at the first colon outside brackets, and takes the brackets off.
func cutPart(s string) (part, rest string, more, ok bool) {
	if !strings.HasPrefix(s, "[") {
		part, rest, more = strings.Cut(s, ":")
		return part, rest, more, !strings.ContainsAny(part, "[]")
	}
	part, rest, ok = strings.Cut(s[1:], "]")
	if !ok || rest != "" && rest[0] != ':' || strings.Contains(part, "[") {
		return "", "", false, false
	}
	return part, strings.TrimPrefix(rest, ":"), rest != "", true
}

// apply returns what to dial in place of host and port, and whether r fits.
func (r redirect) apply(host, port string) (string, string, bool) {
	if r.fromHost != "" && !strings.EqualFold(r.fromHost, host) || r.fromPort != "" && r.fromPort != port {
		return host, port, false
	}
	if r.toHost != "" {
		host = r.toHost
	}
	if r.toPort != "" {
		port = r.toPort
	}
	return host, port, true
}

// redirected applies the first entry that fits.
func redirected(entries []redirect, host, port string) (string, string) {
	for _, r := range entries {
		if host, port, ok := r.apply(host, port); ok {
			return host, port
		}
	}
	return host, port
}

// hostOnly returns the name in a Host header: no port, no brackets.
func hostOnly(authority string) string {
	if host, _, err := net.SplitHostPort(authority); err == nil {
		return host
	}
	return strings.TrimSuffix(strings.TrimPrefix(authority, "["), "]")
}
