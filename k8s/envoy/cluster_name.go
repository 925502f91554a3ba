package envoy

import (
	"strconv"
	"strings"
)

// Clusters that Istio adds to every sidecar for what no service of its registry takes.
const (
	PassthroughCluster = "PassthroughCluster" // to where the connection was meant to go (outboundTrafficPolicy ALLOW_ANY)
	BlackHoleCluster   = "BlackHoleCluster"   // nowhere (REGISTRY_ONLY)
)

// A ClusterName is an Envoy cluster's name taken apart. Istio writes it as direction|port|subset|host.
type ClusterName struct {
	Direction string // "outbound", "inbound", "inbound-vip"; "" = a name of another form, which is then Host
	Port      int    // of the service; 0 = none, which happens when istiod could not find out
	Subset    string // "" = the whole service
	Host      string // lower case
}

// ParseClusterName takes a cluster's name apart. Every name is valid: one that does not have Istio's form is the Host.
func ParseClusterName(name string) ClusterName {
	plain := ClusterName{Host: name}
	parts := strings.Split(name, "|")
	if len(parts) != 4 || parts[0] == "" {
		return plain
	}
	c := ClusterName{Direction: parts[0], Subset: parts[2], Host: strings.ToLower(parts[3])}
	if parts[1] != "" {
		port, err := strconv.ParseUint(parts[1], 10, 16)
		if err != nil {
			return plain
		}
		c.Port = int(port)
	}
	if c.Direction == "inbound-vip" { // a waypoint's: http/SUBSET, tcp/SUBSET, http, tcp
		_, c.Subset, _ = strings.Cut(c.Subset, "/")
	}
	return c
}
