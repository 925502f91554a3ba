package k8s

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// patched is a route as an EnvoyFilter may name it.
type patched struct {
	spec    *spec
	hosts   []string // of its virtual host
	port    int
	context string // SIDECAR_OUTBOUND, GATEWAY or WAYPOINT
	entry   Caller // whose proxy is patched
}

// envoyFilters finds the EnvoyFilters that patch the route of a rule in the proxy that takes the request: what Istio
// says of weights may then not be what Envoy has. They are worth knowing, no fault.
func (s *search) envoyFilters(v *view, spec *spec) []Finding {
	p := patched{spec: spec, hosts: spec.hosts, port: s.request.Port, context: "GATEWAY", entry: v.caller}
	switch {
	case v.mesh && s.caller.Sidecar == Absent:
		return nil
	case v.caller.Entry == EntryWaypoint:
		p.context = "WAYPOINT"
	case v.mesh:
		p.context, p.hosts = "SIDECAR_OUTBOUND", []string{firstNonEmpty(s.names.service, s.names.literal)}
	}
	var findings []Finding
	for i := range s.objects.EnvoyFilters {
		f := &s.objects.EnvoyFilters[i]
		if !f.selects(p) {
			continue
		}
		for j, part := range f.Spec.ConfigPatches {
			if part.touches(p) {
				findings = append(findings, f.finding(j, spec.object))
				break
			}
		}
	}
	return findings
}

func (f *EnvoyFilter) finding(index int, rule object) Finding {
	o := object{"EnvoyFilter", &f.Meta}
	part := f.Spec.ConfigPatches[index]
	field := fmt.Sprintf("spec.configPatches[%d]", index)
	return Finding{ID: "envoyfilter-on-route", Severity: SeverityInfo, Object: o.String(), Field: field,
		Summary:  fmt.Sprintf("%s patches the proxy's route, cluster or router: what it has may differ from %s", o, rule),
		Evidence: []string{fmt.Sprintf("%s: %s %s", field, firstNonEmpty(part.Patch.Operation, "?"), part.ApplyTo)},
		Fix:      fmt.Sprintf("kubectl get envoyfilter %s -n %s -o yaml   # and see what it changes", shellQuote(f.Name), shellQuote(f.Namespace))}
}

// selects reports whether the filter is for the proxy: those of its namespace and of the root one are, with a selector
// if its labels are known to match, with target references those to its Gateway.
func (f *EnvoyFilter) selects(p patched) bool {
	if f.Namespace != rootNamespace && f.Namespace != p.entry.Namespace {
		return false
	}
	if len(f.Spec.TargetRefs) > 0 {
		return p.context != "SIDECAR_OUTBOUND" && slices.ContainsFunc(f.Spec.TargetRefs, func(t TargetRef) bool {
			return t.Kind == "Gateway" && p.entry.Gateway != "" && sameGateway(p.entry.Gateway, f.Namespace+"/"+t.Name)
		})
	}
	selector := f.Spec.WorkloadSelector
	return selector == nil || len(selector.Labels) == 0 || p.entry.Labels != nil && selects(selector.Labels, p.entry.Labels)
}

// touches reports whether a patch is for the route, for a cluster that it leads to, or for the router filter.
func (part EnvoyFilterPart) touches(p patched) bool {
	if context := part.Match.Context; context != "" && context != "ANY" && context != p.context {
		return false
	}
	switch part.ApplyTo {
	case "ROUTE_CONFIGURATION", "VIRTUAL_HOST", "HTTP_ROUTE":
		return p.spec.protocol == "http" && part.Match.RouteConfiguration.names(p)
	case "CLUSTER":
		return part.Patch.Operation != "ADD" && part.Match.Cluster.names(p)
	case "HTTP_FILTER":
		return p.spec.protocol == "http" && part.onRouter(p)
	}
	return false
}

// onRouter reports whether a patch changes the router filter itself; one that is inserted beside it does not.
func (part EnvoyFilterPart) onRouter(p patched) bool {
	l := part.Match.Listener
	if l == nil || l.PortNumber != 0 && p.context == "SIDECAR_OUTBOUND" && l.PortNumber != p.port {
		return false
	}
	changes := slices.Contains([]string{"MERGE", "REPLACE", "REMOVE", "MERGE_AND_REPLACE_LIST"}, part.Patch.Operation)
	return changes && strings.HasSuffix(l.FilterChain.Filter.SubFilter.Name, ".router")
}

// names reports whether the route may be meant. The tables of a sidecar are called by the port, or by HOST:PORT when
// the port is sniffed; those of a gateway are not compared, as its ports are not those that are dialled.
func (m *RouteConfigMatch) names(p patched) bool {
	if m == nil {
		return true
	}
	port := strconv.Itoa(p.port)
	if p.context == "SIDECAR_OUTBOUND" {
		if m.PortNumber != 0 && m.PortNumber != p.port || m.Name != "" && m.Name != port && !p.hostAndPort(m.Name) {
			return false
		}
	}
	if m.Gateway != "" && p.entry.Gateway != "" && !sameGateway(p.entry.Gateway, m.Gateway) {
		return false
	}
	return m.VHost.names(p)
}

// hostAndPort compares a name with those of the route's virtual hosts.
func (p patched) hostAndPort(name string) bool {
	return slices.ContainsFunc(p.hosts, func(host string) bool { return name == fmt.Sprintf("%s:%d", host, p.port) })
}

func (m *VirtualHostMatch) names(p patched) bool {
	switch {
	case m == nil:
		return true
	case m.Name != "" && p.context == "SIDECAR_OUTBOUND" && !p.hostAndPort(m.Name):
		return false
	case m.Name != "" && !slices.ContainsFunc(p.hosts, func(host string) bool { return strings.HasPrefix(m.Name, host+":") }):
		return false
	}
	r := m.Route
	return r == nil || (r.Name == "" || r.Name == p.spec.routeName()) && (r.Action == "" || r.Action == "ANY" || r.Action == "ROUTE")
}

// routeName is the name that Istio gives the rule's routes: its own, else, of an HTTPRoute, its place.
func (s *spec) routeName() string {
	if s.object.kind == "VirtualService" {
		return s.label
	}
	return firstNonEmpty(s.label, fmt.Sprintf("%s.%s.%d", s.object.meta.Namespace, s.object.meta.Name, s.index))
}

func (m *EnvoyClusterMatch) names(p patched) bool {
	if m == nil {
		return true
	}
	return slices.ContainsFunc(p.spec.targets, func(t target) bool {
		port := t.port
		if port == 0 {
			port = p.port
		}
		if m.Name != "" {
			return m.Name == fmt.Sprintf("outbound|%d|%s|%s", port, t.subset, t.host)
		}
		return (m.Service == "" || m.Service == t.host) && (m.Subset == "" || m.Subset == t.subset) &&
			(m.PortNumber == 0 || m.PortNumber == port)
	})
}
