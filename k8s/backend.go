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
	Object  string   // "Pod default/reviews-v1-x", "Workload default/reviews-v1"; "" for an address without a pod
	Address string   // "" in a file
	Ready   Presence // unknown in a file
}

// Backends finds what stands behind each destination of a rule, for a caller whose DestinationRules count.
func (o *Objects) Backends(r *Rule, caller Caller) []Backend {
	backends := make([]Backend, len(r.Destinations))
	for i, d := range r.Destinations {
		b := &backends[i]
		service := o.serviceOf(d.Host, caller)
		if service != nil {
			b.Service = object{"Service", &service.Meta}.String()
		}
		if policies := o.policies(d.Host, caller); len(policies) > 0 {
			for k := range policies[0].rules {
				b.Policies = append(b.Policies, policies[0].object(k).String())
			}
		}
		if service != nil && (d.Subset == "" || d.Selector != nil || o.hasSubset(d, caller)) {
			b.Serving, b.Known = o.serving(service, d)
		}
	}
	return backends
}

func (o *Objects) hasSubset(d Destination, caller Caller) bool {
	policies := o.policies(d.Host, caller)
	if len(policies) == 0 {
		return false
	}
	dr, _ := policies[0].subset(d.Subset)
	return dr != nil
}

// serving takes the best source there is: the endpoints of the Service, the pods that it selects, the workloads.
func (o *Objects) serving(s *Service, d Destination) (found []Serving, known bool) {
	if found, known = o.servingEndpoints(s, d); known {
		return found, true
	}
	if found, known = o.servingPods(s, d); known {
		return found, true
	}
	return o.servingFiles(s, d), false
}

// servingEndpoints joins the endpoints of a Service with their pods, which have the labels that a subset selects by.
func (o *Objects) servingEndpoints(s *Service, d Destination) (found []Serving, known bool) {
	if !o.Complete["EndpointSlice"] || d.Subset != "" && !o.Complete["Pod"] {
		return nil, false
	}
	for i := range o.EndpointSlices {
		slice := &o.EndpointSlices[i]
		if slice.Namespace != s.Namespace || slice.Labels["kubernetes.io/service-name"] != s.Name {
			continue
		}
		for _, e := range slice.Endpoints {
			pod := o.podOf(e)
			if d.Subset != "" && (pod == nil || !selects(d.Selector, pod.Labels)) {
				continue
			}
			found = append(found, e.serving(pod))
		}
	}
	return sortServing(found), true
}

func (e Endpoint) serving(pod *Pod) Serving {
	v := Serving{Ready: Present, Address: strings.Join(e.Addresses, ", ")}
	if e.Conditions.Ready != nil && !*e.Conditions.Ready {
		v.Ready = Absent
	}
	if pod != nil {
		v.Object = object{"Pod", &pod.Meta}.String()
	} else if e.TargetRef != nil {
		v.Object = e.TargetRef.Kind + " " + e.TargetRef.Namespace + "/" + e.TargetRef.Name
	}
	return v
}

func (o *Objects) podOf(e Endpoint) *Pod {
	for i := range o.Pods {
		p := &o.Pods[i]
		if e.TargetRef != nil && e.TargetRef.Kind == "Pod" && p.Namespace == e.TargetRef.Namespace && p.Name == e.TargetRef.Name {
			return p
		}
	}
	return nil
}

func (o *Objects) servingPods(s *Service, d Destination) (found []Serving, known bool) {
	if !o.Complete["Pod"] || len(s.Spec.Selector) == 0 {
		return nil, false
	}
	for i := range o.Pods {
		p := &o.Pods[i]
		if p.Namespace == s.Namespace && p.Status.PodIP != "" && selects(s.Spec.Selector, p.Labels) && selects(d.Selector, p.Labels) {
			found = append(found, Serving{Object: object{"Pod", &p.Meta}.String(), Address: p.Status.PodIP, Ready: p.ready()})
		}
	}
	return sortServing(found), true
}

func (p *Pod) ready() Presence {
	for _, c := range p.Status.Conditions {
		if c.Type == "Ready" && c.Status == "True" {
			return Present
		}
	}
	return Absent
}

// servingFiles lists what a file declares: pods, and workloads that will have such pods.
func (o *Objects) servingFiles(s *Service, d Destination) []Serving {
	if len(s.Spec.Selector) == 0 {
		return nil
	}
	var found []Serving
	add := func(kind string, m *Meta, labels map[string]string) {
		if m.Namespace == s.Namespace && selects(s.Spec.Selector, labels) && selects(d.Selector, labels) {
			found = append(found, Serving{Object: object{kind, m}.String()})
		}
	}
	for i := range o.Pods {
		add("Pod", &o.Pods[i].Meta, o.Pods[i].Labels)
	}
	for i := range o.Workloads {
		add("Workload", &o.Workloads[i].Meta, o.Workloads[i].Spec.Template.Labels)
	}
	return sortServing(found)
}

func sortServing(list []Serving) []Serving {
	slices.SortFunc(list, func(a, b Serving) int {
		return strings.Compare(a.Object+" "+a.Address, b.Object+" "+b.Address)
	})
	return slices.Compact(list)
}
