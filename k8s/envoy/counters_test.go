package envoy

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// clustersJSON has what Envoy does: counters as strings, as numbers (older releases), absent for 0; a Unix socket; hosts
// that are ejected.
const clustersJSON = `{"cluster_statuses":[
 {"name":"b","added_via_api":true,"host_statuses":[
  {"address":{"socket_address":{"address":"10.0.0.2","port_value":80}},
   "stats":[{"name":"cx_connect_fail"},{"name":"cx_total","value":"3"},{"name":"rq_error","value":"1"},
            {"name":"rq_success","value":"41"},{"name":"rq_total","value":"42"},{"type":"GAUGE","name":"rq_active","value":"9"}],
   "health_status":{"eds_health_status":"HEALTHY","failed_outlier_check":true}},
  {"address":{"socket_address":{"address":"10.0.0.1","port_value":80}},
   "stats":[{"name":"rq_total","value":8},{"name":"cx_total","value":2}],"health_status":{"eds_health_status":"DRAINING"}},
  {"address":{"socket_address":{"address":"fd00::1","port_value":80}}}]},
 {"name":"a","host_statuses":[{"address":{"pipe":{"path":"/run/a.sock"}},"stats":[{"name":"cx_connect_fail","value":"5"}],
   "healthStatus":{"failedActiveHealthCheck":true}}]},
 {"name":"none"}]}`

func TestParseCounters(t *testing.T) {
	got, err := ParseCounters([]byte(clustersJSON))
	if err != nil {
		t.Fatal(err)
	}
	first, second := Stats{Requests: 8, Connections: 2}, Stats{Requests: 42, Successes: 41, Errors: 1, Connections: 3}
	want := Counters{Clusters: []Cluster{
		{Name: "a", Total: Stats{ConnectFailures: 5}, Hosts: []Host{
			{Address: "/run/a.sock", Stats: Stats{ConnectFailures: 5}, EDSHealth: "UNKNOWN", FailedActiveCheck: true},
		}},
		{Name: "b", Total: first.plus(second), Hosts: []Host{
			{Address: "10.0.0.1:80", Stats: first, EDSHealth: "DRAINING"},
			{Address: "10.0.0.2:80", Stats: second, EDSHealth: "HEALTHY", FailedOutlier: true},
			{Address: "[fd00::1]:80", EDSHealth: "UNKNOWN"},
		}},
		{Name: "none"},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	var healthy int
	for _, c := range got.Clusters {
		for _, h := range c.Hosts {
			if h.Healthy() {
				healthy++
			}
		}
	}
	if healthy != 1 {
		t.Errorf("got %d healthy hosts, want 1", healthy)
	}
	for _, bad := range []string{"", "x", "[]", `"x"`} {
		if _, err := ParseCounters([]byte(bad)); err == nil {
			t.Errorf("%q: got no error", bad)
		}
	}
}

// A cluster that takes its hosts from the connections lists an address once for each worker thread or connection.
func TestParseCountersOfRepeatedAddresses(t *testing.T) {
	one := func(requests, ejected string) string {
		return `{"address":{"socket_address":{"address":"10.0.0.1","port_value":80}},"stats":[{"name":"rq_total","value":"` + requests +
			`"}],"health_status":{"eds_health_status":"HEALTHY","failed_outlier_check":` + ejected + `}}`
	}
	got, err := ParseCounters([]byte(`{"cluster_statuses":[{"name":"a","host_statuses":[` +
		one("3", "false") + "," + one("40", "true") + "," + one("200", "true") + `]}]}`))
	if err != nil {
		t.Fatal(err)
	}
	all := Stats{Requests: 243}
	want := Counters{Clusters: []Cluster{{Name: "a", Total: all, Hosts: []Host{
		{Address: "10.0.0.1:80", Stats: all, EDSHealth: "HEALTHY", Repeated: true}}}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func cluster(name string, hosts ...Host) Cluster {
	c := Cluster{Name: name, Hosts: hosts}
	for _, h := range hosts {
		c.Total = c.Total.plus(h.Stats)
	}
	return c
}

func host(address string, requests uint64) Host {
	return Host{Address: address, Stats: Stats{Requests: requests, Connections: requests / 10}}
}

func TestDifference(t *testing.T) {
	before := Counters{[]Cluster{cluster("a", host("1", 100), host("2", 50)), cluster("gone", host("1", 0)), cluster("z", host("1", 7))}}
	after := Counters{[]Cluster{cluster("a", host("1", 130), host("2", 50), host("3", 10)), cluster("new"), cluster("z", host("1", 8))}}
	want := Delta{Clusters: []ClusterDelta{
		{"a", Stats{Requests: 40, Connections: 4}, []HostDelta{
			{"1", Stats{Requests: 30, Connections: 3}}, {"2", Stats{}}, {"3", Stats{Requests: 10, Connections: 1}}}},
		{Name: "gone"},
		{Name: "new"},
		{"z", Stats{Requests: 1}, []HostDelta{{"1", Stats{Requests: 1}}}},
	}}
	got := Difference(before, after)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got.Requests() != 41 || got.Cluster("z").Total.Requests != 1 || got.Cluster("unknown").Total != (Stats{}) {
		t.Errorf("got %d requests in all, %+v, %+v", got.Requests(), got.Cluster("z"), got.Cluster("unknown"))
	}
}

// What should be a text and is an object is none, and its spelling does not become a name.
func TestParseCountersOfNoNames(t *testing.T) {
	got, err := ParseCounters([]byte(`{"cluster_statuses":[{"name":{"a": 1}},{"name":[{"b":2}]},{"name":3}]}`))
	if diff := cmp.Diff(Counters{[]Cluster{{}, {}, {Name: "3"}}}, got); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

func TestDifferenceTellsWhatIsLost(t *testing.T) {
	check := func(name string, before, after Cluster, reset, left bool, requests uint64) {
		t.Helper()
		d := Difference(Counters{[]Cluster{before}}, Counters{[]Cluster{after}})
		if d.Reset != reset || d.Left != left || d.Requests() != requests {
			t.Errorf("%s: got reset %v, left %v, %d requests", name, d.Reset, d.Left, d.Requests())
		}
	}
	check("counters go back", cluster("a", host("1", 100)), cluster("a", host("1", 30)), true, false, 30)
	check("one counter goes back",
		cluster("a", Host{Address: "1", Stats: Stats{Errors: 1}}), cluster("a", host("1", 30)), true, false, 30)
	check("a host leaves", cluster("a", host("1", 100), host("2", 5)), cluster("a", host("1", 100)), false, true, 0)
	many := Host{Address: "1", Stats: Stats{Requests: 100}, Repeated: true}
	check("some of the same address leave", cluster("a", many), cluster("a", host("1", 30)), false, true, 30)
	check("connections of before are gone", cluster(PassthroughCluster, host("1", 9)), cluster(PassthroughCluster, host("1", 3)), false, true, 3)
	check("an idle host leaves", cluster("a", host("1", 100), host("2", 0)), cluster("a", host("1", 101)), false, false, 1)
}

func TestPlusSumsTwoProxies(t *testing.T) {
	one := Difference(Counters{}, Counters{[]Cluster{cluster("a", host("1", 10), host("2", 20)), cluster("b", host("1", 1))}})
	two := Difference(Counters{}, Counters{[]Cluster{cluster("a", host("2", 5), host("3", 7)), cluster("c", host("1", 2))}})
	two.Reset = true
	want := Difference(Counters{}, Counters{[]Cluster{
		cluster("a", host("1", 10), host("2", 20), host("3", 7)), cluster("b", host("1", 1)), cluster("c", host("1", 2))}})
	want.Clusters[0].Hosts[1].Stats.Requests += 5
	want.Clusters[0].Total.Requests += 5
	want.Reset = true
	if diff := cmp.Diff(want, one.Plus(two)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
