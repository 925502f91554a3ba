package k8s

import (
	"fmt"
	"slices"
	"strings"
)

// lacksSubset makes of an overlap one of a destination that names no subset, beside one of the same host that does: the
// former goes to all pods, however the latter's labels are.
func (f *Finding) lacksSubset(whole, part *reach) {
	f.Object, f.Field = whole.spec.object.String(), whole.field+".destination.subset"
	f.Summary = fmt.Sprintf("%s names no subset and goes to every pod, those of the subset %s included: the answers cannot follow the weights",
		whole.field, part.subset)
	f.Evidence = append([]string{fmt.Sprintf("%s.destination: %s, without a subset", whole.field, whole.raw)}, f.Evidence...)
	free := part.freeSubsets()
	switch len(free) {
	case 0:
		f.Fix = fmt.Sprintf("define a subset of the other pods in %s and name it: subset: NAME", part.policies[0].object(0))
	case 1:
		f.Fix = whole.spec.object.patch(operation{Op: "add", Path: pointer(f.Field), Value: free[0]})
	default:
		f.Fix = "subset: one of " + strings.Join(free, ", ")
	}
}

// freeSubsets are those of the host that no destination of the rule names.
func (r *reach) freeSubsets() []string {
	var free []string
	for _, dr := range r.policies[0].rules {
		for _, name := range dr.subsetNames() {
			taken := slices.ContainsFunc(r.spec.targets, func(t target) bool { return t.host == r.host && t.subset == name })
			if !taken && !slices.Contains(free, name) {
				free = append(free, name)
			}
		}
	}
	return free
}
