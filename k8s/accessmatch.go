package k8s

import (
	"strconv"
	"strings"
)

// access is a request as a pod's sidecar sees it. What is not known is unknown to each condition on it.
type access struct {
	request   *Request // nil: not known
	altered   bool     // a rule rewrites path, host or headers
	namespace string   // the sender's; "" = unknown
	account   string   // its service account; "" = unknown
	proven    state    // whether a certificate says who sends
	port      int      // of the pod; 0 = unknown
}

// accessTo is how the request arrives at a pod. Who sends is proven where the connection has the mesh's mutual TLS:
// both have a sidecar, and neither a DestinationRule nor a PeerAuthentication turns it off.
func (o *Objects) accessTo(r *reach, b backend, request *Request) access {
	a := access{request: request, altered: r.spec.rewrites, port: r.service.targetPort(r.port, b.pod),
		namespace: r.caller.Namespace, account: r.caller.ServiceAccount}
	wanted, _, _ := o.peerMode(b.pod, b.labels, a.port)
	mode := r.settings.mode()
	switch {
	case r.caller.Sidecar == Absent || mode == "DISABLE" || mode == "SIMPLE":
		a.proven = no
	case r.caller.Entry != EntryMesh && r.caller.Entry != EntryGateway && r.caller.Sidecar != Present || wanted == "":
	case mode == "ISTIO_MUTUAL" || mode == "" && wanted != "DISABLE":
		a.proven = yes
	}
	return a
}

// either is "or", both is "and" and invert "not" of three values.
func either(a, b state) state {
	switch {
	case a == yes || b == yes:
		return yes
	case a == no && b == no:
		return no
	}
	return unknown
}

func both(a, b state) state { return invert(either(invert(a), invert(b))) }

func invert(s state) state {
	switch s {
	case yes:
		return no
	case no:
		return yes
	}
	return unknown
}

// ruleTakes says whether a rule of a policy takes the request: one of its sources, one of its operations and all of its
// conditions; what is not given takes everything.
func (a access) ruleTakes(r *AccessRule, namespace string) state {
	from, to, when := stateOf(len(r.From) == 0), stateOf(len(r.To) == 0), yes
	for _, f := range r.From {
		from = either(from, a.all(f.Source, namespace))
	}
	for _, t := range r.To {
		to = either(to, a.all(t.Operation, namespace))
	}
	for _, c := range r.When {
		when = both(when, a.one(c.Key, c.Values, c.NotValues, namespace))
	}
	return both(both(from, to), when)
}

// all says whether every key of a source or of an operation holds. A key that begins with not is another one's reverse.
func (a access) all(keys map[string][]string, namespace string) state {
	result := yes
	for key, values := range keys {
		if rest, negated := strings.CutPrefix(key, "not"); negated {
			result = both(result, a.one(strings.ToLower(rest[:1])+rest[1:], nil, values, namespace))
		} else {
			result = both(result, a.one(key, values, nil, namespace))
		}
	}
	return result
}

// one says whether an attribute has one of the values and none of the others.
func (a access) one(key string, values, notValues []string, namespace string) state {
	result := yes
	if len(values) > 0 {
		result = a.any(key, values, namespace)
	}
	if len(notValues) > 0 {
		result = both(result, invert(a.any(key, notValues, namespace)))
	}
	return result
}

func (a access) any(key string, values []string, namespace string) state {
	result := no
	for _, value := range values {
		result = either(result, a.is(key, value, namespace))
	}
	return result
}

// is compares an attribute, by its name in a source, in an operation or in a condition. Addresses, tokens and headers
// are not known here.
func (a access) is(key, value, namespace string) state {
	switch key {
	case "principals", "source.principal":
		return both(a.proven, a.principal(value))
	case "namespaces", "source.namespace":
		return both(a.proven, a.namespaceIs(value))
	case "serviceAccounts", "source.serviceAccount":
		of, name, qualified := strings.Cut(value, "/")
		if !qualified {
			of, name = namespace, value
		}
		return both(a.proven, a.identity(of, name))
	case "ports", "destination.port":
		return a.portIs(value)
	case "methods", "paths", "hosts":
		return a.requestIs(key, value)
	}
	return unknown
}

// identity compares namespace and service account; a difference in one of them suffices.
func (a access) identity(namespace, account string) state {
	return both(sameOrUnknown(a.namespace, namespace), sameOrUnknown(a.account, account))
}

func sameOrUnknown(known, wanted string) state {
	if known == "" {
		return unknown
	}
	return stateOf(known == wanted)
}

// principal compares TRUSTDOMAIN/ns/NAMESPACE/sa/ACCOUNT. Istio takes cluster.local for the mesh's own trust domain,
// whatever that is; another one is not known here.
func (a access) principal(value string) state {
	if value == "*" {
		return yes
	}
	domain, rest, found := strings.Cut(value, "/ns/")
	if !found || strings.Contains(value, "*") {
		return unknown
	}
	namespace, account, found := strings.Cut(rest, "/sa/")
	if !found {
		return unknown
	}
	same := a.identity(namespace, account)
	if domain != "cluster.local" {
		same = both(same, unknown)
	}
	return same
}

func (a access) namespaceIs(value string) state {
	if a.namespace == "" {
		return unknown
	}
	pattern := strings.Split(value, "*")
	rest, ok := strings.CutPrefix(a.namespace, pattern[0])
	switch {
	case !ok:
		return no
	case len(pattern) == 1:
		return stateOf(rest == "")
	case len(pattern) == 2:
		return stateOf(strings.HasSuffix(rest, pattern[1]))
	}
	return unknown
}

func (a access) portIs(value string) state {
	if a.port == 0 {
		return unknown
	}
	return stateOf(strconv.Itoa(a.port) == value)
}

// requestIs compares what the request asks for. Path templates, paths that a proxy normalises and hosts that differ in
// the port alone are left open.
func (a access) requestIs(key, value string) state {
	if a.request == nil {
		return unknown
	}
	if key == "methods" {
		return stateOf(wildcard(value, a.request.Method))
	}
	if a.altered {
		return unknown
	}
	if key == "hosts" {
		if wildcard(strings.ToLower(value), strings.ToLower(a.request.Authority)) {
			return yes
		}
		return stateOf(false).unless(wildcard(strings.ToLower(value), a.request.Host))
	}
	path := a.request.Path
	if strings.Contains(value, "{") || strings.ContainsAny(path, "%\\") || strings.Contains(path, "//") || strings.Contains(path, "/.") {
		return unknown
	}
	return stateOf(wildcard(value, path))
}

// unless leaves a state open when something speaks against it.
func (s state) unless(doubt bool) state {
	if doubt {
		return unknown
	}
	return s
}

// wildcard compares with a text that may begin or end with an asterisk, one of which alone takes everything.
func wildcard(pattern, text string) bool {
	switch {
	case pattern == "*":
		return text != ""
	case strings.HasPrefix(pattern, "*"):
		return strings.HasSuffix(text, pattern[1:])
	case strings.HasSuffix(pattern, "*"):
		return strings.HasPrefix(text, pattern[:len(pattern)-1])
	}
	return text == pattern
}
