package k8s

// DestinationRule is networking.istio.io's, as far as a split depends on it.
type DestinationRule struct {
	Meta `json:"metadata"`
	Spec DestinationRuleSpec `json:"spec"`
}

// DestinationRuleSpec defines the subsets of a host.
type DestinationRuleSpec struct {
	Host             string           `json:"host"`
	ExportTo         []string         `json:"exportTo"`
	WorkloadSelector WorkloadSelector `json:"workloadSelector"`
	TrafficPolicy    *TrafficPolicy   `json:"trafficPolicy"`
	Subsets          []Subset         `json:"subsets"`
}

// WorkloadSelector limits a DestinationRule to callers with these labels.
type WorkloadSelector struct {
	MatchLabels map[string]string `json:"matchLabels"`
}

// Subset is the endpoints of a host that have all of Labels; no labels: all endpoints.
type Subset struct {
	Name          string            `json:"name"`
	Labels        map[string]string `json:"labels"`
	TrafficPolicy *TrafficPolicy    `json:"trafficPolicy"`
}

// TrafficPolicy is how the caller treats a host, or a subset of it.
type TrafficPolicy struct {
	LoadBalancer      *LoadBalancer  `json:"loadBalancer"`
	TLS               *ClientTLS     `json:"tls"`
	ConnectionPool    map[string]any `json:"connectionPool"`
	OutlierDetection  map[string]any `json:"outlierDetection"`
	PortLevelSettings []PortPolicy   `json:"portLevelSettings"`
}

// PortPolicy replaces the policy for a port.
type PortPolicy struct {
	Port             PortSelector   `json:"port"`
	LoadBalancer     *LoadBalancer  `json:"loadBalancer"`
	TLS              *ClientTLS     `json:"tls"`
	ConnectionPool   map[string]any `json:"connectionPool"`
	OutlierDetection map[string]any `json:"outlierDetection"`
}

// ClientTLS has the modes DISABLE, SIMPLE, MUTUAL and ISTIO_MUTUAL.
type ClientTLS struct {
	Mode string `json:"mode"`
}

// LoadBalancer is simple or a consistent hash.
type LoadBalancer struct {
	Simple         string         `json:"simple"`
	ConsistentHash map[string]any `json:"consistentHash"`
}
