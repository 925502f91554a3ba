package envoy

import (
	"bufio"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"respy/internal/envoytest"
)

// A mesh is a real Envoy with the clusters that Istio would make for the weather app, and its two versions.
type mesh struct {
	proxy    *envoytest.Proxy
	admin    *Admin
	backends map[string]*envoytest.Backend // by cluster
}

const (
	single   = "outbound|5000|single|" + weather
	multiple = "outbound|5000|multiple|" + weather
	empty    = "outbound|5000|empty|" + weather
)

func newMesh(t *testing.T, listeners ...envoytest.Listener) mesh {
	t.Helper()
	m := mesh{backends: map[string]*envoytest.Backend{
		single: envoytest.NewBackend(t, "single"), multiple: envoytest.NewBackend(t, "multiple"),
	}}
	clusters := map[string][]string{empty: nil}
	for name, b := range m.backends {
		clusters[name] = []string{b.Address()}
	}
	m.proxy = envoytest.Start(t, envoytest.Config{Clusters: clusters, Listeners: listeners, Labels: map[string]string{"app": "probe"}})
	m.admin = adminOf(t, m.proxy)
	return m
}

func dynamic(routes ...string) envoytest.Listener {
	return envoytest.Listener{Name: "http", RDS: "5000", VirtualHosts: weatherHost(routes...)}
}

func weatherHost(routes ...string) []envoytest.VirtualHost {
	return []envoytest.VirtualHost{{Name: weather + ":5000", Domains: []string{"weather-backend", weather}, Routes: routes}}
}

func (m mesh) counters(t *testing.T) Counters {
	t.Helper()
	c, err := m.admin.Counters(context.Background(), single, multiple, empty)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// send makes n requests for weather-backend and returns how often each status and version came.
func (m mesh) send(t *testing.T, client *http.Client, url string, n int) map[string]int {
	t.Helper()
	got := map[string]int{}
	for range n {
		req, err := http.NewRequest(http.MethodGet, url, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Host = "weather-backend"
		res, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		got[fmt.Sprintf("%d %s", res.StatusCode, body)]++
	}
	return got
}

// agree fails unless the proxy's counters are those of the backends and of the answers.
func (m mesh) agree(t *testing.T, d Delta, answers map[string]int) {
	t.Helper()
	for name, b := range m.backends {
		chosen := d.Cluster(name).Total
		if int64(chosen.Requests) != b.Hits() || int(chosen.Requests) != answers["200 "+b.Version] {
			t.Errorf("%s: chosen %d, served %d, observed %d: want the same", name, chosen.Requests, b.Hits(), answers["200 "+b.Version])
		}
	}
}

func TestChosenIsWhatIsObserved(t *testing.T) {
	const n = 2000
	m := newMesh(t, dynamic(envoytest.Split("", envoytest.Share{Cluster: single, Weight: 90}, envoytest.Share{Cluster: multiple, Weight: 10})))
	r := dumpOf(t, m.proxy, 5000).Route(query(t, "http://weather-backend:5000/version", ""))
	want := found{HTTP, "5000", weather + ":5000", 0, KindWeighted, "", []WeightedCluster{{single, 90}, {multiple, 10}}}
	if diff := cmp.Diff(want, summary(r)); diff != "" {
		t.Fatalf("programmed (-want +got):\n%s", diff)
	}
	if r.Updated.IsZero() || r.Version == "" {
		t.Errorf("got version %q of %s, want both", r.Version, r.Updated)
	}
	before := m.counters(t)
	answers := m.send(t, http.DefaultClient, "http://"+m.proxy.Address("http"), n)
	d := Difference(before, m.counters(t))
	m.agree(t, d, answers)
	if d.Requests() != n || d.Reset || d.Left {
		t.Errorf("got %d requests, reset %v, left %v, want %d", d.Requests(), d.Reset, d.Left, n)
	}
	// 200 ± 13.4 requests go to the second; 7σ are exceeded once in 10¹¹ runs.
	if k := d.Cluster(multiple).Total.Requests; k < 106 || k > 294 {
		t.Errorf("chosen %d of %d for a weight of 10%%", k, n)
	}
	if s := d.Cluster(single).Total; s.Successes != s.Requests || s.Errors != 0 || s.Connections == 0 {
		t.Errorf("got %+v, want successes alone", s)
	}
}

func TestChangeOfWeightsChangesTheHash(t *testing.T) {
	shares := func(a, b int) string {
		return envoytest.Split("", envoytest.Share{Cluster: single, Weight: a}, envoytest.Share{Cluster: multiple, Weight: b})
	}
	m := newMesh(t, dynamic(shares(90, 10)))
	route := func() Route {
		return dumpOf(t, m.proxy, 5000).Route(query(t, "http://weather-backend:5000/", ""))
	}
	before := route()
	m.proxy.SetRoutes(t, "5000", weatherHost(shares(9, 1)))
	if after := route(); !after.Equal(before) || after.Version == before.Version {
		t.Errorf("weights 9:1 for 90:10: got equal %v, version %s for %s", after.Equal(before), after.Version, before.Version)
	}
	m.proxy.SetRoutes(t, "5000", weatherHost(shares(50, 50)))
	if after := route(); after.Equal(before) || after.Share(multiple) != .5 {
		t.Errorf("weights 50:50 for 90:10: got equal, or share %v", after.Share(multiple))
	}
}

func TestSharesWithoutAnAnswer(t *testing.T) {
	m := newMesh(t, dynamic(
		envoytest.Split(`{"prefix":"/empty"}`, envoytest.Share{Cluster: empty, Weight: 1}, envoytest.Share{Cluster: multiple, Weight: 0}),
		envoytest.Split(`{"prefix":"/undefined"}`, envoytest.Share{Cluster: "outbound|5000|undefined|" + weather, Weight: 1}),
	))
	d := dumpOf(t, m.proxy, 5000)
	url := "http://" + m.proxy.Address("http")
	before := m.counters(t)
	check := func(path string, kind Kind, answer string) {
		t.Helper()
		if r := d.Route(query(t, "http://weather-backend:5000"+path, "")); r.Kind != kind || r.VirtualHost == "" {
			t.Errorf("%s: got %+v, want kind %s", path, r, kind)
		}
		if got := m.send(t, http.DefaultClient, url+path, 3); got[answer] != 3 {
			t.Errorf("%s: got %v, want %q", path, got, answer)
		}
	}
	check("/empty", KindWeighted, "503 no healthy upstream")
	check("/undefined", KindWeighted, "503 ")
	check("/other", KindNone, "404 ")
	if got := Difference(before, m.counters(t)).Requests(); got != 0 {
		t.Errorf("got %d requests in the counters, want none", got)
	}
	c, ok := before.Cluster(empty)
	if !ok || len(c.Hosts) != 0 {
		t.Errorf("cluster without hosts: got %+v, %v", c, ok)
	}
	if _, ok := before.Cluster("outbound|5000|undefined|" + weather); ok {
		t.Error("a cluster that does not exist has counters")
	}
}

func TestTCPProxyCountsConnections(t *testing.T) {
	const connections, each = 40, 5
	m := newMesh(t, envoytest.Listener{Name: "tcp", TCP: []envoytest.Share{{Cluster: single, Weight: 75}, {Cluster: multiple, Weight: 25}}})
	r := dumpOf(t, m.proxy, 0).Route(query(t, fmt.Sprintf("http://127.0.0.1:%d/", m.proxy.Port("tcp")), ""))
	want := found{TCP, "tcp", "", -1, KindWeighted, "", []WeightedCluster{{single, 75}, {multiple, 25}}}
	if diff := cmp.Diff(want, summary(r)); diff != "" {
		t.Errorf("programmed (-want +got):\n%s", diff)
	}
	before := m.counters(t)
	for range connections {
		client := &http.Client{Transport: &http.Transport{}}
		if got := m.send(t, client, "http://"+m.proxy.Address("tcp"), each); len(got) != 1 {
			t.Errorf("one connection was answered by %v", got)
		}
		client.CloseIdleConnections()
	}
	d := Difference(before, m.counters(t))
	if d.Requests() != connections {
		t.Errorf("got %d requests in the counters, want one per connection: %d", d.Requests(), connections)
	}
	for _, c := range d.Clusters {
		if c.Total.Requests != c.Total.Connections {
			t.Errorf("%s: got %+v, want as many requests as connections", c.Name, c.Total)
		}
	}
}

func TestHTTP10IsCountedToo(t *testing.T) {
	li := dynamic(envoytest.Split("", envoytest.Share{Cluster: single, Weight: 1}, envoytest.Share{Cluster: multiple, Weight: 1}))
	li.HTTP10 = true
	m := newMesh(t, li)
	before := m.counters(t)
	answers := map[string]int{}
	for range 20 {
		answers[http10(t, m.proxy.Address("http"))]++
	}
	m.agree(t, Difference(before, m.counters(t)), answers)
}

func http10(t *testing.T, address string) string {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprint(conn, "GET / HTTP/1.0\r\nHost: weather-backend\r\n\r\n")
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%d %s", res.StatusCode, body)
}

func TestTLSListenerOfAPlainEnvoy(t *testing.T) {
	m := newMesh(t, envoytest.Listener{Name: "https", TLS: true, VirtualHosts: weatherHost(
		envoytest.Split("", envoytest.Share{Cluster: single, Weight: 1}, envoytest.Share{Cluster: multiple, Weight: 2}))})
	q := query(t, fmt.Sprintf("https://127.0.0.1:%d/", m.proxy.Port("https")), "weather-backend")
	if r := dumpOf(t, m.proxy, 0).Route(q); r.Config != "https" || r.Share(multiple) != 2./3 {
		t.Errorf("programmed: got %+v", r)
	}
	before := m.counters(t)
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: m.proxy.Roots}}}
	defer client.CloseIdleConnections()
	answers := m.send(t, client, "https://"+m.proxy.Address("https"), 50)
	m.agree(t, Difference(before, m.counters(t)), answers)
}

func TestRestartIsSeen(t *testing.T) {
	m := newMesh(t, dynamic(envoytest.Split("", envoytest.Share{Cluster: single, Weight: 1})))
	server := func() Server {
		s, err := m.admin.Server(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	first := server()
	if first.Node.Role != Sidecar || first.Node.Namespace != "default" || first.Node.Labels["app"] != "probe" || first.State != "LIVE" {
		t.Errorf("got %+v", first)
	}
	m.send(t, http.DefaultClient, "http://"+m.proxy.Address("http"), 3)
	before := m.counters(t)
	time.Sleep(2500 * time.Millisecond) // a restart sooner after the start cannot be told from the uptime's resolution
	if second := server(); second.Restarted(first) {
		t.Errorf("the same process: uptime %s, then %s, taken for a restart", first.Uptime, second.Uptime)
	}
	m.proxy.Restart(t)
	if third := server(); !third.Restarted(first) {
		t.Errorf("restart not seen: uptime %s, then %s", first.Uptime, third.Uptime)
	}
	if d := Difference(before, m.counters(t)); !d.Reset {
		t.Errorf("counters that went back: got %+v, want a reset", d)
	}
}
