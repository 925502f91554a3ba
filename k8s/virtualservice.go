package k8s

// VirtualService is networking.istio.io's, as far as a split depends on it.
type VirtualService struct {
	Meta `json:"metadata"`
	Spec VirtualServiceSpec `json:"spec"`
}

// VirtualServiceSpec holds the rules of a VirtualService in the order of their evaluation.
type VirtualServiceSpec struct {
	Hosts    []string   `json:"hosts"` // none: a delegate
	Gateways []string   `json:"gateways"`
	ExportTo []string   `json:"exportTo"`
	HTTP     []HTTPRule `json:"http"`
	TCP      []L4Rule   `json:"tcp"`
	TLS      []L4Rule   `json:"tls"`
}

// HTTPRule sends the requests that one of its matches takes (no match: all) to its destinations.
type HTTPRule struct {
	Name           string              `json:"name"`
	Match          []HTTPMatch         `json:"match"`
	Route          []RouteDestination  `json:"route"`
	Redirect       *HTTPRedirect       `json:"redirect"`
	DirectResponse *HTTPDirectResponse `json:"directResponse"`
	Delegate       *DelegateRef        `json:"delegate"`
	Fault          *HTTPFaultInjection `json:"fault"`
	Rewrite        *struct{}           `json:"rewrite"`
	Headers        *struct{}           `json:"headers"`
}

// HTTPMatch holds conditions that must all hold.
type HTTPMatch struct {
	URI             *StringMatch           `json:"uri"`
	IgnoreURICase   bool                   `json:"ignoreUriCase"`
	Scheme          *StringMatch           `json:"scheme"`
	Method          *StringMatch           `json:"method"`
	Authority       *StringMatch           `json:"authority"`
	Headers         map[string]StringMatch `json:"headers"`
	WithoutHeaders  map[string]StringMatch `json:"withoutHeaders"`
	QueryParams     map[string]StringMatch `json:"queryParams"`
	Port            int                    `json:"port"`
	Gateways        []string               `json:"gateways"`
	SourceLabels    map[string]string      `json:"sourceLabels"`
	SourceNamespace string                 `json:"sourceNamespace"`
}

// StringMatch is one of exact, prefix and regex; none of them asks for presence alone.
type StringMatch struct {
	Exact  *string `json:"exact"`
	Prefix *string `json:"prefix"`
	Regex  *string `json:"regex"`
}

// L4Rule is a rule of the tcp or tls block: the unit of its weights is the connection.
type L4Rule struct {
	Match []L4Match          `json:"match"`
	Route []RouteDestination `json:"route"`
}

// L4Match holds conditions that must all hold; SNIHosts only in the tls block.
type L4Match struct {
	SNIHosts           []string          `json:"sniHosts"`
	DestinationSubnets []string          `json:"destinationSubnets"`
	Port               int               `json:"port"`
	Gateways           []string          `json:"gateways"`
	SourceLabels       map[string]string `json:"sourceLabels"`
	SourceNamespace    string            `json:"sourceNamespace"`
}

// RouteDestination is a destination and its weight; nil, the weight was omitted.
type RouteDestination struct {
	Destination DestinationRef `json:"destination"`
	Weight      *int32         `json:"weight"`
}

// DestinationRef names a service, and a subset of it, as written.
type DestinationRef struct {
	Host   string       `json:"host"`
	Subset string       `json:"subset"`
	Port   PortSelector `json:"port"`
}

// PortSelector is a port; 0 when it was omitted.
type PortSelector struct {
	Number int `json:"number"`
}

// DelegateRef names the VirtualService that holds the rules; no Namespace means that of the root.
type DelegateRef struct {
	Name      string `json:"name"`
	Namespace string `json:"namespace"`
}

// HTTPFaultInjection aborts or delays a share of the requests.
type HTTPFaultInjection struct {
	Abort *Fault `json:"abort"`
	Delay *Fault `json:"delay"`
}

// Fault is an abort (HTTPStatus or GRPCStatus) or a delay (FixedDelay).
type Fault struct {
	HTTPStatus int         `json:"httpStatus"`
	GRPCStatus string      `json:"grpcStatus"`
	FixedDelay string      `json:"fixedDelay"`
	Percentage *Percentage `json:"percentage"`
	Percent    float64     `json:"percent"` // the form before Istio 1.1
}

// Percentage is 0 to 100.
type Percentage struct {
	Value float64 `json:"value"`
}

// share is the percentage of the requests that the fault hits: without one, none.
func (f *Fault) share() float64 {
	switch {
	case f == nil:
		return 0
	case f.Percentage != nil:
		return f.Percentage.Value
	default:
		return f.Percent
	}
}

// HTTPRedirect is an answer with another location; what is empty stays as it was asked for.
type HTTPRedirect struct {
	URI       string `json:"uri"`
	Authority string `json:"authority"`
}

// HTTPDirectResponse is an answer of the proxy itself.
type HTTPDirectResponse struct {
	Status int `json:"status"`
}
