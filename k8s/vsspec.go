package k8s

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// httpSpecs are the http rules of a VirtualService as they are written; those that delegate have no targets.
func (vs *VirtualService) httpSpecs(domain string) ([]*spec, error) {
	var specs []*spec
	for i, rule := range vs.Spec.HTTP {
		s := vs.spec("http", i, rule.Route, domain)
		s.siblings = len(vs.Spec.HTTP)
		s.label, s.fault, s.rewrites = rule.Name, rule.Fault, rule.Rewrite != nil || rule.Headers != nil
		switch {
		case rule.Redirect != nil:
			s.local, s.targets = strings.TrimSuffix("redirect to "+rule.Redirect.Authority+rule.Redirect.URI, " to "), nil
		case rule.DirectResponse != nil:
			s.local, s.targets = fmt.Sprintf("direct response %d", rule.DirectResponse.Status), nil
		}
		for j, m := range rule.Match {
			matched, err := m.match()
			if err != nil {
				return nil, fmt.Errorf("%s: %s.%w", s.object, s.matchField(j), err)
			}
			s.matches = append(s.matches, matched)
		}
		specs = append(specs, s)
	}
	return specs, nil
}

// l4Specs are the rules of the tcp or the tls block.
func (vs *VirtualService) l4Specs(protocol, domain string) []*spec {
	rules := vs.Spec.TCP
	if protocol == "tls" {
		rules = vs.Spec.TLS
	}
	var specs []*spec
	for i, rule := range rules {
		s := vs.spec(protocol, i, rule.Route, domain)
		s.siblings = len(rules)
		for _, m := range rule.Match {
			s.matches = append(s.matches, m.match())
		}
		specs = append(specs, s)
	}
	return specs
}

func (vs *VirtualService) object() object { return object{"VirtualService", &vs.Meta} }

// gateways are the names that the VirtualService is bound to; none given means the mesh.
func (vs *VirtualService) gateways() []string {
	if len(vs.Spec.Gateways) == 0 {
		return []string{mesh}
	}
	return vs.Spec.Gateways
}

func (vs *VirtualService) onMesh() bool { return slices.Contains(vs.gateways(), mesh) }

func (vs *VirtualService) hosts(domain string) []string {
	hosts := make([]string, len(vs.Spec.Hosts))
	for i, host := range vs.Spec.Hosts {
		hosts[i] = resolve(host, vs.Namespace, domain)
	}
	return hosts
}

func (vs *VirtualService) spec(block string, index int, route []RouteDestination, domain string) *spec {
	s := &spec{
		object: vs.object(), index: index, field: fmt.Sprintf("spec.%s[%d]", block, index),
		protocol: block, hosts: vs.hosts(domain), gateways: vs.gateways(),
	}
	for i, d := range route {
		s.targets = append(s.targets, target{
			raw: d.Destination.Host, host: resolve(d.Destination.Host, vs.Namespace, domain),
			subset: d.Destination.Subset, port: d.Destination.Port.Number,
			weight: d.Weight, field: fmt.Sprintf("%s.route[%d]", s.field, i),
		})
	}
	return s
}

// match brings an HTTPMatch into the common form.
func (m HTTPMatch) match() (match, error) {
	var all match
	for _, c := range []struct {
		on     subject
		string *StringMatch
	}{{onPath, m.URI}, {onScheme, m.Scheme}, {onMethod, m.Method}, {onAuthority, m.Authority}} {
		if c.string == nil {
			continue
		}
		p, err := newPredicate(c.on, "", *c.string)
		if err != nil {
			return nil, err
		}
		p.fold = c.on == onPath && m.IgnoreURICase && p.op != regex
		all = append(all, p)
	}
	for _, c := range []struct {
		on      subject
		entries map[string]StringMatch
		not     bool
	}{{onHeader, m.Headers, false}, {onHeader, m.WithoutHeaders, true}, {onQuery, m.QueryParams, false}} {
		ps, err := sortedPredicates(c.on, c.entries, c.not)
		if err != nil {
			return nil, err
		}
		all = append(all, ps...)
	}
	return append(all, staticMatch(m.Port, m.Gateways, m.SourceLabels, m.SourceNamespace)...), nil
}

// match brings an L4Match into the common form.
func (m L4Match) match() match {
	var all match
	if len(m.SNIHosts) > 0 {
		all = append(all, predicate{on: onSNI, op: exact, values: m.SNIHosts})
	}
	if len(m.DestinationSubnets) > 0 {
		all = append(all, predicate{on: onSubnet, op: exact, values: m.DestinationSubnets})
	}
	return append(all, staticMatch(m.Port, m.Gateways, m.SourceLabels, m.SourceNamespace)...)
}

// staticMatch holds what the control plane decides. Where gateways are given, it ignores the source.
func staticMatch(port int, gateways []string, labels map[string]string, namespace string) match {
	var all match
	if port != 0 {
		all = append(all, predicate{on: onPort, op: exact, values: []string{fmt.Sprint(port)}})
	}
	if len(gateways) > 0 {
		return append(all, predicate{on: onGateways, op: exact, values: gateways})
	}
	for _, name := range slices.Sorted(maps.Keys(labels)) {
		all = append(all, predicate{on: onSourceLabel, name: name, op: exact, values: []string{labels[name]}})
	}
	if namespace != "" {
		all = append(all, predicate{on: onSourceNamespace, op: exact, values: []string{namespace}})
	}
	return all
}
