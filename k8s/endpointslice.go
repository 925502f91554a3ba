package k8s

// EndpointSlice is discovery.k8s.io's: where a Service's requests go. A cluster alone has them; files do not.
type EndpointSlice struct {
	Meta        `json:"metadata"` // the label kubernetes.io/service-name names the Service
	AddressType string            `json:"addressType"` // IPv4, IPv6 or FQDN
	Endpoints   []Endpoint        `json:"endpoints"`
	Ports       []EndpointPort    `json:"ports"`
}

// Endpoint is one address, most often a pod's.
type Endpoint struct {
	Addresses  []string           `json:"addresses"`
	Conditions EndpointConditions `json:"conditions"`
	TargetRef  *ObjectReference   `json:"targetRef"`
}

// EndpointConditions say whether an endpoint serves; nil ready means yes.
type EndpointConditions struct {
	Ready *bool `json:"ready"`
}

// ObjectReference names the Pod behind an endpoint.
type ObjectReference struct {
	Kind      string `json:"kind"`
	Namespace string `json:"namespace"`
	Name      string `json:"name"`
}

// EndpointPort is a port of every endpoint of a slice.
type EndpointPort struct {
	Name string `json:"name"`
	Port int    `json:"port"`
}
