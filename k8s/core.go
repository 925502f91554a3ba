package k8s

// Service is the core group's.
type Service struct {
	Meta `json:"metadata"`
	Spec ServiceSpec `json:"spec"`
}

// ServiceSpec is read for what it selects, its ports and its addresses.
type ServiceSpec struct {
	Selector   map[string]string `json:"selector"`
	Ports      []ServicePort     `json:"ports"`
	ClusterIP  string            `json:"clusterIP"`
	ClusterIPs []string          `json:"clusterIPs"`
}

// ServicePort is a port; its name or AppProtocol tells Istio the protocol.
type ServicePort struct {
	Name        string `json:"name"`
	Port        int    `json:"port"`
	Protocol    string `json:"protocol"`
	AppProtocol string `json:"appProtocol"`
}

// Pod is read for its labels alone.
type Pod struct {
	Meta `json:"metadata"`
}

// Workload is a Deployment, StatefulSet, DaemonSet or ReplicaSet, read for the labels of its pods.
type Workload struct {
	Meta `json:"metadata"`
	Spec WorkloadSpec `json:"spec"`
}

// WorkloadSpec holds the template of the pods.
type WorkloadSpec struct {
	Template Pod `json:"template"`
}

// ServiceEntry is networking.istio.io's: hosts that exist beside the Services.
type ServiceEntry struct {
	Meta `json:"metadata"`
	Spec ServiceEntrySpec `json:"spec"`
}

// ServiceEntrySpec is read for its hosts alone.
type ServiceEntrySpec struct {
	Hosts []string `json:"hosts"`
}

// Gateway is networking.istio.io's.
type Gateway struct {
	Meta `json:"metadata"`
	Spec GatewaySpec `json:"spec"`
}

// GatewaySpec says which workloads serve which ports and hosts.
type GatewaySpec struct {
	Selector map[string]string `json:"selector"`
	Servers  []GatewayServer   `json:"servers"`
}

// GatewayServer is a port and the hosts on it.
type GatewayServer struct {
	Port  PortSelector `json:"port"`
	Hosts []string     `json:"hosts"`
}
