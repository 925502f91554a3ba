package k8s

// Service is the core group's.
type Service struct {
	Meta   `json:"metadata"`
	Spec   ServiceSpec   `json:"spec"`
	Status ServiceStatus `json:"status"`
}

// ServiceStatus has the addresses outside the cluster, and what controllers report.
type ServiceStatus struct {
	ConditionsStatus
	LoadBalancer LoadBalancerStatus `json:"loadBalancer"`
}

// LoadBalancerStatus lists addresses.
type LoadBalancerStatus struct {
	Ingress []struct {
		IP       string `json:"ip"`
		Hostname string `json:"hostname"`
	} `json:"ingress"`
}

// ConditionsStatus is the status of an object whose controllers report by conditions.
type ConditionsStatus struct {
	Conditions []Condition `json:"conditions"`
}

// Condition is metav1.Condition, and close enough to a PodCondition.
type Condition struct {
	Type    string `json:"type"`
	Status  string `json:"status"` // True, False or Unknown
	Reason  string `json:"reason"`
	Message string `json:"message"`

	ObservedGeneration int64 `json:"observedGeneration"` // of the object when that was said; 0: not told
}

// ServiceSpec is read for what it selects, its ports and its addresses.
type ServiceSpec struct {
	Type         string            `json:"type"`
	ExternalName string            `json:"externalName"`
	Selector     map[string]string `json:"selector"`
	Ports        []ServicePort     `json:"ports"`
	ClusterIP    string            `json:"clusterIP"`
	ClusterIPs   []string          `json:"clusterIPs"`
	ExternalIPs  []string          `json:"externalIPs"`

	PublishNotReadyAddresses bool `json:"publishNotReadyAddresses"`
}

// ServicePort is a port; its name or AppProtocol tells Istio the protocol.
type ServicePort struct {
	Name        string `json:"name"`
	Port        int    `json:"port"`
	Protocol    string `json:"protocol"`
	AppProtocol string `json:"appProtocol"`
	TargetPort  any    `json:"targetPort"` // a number, the name of a container's port, or nil: the same as Port
}

// Workload is a Deployment, StatefulSet, DaemonSet or ReplicaSet, read for the labels of its pods.
type Workload struct {
	Kind string `json:"kind"`
	Meta `json:"metadata"`
	Spec WorkloadSpec `json:"spec"`
}

// WorkloadSpec holds the template of the pods.
type WorkloadSpec struct {
	Replicas *int `json:"replicas"` // nil: 1, or a DaemonSet's one for each node
	Template Pod  `json:"template"`
}

// ServiceEntry is networking.istio.io's: hosts that exist beside the Services.
type ServiceEntry struct {
	Meta `json:"metadata"`
	Spec ServiceEntrySpec `json:"spec"`
}

// ServiceEntrySpec is read for the hosts and who sees them.
type ServiceEntrySpec struct {
	Hosts            []string       `json:"hosts"`
	ExportTo         []string       `json:"exportTo"`
	Ports            []EntryPort    `json:"ports"`
	WorkloadSelector map[string]any `json:"workloadSelector"`
	Resolution       string         `json:"resolution"`
	Endpoints        []EntryAddress `json:"endpoints"`
}

// EntryAddress is an endpoint of a ServiceEntry.
type EntryAddress struct {
	Address string            `json:"address"`
	Labels  map[string]string `json:"labels"`
}

// EntryPort is a port of a ServiceEntry.
type EntryPort struct {
	Number   int    `json:"number"`
	Name     string `json:"name"`
	Protocol string `json:"protocol"`
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
	Port  ServerPort `json:"port"`
	Hosts []string   `json:"hosts"`
	TLS   ServerTLS  `json:"tls"`
}

// ServerPort is where a gateway listens, and for what: HTTP, HTTPS, TLS and the like.
type ServerPort struct {
	Number   int    `json:"number"`
	Protocol string `json:"protocol"`
}

// ServerTLS is read for whether plain requests are sent to https.
type ServerTLS struct {
	HTTPSRedirect bool `json:"httpsRedirect"`
}
