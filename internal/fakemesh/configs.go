package fakemesh

import (
	"strconv"
	"strings"
	"time"
)

// istioObject begins the path by which istiod names a rule in metadata.
const istioObject = "/apis/networking.istio.io/v1/namespaces/" + namespace + "/"

// pushed returns an entry with what each has: the version and the time of the
// push that brought it.
func (m *Mesh) pushed(name, field string, config object) entry {
	at := m.started.UTC()
	return entry{name, object{
		field:          config,
		"version_info": at.Format(time.RFC3339) + "/1",
		"last_updated": at.Format("2006-01-02T15:04:05.000Z"),
	}}
}

func (m *Mesh) clusterConfigs() []entry {
	var entries []entry
	for _, c := range m.service.clusters() {
		istio := object{
			"default_original_port": m.port(),
			"services":              []object{{"host": serviceHost, "name": serviceName, "namespace": namespace}},
		}
		if c.subset != "" {
			istio["subset"] = c.subset
		}
		istio["config"] = istioObject + "destination-rule/" + serviceName
		entries = append(entries, m.pushed(c.name, "cluster", object{
			"@type":              "type.googleapis.com/envoy.config.cluster.v3.Cluster",
			"name":               c.name,
			"type":               "EDS",
			"eds_cluster_config": object{"eds_config": object{"ads": object{}}, "service_name": c.name},
			"lb_policy":          "LEAST_REQUEST",
			"metadata":           object{"filter_metadata": object{"istio": istio}},
		}))
	}
	return entries
}

// workload is what istiod tells a proxy of a pod: its workload, namespace, canonical service and revision, and its cluster.
func (m *Mesh) workload(p *pod) string {
	version := m.options.Versions[p.version]
	return strings.Join([]string{serviceName + "-" + version, namespace, serviceName, version, "Kubernetes"}, ";")
}

func (m *Mesh) endpointConfigs() []entry {
	var entries []entry
	for _, c := range m.service.clusters() {
		var endpoints []object
		for _, h := range c.hosts {
			endpoints = append(endpoints, object{
				"endpoint":              object{"address": socketAddress(h.pod.ip, podPort)},
				"health_status":         "HEALTHY",
				"load_balancing_weight": 1,
				"metadata":              object{"filter_metadata": object{"istio": object{"workload": m.workload(h.pod)}}},
			})
		}
		entries = append(entries, entry{c.name, object{"endpoint_config": object{
			"@type":        "type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment",
			"cluster_name": c.name,
			"endpoints":    []object{{"locality": object{}, "lb_endpoints": endpoints}},
		}}})
	}
	return entries
}

// listenerConfigs returns the one listener of the service's port. What an L4
// port has is a TCP proxy to the whole service, without a route table.
func (m *Mesh) listenerConfigs() []entry {
	name, address := "0.0.0.0_"+strconv.Itoa(m.port()), "0.0.0.0"
	filter := object{"name": "envoy.filters.network.http_connection_manager", "typed_config": object{
		"@type":       "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
		"stat_prefix": "outbound_" + name,
		"rds":         object{"config_source": object{"ads": object{}}, "route_config_name": strconv.Itoa(m.port())},
	}}
	if m.atL4() {
		name, address = "127.0.0.1_"+strconv.Itoa(m.port()), "127.0.0.1"
		filter = object{"name": "envoy.filters.network.tcp_proxy", "typed_config": object{
			"@type":       "type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy",
			"stat_prefix": m.service.whole.name,
			"cluster":     m.service.whole.name,
		}}
	}
	active := m.pushed(name, "listener", object{
		"@type":             "type.googleapis.com/envoy.config.listener.v3.Listener",
		"name":              name,
		"address":           socketAddress(address, m.port()),
		"filter_chains":     []object{{"filters": []object{filter}}},
		"traffic_direction": "OUTBOUND",
	})
	return []entry{{name, object{"name": name, "active_state": active.body}}}
}
