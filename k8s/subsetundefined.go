package k8s

import (
	"fmt"
	"slices"
	"strings"
)

// subsetUndefined finds a subset that the DestinationRule in effect lacks: its share is answered with 503. When another
// one has it, that one is hidden.
func (o *Objects) subsetUndefined(r *reach) *Finding {
	if r.subset == "" || r.defined {
		return nil
	}
	aside := o.setAside(r)
	if len(r.policies) == 0 && !o.Complete["DestinationRule"] && o.unexported(r) == nil && aside == nil {
		return nil
	}
	f := &Finding{ID: "subset-undefined", Severity: SeverityError, Object: r.spec.object.String(),
		Field:    r.field + ".destination.subset",
		Evidence: []string{fmt.Sprintf("%s.destination: %s", r.field, r.name())},
		Summary:  fmt.Sprintf("no DestinationRule defines the subset %s of %s: its share is answered with 503", r.subset, r.concrete),
		Fix:      fmt.Sprintf("kubectl get destinationrules -A   # none is for %s", shellQuote(r.concrete)),
	}
	if len(r.policies) > 0 {
		effective := r.policies[0]
		f.Evidence = append(f.Evidence, "in effect: "+effective.String())
		f.Summary = fmt.Sprintf("%s is in effect and has no subset %s: its share is answered with 503", effective.object(0), r.subset)
		f.Fix = effective.define(r.subset)
	}
	if hidden := o.unexported(r); hidden != nil {
		return ruleNotExported(f, r, hidden)
	}
	if len(r.policies) == 0 {
		if aside != nil {
			aside.explain(f, r)
		}
		return f
	}
	for _, hidden := range r.policies[1:] {
		if dr, i := hidden.subset(r.subset); dr != nil {
			return shadowedRule(f, r, hidden, dr.Spec.Subsets[i])
		}
	}
	return f
}

// unexported finds a DestinationRule that has the subset, and would be the one in effect if exportTo did not hide it
// from the caller.
func (o *Objects) unexported(r *reach) *DestinationRule {
	for _, namespace := range o.ruleNamespaces(r.concrete, r.caller) {
		for i := range o.DestinationRules {
			dr := &o.DestinationRules[i]
			if dr.Namespace == namespace && !r.caller.sees(dr.Spec.ExportTo, namespace) && slices.Contains(dr.subsetNames(), r.subset) &&
				rank(resolve(dr.Spec.Host, namespace, r.caller.domain()), r.concrete) > rankNone {
				return dr
			}
		}
		if len(r.policies) > 0 && r.policies[0].rules[0].Namespace == namespace {
			break // what comes later would be hidden by the one in effect
		}
	}
	return nil
}

func ruleNotExported(f *Finding, r *reach, hidden *DestinationRule) *Finding {
	o := object{"DestinationRule", &hidden.Meta}
	f.ID, f.Object, f.Field = "not-exported", o.String(), "spec.exportTo"
	f.Summary = fmt.Sprintf("%s, which defines the subset %s, is not exported to the caller's namespace %s: its share is answered with 503",
		o, r.subset, firstNonEmpty(r.caller.Namespace, "(unknown)"))
	f.Evidence = append(f.Evidence, "exportTo: "+strings.Join(hidden.Spec.ExportTo, ", "))
	f.Fix = o.patch(operation{Op: "add", Path: "/spec/exportTo/-", Value: firstNonEmpty(r.caller.Namespace, "*")})
	return f
}

// define is the command that adds a subset, by the label that subsets usually go by.
func (p policy) define(name string) string {
	return p.add(Subset{Name: name, Labels: map[string]string{"version": name}})
}

// add is the command that adds subsets.
func (p policy) add(subsets ...Subset) string {
	var entries []any
	var ops []operation
	for _, s := range subsets {
		entry := map[string]any{"name": s.Name, "labels": s.Labels}
		entries = append(entries, entry)
		ops = append(ops, operation{Op: "add", Path: "/spec/subsets/-", Value: entry})
	}
	if len(p.rules[0].Spec.Subsets) == 0 {
		ops = []operation{{Op: "add", Path: "/spec/subsets", Value: entries}}
	}
	return p.object(0).patch(ops...)
}

func shadowedRule(f *Finding, r *reach, hidden policy, s Subset) *Finding {
	effective := r.policies[0]
	f.ID = "destination-rule-shadowed"
	f.Object, f.Field = effective.object(0).String(), "spec.host"
	f.Summary = fmt.Sprintf("%s hides %s, which defines the subset %s: the caller's namespace comes first, and nothing is merged",
		effective.object(0), hidden.object(0), s.Name)
	f.Evidence = append(f.Evidence, "hidden: "+hidden.String())
	f.Fix = effective.add(r.hiddenSubsets(hidden)...)
	return f
}

// hiddenSubsets are those that the rule's destinations of the host need from a policy that another one hides.
func (r *reach) hiddenSubsets(hidden policy) []Subset {
	var list []Subset
	for _, t := range r.spec.targets {
		dr, i := hidden.subset(t.subset)
		has, _ := r.policies[0].subset(t.subset)
		same := func(s Subset) bool { return s.Name == t.subset }
		if t.host == r.host && dr != nil && has == nil && !slices.ContainsFunc(list, same) {
			list = append(list, dr.Spec.Subsets[i])
		}
	}
	return list
}
