package envoy

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// A Dump holds the route tables, listeners and clusters of one proxy. It is not changed after it was read, so that several
// goroutines may ask it for routes.
type Dump struct {
	Node Node // the zero Node if the dump does not hold it (a saved dump of the routes alone)

	tables    []table
	listeners []listener
	clusters  []ClusterConfig
	endpoints map[string][]Endpoint // by cluster
}

// ParseDump reads a saved dump: the whole of GET /config_dump, a part of it (?resource=, or a single RoutesConfigDump), or
// what `istioctl proxy-config all|routes|listeners -o json` prints. It must hold at least one route table or listener.
func ParseDump(r io.Reader) (*Dump, error) {
	data, err := io.ReadAll(io.LimitReader(r, longLimit+1))
	if err != nil {
		return nil, fmt.Errorf("reading the config dump: %w", err)
	}
	if len(data) > longLimit {
		return nil, fmt.Errorf("reading the config dump: larger than %d MiB", longLimit>>20)
	}
	var d Dump
	if err := d.add(data); err != nil {
		return nil, fmt.Errorf("reading the config dump: %w", err)
	}
	if len(d.tables) == 0 && len(d.listeners) == 0 {
		return nil, errors.New("reading the config dump: it holds no routes and no listeners; save what GET /config_dump answers")
	}
	return &d, nil
}

// Dump reads what decides the routes of requests to the port: the route tables and listeners of that port from a sidecar,
// which may have thousands of others, and all of them from any other proxy, or if port is 0.
func (a *Admin) Dump(ctx context.Context, node Node, port int) (*Dump, error) {
	d := Dump{Node: node}
	for _, query := range dumpQueries(node, port) {
		if err := a.addDump(ctx, &d, query); err != nil {
			return nil, err
		}
	}
	return &d, nil
}

// addDump adds what the proxy answers to one question.
func (a *Admin) addDump(ctx context.Context, d *Dump, query url.Values) error {
	body, err := a.configDump(ctx, query)
	if err != nil || body == nil {
		return err
	}
	if err := d.add(body); err != nil {
		return fmt.Errorf("reading /config_dump of Envoy at %s: %w", a, err)
	}
	return nil
}

// configDump is the answer to GET /config_dump with the parameters; nil if the proxy has nothing of the kind.
func (a *Admin) configDump(ctx context.Context, query url.Values) ([]byte, error) {
	res, err := a.get(ctx, "/config_dump", query, longTimeout, longLimit)
	if err != nil {
		return nil, err
	}
	if res.status == http.StatusNotFound && strings.Contains(string(res.body), "not found in config dump") {
		return nil, nil // how older Envoys say that there is none
	}
	if res.status != http.StatusOK {
		return nil, fmt.Errorf("asking Envoy at %s for /config_dump?%s: status %d", a, query.Encode(), res.status)
	}
	return res.body, nil
}

// dumpQueries are the parameters of the GETs that Dump needs. A name_regex must match whole names; an Envoy too old to know
// it sends everything, which is no harm.
func dumpQueries(node Node, port int) []url.Values {
	if node.Role == Sidecar && port != 0 {
		return []url.Values{
			{"resource": {"dynamic_route_configs"}, "name_regex": {fmt.Sprintf("(.*:)?%d", port)}},
			{"resource": {"dynamic_listeners"}, "name_regex": {fmt.Sprintf(".*_%d|%s", port, virtualOutbound)}},
		}
	}
	var out []url.Values
	for _, resource := range []string{"dynamic_route_configs", "static_route_configs", "dynamic_listeners", "static_listeners"} {
		out = append(out, url.Values{"resource": {resource}})
	}
	return out
}

// add takes in one JSON document. What it holds is told by the fields that are there, not by @type: the answers to
// different questions, and istioctl's, wrap the same messages differently.
func (d *Dump) add(data []byte) error {
	m, err := parseMessage(data)
	if err != nil {
		return err
	}
	if m.IsArray() {
		for _, one := range m.elements() {
			d.addEntry(one)
		}
		return nil
	}
	d.addEntry(m)
	return nil
}

func (d *Dump) addEntry(m message) {
	m.eachField(func(name string, value message) bool {
		switch name {
		case "configs", "staticRouteConfigs", "dynamicRouteConfigs", "staticListeners", "dynamicListeners",
			"staticClusters", "dynamicActiveClusters", "staticEndpointConfigs", "dynamicEndpointConfigs":
			for _, one := range value.elements() {
				d.addEntry(one)
			}
			return true
		case "routeConfig":
			d.tables = append(d.tables, parseTable(value, stampOf(m)))
		case "virtualHosts":
			d.tables = append(d.tables, parseTable(m, stamp{}))
		case "activeState":
			d.listeners = append(d.listeners, parseListener(value.field("listener"), stampOf(value)))
		case "listener":
			d.listeners = append(d.listeners, parseListener(value, stampOf(m)))
		case "filterChains", "defaultFilterChain":
			d.listeners = append(d.listeners, parseListener(m, stamp{}))
		case "cluster":
			d.clusters = append(d.clusters, parseClusterConfig(value))
		case "endpointConfig":
			d.addEndpoints(value)
		case "bootstrap":
			d.Node = parseNode(value.field("node"))
		default:
			return true
		}
		return false // one entry is one thing
	})
}

func (d *Dump) addEndpoints(m message) {
	if d.endpoints == nil {
		d.endpoints = map[string][]Endpoint{}
	}
	d.endpoints[m.text("cluster_name")] = parseEndpoints(m)
}
