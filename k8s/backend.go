package k8s

import (
	"slices"
	"strings"
)

// Backend is what stands behind a destination, as far as the objects tell.
type Backend struct {
	Service  string   // "Service default/reviews"; "" when it is not here
	Policies []string // the DestinationRules in effect: "DestinationRule default/reviews"
	Serving  []Serving
	Known    bool // Serving is all that there is; where it is not, nothing was read that says so
}

// Serving is a pod that may answer for a destination, or what a file declares: its template stands for a workload's pods.
type Serving struct {
	Object  string   // "Pod default/reviews-v1-x", "Deployment reviews-v1"; "" for an address without a pod
	Address string   // "" in a file
	Ready   Presence // unknown in a file, but of a workload without replicas
}

// Backends finds what stands behind each destination of a rule, for a caller whose DestinationRules count.
func (o *Objects) Backends(r *Rule, caller Caller) []Backend {
	list := make([]Backend, len(r.Destinations))
	for i, d := range r.Destinations {
		list[i] = o.backendOfDestination(d, caller)
	}
	return list
}

func (o *Objects) backendOfDestination(d Destination, caller Caller) (b Backend) {
	r := o.standing(target{host: d.Host, subset: d.Subset}, caller)
	if r.service != nil {
		b.Service = r.service.object().String()
	}
	if len(r.policies) > 0 {
		for i := range r.policies[0].rules {
			b.Policies = append(b.Policies, r.policies[0].object(i).String())
		}
	}
	if r.subset != "" && !r.defined {
		return b
	}
	ready, sure := r.pods()
	b.Known = sure
	for _, e := range ready {
		b.Serving = append(b.Serving, e.serving(Present, r.behind.known))
	}
	idle, _ := backends{list: r.behind.idle}.chosen(r.labels)
	for _, e := range idle {
		b.Serving = append(b.Serving, e.serving(Absent, r.behind.known))
	}
	slices.SortFunc(b.Serving, func(a, b Serving) int { return strings.Compare(a.Object+" "+a.Address, b.Object+" "+b.Address) })
	return b
}

// serving is the plain form of a backend. A file does not say what is ready.
func (b backend) serving(ready Presence, known bool) Serving {
	v := Serving{Address: strings.Join(b.addrs, ", ")}
	if known || ready == Absent {
		v.Ready = ready
	}
	switch {
	case b.template:
		v.Object = b.name
	case b.pod != nil:
		v.Object = object{"Pod", &b.pod.Meta}.String()
	case !slices.Contains(b.addrs, b.name):
		v.Object = b.name
	}
	return v
}
