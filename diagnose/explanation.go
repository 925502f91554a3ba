package diagnose

// Explanation is what happens to one request, without sending it. It is plain data, and its JSON form is the report that
// machines read.
type Explanation struct {
	Schema       string             `json:"schema"`
	Target       string             `json:"target"`
	Message      string             `json:"message"` // one sentence: the cause, or what the request gets
	ExitCode     int                `json:"exitCode"`
	Request      *RequestLine       `json:"request"`
	Caller       *Caller            `json:"caller"`
	Service      *CalledService     `json:"service"` // nil when no objects were read
	Rule         *GoverningRule     `json:"rule"`    // that is meant for the request; nil when there is none
	Taken        *GoverningRule     `json:"taken"`   // that the request takes, where it is another one
	Rivals       []Rival            `json:"rivals"`
	Destinations []DestinationShare `json:"destinations"` // of Rule
	Programmed   []Programmed       `json:"programmed"`   // by proxy that was read
	Findings     []Finding          `json:"findings"`
	Unseen       []Unseen           `json:"unseen"`
}

// RequestLine is what of the request a rule may look at; its headers are left out, as they may hold secrets.
type RequestLine struct {
	Method string `json:"method"`
	Host   string `json:"host"` // the Host header
	Path   string `json:"path"` // without the query
}

// Caller is who sends the request.
type Caller struct {
	Namespace      string            `json:"namespace"` // "" when unknown, as are the others
	Labels         map[string]string `json:"labels"`
	Pod            string            `json:"pod"`
	ServiceAccount string            `json:"serviceAccount"`
	Entry          string            `json:"entry"`   // sidecar, gateway, waypoint, none or unknown: the first proxy that the request meets
	Gateway        string            `json:"gateway"` // NAMESPACE/NAME, where the entry is one that is known
	Assumed        bool              `json:"assumed"` // entry is, as nothing says whether the caller has a sidecar
}

// CalledService is the Service that the request is for, and its port as the mesh sees it.
type CalledService struct {
	Object   string `json:"object"` // "" when it is not known
	Host     string `json:"host"`
	Port     int    `json:"port"`
	PortName string `json:"portName"`
	Protocol string `json:"protocol"` // as its name or appProtocol says; "" when it is detected, or not known
	Level    string `json:"level"`    // request or connection: what the proxy routes; "" when not known
	Why      string `json:"why"`
	Headless bool   `json:"headless"`
}

// GoverningRule is one rule of an object.
type GoverningRule struct {
	Source
	Object   string   `json:"object"`
	Field    string   `json:"field"`
	Name     string   `json:"name"` // the rule's own, "" without one
	Protocol string   `json:"protocol"`
	Hosts    []string `json:"hosts"`
	Gateways []string `json:"gateways"`
	Matches  []string `json:"matches"` // alternatives; none: every request
	Shares   string   `json:"shares"`  // in words: single 90%, multiple 10%
	Local    string   `json:"local"`   // how the proxy answers by itself, as redirect to /login; "" when it forwards
	InEffect bool     `json:"inEffect"`
	Why      string   `json:"why"` // its object governs the host; "" when that is not known
}

// Rival is another object that names the host.
type Rival struct {
	Object string `json:"object"`
	Why    string `json:"why"` // it does not govern
}

// DestinationShare is a destination with what it gets and what stands behind it.
type DestinationShare struct {
	Version          string            `json:"version"`
	Host             string            `json:"host"`
	Subset           string            `json:"subset"`
	Port             int               `json:"port"` // 0 when the rule gives none
	Weight           Number            `json:"weight"`
	Share            Number            `json:"share"` // weight over the sum of weights
	ProgrammedShare  Number            `json:"programmedShare"`
	Labels           map[string]string `json:"labels"` // that select its pods; null when unknown
	Service          string            `json:"service"`
	DestinationRules []string          `json:"destinationRules"` // in effect for this caller
	ReadyPods        *int              `json:"readyPods"`        // nil when not known
	Pods             []ServingPod      `json:"pods"`
}

// ServingPod is a pod behind a destination, or the workload of a file that will have such pods.
type ServingPod struct {
	Object  string `json:"object"`
	Address string `json:"address"`
	Ready   *bool  `json:"ready"` // nil when not known
}

// Programmed is what a proxy has for the request.
type Programmed struct {
	ID          string              `json:"id"`     // of the proxy
	Equals      *bool               `json:"equals"` // the declared shares; nil when the two cannot be compared
	Does        string              `json:"does"`   // in words
	Protocol    string              `json:"protocol"`
	RouteConfig string              `json:"routeConfig"`
	VirtualHost string              `json:"virtualHost"`
	Domain      string              `json:"domain"`
	Route       string              `json:"route"` // name or position in the virtual host
	Match       string              `json:"match"`
	Source      string              `json:"source"` // the object that Istio made it from
	Clusters    []ProgrammedCluster `json:"clusters"`
	Notes       []string            `json:"notes"`
}

// ProgrammedCluster is one of the clusters that a proxy's route chooses from.
type ProgrammedCluster struct {
	Name     string           `json:"name"`
	Version  string           `json:"version"` // that its destination goes by
	Weight   uint64           `json:"weight"`
	Share    Number           `json:"share"`
	Type     string           `json:"type"` // EDS, STATIC, …; "" when not known, as are the next
	LBPolicy string           `json:"lbPolicy"`
	HTTP2    bool             `json:"http2"` // requests go there as HTTP/2
	TLS      bool             `json:"tls"`
	Rule     string           `json:"destinationRule"` // in effect
	Hosts    []ProgrammedHost `json:"hosts"`           // null when not known
}

// ProgrammedHost is an address of a cluster.
type ProgrammedHost struct {
	Address string `json:"address"`
	Healthy *bool  `json:"healthy"` // nil when not known
	Health  string `json:"health"`  // what makes it unhealthy, else Envoy's own word; "" when not known
	Pod     string `json:"pod"`     // the workload behind it; "" when not known
}
