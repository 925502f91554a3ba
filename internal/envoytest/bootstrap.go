package envoytest

import (
	"maps"
	"net"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// layout is where one run of Envoy lives: its ports, the folder of its dynamic routes and its certificate.
type layout struct {
	dir         string
	admin       int
	ports       map[string]int // by listener
	certificate certificate
}

func (c Config) bootstrap(l layout) object {
	listeners := make([]object, 0, len(c.Listeners))
	for _, one := range c.Listeners {
		listeners = append(listeners, one.message(l))
	}
	clusters := make([]object, 0, len(c.Clusters))
	for _, name := range slices.Sorted(maps.Keys(c.Clusters)) {
		clusters = append(clusters, cluster(name, c.Clusters[name]))
	}
	return object{
		"node":             c.node(),
		"admin":            object{"address": address("127.0.0.1", l.admin)},
		"static_resources": object{"listeners": listeners, "clusters": clusters},
	}
}

func (c Config) node() object {
	id := c.NodeID
	if id == "" {
		id = SidecarID
	}
	labels := c.Labels
	if labels == nil {
		labels = map[string]string{}
	}
	metadata := object{"LABELS": labels}
	if parts := strings.Split(id, "~"); len(parts) == 4 {
		_, metadata["NAMESPACE"], _ = strings.Cut(parts[2], ".")
	}
	return object{"id": id, "cluster": "test", "metadata": metadata}
}

func (li Listener) message(l layout) object {
	chain := object{"filters": []object{li.filter(l)}}
	if li.TLS {
		chain["transport_socket"] = l.certificate.transportSocket()
	}
	return object{"name": li.Name, "address": address("127.0.0.1", l.ports[li.Name]), "filter_chains": []object{chain}}
}

func (li Listener) filter(l layout) object {
	switch len(li.TCP) {
	case 0:
		return object{"name": "http", "typed_config": li.httpManager(l)}
	case 1:
		return object{"name": "tcp", "typed_config": tcpProxy("cluster", li.TCP[0].Cluster)}
	}
	return object{"name": "tcp", "typed_config": tcpProxy("weighted_clusters", object{"clusters": li.TCP})}
}

func tcpProxy(choice string, value any) object {
	return typed("extensions.filters.network.tcp_proxy.v3.TcpProxy", object{"stat_prefix": "tcp", choice: value})
}

func (li Listener) httpManager(l layout) object {
	router := object{"name": "envoy.filters.http.router", "typed_config": typed("extensions.filters.http.router.v3.Router", object{})}
	fault := object{"name": "envoy.filters.http.fault", "typed_config": typed("extensions.filters.http.fault.v3.HTTPFault", object{})}
	manager := typed("extensions.filters.network.http_connection_manager.v3.HttpConnectionManager", object{
		"stat_prefix":           li.Name,
		"http_filters":          []object{fault, router},
		"http_protocol_options": object{"accept_http_10": li.HTTP10},
	})
	if li.RDS == "" {
		manager["route_config"] = routeConfiguration(li.Name, li.VirtualHosts)
		return manager
	}
	file := object{"path": filepath.Join(l.dir, fileName(li.RDS)), "watched_directory": object{"path": l.dir}}
	manager["rds"] = object{
		"route_config_name": li.RDS,
		"config_source":     object{"resource_api_version": "V3", "path_config_source": file},
	}
	return manager
}

func cluster(name string, addresses []string) object {
	hosts := make([]object, 0, len(addresses))
	for _, a := range addresses {
		host, port, _ := net.SplitHostPort(a)
		number, _ := strconv.Atoi(port) // a bad address makes Envoy refuse its configuration, which says more
		hosts = append(hosts, object{"endpoint": object{"address": address(host, number)}})
	}
	return object{
		"name": name, "type": "STATIC", "connect_timeout": "2s",
		"load_assignment": object{"cluster_name": name, "endpoints": []object{{"lb_endpoints": hosts}}},
	}
}

func address(host string, port int) object {
	return object{"socket_address": object{"address": host, "port_value": port}}
}
