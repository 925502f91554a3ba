package k8s

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// wrongPods is a subset that is called like a version of the service, and selects pods of other versions alone. A subset
// that is called otherwise (stable, canary) may select any.
type wrongPods struct {
	of     *reach
	rule   *DestinationRule
	index  int // of the subset
	chosen []backend
	other  *reach // the subset that it is swapped with, where pods are not known; else nil
}

func findWrongPods(r *reach, others []reach) (w wrongPods, found bool) {
	w.of = r
	if w.rule, w.index = r.subsetAt(); w.rule == nil || len(r.labels) == 0 {
		return w, false
	}
	if len(r.behind.list) == 0 {
		i := slices.IndexFunc(others, func(other reach) bool { return r.swapped(&other) })
		if i >= 0 {
			w.other = &others[i]
		}
		return w, i >= 0
	}
	chosen, sure := r.behind.chosen(r.labels)
	w.chosen = chosen
	return w, len(chosen) > 0 && sure && slices.ContainsFunc(r.behind.list, func(b backend) bool { return b.version() == r.subset }) &&
		!slices.ContainsFunc(chosen, func(b backend) bool { return b.version() == r.subset || b.version() == "" })
}

// joinWrongPods makes one finding of the subsets of a DestinationRule: labels that are swapped are one mistake. Subsets
// that get nothing are apart from those that do.
func joinWrongPods(all []wrongPods) []Finding {
	var findings []Finding
	for len(all) > 0 {
		first := all[0]
		var group, rest []wrongPods
		for _, w := range all {
			switch alike := w.rule == first.rule && (w.of.weight > 0) == (first.of.weight > 0); {
			case !alike:
				rest = append(rest, w)
			case !slices.ContainsFunc(group, func(g wrongPods) bool { return g.index == w.index }):
				group = append(group, w)
			}
		}
		findings = append(findings, first.of.temper([]Finding{wrongPodsFinding(group)})...)
		all = rest
	}
	return findings
}

func wrongPodsFinding(group []wrongPods) Finding {
	o := object{"DestinationRule", &group[0].rule.Meta}
	f := Finding{ID: "subset-wrong-pods", Severity: SeverityError, Object: o.String(), Field: "spec.subsets[].labels"}
	var names []string
	var fixes []operation
	for _, w := range group {
		names = append(names, w.of.subset)
		f.Evidence = append(f.Evidence, "labels of the subset "+w.of.subset+": "+writeLabels(w.of.labels))
		if w.other != nil && len(group) == 1 {
			names = append(names, w.other.subset)
			f.Evidence = append(f.Evidence, "labels of the subset "+w.other.subset+": "+writeLabels(w.other.labels))
		}
		if len(w.chosen) > 0 {
			f.Evidence = append(f.Evidence, w.of.subset+" selects "+describeBackends(w.chosen))
		}
		fixes = append(fixes, operation{Op: "replace", Path: fmt.Sprintf("/spec/subsets/%d/labels", w.index), Value: w.of.labelsOfName()})
	}
	f.Fix = o.patch(fixes...)
	if len(group) == 1 {
		f.Field = fmt.Sprintf("spec.subsets[%d].labels", group[0].index)
	}
	last := len(names) - 1
	switch {
	case len(names) == 1:
		f.Summary = fmt.Sprintf("the subset %s selects pods of another version, and none of those that are called %[1]s", names[0])
	case len(names) == 2 && (group[0].other != nil || group[0].of.swapped(group[1].of)):
		f.Summary = fmt.Sprintf("the subsets %s and %s select the pods of each other's version", names[0], names[1])
	default:
		f.Summary = fmt.Sprintf("the subsets %s and %s select pods of other versions than they are called by", strings.Join(names[:last], ", "), names[last])
	}
	return f
}

// swapped reports whether two subsets of one host are called by each other's version.
func (r *reach) swapped(other *reach) bool {
	own, theirs := backend{labels: r.labels}.version(), backend{labels: other.labels}.version()
	return r.concrete == other.concrete && own != theirs && own == other.subset && theirs == r.subset
}

// labelsOfName are the subset's labels with its name for the version.
func (r *reach) labelsOfName() map[string]string {
	labels := maps.Clone(r.labels)
	key := "version"
	if _, ok := labels["app.kubernetes.io/version"]; ok || r.behind.hasKey("app.kubernetes.io/version") && !r.behind.hasKey(key) {
		key = "app.kubernetes.io/version"
	}
	labels[key] = r.subset
	return labels
}

func (b backends) hasKey(key string) bool {
	return slices.ContainsFunc(b.list, func(e backend) bool { return e.labels[key] != "" })
}
