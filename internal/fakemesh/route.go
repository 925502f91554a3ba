package fakemesh

import "strconv"

// routeConfigs returns the route table of the service's port, or none where
// that port is handled at L4.
func (m *Mesh) routeConfigs() []entry {
	if m.atL4() {
		return nil
	}
	port := strconv.Itoa(m.port())
	return []entry{m.pushed(port, "route_config", object{
		"@type":                        "type.googleapis.com/envoy.config.route.v3.RouteConfiguration",
		"name":                         port,
		"validate_clusters":            false,
		"ignore_port_in_host_matching": true,
		"virtual_hosts": []object{
			{
				"name":                          serviceHost + ":" + port,
				"domains":                       domains(),
				"include_request_attempt_count": true,
				"routes":                        []object{m.route()},
			},
			{
				"name":                          "allow_any",
				"domains":                       []string{"*"},
				"include_request_attempt_count": true,
				"routes": []object{{
					"name":  "allow_any",
					"match": object{"prefix": "/"},
					"route": object{"cluster": passthrough, "timeout": "0s"},
				}},
			},
		},
	})}
}

// domains are the names by which Istio lets a caller of the same namespace
// address the service; the last is its cluster IP.
func domains() []string {
	return []string{
		serviceHost,
		serviceHost + ".",
		serviceName,
		serviceName + "." + namespace + ".svc",
		serviceName + "." + namespace,
		"127.0.0.1",
	}
}

// route is the one route to the service: the rule's, or the default route that
// istiod makes for a service that no rule is for.
func (m *Mesh) route() object {
	if !m.weighted() {
		return object{
			"name":  "default",
			"match": object{"prefix": "/"},
			"route": object{"cluster": m.service.whole.name, "timeout": "0s"},
		}
	}
	action := object{"timeout": "0s"}
	if len(m.weights) == 1 {
		action["cluster"] = m.service.subsets[0].name
	} else {
		action["weighted_clusters"] = object{"clusters": m.weightedClusters()}
	}
	return object{
		"match":    object{"prefix": "/"},
		"route":    action,
		"metadata": object{"filter_metadata": object{"istio": object{"config": istioObject + "virtual-service/" + serviceName}}},
	}
}

// weightedClusters leaves out clusters of weight 0, as istiod does.
func (m *Mesh) weightedClusters() []object {
	var clusters []object
	for i, w := range m.weights {
		if w > 0 {
			clusters = append(clusters, object{"name": m.service.subsets[i].name, "weight": w})
		}
	}
	return clusters
}
