package envoy

import (
	"bytes"
	"encoding/json"
	"iter"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"
	"github.com/tidwall/gjson"

	"respy/k8s"
)

// recorded are the parts of the saved dumps, without blanks: the fuzzer minimizes every new input, which takes minutes
// for a whole dump.
func recorded(f *testing.F) [][]byte {
	f.Helper()
	files, err := filepath.Glob("testdata/*.json")
	if err != nil || len(files) == 0 {
		f.Fatalf("no saved dumps: %v", err)
	}
	var parts [][]byte
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		var small bytes.Buffer
		if err := json.Compact(&small, text); err != nil {
			f.Fatal(err)
		}
		m := message{}
		if m, err = parseMessage(small.Bytes()); err != nil {
			f.Fatal(err)
		}
		for _, one := range append(m.elements(), m.list("configs")...) {
			parts = append(parts, []byte(one.Raw))
		}
	}
	return parts
}

// snake is a field's name as Envoy prints it.
var snake = regexp.MustCompile(`^[a-z]+(_[a-z]+)+$`)

// respelled is the message as istioctl would print it: the names of fields in camelCase, with blanks. The keys of labels
// are no names of fields and stay.
func respelled(m message) string {
	var b strings.Builder
	b.WriteString(" ")
	switch {
	case m.IsObject():
		separator := "{ "
		for key, value := range pairs(m) {
			name := key.Raw
			if snake.MatchString(key.Str) {
				name = strconv.Quote(camelCase(key.Str))
			}
			text := value.Raw
			if key.Str != "LABELS" {
				text = respelled(value)
			}
			b.WriteString(separator + name + " : " + text)
			separator = ",\n"
		}
		b.WriteString(strings.TrimPrefix(separator, ",\n") + "}")
	case m.IsArray():
		separator := "["
		for _, one := range m.elements() {
			b.WriteString(separator + respelled(one))
			separator = ", "
		}
		b.WriteString(strings.TrimPrefix(separator, ", ") + "]")
	default:
		b.WriteString(m.Raw)
	}
	return b.String()
}

func pairs(m message) iter.Seq2[message, message] {
	return func(yield func(key, value message) bool) {
		m.ForEach(func(key, value gjson.Result) bool { return yield(message{key}, message{value}) })
	}
}

// onOneLine fails where an error is no sentence for a terminal.
func onOneLine(t *testing.T, err error) {
	t.Helper()
	if text := err.Error(); text == "" || strings.ContainsFunc(text, unicode.IsControl) {
		t.Errorf("an error that is no sentence: %q", text)
	}
}

// FuzzNames takes the names apart that Istio gives clusters and nodes, and the address that the user gives a proxy.
func FuzzNames(f *testing.F) {
	for _, seed := range []string{
		"outbound|5000|single|weather-backend.default.svc.cluster.local", "inbound-vip|1|http/v|h", "inbound|8080||", "|||", "plain",
		"outbound|-1||", "a|0|b|c", PassthroughCluster, "sidecar~10.244.0.7~probe-5d.default~default.svc.cluster.local",
		"router~10.1.0.3~gw.v2.istio-system~istio-system.svc.mesh.example", "waypoint~fd00::1~wp~x", "~~~", "15000", "::1", "[::1]:80",
		"http://127.0.0.1:15000/proxy/", "https://envoy.example", "127.0.0.1:0", "a b", "http://u@h", "65536", "%zz", "/a b/", "//", "https://", "a?", "%25", "[fe80::1%25eth0]:80",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, name string) {
		checkClusterName(t, name)
		checkNodeID(t, name)
		admin, err := New(name)
		if err != nil {
			onOneLine(t, err)
			return
		}
		if strings.Contains(admin.base.Host, "%") {
			return // the zone of an address, which is shown as it is and read in the form of URLs
		}
		again, err := New(admin.String())
		if err != nil || again.String() != admin.String() || again.base.String() != admin.base.String() {
			t.Errorf("%q is at %v, and that at %v (%v)", name, admin, again, err)
		}
	})
}

func checkClusterName(t *testing.T, name string) {
	c := ParseClusterName(name)
	if c.Direction == "" {
		if c != (ClusterName{Host: name}) {
			t.Errorf("%q: got %+v, want the name as the host", name, c)
		}
		return
	}
	if c.Port < 0 || c.Port > 65535 || strings.Count(name, "|") != 3 {
		t.Errorf("%q: got %+v", name, c)
	}
	if c.Direction == "inbound-vip" {
		return // its subset stands beside a protocol
	}
	again := strings.Join([]string{c.Direction, strconv.Itoa(c.Port), c.Subset, c.Host}, "|")
	if diff := cmp.Diff(c, ParseClusterName(again)); diff != "" {
		t.Errorf("%q is %q, and that is another (-want +got):\n%s", name, again, diff)
	}
}

func checkNodeID(t *testing.T, id string) {
	n := ParseNodeID(id)
	if n.ID != id || n.Role == Plain && n.Address+n.Pod+n.Namespace+n.Suffix != "" {
		t.Errorf("%q: got %+v", id, n)
	}
	if n.Role != Plain && !strings.HasPrefix(id, string(n.Role)+"~"+n.Address+"~"+n.Pod) || strings.Contains(n.Namespace, ".") {
		t.Errorf("%q: got %+v", id, n)
	}
}

// FuzzAdminAnswers reads what a proxy answers, as counters and as who it is.
func FuzzAdminAnswers(f *testing.F) {
	f.Add([]byte(clustersJSON))
	f.Add([]byte(`{"cluster_statuses":[{"name":"a","host_statuses":[{"stats":[{"name":"rq_total","value":"-1"}]}]},{"name":"a"}]}`))
	f.Add([]byte(`{"clusterStatuses":[null,1,{"hostStatuses":[{"address":{"socketAddress":{"portValue":1e99}}},{}]}]}`))
	f.Add([]byte(`{"cluster_statuses":[{"host_statuses":[{"stats":[{"name":"rq_total","value":"18446744073709551615"}]},{"stats":[{"name":"rq_total","value":7}]}]}]}`))
	f.Add([]byte(`{"version":"a/1.40.0/Clean/RELEASE/BoringSSL","state":"LIVE","uptime_current_epoch":"12.5s","node":{"id":"sidecar~1~a.b~b.svc.c","metadata":{"NAMESPACE":"b","LABELS":{"app":"x_y"}}}}`))
	f.Add([]byte(`{"cluster_statuses":[{"name":[{"":{}}],"host_statuses":[{"health_status":{"eds_health_status":{"a":1}}}]},{"name":"a"}]}`))
	f.Add([]byte(`{"version":"","state":1,"uptime_current_epoch":"-1h"}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		checkServer(t, body)
		c, err := ParseCounters(body)
		if err != nil {
			onOneLine(t, err)
			return
		}
		checkCounters(t, c)
		again, err := ParseCounters([]byte(respelled(message{gjson.ParseBytes(body)})))
		if diff := cmp.Diff(c, again); err != nil || diff != "" {
			t.Errorf("in istioctl's spelling it is another answer, %v (-want +got):\n%s", err, diff)
		}
	})
}

// checkCounters holds that the hosts make up their cluster, and that differences come out as they went in.
func checkCounters(t *testing.T, c Counters) {
	t.Helper()
	for _, one := range c.Clusters {
		var total Stats
		for i, h := range one.Hosts {
			total = total.plus(h.Stats)
			if i > 0 && one.Hosts[i-1].Address >= h.Address {
				t.Errorf("cluster %q has host %q after %q", one.Name, h.Address, one.Hosts[i-1].Address)
			}
		}
		if diff := cmp.Diff(one.Total, total); diff != "" {
			t.Errorf("cluster %q is not the sum of its hosts (-want +got):\n%s", one.Name, diff)
		}
		if found, ok := c.Cluster(one.Name); !ok || found.Name != one.Name {
			t.Errorf("cluster %q is not found", one.Name)
		}
	}
	none, all := Difference(c, c), Difference(Counters{}, c)
	if none.Requests() != 0 || none.Reset || none.Left || len(none.Clusters) != len(c.Clusters) {
		t.Errorf("difference to itself: %+v", none)
	}
	if all.Reset || all.Left || all.Plus(none).Requests() != all.Requests() || none.Plus(all).Requests() != all.Requests() {
		t.Errorf("difference to nothing: %+v", all)
	}
}

func checkServer(t *testing.T, body []byte) {
	t.Helper()
	s, ok := parseServer(body)
	if !ok {
		return
	}
	if s.Restarted(s) {
		t.Errorf("restarted since the same moment: %+v", s)
	}
	again, ok := parseServer([]byte(respelled(message{gjson.ParseBytes(body)})))
	if diff := cmp.Diff(s, again); !ok || diff != "" {
		t.Errorf("in istioctl's spelling it is another (-want +got):\n%s", diff)
	}
}

// dumpSeeds are what real dumps do not have.
func dumpSeeds() [][]byte {
	var seeds [][]byte
	for _, text := range []string{
		route1(`{"match":{"safe_regex":{"regex":"(a|a)*"}}},{"match":null,"route":[]}`),
		route1(`{"match":{"prefix":"/","headers":[{"name":"x","invert_match":true}]},"route":{"weighted_clusters":{"clusters":[{"name":"a","weight":"9"}]}}}`),
		`{"configs":[{"dynamic_route_configs":[{"version_info":"1","route_config":{"name":"a.default.svc.cluster.local:80","virtual_hosts":[{"domains":["*"]}]}}]}]}`,
		`[{"name":"http.80","virtualHosts":[{"name":"a:80","domains":["a.*"],"requireTls":"ALL"}]}]`,
		`{"bootstrap":{"node":{"id":"sidecar~1~a.b~b.svc.c","metadata":{"LABELS":{"a":"b"}}}},"virtual_hosts":[]}`,
		`{"active_state":{"listener":{"name":"virtualOutbound","default_filter_chain":{"filters":[{"typed_config":{"@type":".TcpProxy","cluster":"a"}}]}}}}`,
		`{"listener":{"address":{"socket_address":{"address":"::","port_value":80}},"filter_chains":[{"filter_chain_match":{"server_names":["*.a"]},"filters":[{"typed_config":{"@type":".HttpConnectionManager","rds":{"route_config_name":"x"}}}]}]}}`,
	} {
		seeds = append(seeds, []byte(text))
	}
	return seeds
}

func FuzzParseDump(f *testing.F) {
	for _, seed := range append(recorded(f), dumpSeeds()...) {
		f.Add(seed, weather, 5000)
		f.Add(seed, "a", 80)
	}
	f.Fuzz(func(t *testing.T, data []byte, host string, port int) {
		d, err := ParseDump(bytes.NewReader(data))
		if err != nil {
			onOneLine(t, err)
			return
		}
		q := Query{
			Request: k8s.Request{
				Scheme: "http", Method: "GET", Host: host, Port: port, Authority: host, Path: "/cart", Query: url.Values{"a": {"b"}},
			},
			Addresses: []netip.Addr{netip.MustParseAddr("10.96.0.10")},
		}
		r := d.Route(q)
		checkRoute(t, r)
		d.VirtualIPs(r)
		d.ClusterConfigs(host)
		for one := range d.Routes() {
			checkRoute(t, one)
		}
		again, err := ParseDump(strings.NewReader(respelled(message{gjson.ParseBytes(data)})))
		if err != nil {
			t.Fatalf("in istioctl's spelling: %v", err)
		}
		if diff := cmp.Diff(r, again.Route(q)); diff != "" {
			t.Errorf("in istioctl's spelling it is another route (-want +got):\n%s", diff)
		}
	})
}

// checkRoute holds what every route is, whatever its proxy was given.
func checkRoute(t *testing.T, r Route) {
	t.Helper()
	if r.Kind == "" || r.Protocol == "" || r.Index < -1 || !r.Equal(r) {
		t.Errorf("got %+v", r)
	}
	if r.Kind == KindNone && len(r.Clusters) > 0 || r.Kind == KindCluster && len(r.Clusters) != 1 {
		t.Errorf("of kind %s, with the clusters %+v", r.Kind, r.Clusters)
	}
	shares, seen := 0.0, map[string]bool{}
	for _, c := range r.Clusters {
		if share := r.Share(c.Name); !seen[c.Name] {
			shares += share
			seen[c.Name] = true
		}
	}
	if !(shares == 0 || shares > 1-1e-9 && shares < 1+1e-9) {
		t.Errorf("the shares add up to %g: %+v", shares, r.Clusters)
	}
	for _, share := range []float64{r.Fault.Abort, r.Fault.Delay} {
		if !(share >= 0 && share <= 1) {
			t.Errorf("a fault for a share of %g", share)
		}
	}
}
