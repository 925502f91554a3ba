package fakemesh

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"
)

type routeDump struct {
	Configs []struct {
		Type        string `json:"@type"`
		RouteConfig struct {
			Name         string
			VirtualHosts []struct {
				Name    string
				Domains []string
				Routes  []route
			} `json:"virtual_hosts"`
		} `json:"route_config"`
		LastUpdated string `json:"last_updated"`
	}
}

type route struct {
	Name     string
	Metadata struct {
		FilterMetadata struct {
			Istio struct{ Config string }
		} `json:"filter_metadata"`
	}
	Route struct {
		Cluster          string
		WeightedClusters struct {
			Clusters []struct {
				Name   string
				Weight uint64
			}
		} `json:"weighted_clusters"`
	}
}

// programmed returns the route to the service in short: clusters with weights,
// and what its metadata names.
func programmed(t *testing.T, m *Mesh) (targets []string, rule string) {
	t.Helper()
	path := fmt.Sprintf("/config_dump?resource=dynamic_route_configs&name_regex=%d", m.port())
	for _, c := range admin[routeDump](t, m, path).Configs {
		if c.Type != "type.googleapis.com/envoy.admin.v3.RoutesConfigDump.DynamicRouteConfig" || c.LastUpdated == "" {
			t.Errorf("table of type %q, updated %q", c.Type, c.LastUpdated)
		}
		r := c.RouteConfig.VirtualHosts[0].Routes[0]
		rule = r.Name + r.Metadata.FilterMetadata.Istio.Config
		if r.Route.Cluster != "" {
			targets = append(targets, r.Route.Cluster)
		}
		for _, w := range r.Route.WeightedClusters.Clusters {
			targets = append(targets, fmt.Sprintf("%s=%d", w.Name, w.Weight))
		}
	}
	return targets, rule
}

func TestProgrammedRoute(t *testing.T) {
	const rule = "/apis/networking.istio.io/v1/namespaces/default/virtual-service/demo"
	cluster := func(m *Mesh, subset string) string {
		return fmt.Sprintf("outbound|%d|%s|demo.default.svc.cluster.local", m.port(), subset)
	}
	check := func(o Options, wantRule string, want ...string) {
		t.Helper()
		m := begin(t, o)
		for i, w := range want {
			subset, weight, _ := strings.Cut(w, "=")
			want[i] = cluster(m, subset) + strings.TrimSuffix("="+weight, "=")
		}
		got, gotRule := programmed(t, m)
		if diff := cmp.Diff(want, got); diff != "" || gotRule != wantRule {
			t.Errorf("%+v: rule %q, targets (-want +got):\n%s", o, gotRule, diff)
		}
	}
	for _, fault := range Faults() {
		check(Options{Fault: fault, ProgrammedRight: true}, rule, "v1=90", "v2=10")
	}
	for _, fault := range []Fault{None, Swapped, Lagging, Failing, UnknownVersion, Sticky} {
		check(Options{Fault: fault}, rule, "v1=90", "v2=10")
	}
	check(Options{Fault: Ignored}, "default", "")
	check(Options{Fault: RoundRobin}, "default", "")
	check(Options{Fault: PerConnection}, "")
	check(Options{Weights: []float64{1}}, rule, "v1")
	check(Options{Weights: []float64{1, 0, 2}}, rule, "v1=1", "v3=2")
	check(Options{Weights: []float64{99.5, .5}, Versions: []string{"old", "new"}}, rule, "old=995", "new=5")
}

func TestRouteDomains(t *testing.T) {
	m := begin(t, Options{})
	table := admin[routeDump](t, m, "/config_dump?resource=dynamic_route_configs").Configs[0].RouteConfig
	want := []string{"demo.default.svc.cluster.local", "demo.default.svc.cluster.local.", "demo", "demo.default.svc", "demo.default", "127.0.0.1"}
	if diff := cmp.Diff(want, table.VirtualHosts[0].Domains); diff != "" {
		t.Error(diff)
	}
	if m.Host() != want[0] {
		t.Errorf("host %q", m.Host())
	}
	if got := table.VirtualHosts[1].Routes[0].Route.Cluster; got != "PassthroughCluster" {
		t.Errorf("other hosts go to %q", got)
	}
}

func TestDumpFilters(t *testing.T) {
	type dump struct{ Configs []map[string]any }
	m := begin(t, Options{})
	check := func(query string, want ...string) {
		t.Helper()
		var got []string
		for _, c := range admin[dump](t, m, "/config_dump"+query).Configs {
			got = append(got, strings.TrimPrefix(c["@type"].(string), "type.googleapis.com/envoy.admin.v3."))
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", query, diff)
		}
	}
	check("", "ClustersConfigDump", "ListenersConfigDump", "RoutesConfigDump")
	check("?include_eds", "ClustersConfigDump", "EndpointsConfigDump", "ListenersConfigDump", "RoutesConfigDump")
	check("?resource=dynamic_listeners", "ListenersConfigDump.DynamicListener")
	check("?resource=dynamic_active_clusters&name_regex=.*v1.*", "ClustersConfigDump.DynamicCluster")
	check("?resource=dynamic_endpoint_configs&name_regex=.*v1.*", "EndpointsConfigDump.DynamicEndpointConfig")
	check("?resource=dynamic_route_configs&name_regex=1") // the whole name must match
}

func TestObjects(t *testing.T) {
	kinds := func(text string) (got []string) {
		t.Helper()
		for _, document := range strings.Split(text, "---\n") {
			var o struct {
				Kind     string
				Metadata struct{ Name, Namespace string }
			}
			if err := yaml.Unmarshal([]byte(document), &o); err != nil {
				t.Fatal(err)
			}
			got = append(got, o.Kind+" "+o.Metadata.Namespace+"/"+o.Metadata.Name)
		}
		return got
	}
	m := begin(t, Options{Fault: UnknownVersion})
	if diff := cmp.Diff([]string{"VirtualService default/demo", "DestinationRule default/demo"}, kinds(m.VirtualService())); diff != "" {
		t.Error(diff)
	}
	want := []string{"Service default/demo", "EndpointSlice default/demo-1", "Pod default/demo-1", "Pod default/demo-2", "Pod default/demo-3"}
	if diff := cmp.Diff(want, kinds(m.Workloads())); diff != "" {
		t.Error(diff)
	}
}

func TestRuleText(t *testing.T) {
	const want = `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata:
  name: demo
  namespace: default
spec:
  hosts:
  - demo
  http:
  - route:
    - destination:
        host: demo
        subset: v1
      weight: 90
    - destination:
        host: demo
        subset: "1.10"
      weight: 10
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata:
  name: demo
  namespace: default
spec:
  host: demo
  subsets:
  - labels:
      version: "1.10"
    name: v1
  - labels:
      version: v1
    name: "1.10"
`
	m := begin(t, Options{Fault: Swapped, Versions: []string{"v1", "1.10"}})
	if diff := cmp.Diff(want, m.VirtualService()); diff != "" {
		t.Error(diff)
	}
}
