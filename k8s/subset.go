package k8s

import (
	"slices"
	"strings"
)

// policy is what the DestinationRules of one namespace say together about a host.
type policy struct {
	rules []*DestinationRule // oldest first
}

// serviceOf finds the Service of a fully qualified name; nil when it is none or not here.
func (o *Objects) serviceOf(host string, caller Caller) *Service {
	name, namespace, ok := splitService(host, caller.domain())
	if !ok {
		return nil
	}
	return o.service(namespace, name)
}

// policies are the DestinationRules of a host that a caller could see, the ones in effect first: the first namespace
// with a match wins whole among the caller's, the service's and the root one.
func (o *Objects) policies(host string, caller Caller) []policy {
	_, serviceNamespace, _ := splitService(host, caller.domain())
	var found []policy
	seen := map[string]bool{"": true}
	for _, namespace := range []string{caller.Namespace, serviceNamespace, rootNamespace} {
		if seen[namespace] {
			continue
		}
		seen[namespace] = true
		if rules := o.rulesOf(host, namespace, caller); len(rules) > 0 {
			found = append(found, policy{rules})
		}
	}
	return found
}

// rulesOf are one namespace's DestinationRules with the most specific host that matches.
func (o *Objects) rulesOf(host, namespace string, caller Caller) []*DestinationRule {
	best := rankNone
	var rules []*DestinationRule
	for i := range o.DestinationRules {
		dr := &o.DestinationRules[i]
		if dr.Namespace != namespace || !caller.sees(dr.Spec.ExportTo, namespace) || !caller.selectedBy(dr) {
			continue
		}
		got := rank(resolve(dr.Spec.Host, namespace, caller.domain()), host)
		if got > best {
			best, rules = got, nil
		}
		if got == best && got > rankNone {
			rules = append(rules, dr)
		}
	}
	slices.SortStableFunc(rules, func(a, b *DestinationRule) int { return byAge(&a.Meta, &b.Meta) })
	return rules
}

// selectedBy reports whether a DestinationRule with a workload selector is meant for the caller: they count in the
// caller's own namespace alone.
func (c Caller) selectedBy(dr *DestinationRule) bool {
	labels := dr.Spec.WorkloadSelector.MatchLabels
	return len(labels) == 0 || c.Labels != nil && dr.Namespace == c.Namespace && selects(labels, c.Labels)
}

// subset finds a subset by name: those of one namespace's rules are united, and the older one counts.
func (p policy) subset(name string) (*DestinationRule, int) {
	for _, dr := range p.rules {
		for i := range dr.Spec.Subsets {
			if dr.Spec.Subsets[i].Name == name {
				return dr, i
			}
		}
	}
	return nil, 0
}

func (p policy) String() string {
	texts := make([]string, len(p.rules))
	for i, dr := range p.rules {
		texts[i] = p.object(i).String() + " (subsets: " + firstNonEmpty(strings.Join(dr.subsetNames(), ", "), "none") + ")"
	}
	return strings.Join(texts, ", ")
}

func (p policy) object(i int) object { return object{"DestinationRule", &p.rules[i].Meta} }

func (dr *DestinationRule) subsetNames() []string {
	names := make([]string, len(dr.Spec.Subsets))
	for i, subset := range dr.Spec.Subsets {
		names[i] = subset.Name
	}
	return names
}

// selector finds the labels that select a destination's pods: the effective subset's, or the Service's.
func (o *Objects) selector(d Destination, caller Caller) map[string]string {
	if d.Subset == "" {
		if s := o.serviceOf(d.Host, caller); s != nil {
			return s.Spec.Selector
		}
		return nil
	}
	if policies := o.policies(d.Host, caller); len(policies) > 0 {
		if dr, i := policies[0].subset(d.Subset); dr != nil {
			return dr.Spec.Subsets[i].Labels
		}
	}
	return nil
}
