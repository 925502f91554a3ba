package k8s

import (
	"net"
	"strings"
)

// Ranks say how specifically a host names the request's: an exact one beats every wildcard, a longer wildcard a shorter.
const (
	rankNone  = 0
	rankAny   = 1 // "*"
	rankExact = 1 << 30
)

// resolve completes a host of an object as Istio does: only a name without any dot gets the object's namespace and the
// cluster's domain; "reviews.default" stays as it is and names no Service.
func resolve(host, namespace, domain string) string {
	host = strings.ToLower(host)
	if host == "" || host == "*" || strings.Contains(host, ".") {
		return host
	}
	return host + "." + namespace + ".svc." + domain
}

// rank compares a resolved host of an object with a host name.
func rank(host, name string) int {
	switch {
	case host == name && name != "":
		return rankExact
	case host == "*":
		return rankAny
	case strings.HasPrefix(host, "*.") && strings.HasSuffix(name, host[1:]):
		return len(host)
	default:
		return rankNone
	}
}

// splitService takes the fully qualified name of a Service apart.
func splitService(host, domain string) (name, namespace string, ok bool) {
	rest, ok := strings.CutSuffix(host, ".svc."+domain)
	if !ok {
		return "", "", false
	}
	name, namespace, ok = strings.Cut(rest, ".")
	return name, namespace, ok && name != "" && namespace != "" && !strings.Contains(namespace, ".")
}

// expand gives the fully qualified name that a caller's short form of a Service stands for; "" when it cannot be one.
// It is the reverse of the domains that istiod gives a Service's virtual host.
func expand(host, namespace, domain string) string {
	if _, _, ok := splitService(host, domain); ok {
		return host
	}
	labels := strings.Split(host, ".")
	switch {
	case host == "" || net.ParseIP(host) != nil:
		return ""
	case len(labels) == 1:
		return host + "." + namespace + ".svc." + domain
	case len(labels) == 2:
		return host + ".svc." + domain
	case len(labels) == 3 && labels[2] == "svc":
		return host + "." + domain
	default:
		return ""
	}
}

// names are what a request's host stands for.
type names struct {
	literal string // as sent
	service string // fully qualified name of the Service that it may be; "" when it can be none
	sure    bool   // it is that Service: NAME.NAMESPACE may be a host of the Internet as well
}

// namesOf finds the Service that a host stands for.
func (o *Objects) namesOf(host string, caller Caller) names {
	n := names{literal: host}
	if net.ParseIP(host) != nil {
		n.service = o.serviceAt(host, caller.domain())
		n.sure = n.service != ""
		return n
	}
	n.service = expand(host, firstNonEmpty(caller.Namespace, defaultNamespace), caller.domain())
	n.sure = n.service != "" && (strings.Count(host, ".") != 1 || o.isService(n.service, caller))
	return n
}

// rank compares a resolved host of an object with the request's. Wildcards are compared with the name in the registry.
func (n names) rank(host string) int {
	if n.service != "" && host == n.service {
		return rankExact
	}
	if n.sure && host != n.literal {
		return rank(host, n.service)
	}
	return rank(host, n.literal)
}

// isService reports whether a fully qualified name is that of a Service, as far as can be known.
func (o *Objects) isService(fqdn string, caller Caller) bool {
	name, namespace, ok := splitService(fqdn, caller.domain())
	if !ok {
		return false
	}
	if o.service(namespace, name) != nil {
		return true
	}
	return !o.Knows("Service", namespace) &&
		(namespace == firstNonEmpty(caller.Namespace, defaultNamespace) || o.namespaces()[namespace])
}

func (o *Objects) serviceAt(ip, domain string) string {
	for _, s := range o.Services {
		for _, address := range append([]string{s.Spec.ClusterIP}, s.Spec.ClusterIPs...) {
			if address == ip {
				return s.Name + "." + s.Namespace + ".svc." + domain
			}
		}
	}
	return ""
}

// hasEntry reports whether a ServiceEntry makes the host known.
func (o *Objects) hasEntry(host string) bool {
	for _, entry := range o.ServiceEntries {
		for _, h := range entry.Spec.Hosts {
			if rank(strings.ToLower(h), host) > rankNone {
				return true
			}
		}
	}
	return false
}

// halfQualified gives the Service that the writer of NAME.NAMESPACE or NAME.NAMESPACE.svc will have meant; "" when the
// host is sound.
func (o *Objects) halfQualified(host string, caller Caller) string {
	if !strings.Contains(host, ".") || strings.HasPrefix(host, "*") || o.hasEntry(host) {
		return ""
	}
	fqdn := expand(host, "", caller.domain())
	if fqdn == host || fqdn == "" || !o.isService(fqdn, caller) {
		return ""
	}
	return fqdn
}

// unknownHost finds a host of a VirtualService that would be a Service of the cluster, and is none; -1 when one of its
// hosts is sound, or when not all Services are here.
func (o *Objects) unknownHost(vs *VirtualService, caller Caller) int {
	if !o.Complete["Service"] || !vs.onMesh() {
		return -1
	}
	first := -1
	for i, host := range vs.hosts(caller.domain()) {
		_, _, inside := splitService(host, caller.domain())
		if !inside || strings.HasPrefix(host, "*") || o.hasEntry(host) || o.serviceOf(host, caller) != nil {
			return -1
		}
		if first < 0 {
			first = i
		}
	}
	return first
}
