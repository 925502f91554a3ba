package envoy

import (
	"strings"
)

// domainKind orders the ways in which a domain can match, as Envoy searches them.
type domainKind int

const (
	noMatch domainKind = iota
	anyHost            // *
	prefixWildcard
	suffixWildcard
	exactHost
)

// domainMatch is how well a domain fits; the greater one wins: first by kind, then the longer pattern.
type domainMatch struct {
	kind   domainKind
	length int
}

func (m domainMatch) better(than domainMatch) bool {
	if m.kind != than.kind {
		return m.kind > than.kind
	}
	return m.length > than.length
}

// matchDomain compares a lower-case domain of a virtual host with a lower-case host. A wildcard stands for at least one
// character, so that *.foo.com does not match .foo.com.
func matchDomain(domain, host string) domainMatch {
	switch {
	case domain == "*":
		return domainMatch{kind: anyHost}
	case domain == host && !strings.HasPrefix(domain, "*") && !strings.HasSuffix(domain, "*"):
		return domainMatch{exactHost, len(domain)}
	case len(domain) > len(host):
		return domainMatch{}
	case strings.HasPrefix(domain, "*") && strings.HasSuffix(host, domain[1:]):
		return domainMatch{suffixWildcard, len(domain)}
	case strings.HasSuffix(domain, "*") && strings.HasPrefix(host, domain[:len(domain)-1]):
		return domainMatch{prefixWildcard, len(domain)}
	}
	return domainMatch{}
}

// virtualHost finds the host's entry, and which of its domains took it. The authority is the Host header.
func (t table) virtualHost(authority string) (found virtualHost, domain string, ok bool) {
	host := strings.ToLower(authority)
	if t.ignorePort {
		host = withoutPort(host)
	}
	var best domainMatch
	for _, v := range t.hosts {
		for _, d := range v.domains {
			if m := matchDomain(d, host); m.better(best) {
				best, found, domain = m, v, d
			}
		}
	}
	return found, domain, best.kind != noMatch
}

// withoutPort takes a decimal port off the end, as Envoy does: an IPv6 address keeps its brackets, one without brackets
// has no port.
func withoutPort(authority string) string {
	i := strings.LastIndexByte(authority, ':')
	if i < 0 || strings.Trim(authority[i+1:], "0123456789") != "" {
		return authority
	}
	if strings.Contains(authority[:i], ":") && !strings.HasSuffix(authority[:i], "]") {
		return authority
	}
	return authority[:i]
}
