package envoy

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The file holds clusters that a real istiod made: of a headless Service, of a port named http2, with TLS and with limits by a
// DestinationRule.
func TestClusterConfigs(t *testing.T) {
	rule := Source{Kind: "destinationrule", Namespace: "default", Name: "dr-weather-backend"}
	named := func(name string) string { return name + ".default.svc.cluster.local" }
	want := []ClusterConfig{
		{Name: "outbound|5000|multiple|" + weather, Type: "EDS", LBPolicy: "LEAST_REQUEST", TLS: true, Rule: rule, Namespace: "default", Endpoints: []Endpoint{{
			Address:  "10.244.0.25:5000",
			Workload: Workload{Name: "weather-backend-multiple", Namespace: "default", Service: "weather-backend", Revision: "multiple"},
		}}},
		{Name: "outbound|5000|single|" + named("headless"), Type: OriginalDestination, LBPolicy: "CLUSTER_PROVIDED", Rule: rule, Namespace: "default"},
		{Name: "outbound|5000|single|" + named("limited"), Type: "EDS", LBPolicy: "LEAST_REQUEST", Limited: true, Rule: rule, Namespace: "default"},
		{Name: "outbound|5000||" + named("grpc"), Type: "EDS", LBPolicy: "LEAST_REQUEST", HTTP2: true, Rule: rule, Namespace: "default"},
	}
	d := readClusters(t)
	got := d.ClusterConfigs(weather, named("headless"), named("limited"), named("grpc"), named("absent"))
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := d.ClusterConfigs(named("limited")); len(got) != 1 {
		t.Errorf("one host of four: got %+v", got)
	}
}

func readClusters(t *testing.T) *Dump {
	t.Helper()
	data, err := os.ReadFile("testdata/clusters.json")
	if err != nil {
		t.Fatal(err)
	}
	var d Dump
	if err := d.add(data); err != nil {
		t.Fatal(err)
	}
	return &d
}

func TestWorkloads(t *testing.T) {
	for text, want := range map[string]Workload{
		"":               {},
		"a":              {Name: "a"},
		"a;b":            {Name: "a", Namespace: "b"},
		"a;b;c;v1;East;": {Name: "a", Namespace: "b", Service: "c", Revision: "v1"},
	} {
		if got := parseWorkload(text); got != want {
			t.Errorf("%q: got %+v, want %+v", text, got, want)
		}
	}
}

// TestClusterConfigsAreAskedForByName pins the requests: a proxy in a large mesh has tens of thousands of clusters.
func TestClusterConfigsAreAskedForByName(t *testing.T) {
	asked := map[string]string{}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked[r.FormValue("resource")] = r.FormValue("name_regex")
		http.ServeFile(w, r, "testdata/clusters.json")
	}))
	defer s.Close()
	a, err := New(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	got, err := a.ClusterConfigs(context.Background(), weather)
	if err != nil || len(got) == 0 {
		t.Fatalf("got %+v, %v", got, err)
	}
	pattern := `(.*\|)?(weather-backend\.default\.svc\.cluster\.local)`
	want := map[string]string{"dynamic_active_clusters": pattern, "static_clusters": pattern, "dynamic_endpoint_configs": pattern}
	if diff := cmp.Diff(want, asked); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got, err := a.ClusterConfigs(context.Background()); err != nil || got != nil {
		t.Errorf("of no hosts: got %+v, %v", got, err)
	}
}

// A sidecar keeps the table of a Service that it no longer knows while connections to the old listener drain.
func TestTablesOfDrainingListenersAreNotUsed(t *testing.T) {
	const text = `{"configs":[{"bootstrap":{"node":{"id":"sidecar~10.0.0.1~a.default~default.svc.cluster.local"}}},
		{"dynamic_listeners":[{"name":"virtualOutbound","active_state":{"listener":{"name":"virtualOutbound","filter_chains":[{"filters":[
			{"typed_config":{"@type":"type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy","cluster":"PassthroughCluster"}}]}]}}},
			{"name":"10.96.0.7_5000","draining_state":{"listener":{"name":"10.96.0.7_5000"}}}]},
		{"dynamic_route_configs":[{"route_config":{"name":"weather-backend.default.svc.cluster.local:5000"}},{"route_config":{"name":"5000"}}]}]}`
	d, err := ParseDump(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	if r := d.Route(query(t, "http://weather-backend:5000/", "")); !r.Passthrough() {
		t.Errorf("got %+v, want the connection passed through", r)
	}
}

func TestStatusOfAMissingCluster(t *testing.T) {
	for code, want := range map[string]int{``: 503, `,"cluster_not_found_response_code":"INTERNAL_SERVER_ERROR"`: 500, `,"cluster_not_found_response_code":"NOT_FOUND"`: 404} {
		if r := routeOf(t, `{"match":{"prefix":"/"},"route":{"cluster":"a"`+code+`}}`); r.MissingStatus != want {
			t.Errorf("%q: got %d, want %d", code, r.MissingStatus, want)
		}
	}
}
