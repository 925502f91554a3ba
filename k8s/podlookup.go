package k8s

import "slices"

// PodAt finds the pod that has an address; false when none of the Pods that were read has it. Pods on their node's
// network share its address, and none of them is returned.
func (o *Objects) PodAt(ip string) (Pod, bool) {
	for i := range o.Pods {
		pod := &o.Pods[i]
		if !pod.Spec.HostNetwork && !pod.ended() && slices.Contains(pod.addresses(), ip) {
			return *pod, true
		}
	}
	return Pod{}, false
}

// Version is what the pod's labels call its version; "" when they do not.
func (p Pod) Version() string { return backend{labels: p.Labels}.version() }

// pod finds a Pod by namespace and name; nil when it is not here.
func (o *Objects) pod(namespace, name string) *Pod {
	if i, ok := o.at["Pod/"+namespace+"/"+name]; ok {
		return &o.Pods[i]
	}
	return nil
}

// addresses are those of the pod in every family.
func (p *Pod) addresses() []string {
	var list []string
	if p.Status.PodIP != "" {
		list = append(list, p.Status.PodIP)
	}
	for _, ip := range p.Status.PodIPs {
		if !slices.Contains(list, ip.IP) {
			list = append(list, ip.IP)
		}
	}
	return list
}

func (p *Pod) ended() bool { return p.Status.Phase == "Succeeded" || p.Status.Phase == "Failed" }

func (p *Pod) ready() bool {
	return slices.ContainsFunc(p.Status.Conditions, func(c Condition) bool { return c.Type == "Ready" && c.Status == "True" })
}

// sidecar says whether a pod has a proxy that takes its inbound connections. A template may get one when its pods are
// made: then its labels and those of the namespace decide, and where the namespace is not here nothing is known.
func (o *Objects) sidecar(b backend) Presence {
	switch {
	case b.pod == nil:
		return PresenceUnknown
	case b.pod.has("istio-proxy"):
		return Present
	case b.labels["security.istio.io/tlsMode"] != "" || b.pod.Annotations["ambient.istio.io/redirection"] == "enabled":
		return PresenceUnknown // it takes part in the mesh in another way
	case !b.template:
		return Absent
	}
	switch firstNonEmpty(b.labels["sidecar.istio.io/inject"], b.pod.Annotations["sidecar.istio.io/inject"]) {
	case "false":
		return Absent
	case "true":
		return Present
	}
	for i := range o.Namespaces {
		labels := o.Namespaces[i].Labels
		if o.Namespaces[i].Name == b.pod.Namespace && (labels["istio-injection"] == "enabled" ||
			labels["istio-injection"] == "" && labels["istio.io/rev"] != "") {
			return Present
		}
	}
	return PresenceUnknown
}

func (p *Pod) has(container string) bool {
	is := func(c PodContainer) bool { return c.Name == container }
	return slices.ContainsFunc(p.Spec.Containers, is) || slices.ContainsFunc(p.Spec.InitContainers, is)
}
