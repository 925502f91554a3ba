package envoy

import (
	"strings"
	"time"
)

// A Kind is what a proxy does with the requests that a route takes.
type Kind string

// Kinds of routes.
const (
	KindNone           Kind = "none"            // no route takes the request: 404 with an empty body; see Route.Config
	KindWeighted       Kind = "weighted"        // each request is drawn among Clusters
	KindCluster        Kind = "cluster"         // all go to the one of Clusters
	KindClusterHeader  Kind = "cluster-header"  // a header of the request, ClusterHeader, names the cluster
	KindDirectResponse Kind = "direct-response" // the proxy answers itself with Status
	KindRedirect       Kind = "redirect"        // the proxy answers itself with Status and another location
	KindOther          Kind = "other"           // a plugin decides; Notes name it
)

// Protocols of a Route: what is drawn is a request or a connection.
const (
	HTTP = "http"
	TCP  = "tcp"
)

// A Route is what a proxy has been programmed to do with a request.
//
// Of Kind KindNone it has a Config and a VirtualHost if that one has no route for the request, only a Config if no virtual
// host of the table takes the host, and neither if the proxy has nothing for the port.
type Route struct {
	Kind          Kind
	Protocol      string // HTTP or TCP
	Config        string // name of the route table (RDS); of the listener under TCP
	VirtualHost   string
	Domain        string // of the virtual host, the one that took the request's host
	Name          string // of the route; often empty
	Index         int    // of the route in the virtual host, from 0; -1 if there is none
	Match         string // of the route in a canonical form: equal texts are equal matches
	Clusters      []WeightedCluster
	Mirrors       []string // clusters that get a copy of the requests, whose answers nobody sees
	ClusterHeader string
	Status        int
	MissingStatus int // with which the proxy answers, with an empty body, where it has no cluster of the name
	Fault         Fault
	Source        Source // the object that Istio made the route from; zero for a service's default route

	// What makes the choice among Clusters something else than an independent draw by their weights. Istio sets none.
	UseHashPolicy    bool   // by the hash of HashPolicies
	HeaderName       string // by the number in this header
	RuntimeKeyPrefix string // runtime values under it replace weights

	HashPolicies []string  // "header x-user", "cookie session", "source ip", …: within a cluster they make clients stick to a host
	Version      string    // version_info of the table or listener: evidence only, it moves with any push
	Updated      time.Time // zero if unknown
	Notes        []string  // what was decided with less than full knowledge
}

// A WeightedCluster is a cluster's part of a split.
type WeightedCluster struct {
	Name   string
	Weight uint64 // over the sum of all; of a single cluster 1
}

// A Fault is what the proxy's fault filter does with a share of the route's requests. Shares are 0 to 1.
type Fault struct {
	Abort  float64 // answered by the proxy with Status
	Status int
	Delay  float64 // held back by By
	By     time.Duration
}

// A Source names the object of Istio's configuration that a route was made from.
type Source struct {
	Kind      string // "virtualservice" (also of routes made from an HTTPRoute; Name is generated then)
	Namespace string
	Name      string
}

// String is kind/namespace/name, "" for the zero Source.
func (s Source) String() string {
	if s == (Source{}) {
		return ""
	}
	return s.Kind + "/" + s.Namespace + "/" + s.Name
}

// Share is the part of the choices, 0 to 1, that the named cluster gets.
func (r Route) Share(cluster string) float64 {
	var own, total float64
	for _, c := range r.Clusters {
		total += float64(c.Weight)
		if c.Name == cluster {
			own += float64(c.Weight)
		}
	}
	if total == 0 {
		return 0
	}
	return own / total
}

// Passthrough tells whether no service of the registry took the request, and the proxy sends it where it was going.
func (r Route) Passthrough() bool { return r.onlyTo(PassthroughCluster) }

// Blocked tells whether the proxy refuses the request because it knows no service for it (outboundTrafficPolicy
// REGISTRY_ONLY): over HTTP it answers 502, over TCP it hangs up.
func (r Route) Blocked() bool {
	return r.onlyTo(BlackHoleCluster) || r.Kind == KindDirectResponse && r.VirtualHost == "block_all"
}

func (r Route) onlyTo(cluster string) bool {
	return len(r.Clusters) == 1 && r.Clusters[0].Name == cluster
}

// parseSource takes apart the path that Istio writes into a route's metadata:
// /apis/networking.istio.io/v1/namespaces/NAMESPACE/virtual-service/NAME.
func parseSource(m message) Source {
	path := m.field("metadata", "filter_metadata", "istio").text("config")
	parts := strings.Split(strings.TrimPrefix(path, "/apis/"), "/")
	if len(parts) != 6 || parts[2] != "namespaces" {
		return Source{}
	}
	return Source{Kind: strings.ReplaceAll(parts[4], "-", ""), Namespace: parts[3], Name: parts[5]}
}
