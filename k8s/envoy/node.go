package envoy

import (
	"strings"

	"github.com/tidwall/gjson"
)

// A Role is what a proxy is for, by the first part of the node id that Istio gives it.
type Role string

// Roles. Every proxy whose id has another form is Plain.
const (
	Plain    Role = ""
	Sidecar  Role = "sidecar"
	Router   Role = "router" // a gateway
	Waypoint Role = "waypoint"
)

// A Node is the identity of a proxy. Istio writes its id as role~IP~pod.namespace~namespace.svc.domain.
type Node struct {
	ID        string
	Role      Role
	Address   string // of the pod
	Pod       string
	Namespace string
	Suffix    string            // what follows the namespace in a service's full name: "svc.cluster.local"
	Labels    map[string]string // of the pod
}

// ParseNodeID reads an id in Istio's form; any other gives a Plain node of that ID.
func ParseNodeID(id string) Node {
	n := Node{ID: id}
	parts := strings.Split(id, "~")
	if len(parts) != 4 {
		return n
	}
	switch role := Role(parts[0]); role {
	case Sidecar, Router, Waypoint:
		n.Role = role
	default:
		return n
	}
	n.Address = parts[1]
	n.Pod, n.Namespace = parts[2], ""
	if i := strings.LastIndexByte(parts[2], '.'); i >= 0 { // a pod's name may hold dots, a namespace's cannot
		n.Pod, n.Namespace = parts[2][:i], parts[2][i+1:]
	}
	if _, suffix, ok := strings.Cut(parts[3], "."); ok {
		n.Suffix = suffix
	}
	return n
}

// parseNode reads the node message of /server_info and of the bootstrap.
func parseNode(m message) Node {
	n := ParseNodeID(m.text("id"))
	metadata := m.field("metadata")
	if ns := metadata.text("NAMESPACE"); ns != "" {
		n.Namespace = ns
	}
	n.Labels = map[string]string{}
	metadata.field("LABELS").ForEach(func(key, value gjson.Result) bool {
		n.Labels[strings.Clone(key.String())] = strings.Clone(value.String())
		return true
	})
	return n
}
