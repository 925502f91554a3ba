package k8s

// Sidecar is networking.istio.io's: what the proxies of some workloads are told of the mesh.
type Sidecar struct {
	Meta `json:"metadata"`
	Spec SidecarSpec `json:"spec"`
}

// SidecarSpec is read for what the workloads may call.
type SidecarSpec struct {
	WorkloadSelector      *SidecarSelector       `json:"workloadSelector"` // nil: every workload of the namespace
	Egress                []EgressListener       `json:"egress"`
	OutboundTrafficPolicy *OutboundTrafficPolicy `json:"outboundTrafficPolicy"`
}

// SidecarSelector selects workloads by their labels.
type SidecarSelector struct {
	Labels map[string]string `json:"labels"`
}

// EgressListener lists NAMESPACE/HOST entries: "./*" and "*/*", "~/*" and the like.
type EgressListener struct {
	Port  *EntryPort `json:"port"` // nil: every port
	Hosts []string   `json:"hosts"`
}

// OutboundTrafficPolicy says what becomes of requests to unknown hosts: ALLOW_ANY or REGISTRY_ONLY.
type OutboundTrafficPolicy struct {
	Mode string `json:"mode"`
}

// EnvoyFilter is networking.istio.io's: a patch of what Istio generates for some proxies.
type EnvoyFilter struct {
	Meta `json:"metadata"`
	Spec EnvoyFilterSpec `json:"spec"`
}

// EnvoyFilterSpec is read for whom it concerns and what it touches.
type EnvoyFilterSpec struct {
	WorkloadSelector *SidecarSelector  `json:"workloadSelector"`
	TargetRefs       []TargetRef       `json:"targetRefs"`
	ConfigPatches    []EnvoyFilterPart `json:"configPatches"`
}

// EnvoyFilterPart is one patch.
type EnvoyFilterPart struct {
	ApplyTo string           `json:"applyTo"` // ROUTE_CONFIGURATION, VIRTUAL_HOST, HTTP_ROUTE, CLUSTER, HTTP_FILTER, …
	Match   EnvoyFilterMatch `json:"match"`
	Patch   EnvoyFilterPatch `json:"patch"`
}

// EnvoyFilterMatch limits a patch to parts of the configuration; what is empty limits nothing.
type EnvoyFilterMatch struct {
	Context            string              `json:"context"` // ANY ("" is it), SIDECAR_OUTBOUND, SIDECAR_INBOUND, GATEWAY, WAYPOINT
	RouteConfiguration *RouteConfigMatch   `json:"routeConfiguration"`
	Cluster            *EnvoyClusterMatch  `json:"cluster"`
	Listener           *EnvoyListenerMatch `json:"listener"`
}

// RouteConfigMatch is for the table of a port, a virtual host in it, and a route of that.
type RouteConfigMatch struct {
	Name       string            `json:"name"`
	PortNumber int               `json:"portNumber"`
	Gateway    string            `json:"gateway"`
	VHost      *VirtualHostMatch `json:"vhost"`
}

// VirtualHostMatch names a virtual host: "HOST:PORT".
type VirtualHostMatch struct {
	Name       string `json:"name"`
	DomainName string `json:"domainName"`
	Route      *struct {
		Name   string `json:"name"`
		Action string `json:"action"`
	} `json:"route"`
}

// EnvoyClusterMatch names clusters.
type EnvoyClusterMatch struct {
	Name       string `json:"name"`
	PortNumber int    `json:"portNumber"`
	Service    string `json:"service"`
	Subset     string `json:"subset"`
}

// EnvoyListenerMatch names a filter of a listener.
type EnvoyListenerMatch struct {
	PortNumber  int `json:"portNumber"`
	FilterChain struct {
		Filter struct {
			SubFilter struct {
				Name string `json:"name"`
			} `json:"subFilter"`
		} `json:"filter"`
	} `json:"filterChain"`
}

// EnvoyFilterPatch is what is done: MERGE, ADD, REMOVE and so on.
type EnvoyFilterPatch struct {
	Operation string         `json:"operation"`
	Value     map[string]any `json:"value"`
}

// TargetRef attaches a policy to a Gateway, a Service or the like of its own namespace.
type TargetRef struct {
	Group string `json:"group"`
	Kind  string `json:"kind"`
	Name  string `json:"name"`
}

// PeerAuthentication is security.istio.io's: whether workloads take plain text, mutual TLS or both.
type PeerAuthentication struct {
	Meta `json:"metadata"`
	Spec PeerAuthenticationSpec `json:"spec"`
}

// PeerAuthenticationSpec has the modes UNSET (inherited), DISABLE, PERMISSIVE and STRICT, "" being UNSET.
type PeerAuthenticationSpec struct {
	Selector      *LabelSelector       `json:"selector"` // nil: the whole namespace
	MTLS          MutualTLS            `json:"mtls"`
	PortLevelMTLS map[string]MutualTLS `json:"portLevelMtls"` // by the workload's port
}

// MutualTLS is a mode.
type MutualTLS struct {
	Mode string `json:"mode"`
}

// LabelSelector selects workloads by their labels.
type LabelSelector struct {
	MatchLabels map[string]string `json:"matchLabels"`
}

// AuthorizationPolicy is security.istio.io's: who may call some workloads.
type AuthorizationPolicy struct {
	Meta `json:"metadata"`
	Spec AuthorizationPolicySpec `json:"spec"`
}

// AuthorizationPolicySpec is an action and the requests that it is for.
type AuthorizationPolicySpec struct {
	Selector   *LabelSelector `json:"selector"` // nil: the whole namespace
	TargetRefs []TargetRef    `json:"targetRefs"`
	Action     string         `json:"action"` // ALLOW ("" is it), DENY, AUDIT or CUSTOM
	Rules      []AccessRule   `json:"rules"`
}

// AccessRule takes the requests that come from one of From, do one of To and meet all of When.
type AccessRule struct {
	From []AccessSource    `json:"from,omitempty"`
	To   []AccessTarget    `json:"to,omitempty"`
	When []AccessCondition `json:"when,omitempty"`
}

// AccessSource is who sends: every one of the keys (principals, notNamespaces…) must hold.
type AccessSource struct {
	Source map[string][]string `json:"source"`
}

// AccessTarget is what is asked for: every one of the keys (methods, notPaths…) must hold.
type AccessTarget struct {
	Operation map[string][]string `json:"operation"`
}

// AccessCondition compares an attribute of the request.
type AccessCondition struct {
	Key       string   `json:"key"`
	Values    []string `json:"values,omitempty"`
	NotValues []string `json:"notValues,omitempty"`
}

// Namespace is the core group's, read for its labels: istio-injection, istio.io/dataplane-mode, istio.io/use-waypoint.
type Namespace struct {
	Meta `json:"metadata"`
}
