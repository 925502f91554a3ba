package k8s

import (
	"slices"
	"strings"
)

// unknownSidecars says what pods in files would refuse if they had a sidecar, where nothing tells whether they get one.
func (o *Objects) unknownSidecars(reaches []reach, request *Request) []Unseen {
	var notes []Unseen
	note := func(what string) {
		n := unseen("it is not known whether the pods have a sidecar (a Namespace with istio-injection says so), which would refuse the requests: %s", what)
		if !slices.Contains(notes, n) {
			notes = append(notes, n)
		}
	}
	for i := range reaches {
		r := &reaches[i]
		if r.weight == 0 || r.service == nil {
			continue
		}
		all, _ := r.pods()
		for _, b := range all {
			if b.pod == nil || !b.template || o.sidecar(b) != PresenceUnknown || o.ambient(b.pod.Namespace, b.labels) == yes {
				continue
			}
			a := o.accessTo(r, b, request)
			if d := a.refusedBy(o.policiesOn(b)); d != nil && !r.opaque() && o.denies(a, b) == nil {
				note(d.policy.String())
			}
			if mode := r.settings.mode(); mode != "" {
				if why := o.modeConflict(r, b, mode); why != "" {
					note(strings.Join([]string{r.settings.tls.object().String(), r.settings.tls.field + ".mode is", mode + ", and", why}, " "))
				}
			}
		}
	}
	return notes
}
