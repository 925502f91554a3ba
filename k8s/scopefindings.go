package k8s

import (
	"fmt"
	"slices"
	"strings"
)

const idOutsideScope = "outside-sidecar-scope"

// missing is something that a listener does not import.
type missing struct {
	namespace, host string
	excluding       *entry
}

func (m missing) String() string { return m.namespace + "/" + m.host }

// hidden finds why the caller's Sidecar resource keeps a table from it: the rule is not imported, or the Service is not,
// without which the rule has no virtual host. On port 80 alone a rule works for its own hosts, whatever they are.
func (s *search) hidden(t *table) *Finding {
	if s.scope.sidecar == nil || t.forced {
		return nil
	}
	l, index := s.scope.listener(s.request.Port)
	if l == nil {
		return s.scope.unheard(s.request.Port, t.object)
	}
	namespace := t.object.meta.Namespace
	var lacks []missing
	rule, excluding := s.scope.imports(l, namespace, t.hosts, matcher(t.object))
	if !rule {
		lacks = append(lacks, missing{namespace, s.hostOf(t), excluding})
	}
	service, serviceLack := s.serviceScoped(l)
	if !service && !(rule && s.request.Port == 80 && slices.Contains(t.hosts, s.names.literal)) {
		lacks = append(lacks, serviceLack)
	}
	if len(lacks) == 0 {
		return nil
	}
	return s.scope.outside(index, l, t.object, lacks, service)
}

// hostOf is the host of a table by which it is the request's.
func (s *search) hostOf(t *table) string {
	best, got := t.hosts[0], rankNone
	for _, host := range t.hosts {
		if r := s.names.rank(host); r > got {
			best, got = host, r
		}
	}
	return best
}

// serviceScoped reports whether a listener imports the request's Service. A host of which the namespace is not known is
// taken to be imported.
func (s *search) serviceScoped(l *EgressListener) (bool, missing) {
	_, namespace, ok := splitService(s.names.service, s.caller.domain())
	if !ok {
		return true, missing{}
	}
	imported, excluding := s.scope.imports(l, namespace, []string{s.names.service}, within)
	return imported, missing{namespace, s.names.service, excluding}
}

// unheard is the fault of a Sidecar resource whose listeners are for other ports.
func (c scope) unheard(port int, o object) *Finding {
	f := c.finding("spec.egress")
	f.Summary = fmt.Sprintf("the caller's proxy listens on other ports alone: it does not know %s on port %d, %s", o, port, c.unknown())
	var ports []string
	for _, l := range c.sidecar.Spec.Egress {
		ports = append(ports, fmt.Sprint(l.Port.Number))
	}
	f.Evidence = append(f.Evidence, "spec.egress: ports "+strings.Join(ports, ", "))
	f.Fix = c.object().patch(operation{Op: "add", Path: "/spec/egress/-", Value: map[string]any{"hosts": []string{"*/*"}}})
	return f
}

func (c scope) outside(index int, l *EgressListener, o object, lacks []missing, service bool) *Finding {
	field := fmt.Sprintf("spec.egress[%d].hosts", index)
	f := c.finding(field)
	what := make([]string, len(lacks))
	var fix []operation
	for i, m := range lacks {
		what[i] = m.String()
		op := operation{Op: "add", Path: pointer(field) + "/-", Value: m.String()}
		if m.excluding != nil {
			op = operation{Op: "remove", Path: fmt.Sprintf("%s/%d", pointer(field), m.excluding.at)}
		}
		if !slices.Contains(fix, op) {
			fix = append(fix, op)
		}
	}
	then := "the request takes the service's default route"
	if !service {
		then = c.unknown()
	}
	f.Summary = fmt.Sprintf("the Sidecar hides %s from the caller: %s is not in effect, %s", strings.Join(slices.Compact(what), " and "), o, then)
	f.Evidence = append(f.Evidence, field+": "+strings.Join(l.Hosts, ", "))
	f.Fix = c.object().patch(fix...)
	return f
}

func (c scope) object() object { return object{"Sidecar", &c.sidecar.Meta} }

func (c scope) finding(field string) *Finding {
	whom := "every workload of namespace " + c.namespace
	if selector := c.sidecar.Spec.WorkloadSelector; selector != nil {
		whom = "workloads with the labels " + compact(selector.Labels)
	} else if c.sidecar.Namespace != c.namespace {
		whom = "every workload of the mesh without a Sidecar of its own"
	}
	return &Finding{ID: idOutsideScope, Severity: SeverityError, Object: c.object().String(), Field: field,
		Evidence: []string{c.object().String() + " is in effect for " + whom}}
}

// unknown says what becomes of a request to a host that the proxy does not know.
func (c scope) unknown() string {
	if policy := c.sidecar.Spec.OutboundTrafficPolicy; policy != nil && policy.Mode == "REGISTRY_ONLY" {
		return "the request is refused (REGISTRY_ONLY)"
	}
	return "the request goes through PassthroughCluster, and kube-proxy picks a pod by connection"
}

// opaqueListener is the fault of a Sidecar whose listener for the port is of a protocol other than HTTP: it decides,
// not the Service's port.
func (s *search) opaqueListener(o object) *Finding {
	if s.scope.sidecar == nil {
		return nil
	}
	l, index := s.scope.listener(s.request.Port)
	if l == nil || l.Port == nil || !slices.Contains(l4Protocols, strings.ToLower(l.Port.Protocol)) {
		return nil
	}
	field := fmt.Sprintf("spec.egress[%d].port.protocol", index)
	f := s.scope.finding(field)
	f.ID = "port-not-http"
	f.Summary = fmt.Sprintf("the Sidecar's listener for port %d is %s: it forwards connections, and the http rules of %s are ignored",
		l.Port.Number, l.Port.Protocol, o)
	f.Evidence = append(f.Evidence, field+": "+l.Port.Protocol)
	f.Fix = s.scope.object().patch(operation{Op: "replace", Path: pointer(field), Value: "HTTP"})
	return f
}
