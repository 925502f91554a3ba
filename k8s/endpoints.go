package k8s

import (
	"fmt"
	"slices"
	"strings"
)

// backend is one endpoint behind a host: a pod, an address of a ServiceEntry, or in files the template of pods.
type backend struct {
	name     string // "weather-backend-1", or "Deployment weather-backend" for a template
	labels   map[string]string
	labelled bool // labels are all that there are; without a Pod beside the endpoint they are not known
	template bool // its controllers will add labels of their own
	pod      *Pod // nil when it is none, or was not read
	addrs    []string
}

// backends are what the requests for a host go to.
type backends struct {
	list  []backend
	known bool      // these are all the ready ones of the cluster; else they are what files say of them
	idle  []backend // that are not ready; in files, workloads of which there is to be no pod
}

// backends finds the endpoints of a Service: its EndpointSlices with the labels of their Pods, else the ready Pods that
// it selects, else what the files hold. Nothing is said of a Service that others than Kubernetes fill.
func (o *Objects) backends(s *Service) backends {
	if s == nil || s.Spec.Type == "ExternalName" {
		return backends{}
	}
	switch {
	case o.Complete["EndpointSlice"]:
		return o.fromSlices(s)
	case len(s.Spec.Selector) == 0:
		return backends{}
	case o.Complete["Pod"]:
		return o.fromPods(s)
	case len(o.Complete) > 0:
		return backends{} // a cluster in which some pods were read at best
	default:
		return o.fromFiles(s)
	}
}

func (o *Objects) fromSlices(s *Service) backends {
	all := backends{known: true}
	if o.Complete["Pod"] {
		all.idle = o.fromPods(s).idle
	}
	seen := map[string]bool{} // a pod has an endpoint for each family of addresses
	for slice := range o.slicesOf(s) {
		for _, e := range slice.Endpoints {
			if e.Conditions.Ready != nil && !*e.Conditions.Ready || len(e.Addresses) == 0 {
				continue
			}
			b := o.backendOf(e, s.Namespace)
			if !seen[b.name] {
				seen[b.name] = true
				all.list = append(all.list, b)
			}
		}
	}
	return all
}

// backendOf joins an endpoint with its Pod. One that refers to no pod has no labels to the control plane.
func (o *Objects) backendOf(e Endpoint, namespace string) backend {
	b := backend{name: e.Addresses[0], addrs: e.Addresses}
	if e.TargetRef == nil || e.TargetRef.Kind != "Pod" {
		if pod, ok := o.PodAt(e.Addresses[0]); ok {
			b.pod, b.labels = &pod, pod.Labels
		}
		b.labelled = o.Complete["Pod"]
		return b
	}
	b.name = e.TargetRef.Name
	if pod := o.pod(firstNonEmpty(e.TargetRef.Namespace, namespace), e.TargetRef.Name); pod != nil {
		b.pod, b.labels, b.labelled = pod, pod.Labels, true
	}
	return b
}

func (o *Objects) fromPods(s *Service) backends {
	all := backends{known: true}
	if len(s.Spec.Selector) == 0 {
		return all
	}
	for pod := range o.podsOf(s.Namespace, s.Spec.Selector) {
		if pod.ended() {
			continue
		}
		b := backend{name: pod.Name, labels: pod.Labels, labelled: true, pod: pod, addrs: pod.addresses()}
		if pod.ready() || s.Spec.PublishNotReadyAddresses && len(b.addrs) > 0 {
			all.list = append(all.list, b)
		} else {
			all.idle = append(all.idle, b)
		}
	}
	return all
}

// fromFiles takes the template of a workload for its pods; nothing is known of their number or whether they are ready.
func (o *Objects) fromFiles(s *Service) backends {
	var all backends
	for w := range o.workloadsOf(s.Namespace, s.Spec.Selector) {
		pod := w.Spec.Template
		pod.Namespace = w.Namespace
		b := backend{name: strings.TrimSpace(w.Kind + " " + w.Name), labels: pod.Labels, labelled: true, template: true, pod: &pod}
		if w.Spec.Replicas != nil && *w.Spec.Replicas == 0 {
			all.idle = append(all.idle, b)
			continue
		}
		all.list = append(all.list, b)
	}
	for pod := range o.podsOf(s.Namespace, s.Spec.Selector) {
		if !pod.ended() {
			all.list = append(all.list, backend{name: "Pod " + pod.Name, labels: pod.Labels, labelled: true, template: true, pod: pod})
		}
	}
	return all
}

// fromEntry takes the endpoints that ServiceEntries list for a host; those of workloads are not read.
func (o *Objects) fromEntry(host string, caller Caller) backends {
	var all backends
	for _, e := range o.entriesOf(host, caller) {
		for _, a := range e.Spec.Endpoints {
			all.list = append(all.list, backend{name: a.Address, labels: a.Labels, labelled: true, addrs: []string{a.Address}})
		}
		if len(e.Spec.WorkloadSelector) > 0 {
			return backends{}
		}
	}
	return all
}

// in reports whether the endpoint belongs to a subset of these labels. The control plane adds the labels of places,
// which it takes from the node, and controllers add theirs to what a template says.
func (b backend) in(labels map[string]string) state {
	result := yes
	for key, value := range labels {
		got, has := b.labels[key]
		switch {
		case has && got != value, !has && b.labelled && (value == "" || !b.added(key)):
			return no
		case !has:
			result = unknown
		}
	}
	return result
}

func (b backend) added(key string) bool {
	return strings.HasPrefix(key, "topology.") || key == "kubernetes.io/hostname" ||
		b.template && (strings.HasSuffix(key, "-hash") || strings.HasPrefix(key, "statefulset.kubernetes.io/"))
}

// version is what the labels call the version; "" when they do not.
func (b backend) version() string {
	return firstNonEmpty(b.labels["version"], b.labels["app.kubernetes.io/version"])
}

// chosen are the endpoints that are certainly of a subset; sure is false when others may be.
func (b backends) chosen(labels map[string]string) (list []backend, sure bool) {
	sure = true
	for _, e := range b.list {
		switch e.in(labels) {
		case yes:
			list = append(list, e)
		case unknown:
			sure = false
		}
	}
	return list, sure
}

// describe lists endpoints with their labels, the first few of many.
func describeBackends(list []backend) string {
	const most = 5
	texts := make([]string, 0, most+1)
	for i, b := range list {
		if i == most {
			texts = append(texts, fmt.Sprintf("and %d more", len(list)-most))
			break
		}
		texts = append(texts, fmt.Sprintf("%s %s", b.name, writeLabels(b.labels)))
	}
	return firstNonEmpty(strings.Join(texts, ", "), "none")
}

// writeLabels writes labels as kubectl's -l takes them.
func writeLabels(labels map[string]string) string {
	var texts []string
	for key, value := range labels {
		texts = append(texts, key+"="+value)
	}
	slices.Sort(texts)
	return firstNonEmpty(strings.Join(texts, ","), "(no labels)")
}
