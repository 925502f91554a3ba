package k8s

import (
	"fmt"
	"maps"
	"slices"
)

// subsetEmpty finds a subset that selects none of the host's endpoints: its share is answered with 503. In files the
// templates of workloads stand for their pods, if there are any for the Service.
func subsetEmpty(r *reach) *Finding {
	dr, i := r.subsetAt()
	if dr == nil || len(r.behind.list) == 0 {
		return nil
	}
	if chosen, sure := r.behind.chosen(r.labels); len(chosen) > 0 || !sure {
		return nil
	}
	o := object{"DestinationRule", &dr.Meta}
	f := &Finding{ID: "subset-empty", Severity: SeverityError, Object: o.String(), Field: fmt.Sprintf("spec.subsets[%d].labels", i),
		Summary: fmt.Sprintf("the subset %s selects no ready pod of %s: its share is answered with 503 (no healthy upstream)", r.subset, r.concrete),
		Evidence: []string{"labels of the subset: " + writeLabels(r.labels),
			"ready pods: " + describeBackends(r.behind.list)}}
	if !r.behind.known {
		f.Summary = fmt.Sprintf("the subset %s selects no pod of %s: its share is answered with 503 (no healthy upstream)", r.subset, r.concrete)
		f.Evidence[1] = "pods of the files: " + describeBackends(r.behind.list)
	}
	idle, _ := backends{list: r.behind.idle}.chosen(r.labels)
	if len(idle) > 0 && !r.behind.known {
		f.Evidence = append(f.Evidence, "with spec.replicas: 0: "+describeBackends(idle))
		f.Fix = idle[0].scaleUp()
		return f
	}
	if len(idle) > 0 {
		f.Evidence = append(f.Evidence, "pods that are not ready: "+describeBackends(idle))
		f.Fix = selectCommand(r.service.Namespace, merged(r.service.Spec.Selector, r.labels)) + "   # none is ready"
		return f
	}
	f.Fix = fixLabels(r, o, i)
	return f
}

// fixLabels proposes the one version that pods have and no subset selects, else shows the pods.
func fixLabels(r *reach, o object, subset int) string {
	var free []map[string]string
	for _, b := range r.behind.list {
		key := slices.Collect(maps.Keys(r.labels))[0]
		value := b.labels[key]
		taken := slices.ContainsFunc(r.policies[0].rules, func(dr *DestinationRule) bool {
			return slices.ContainsFunc(dr.Spec.Subsets, func(s Subset) bool { return s.Labels[key] == value })
		})
		if value != "" && !taken && !slices.ContainsFunc(free, func(f map[string]string) bool { return f[key] == value }) {
			free = append(free, map[string]string{key: value})
		}
	}
	if len(free) == 1 && len(r.labels) == 1 {
		return o.patch(operation{Op: "replace", Path: fmt.Sprintf("/spec/subsets/%d/labels", subset), Value: free[0]})
	}
	if r.service == nil {
		return "labels: those of an endpoint of " + r.concrete
	}
	return selectCommand(r.service.Namespace, r.service.Spec.Selector)
}

func merged(a, b map[string]string) map[string]string {
	all := maps.Clone(a)
	if all == nil {
		all = map[string]string{}
	}
	maps.Copy(all, b)
	return all
}

// noReadyEndpoints finds a Service without any: only a cluster shows that.
func noReadyEndpoints(r *reach) *Finding {
	if r.service == nil || !r.behind.known || len(r.behind.list) > 0 {
		return nil
	}
	s := r.service
	f := &Finding{ID: "no-ready-endpoints", Severity: SeverityError, Object: s.object().String(), Field: "spec.selector",
		Summary:  fmt.Sprintf("%s has no ready endpoint: its share is answered with 503 (no healthy upstream)", s.object()),
		Evidence: []string{"selector: " + writeLabels(s.Spec.Selector)},
		Fix:      fmt.Sprintf("kubectl get endpointslices -n %s -l kubernetes.io/service-name=%s", shellQuote(s.Namespace), shellQuote(s.Name))}
	if len(s.Spec.Selector) > 0 {
		f.Fix = selectCommand(s.Namespace, s.Spec.Selector)
	}
	if len(r.behind.idle) > 0 {
		f.Evidence = append(f.Evidence, "pods that are not ready: "+describeBackends(r.behind.idle))
	}
	return f
}

// subsetOverlap finds two destinations that both get requests and share pods: their shares are those of neither.
func subsetOverlap(a, b *reach) *Finding {
	same := a.concrete == b.concrete && a.subset == b.subset // listed twice, it is one destination
	if same || a.weight == 0 || b.weight == 0 || a.subset != "" && !a.defined || b.subset != "" && !b.defined || !a.overlaps(b) {
		return nil
	}
	f := &Finding{ID: "subset-overlap", Severity: SeverityError, Object: b.spec.object.String(), Field: b.field,
		Summary:  fmt.Sprintf("%s and %s select the same pods: the answers cannot follow the weights", a.name(), b.name()),
		Evidence: []string{a.selection(), b.selection()},
		Fix:      "labels: a value for each of them that the pods of the other do not have"}
	both := slices.DeleteFunc(first(a.pods()), func(p backend) bool {
		return !slices.ContainsFunc(first(b.pods()), func(q backend) bool { return p.name == q.name })
	})
	if len(both) > 0 {
		f.Evidence = append(f.Evidence, "pods of both: "+describeBackends(both))
	}
	if a.concrete == b.concrete && a.spec.object.kind == "VirtualService" && (a.subset == "") != (b.subset == "") {
		if a.subset == "" {
			f.lacksSubset(a, b)
		} else {
			f.lacksSubset(b, a)
		}
	} else if dr, i := b.subsetAt(); dr != nil {
		f.Object, f.Field = object{"DestinationRule", &dr.Meta}.String(), fmt.Sprintf("spec.subsets[%d].labels", i)
	} else if b.service != nil && a.concrete != b.concrete {
		f.Object, f.Field = b.service.object().String(), "spec.selector"
	}
	return f
}

func first[T, U any](value T, _ U) T { return value }

// selection says by which labels a destination's pods are selected.
func (r *reach) selection() string {
	labels := r.labels
	if r.service != nil {
		labels = merged(r.service.Spec.Selector, labels)
	}
	if len(labels) == 0 {
		return r.name() + " selects every pod"
	}
	return r.name() + " selects " + writeLabels(labels)
}

// overlaps reports whether two destinations certainly share pods. Of one host, where nothing is known of its pods, that
// is so when one's labels include the other's; two hosts must select the very same pods, and the same port of them.
func (r *reach) overlaps(other *reach) bool {
	mine, _ := r.pods()
	theirs, _ := other.pods()
	names := func(list []backend) []string {
		all := make([]string, len(list))
		for i, b := range list {
			all[i] = b.name
		}
		slices.Sort(all)
		return all
	}
	if r.concrete == other.concrete {
		if r.port != other.port {
			return false
		}
		if len(r.behind.list) == 0 {
			return !r.behind.known && (selects(r.labels, other.labels) || selects(other.labels, r.labels))
		}
		return slices.ContainsFunc(names(mine), func(name string) bool { return slices.Contains(names(theirs), name) })
	}
	if r.service == nil || other.service == nil || r.service.Namespace != other.service.Namespace || len(mine) == 0 {
		return false
	}
	port := r.service.targetPort(r.port, mine[0].pod)
	return port != 0 && port == other.service.targetPort(other.port, mine[0].pod) && slices.Equal(names(mine), names(theirs))
}

// crossFindings are those that a destination shows beside the others alone. Subsets of the same pods are that before
// they are any wrong ones.
func crossFindings(reaches []reach) []Finding {
	var findings []Finding
	overlapping := map[int]bool{}
	for i := range reaches {
		for j := range i {
			if f := subsetOverlap(&reaches[j], &reaches[i]); f != nil {
				findings = append(findings, *f)
				overlapping[i], overlapping[j] = true, true
			}
		}
	}
	var wrong []wrongPods
	for i := range reaches {
		if w, found := findWrongPods(&reaches[i], reaches); found && !overlapping[i] {
			wrong = append(wrong, w)
		}
	}
	return append(findings, joinWrongPods(wrong)...)
}
