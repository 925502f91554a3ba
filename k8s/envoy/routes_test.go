package envoy

import (
	"net/netip"
	"slices"
	"strings"
	"testing"
)

// twoTables is a sniffed port of a sidecar: its routes stand in two tables; and a listener has one of its own.
const twoTables = `{"configs":[
 {"dynamic_route_configs":[
  {"route_config":{"name":"5000","virtual_hosts":[
   {"name":"a:5000","domains":["a","10.0.0.7","fd00::7"],"routes":[
    {"match":{"prefix":"/x"},"route":{"cluster":"one"}},
    {"match":{"prefix":"/"},"route":{"cluster":"two","request_mirror_policies":[{"cluster":"shadow"}]}}]},
   {"name":"b:5000","domains":["b"],"routes":[{"match":{"prefix":"/"},"direct_response":{"status":404}}]}]}},
  {"route_config":{"name":"a:5000","virtual_hosts":[{"name":"a:5000","domains":["*"],"routes":[{"match":{"prefix":"/"},"route":{"cluster":"two"}}]}]}}]},
 {"dynamic_listeners":[{"active_state":{"listener":{"name":"in","filter_chains":[{"filters":[{"typed_config":{
   "@type":"type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
   "route_config":{"name":"inline","virtual_hosts":[{"name":"c","domains":["*"],"routes":[{"match":{"prefix":"/"},"route":{"cluster":"three"}}]}]}}}]}]}}}]}]}`

func TestRoutesAreThoseOfAllTables(t *testing.T) {
	d, err := ParseDump(strings.NewReader(twoTables))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for r := range d.Routes() {
		name := r.Config + " " + r.VirtualHost + " " + string(r.Kind)
		for _, c := range r.Clusters {
			name += " " + c.Name
		}
		got = append(got, strings.Join(append([]string{name}, r.Mirrors...), " + "))
	}
	want := []string{
		"5000 a:5000 cluster one", "5000 a:5000 cluster two + shadow", "5000 b:5000 direct-response", "a:5000 a:5000 cluster two", "inline c cluster three",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	for r := range d.Routes() {
		if r.Clusters[0].Name != "one" {
			t.Errorf("the first is %+v", r)
		}
		break
	}
}

func TestVirtualIPs(t *testing.T) {
	d, err := ParseDump(strings.NewReader(twoTables))
	if err != nil {
		t.Fatal(err)
	}
	want := []netip.Addr{netip.MustParseAddr("10.0.0.7"), netip.MustParseAddr("fd00::7")}
	if got := d.VirtualIPs(Route{Config: "a:5000", VirtualHost: "a:5000"}); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if got := d.VirtualIPs(Route{Config: "5000", VirtualHost: "b:5000"}); got != nil {
		t.Errorf("got %v of a host without any", got)
	}
}

// While the HTTP listener of a port that became TCP drains, its table is still there, empty.
func TestAnEmptyTableIsNoService(t *testing.T) {
	d, err := ParseDump(strings.NewReader(`{"configs":[
		{"dynamic_route_configs":[{"route_config":{"name":"` + weather + `:5000","validate_clusters":false}}]},
		{"dynamic_listeners":[{"name":"10.96.0.5_5000","active_state":{"listener":{"name":"10.96.0.5_5000",
			"address":{"socket_address":{"address":"10.96.0.5","port_value":5000}},
			"filter_chains":[{"filters":[{"typed_config":{"@type":"type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy",
				"cluster":"outbound|5000||` + weather + `"}}]}]}}}]}]}`))
	if err != nil {
		t.Fatal(err)
	}
	if r := d.Route(query(t, "http://weather-backend:5000/version", "")); r.Protocol != TCP || r.Kind != KindCluster {
		t.Errorf("got a route of kind %s over %s, want the TCP proxy's", r.Kind, r.Protocol)
	}
}
