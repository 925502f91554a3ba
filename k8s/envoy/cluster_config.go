package envoy

import (
	"cmp"
	"context"
	"net/url"
	"slices"
	"strings"
)

// OriginalDestination is the type of a cluster whose host is whatever address the client dialled: Istio makes such
// clusters for headless Services, and where a DestinationRule's load balancer is PASSTHROUGH.
const OriginalDestination = "ORIGINAL_DST"

// A ClusterConfig is what a proxy has been told of a cluster.
type ClusterConfig struct {
	Name      string
	Type      string // EDS, STATIC, STRICT_DNS, LOGICAL_DNS, ORIGINAL_DST
	LBPolicy  string // LEAST_REQUEST, ROUND_ROBIN, RANDOM, RING_HASH, MAGLEV or CLUSTER_PROVIDED
	HTTP2     bool   // requests go there as HTTP/2, whatever the client speaks
	TLS       bool   // connections are made with TLS
	Limited   bool   // its circuit breaker allows a limited number of connections or requests
	Outlier   bool   // hosts that fail are ejected for a while
	Rule      Source // the DestinationRule in effect; zero if there is none
	Namespace string // of its Service
	Endpoints []Endpoint
}

// An Endpoint is an address of a cluster as the control plane gives it.
type Endpoint struct {
	Address  string   // as Host.Address
	Workload Workload // zero if the control plane does not tell
}

// A Workload is what Istio says of the pod behind an address.
type Workload struct {
	Name, Namespace string
	Service         string // canonical service: a label of the pod, else its workload
	Revision        string // canonical revision: a label of the pod, mostly "version", else "latest"
}

// noLimit is how Istio writes that a circuit breaker allows any number.
const noLimit = 1<<32 - 1

// ClusterConfigs reads the clusters of the hosts (fully qualified names of Services; any other cluster goes by its own
// name), of whatever port and subset, and their endpoints, sorted by name. Without an error the list is not nil.
func (a *Admin) ClusterConfigs(ctx context.Context, hosts ...string) ([]ClusterConfig, error) {
	if len(hosts) == 0 {
		return nil, nil
	}
	var d Dump
	pattern := `(.*\|)?(` + strings.Join(quoted(hosts), "|") + ")"
	for _, resource := range []string{"dynamic_active_clusters", "static_clusters"} {
		if err := a.addDump(ctx, &d, url.Values{"resource": {resource}, "name_regex": {pattern}}); err != nil {
			return nil, err
		}
	}
	query := url.Values{"resource": {"dynamic_endpoint_configs"}, "name_regex": {pattern}, "include_eds": {"on"}}
	if err := a.addDump(ctx, &d, query); err != nil {
		return nil, err
	}
	return append([]ClusterConfig{}, d.ClusterConfigs(hosts...)...), nil
}

// ClusterConfigs are the clusters of the hosts that the dump holds; nil if it holds none of any host.
func (d *Dump) ClusterConfigs(hosts ...string) []ClusterConfig {
	if len(d.clusters) == 0 {
		return nil
	}
	list := []ClusterConfig{}
	for _, c := range d.clusters {
		if slices.ContainsFunc(hosts, func(host string) bool { return strings.EqualFold(host, ParseClusterName(c.Name).Host) }) {
			c.Endpoints = d.endpoints[c.Name]
			list = append(list, c)
		}
	}
	slices.SortFunc(list, func(a, b ClusterConfig) int { return strings.Compare(a.Name, b.Name) })
	return list
}

func parseClusterConfig(m message) ClusterConfig {
	istio := m.field("metadata", "filter_metadata", "istio")
	c := ClusterConfig{
		Name: m.text("name"), Type: cmp.Or(m.text("type"), "STATIC"), LBPolicy: cmp.Or(m.text("lb_policy"), "ROUND_ROBIN"),
		Rule: parseSource(m), Outlier: m.has("outlier_detection"),
		TLS: m.field("transport_socket", "typed_config").isType("UpstreamTlsContext"),
	}
	for _, service := range istio.list("services") {
		c.Namespace = service.text("namespace")
	}
	for _, threshold := range m.field("circuit_breakers").list("thresholds") {
		for _, limit := range []string{"max_connections", "max_pending_requests", "max_requests"} {
			c.Limited = c.Limited || threshold.has(limit) && threshold.number(limit) < noLimit
		}
	}
	protocols := m.field("typed_extension_protocol_options", "envoy.extensions.upstreams.http.v3.HttpProtocolOptions")
	c.HTTP2 = protocols.field("explicit_http_config").has("http2_protocol_options") || m.has("http2_protocol_options")
	return c
}

func parseEndpoints(m message) []Endpoint {
	var list []Endpoint
	for _, locality := range m.list("endpoints") {
		for _, e := range locality.list("lb_endpoints") {
			workload := e.field("metadata", "filter_metadata", "istio").text("workload")
			list = append(list, Endpoint{Address: hostAddress(e.field("endpoint", "address")), Workload: parseWorkload(workload)})
		}
	}
	return list
}

// parseWorkload takes apart NAME;NAMESPACE;SERVICE;REVISION;CLUSTER.
func parseWorkload(text string) Workload {
	parts := append(strings.Split(text, ";"), "", "", "")
	return Workload{Name: parts[0], Namespace: parts[1], Service: parts[2], Revision: parts[3]}
}
