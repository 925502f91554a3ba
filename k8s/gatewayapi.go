package k8s

// HTTPRoute is gateway.networking.k8s.io's, as far as a split depends on it.
type HTTPRoute struct {
	Meta   `json:"metadata"`
	Spec   HTTPRouteSpec `json:"spec"`
	Status RouteStatus   `json:"status"`
}

// RouteStatus is what the controllers of a route's parents say of it; empty in files.
type RouteStatus struct {
	Parents []RouteParentStatus `json:"parents"`
}

// RouteParentStatus holds the conditions Accepted, ResolvedRefs and, from Istio, ResolvedWaypoints.
type RouteParentStatus struct {
	ParentRef      ParentRef   `json:"parentRef"`
	ControllerName string      `json:"controllerName"`
	Conditions     []Condition `json:"conditions"`
}

// HTTPRouteSpec attaches rules to Gateways, or to Services of the mesh.
type HTTPRouteSpec struct {
	ParentRefs []ParentRef     `json:"parentRefs"`
	Hostnames  []string        `json:"hostnames"`
	Rules      []HTTPRouteRule `json:"rules"`
}

// GRPCRoute is gateway.networking.k8s.io's; it differs from an HTTPRoute in how a match names the method.
type GRPCRoute struct {
	Meta   `json:"metadata"`
	Spec   GRPCRouteSpec `json:"spec"`
	Status RouteStatus   `json:"status"`
}

// GRPCRouteSpec attaches rules to Gateways, or to Services of the mesh.
type GRPCRouteSpec struct {
	ParentRefs []ParentRef     `json:"parentRefs"`
	Hostnames  []string        `json:"hostnames"`
	Rules      []GRPCRouteRule `json:"rules"`
}

// ParentRef names a Gateway (the default kind) or a Service of the mesh; an omitted namespace is the route's own.
type ParentRef struct {
	Group     string `json:"group"`
	Kind      string `json:"kind"`
	Namespace string `json:"namespace"`
	Name      string `json:"name"`
	Port      int    `json:"port"` // 0: every port

	SectionName string `json:"sectionName"` // of a Gateway: the listener; "": every one
}

// HTTPRouteRule sends the requests that one of its matches takes (no match: all) to its backends.
type HTTPRouteRule struct {
	Name        string           `json:"name"`
	Matches     []HTTPRouteMatch `json:"matches"`
	Filters     []RouteFilter    `json:"filters"`
	BackendRefs []BackendRef     `json:"backendRefs"`
}

// GRPCRouteRule sends the calls that one of its matches takes (no match: all) to its backends.
type GRPCRouteRule struct {
	Name        string           `json:"name"`
	Matches     []GRPCRouteMatch `json:"matches"`
	BackendRefs []BackendRef     `json:"backendRefs"`
}

// HTTPRouteMatch holds conditions that must all hold; no path means the prefix "/".
type HTTPRouteMatch struct {
	Path        *PathMatch   `json:"path"`
	Headers     []ValueMatch `json:"headers"`
	QueryParams []ValueMatch `json:"queryParams"`
	Method      string       `json:"method"`
}

// GRPCRouteMatch holds conditions that must all hold.
type GRPCRouteMatch struct {
	Method  *GRPCMethodMatch `json:"method"`
	Headers []ValueMatch     `json:"headers"`
}

// PathMatch has the types Exact, PathPrefix (the default, by path element) and RegularExpression.
type PathMatch struct {
	Type  string  `json:"type"`
	Value *string `json:"value"` // nil: "/"
}

// ValueMatch has the types Exact (the default) and RegularExpression.
type ValueMatch struct {
	Type  string `json:"type"`
	Name  string `json:"name"`
	Value string `json:"value"`
}

// GRPCMethodMatch has the types Exact (the default) and RegularExpression; an empty part matches everything.
type GRPCMethodMatch struct {
	Type    string `json:"type"`
	Service string `json:"service"`
	Method  string `json:"method"`
}

// RouteFilter is read for its type alone: RequestRedirect answers without a backend.
type RouteFilter struct {
	Type string `json:"type"`
}

// BackendRef is a Service (the default kind) and its weight; nil, the weight was omitted and is 1.
type BackendRef struct {
	Group     string `json:"group"`
	Kind      string `json:"kind"`
	Namespace string `json:"namespace"`
	Name      string `json:"name"`
	Port      int    `json:"port"`
	Weight    *int32 `json:"weight"`
}

// KubeGateway is the Gateway of gateway.networking.k8s.io; the class istio-waypoint makes it a waypoint.
type KubeGateway struct {
	Meta   `json:"metadata"`
	Spec   KubeGatewaySpec  `json:"spec"`
	Status ConditionsStatus `json:"status"`
}

// KubeGatewaySpec is read for the listeners that routes attach to.
type KubeGatewaySpec struct {
	GatewayClassName string            `json:"gatewayClassName"`
	Listeners        []GatewayListener `json:"listeners"`
}

// GatewayListener is a port and the hosts on it.
type GatewayListener struct {
	Name          string         `json:"name"`
	Hostname      string         `json:"hostname"` // "": every host
	Port          int            `json:"port"`
	Protocol      string         `json:"protocol"`
	AllowedRoutes *AllowedRoutes `json:"allowedRoutes"`
}

// AllowedRoutes says which routes may attach to a listener.
type AllowedRoutes struct {
	Namespaces struct {
		From     string             `json:"from"` // Same ("" is it), All, Selector
		Selector *NamespaceSelector `json:"selector"`
	} `json:"namespaces"`
	Kinds []RouteKind `json:"kinds"` // none: those that fit the protocol
}

// NamespaceSelector selects namespaces by their labels.
type NamespaceSelector struct {
	MatchLabels      map[string]string `json:"matchLabels"`
	MatchExpressions []map[string]any  `json:"matchExpressions"`
}

// RouteKind is HTTPRoute, GRPCRoute and the like.
type RouteKind struct {
	Kind string `json:"kind"`
}

// ReferenceGrant lets routes of other namespaces name objects of its own.
type ReferenceGrant struct {
	Meta `json:"metadata"`
	Spec ReferenceGrantSpec `json:"spec"`
}

// ReferenceGrantSpec says from whom to what.
type ReferenceGrantSpec struct {
	From []struct {
		Group     string `json:"group"`
		Kind      string `json:"kind"`
		Namespace string `json:"namespace"`
	} `json:"from"`
	To []struct {
		Group string `json:"group"`
		Kind  string `json:"kind"`
		Name  string `json:"name"` // "": all of the kind
	} `json:"to"`
}
