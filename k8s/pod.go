package k8s

// Pod is read for its labels, its addresses, whether it is ready, and whether it holds a sidecar.
type Pod struct {
	Meta   `json:"metadata"`
	Spec   PodSpec   `json:"spec"`
	Status PodStatus `json:"status"`
}

// PodSpec is read for who runs beside the application.
type PodSpec struct {
	ServiceAccountName string         `json:"serviceAccountName"`
	HostNetwork        bool           `json:"hostNetwork"`
	Containers         []PodContainer `json:"containers"`
	InitContainers     []PodContainer `json:"initContainers"`
}

// PodContainer is a container; one among the init containers with the restart policy Always is a native sidecar.
type PodContainer struct {
	Name          string          `json:"name"`
	RestartPolicy string          `json:"restartPolicy"`
	Ports         []ContainerPort `json:"ports"`
}

// ContainerPort is a port that a container declares.
type ContainerPort struct {
	Name          string `json:"name"`
	ContainerPort int    `json:"containerPort"`
}

// PodStatus is empty in files.
type PodStatus struct {
	Phase      string      `json:"phase"`
	PodIP      string      `json:"podIP"`
	PodIPs     []PodIP     `json:"podIPs"`
	Conditions []Condition `json:"conditions"`
}

// PodIP is one of a pod's addresses.
type PodIP struct {
	IP string `json:"ip"`
}

const proxyContainer = "istio-proxy"

// Sidecar says whether the pod has a proxy of its own: injected among its containers, or as a native sidecar among its
// init containers.
func (p *Pod) Sidecar() Presence {
	if p.ClassicSidecar() {
		return Present
	}
	for _, c := range p.Spec.InitContainers {
		if c.Name == proxyContainer && c.RestartPolicy == "Always" {
			return Present
		}
	}
	return Absent
}

// ClassicSidecar reports whether the proxy is an ordinary container, which ends only when it is told to.
func (p *Pod) ClassicSidecar() bool {
	for _, c := range p.Spec.Containers {
		if c.Name == proxyContainer {
			return true
		}
	}
	return false
}
