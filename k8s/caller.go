package k8s

import (
	"slices"
	"strings"
)

// Entry is where a request meets its first proxy.
type Entry int

// Entries. With EntryUnknown the rules of the mesh are tried first, then those bound to a gateway.
const (
	EntryUnknown  Entry = iota
	EntryMesh           // the caller's own sidecar
	EntryGateway        // an ingress gateway
	EntryWaypoint       // the waypoint of the service, in an ambient mesh
)

// Presence says whether something is there.
type Presence int

// Presences.
const (
	PresenceUnknown Presence = iota
	Present
	Absent
)

// Caller is who sends the request: static conditions and the visibility of rules depend on it. The zero value is a
// caller of which nothing is known.
type Caller struct {
	Namespace string            // "" = unknown; short names are then resolved in "default"
	Labels    map[string]string // nil = unknown; of the proxy's own workload
	Entry     Entry
	Gateway   string // NAME or NAMESPACE/NAME of the gateway; "" = unknown
	Domain    string // of the cluster's services; "" = cluster.local

	Pod            string   // name of the caller's pod; "" = unknown, or no pod
	ServiceAccount string   // of the caller's pod; "" = unknown
	Sidecar        Presence // whether requests of the caller pass a proxy of its own
}

const (
	mesh          = "mesh"         // the reserved gateway that stands for all sidecars
	rootNamespace = "istio-system" // where configuration applies to the whole mesh
)

func (c Caller) domain() string { return firstNonEmpty(c.Domain, "cluster.local") }

// sees reports whether exportTo lets the caller see an object of the given namespace. A caller whose namespace is not
// known is taken to see everything but what is exported to nobody.
func (c Caller) sees(exportTo []string, namespace string) bool {
	if len(exportTo) == 0 || slices.Contains(exportTo, "*") {
		return true
	}
	if slices.Contains(exportTo, "~") {
		return false
	}
	return c.Namespace == "" || slices.Contains(exportTo, c.Namespace) ||
		slices.Contains(exportTo, ".") && c.Namespace == namespace
}

// tierUnlikely is the tier of what is exported to some namespaces, for a caller whose own is not known.
const tierUnlikely = 3

// tier orders the objects that a sidecar considers: its namespace's private ones, those exported to its namespace by
// name, public ones.
func (c Caller) tier(exportTo []string, namespace string) int {
	switch {
	case len(exportTo) == 0 || slices.Contains(exportTo, "*"):
		return 2
	case c.Namespace == "":
		return tierUnlikely // it is more likely that the caller is not the one it is for
	case namespace == c.Namespace:
		return 0
	default:
		return 1
	}
}

// through reports whether the request may come through one of the gateways, of which names are given as in a
// VirtualService of the namespace.
func (c Caller) through(gateways []string, namespace string) bool {
	for _, g := range gateways {
		if g == mesh {
			continue
		}
		if c.Gateway == "" || sameGateway(c.Gateway, qualify(g, namespace)) {
			return true
		}
	}
	return false
}

// qualify completes a gateway's name: NAME and the old NAME.NAMESPACE.svc.DOMAIN become NAMESPACE/NAME.
func qualify(gateway, namespace string) string {
	if strings.Contains(gateway, "/") {
		return gateway
	}
	if parts := strings.Split(gateway, "."); len(parts) > 2 && parts[2] == "svc" {
		return parts[1] + "/" + parts[0]
	}
	return namespace + "/" + gateway
}

func sameGateway(wanted, qualified string) bool {
	return wanted == qualified || !strings.Contains(wanted, "/") && strings.HasSuffix(qualified, "/"+wanted)
}
