package k8s

import (
	"iter"
	"slices"
)

// serviceLabel names the Service of an EndpointSlice.
const serviceLabel = "kubernetes.io/service-name"

// sort notes where an item of thousands is looked for. What it was noted under before it was replaced stays: who looks
// compares again, and takes it once.
func (o *Objects) sort(position int, item any) {
	switch item := item.(type) {
	case *EndpointSlice:
		o.note("EndpointSlice", item.Namespace, serviceLabel, item.Labels[serviceLabel], position)
	case *Pod:
		for key, value := range item.Labels {
			o.note("Pod", item.Namespace, key, value, position)
		}
	case *Workload:
		for key, value := range item.Spec.Template.Labels {
			o.note("Workload", item.Namespace, key, value, position)
		}
	}
}

func (o *Objects) note(kind, namespace, key, value string, position int) {
	name := sortedName(kind, namespace, key, value)
	if o.sorted == nil {
		o.sorted = map[string][]int{}
	}
	o.sorted[name] = append(o.sorted[name], position)
}

func sortedName(kind, namespace, key, value string) string {
	return kind + "/" + namespace + "/" + key + "=" + value
}

// candidates are the positions of the items that have the rarest label of a selector, which is not empty, in the order
// in which they were read.
func (o *Objects) candidates(kind, namespace string, selector map[string]string) []int {
	var rarest []int
	begun := false
	for key, value := range selector {
		if list := o.sorted[sortedName(kind, namespace, key, value)]; !begun || len(list) < len(rarest) {
			rarest, begun = list, true
		}
	}
	return slices.Compact(slices.Sorted(slices.Values(rarest)))
}

// podsOf are the Pods of a namespace that a selector, which is not empty, selects.
func (o *Objects) podsOf(namespace string, selector map[string]string) iter.Seq[*Pod] {
	return func(yield func(*Pod) bool) {
		for _, i := range o.candidates("Pod", namespace, selector) {
			if p := &o.Pods[i]; p.Namespace == namespace && selects(selector, p.Labels) && !yield(p) {
				return
			}
		}
	}
}

// workloadsOf are the workloads of a namespace whose pods a selector, which is not empty, selects.
func (o *Objects) workloadsOf(namespace string, selector map[string]string) iter.Seq[*Workload] {
	return func(yield func(*Workload) bool) {
		for _, i := range o.candidates("Workload", namespace, selector) {
			if w := &o.Workloads[i]; w.Namespace == namespace && selects(selector, w.Spec.Template.Labels) && !yield(w) {
				return
			}
		}
	}
}

// slicesOf are the EndpointSlices of a Service.
func (o *Objects) slicesOf(s *Service) iter.Seq[*EndpointSlice] {
	return func(yield func(*EndpointSlice) bool) {
		for _, i := range o.candidates("EndpointSlice", s.Namespace, map[string]string{serviceLabel: s.Name}) {
			if e := &o.EndpointSlices[i]; e.Namespace == s.Namespace && e.Labels[serviceLabel] == s.Name && !yield(e) {
				return
			}
		}
	}
}
