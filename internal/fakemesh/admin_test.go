package fakemesh

import (
	"net/http"
	"slices"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// counters are the sums over hosts by subset ("" is the whole service) and name.
type counters map[string]map[string]int

type clusterStatuses struct {
	ClusterStatuses []struct {
		Name         string
		HostStatuses []struct {
			Address struct {
				SocketAddress struct {
					Address   string
					PortValue int `json:"port_value"`
				} `json:"socket_address"`
			}
			Stats []struct{ Type, Name, Value string }
		} `json:"host_statuses"`
	} `json:"cluster_statuses"`
}

// checkCounters compares the counters of the given names that are not zero.
func checkCounters(t *testing.T, m *Mesh, want counters, names ...string) {
	t.Helper()
	got := make(counters)
	subsets := make(map[string]string)
	for _, c := range m.service.clusters() {
		subsets[c.name] = c.subset
	}
	for _, c := range admin[clusterStatuses](t, m, "/clusters?format=json").ClusterStatuses {
		sums := make(map[string]int)
		for _, h := range c.HostStatuses {
			for _, s := range h.Stats {
				n, err := strconv.Atoi(s.Value)
				if (s.Value != "") != (err == nil && n > 0) {
					t.Errorf("%s %s: value %q", c.Name, s.Name, s.Value)
				}
				if n > 0 && slices.Contains(names, s.Name) {
					sums[s.Name] += n
				}
			}
		}
		if len(sums) > 0 {
			got[subsets[c.Name]] = sums
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("counters (-want +got):\n%s", diff)
	}
}

// What was chosen is what was served, one request after the other on one
// connection: the proxy then needs one connection to each host.
func TestCountersEqualAnswers(t *testing.T) {
	const n = 300
	for _, fault := range Faults() {
		for _, right := range []bool{false, true} {
			t.Run(string(fault)+"/"+strconv.FormatBool(right), func(t *testing.T) {
				m := begin(t, Options{Fault: fault, Seed: 5, ProgrammedRight: right})
				got := tally(send(t, m, client(t, true), n))
				v1, v2 := got["demo: v1"], got["demo: v2"]
				want := counters{"v1": {"rq_total": v1, "rq_success": v1, "cx_total": 1}, "v2": {"rq_total": v2, "rq_success": v2, "cx_total": 1}}
				switch {
				case fault == PerConnection && !right:
					want = counters{"": {"rq_total": 1, "rq_active": 1, "cx_total": 1}}
				case fault == PerConnection && v1 == 0:
					delete(want, "v1")
				case fault == PerConnection:
					delete(want, "v2")
				case fault.unweighted() && !right:
					want = counters{"": {"rq_total": n, "rq_success": n, "cx_total": 2}}
				case fault == Swapped:
					want["v1"], want["v2"] = want["v2"], want["v1"]
				case fault == Failing:
					want["v2"] = map[string]int{"rq_total": n - v1, "rq_error": n - v1, "cx_total": 1}
				case fault == UnknownVersion:
					want["v1"] = map[string]int{"rq_total": n - v2, "rq_success": n - v2, "cx_total": 2}
				}
				checkCounters(t, m, want, "rq_total", "rq_success", "rq_error", "cx_total", "cx_connect_fail", "rq_active")
			})
		}
	}
}

func TestL4CountsConnections(t *testing.T) {
	m := begin(t, Options{Fault: PerConnection})
	for range 10 {
		send(t, m, client(t, true), 5)
	}
	checkCounters(t, m, counters{"": {"rq_total": 10, "cx_total": 10}}, "rq_total", "rq_success", "cx_total")
	if m.Requests() != 50 {
		t.Errorf("received %d, want 50", m.Requests())
	}
}

func TestClustersFilter(t *testing.T) {
	m := begin(t, Options{})
	check := func(query string, want int) {
		t.Helper()
		got := admin[clusterStatuses](t, m, "/clusters?format=json"+query).ClusterStatuses
		if len(got) != want {
			t.Errorf("%s: %d clusters, want %d", query, len(got), want)
		}
	}
	check("", 4)
	check(`&filter=demo\.default`, 3)
	check(`&filter=%5C%7Cv2%5C%7C`, 1)
	check(`&filter=nothing`, 0)
}

func TestServerInfo(t *testing.T) {
	m := begin(t, Options{})
	type info struct {
		Version, State string
		Uptime         string `json:"uptime_current_epoch"`
		Node           struct {
			ID       string
			Metadata struct {
				NAMESPACE string
				LABELS    map[string]string
			}
		}
	}
	got := admin[info](t, m, "/server_info")
	want := info{Version: "0/1.40.0/Clean/RELEASE/BoringSSL", State: "LIVE", Uptime: got.Uptime}
	want.Node.ID = "sidecar~127.0.0.1~respy-demo.default~default.svc.cluster.local"
	want.Node.Metadata.NAMESPACE = "default"
	want.Node.Metadata.LABELS = map[string]string{"app": "respy-demo"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if len(got.Uptime) < 2 || got.Uptime[len(got.Uptime)-1] != 's' {
		t.Errorf("uptime %q", got.Uptime)
	}
	if text, _ := get(t, client(t, false), request(t, "http://"+m.AdminAddr()+"/ready")); text != "LIVE" {
		t.Errorf("/ready: %q", text)
	}
}

func TestAdminRefuses(t *testing.T) {
	m := begin(t, Options{})
	check := func(path string, want int) {
		t.Helper()
		_, resp := get(t, client(t, false), request(t, "http://"+m.AdminAddr()+path))
		if resp.StatusCode != want {
			t.Errorf("%s: status %d, want %d", path, resp.StatusCode, want)
		}
	}
	check("/config_dump?resource=nonsense", http.StatusNotFound)
	check("/config_dump?name_regex=(", http.StatusBadRequest)
	check("/clusters?format=json&filter=(", http.StatusBadRequest)
	check("/clusters", http.StatusNotImplemented)
	check("/quitquitquit", http.StatusNotFound)
}
