package k8s

import (
	"cmp"
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

// ruleNamespaces are the namespaces whose DestinationRules count for a host, in their order.
func (o *Objects) ruleNamespaces(host string, caller Caller) []string {
	list := []string{caller.Namespace}
	if _, namespace, ok := splitService(host, caller.domain()); ok {
		list = append(list, namespace)
	} else {
		for _, e := range o.entriesOf(host, caller) {
			list = append(list, e.Namespace)
		}
	}
	list = append(list, rootNamespace)
	var unique []string
	for _, namespace := range list {
		if namespace != "" && !slices.Contains(unique, namespace) {
			unique = append(unique, namespace)
		}
	}
	return unique
}

// policies are the DestinationRules of a host that a caller could see, the ones in effect first: the first namespace
// with a match wins whole among the caller's, the service's and the root one.
func (o *Objects) policies(host string, caller Caller) []policy {
	var found []policy
	for _, namespace := range o.ruleNamespaces(host, caller) {
		if rules := o.rulesOf(host, namespace, caller); len(rules) > 0 {
			found = append(found, policy{rules})
		}
	}
	return found
}

// rulesOf are one namespace's DestinationRules with the most specific host that matches. Of another namespace's, those
// for workloads or for that namespace alone do not count at all; of the others the most specific host is chosen before
// it is asked who may see the rule.
func (o *Objects) rulesOf(host, namespace string, caller Caller) []*DestinationRule {
	best := rankNone
	var rules []*DestinationRule
	for i := range o.DestinationRules {
		dr := &o.DestinationRules[i]
		sees := caller.sees(dr.Spec.ExportTo, namespace) && caller.selectedBy(dr)
		if dr.Namespace != namespace || !sees && (namespace == caller.Namespace || dr.private()) {
			continue
		}
		got := rank(resolve(dr.Spec.Host, namespace, caller.domain()), host)
		if got > best {
			best, rules = got, nil
		}
		if got == best && got > rankNone && sees {
			rules = append(rules, dr)
		}
	}
	slices.SortStableFunc(rules, func(a, b *DestinationRule) int {
		return cmp.Or(cmp.Compare(boolInt(a.general()), boolInt(b.general())), byAge(&a.Meta, &b.Meta))
	})
	return rules
}

// private reports whether a DestinationRule is for its own namespace alone.
func (dr *DestinationRule) private() bool {
	return !dr.general() || len(dr.Spec.ExportTo) == 1 && slices.Contains([]string{".", "~", dr.Namespace}, dr.Spec.ExportTo[0])
}

// general reports whether a DestinationRule is for every workload; those for some come first.
func (dr *DestinationRule) general() bool { return len(dr.Spec.WorkloadSelector.MatchLabels) == 0 }

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
