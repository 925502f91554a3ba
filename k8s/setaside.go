package k8s

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// aside is a DestinationRule that defines a destination's subset, and why it has no effect.
type aside struct {
	rule *DestinationRule
	why  string
	fix  operation
}

// setAside finds the DestinationRule that was meant to define a subset: one for other workloads or callers of another
// namespace, or one whose host is no service. Nil: there is none of which that is certain. Who wrote it into the files has
// no other one that defines the subset; of a cluster of which a part was read, that is not known.
func (o *Objects) setAside(r *reach) *aside {
	if len(o.Complete) > 0 && !o.Complete["DestinationRule"] {
		return nil
	}
	for i := range o.DestinationRules {
		dr := &o.DestinationRules[i]
		host := resolve(dr.Spec.Host, dr.Namespace, r.caller.domain())
		switch {
		case !slices.Contains(dr.subsetNames(), r.subset) || !r.caller.sees(dr.Spec.ExportTo, dr.Namespace):
		case host != r.concrete && (o.halfQualified(host, r.caller) == r.concrete || o.misplaced(dr, host, r)):
			return &aside{dr, fmt.Sprintf("it is for the host %s, which is no service", host), operation{Op: "replace", Path: "/spec/host", Value: r.concrete}}
		case rank(host, r.concrete) > rankNone && r.caller.passedBy(dr):
			return &aside{dr, "it is for the workloads of its namespace with the labels " + writeLabels(dr.Spec.WorkloadSelector.MatchLabels),
				operation{Op: "remove", Path: "/spec/workloadSelector"}}
		}
	}
	return nil
}

// passedBy reports whether a DestinationRule is for other workloads than the caller for sure.
func (c Caller) passedBy(dr *DestinationRule) bool {
	labels := dr.Spec.WorkloadSelector.MatchLabels
	return len(labels) > 0 && (c.Namespace != "" && c.Namespace != dr.Namespace || c.Labels != nil && !selects(labels, c.Labels))
}

func (a *aside) explain(f *Finding, r *reach) {
	o := object{"DestinationRule", &a.rule.Meta}
	f.Summary = fmt.Sprintf("%s defines the subset %s and is not in effect, since %s: the share of %s is answered with 503", o, r.subset, a.why, r.name())
	f.Evidence = append(f.Evidence, fmt.Sprintf("%s: host %s, subsets: %s", o, a.rule.Spec.Host, strings.Join(a.rule.subsetNames(), ", ")))
	f.Fix = o.patch(a.fix)
}

// unknownSubsets says which subsets nothing that was read defines, where that proves nothing.
func (o *Objects) unknownSubsets(reaches []reach) []Unseen {
	var notes []Unseen
	names := map[string][]string{}
	for i := range reaches {
		r := &reaches[i]
		switch {
		case r.subset == "" || len(r.policies) > 0 || o.halfQualified(r.host, r.caller) != "" || o.subsetUndefined(r) != nil:
		case o.doubtfulRule(r) != nil:
			note := unseen("it is not known whether the workload selector of %s takes the caller: it is taken not to (--labels and --namespace say who calls)",
				object{"DestinationRule", &o.doubtfulRule(r).Meta})
			if !slices.Contains(notes, note) {
				notes = append(notes, note)
			}
		case !slices.Contains(names[r.concrete], r.subset):
			names[r.concrete] = append(names[r.concrete], r.subset)
		}
	}
	for _, host := range slices.Sorted(maps.Keys(names)) {
		notes = append(notes, unseen("no DestinationRule that defines %s of %s was read: whether one exists is not known", strings.Join(names[host], ", "), host))
	}
	return notes
}

// doubtfulRule is a DestinationRule that defines the subset for workloads that the caller may be one of.
func (o *Objects) doubtfulRule(r *reach) *DestinationRule {
	for i := range o.DestinationRules {
		dr := &o.DestinationRules[i]
		if !dr.general() && slices.Contains(dr.subsetNames(), r.subset) && rank(resolve(dr.Spec.Host, dr.Namespace, r.caller.domain()), r.concrete) > rankNone {
			return dr
		}
	}
	return nil
}
