package envoy

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestNewReadsAddresses(t *testing.T) {
	for address, want := range map[string]string{
		"127.0.0.1": "127.0.0.1:15000", "localhost:19000": "localhost:19000", "::1": "[::1]:15000", "[::1]": "[::1]:15000",
		"[::1]:15000": "[::1]:15000", "15001": "127.0.0.1:15001", ":15001": "127.0.0.1:15001", "http://a": "a:15000",
		"http://a:1/": "a:1", "http://a:1//": "a:1", "http://a:1/b%2Fc/": "http://a:1/b%2Fc", "https://a": "https://a", "https://": "https://127.0.0.1", "https://[::1]": "https://[::1]",
		"http://127.0.0.1:8001/api/v1/namespaces/a/pods/b:15000/proxy": "http://127.0.0.1:8001/api/v1/namespaces/a/pods/b:15000/proxy",
	} {
		a, err := New(address)
		if err != nil {
			t.Errorf("%q: %v", address, err)
		} else if a.String() != want {
			t.Errorf("%q: got %s, want %s", address, a, want)
		}
	}
	for _, address := range []string{"", "a:b", "a:0", "a:65536", "ftp://a", "http://u:p@a", "http://a?x", "::1:15000:x", "a b", "a?", "%25", "é", "[a]:1"} {
		if a, err := New(address); err == nil {
			t.Errorf("%q: got %s, want an error", address, a)
		}
	}
}

func TestServerOfSomethingElse(t *testing.T) {
	check := func(name string, foreign bool, address string) {
		t.Helper()
		a, err := New(address)
		if err != nil {
			t.Fatal(err)
		}
		_, err = a.Server(context.Background())
		var not *NotEnvoyError
		if err == nil || errors.As(err, &not) != foreign || !strings.Contains(err.Error(), address) {
			t.Errorf("%s: got error %v, want one of not being Envoy: %v", name, err, foreign)
		}
	}
	serve := func(status int, body string) string {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			w.Write([]byte(body))
		}))
		t.Cleanup(s.Close)
		return strings.TrimPrefix(s.URL, "http://")
	}
	check("status 404", true, serve(404, "no"))
	check("a page", true, serve(200, "<html>"))
	check("other JSON", true, serve(200, `{"version":"1"}`))
	check("redirect", true, serve(302, ""))
	check("another protocol", true, talker(t, "SSH-2.0-OpenSSH_9.2\r\n"))
	check("hangs up", false, talker(t, ""))
	check("refused", false, refused(t))
}

// talker is a server that says the text, reads what it is sent, and closes.
func talker(t *testing.T, text string) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			conn.Write([]byte(text))
			conn.Read(make([]byte, 4096))
			conn.Close()
		}
	}()
	return l.Addr().String()
}

func refused(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func TestGetStopsWithTheContext(t *testing.T) {
	asked := make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		close(asked)
		<-r.Context().Done()
	}))
	defer s.Close()
	a, err := New(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		<-asked
		cancel()
	}()
	if _, err := a.Server(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got error %v, want the cancellation", err)
	}
}

// TestDumpOfASidecarAsksForThePort pins the requests: a sidecar's whole dump may have hundreds of megabytes.
func TestDumpOfASidecarAsksForThePort(t *testing.T) {
	var asked []string
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.Method+" "+r.URL.Path+" "+r.URL.Query().Get("resource")+" "+r.URL.Query().Get("name_regex"))
		if r.URL.Query().Get("resource") == "dynamic_listeners" {
			http.Error(w, "dynamic_listeners not found in config dump", http.StatusNotFound)
			return
		}
		w.Write([]byte("{}"))
	}))
	defer s.Close()
	a, err := New(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	d, err := a.Dump(context.Background(), ParseNodeID("sidecar~10.0.0.1~a.b~b.svc.cluster.local"), 5000)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"GET /config_dump dynamic_route_configs (.*:)?5000",
		`GET /config_dump dynamic_listeners .*_5000|virtualOutbound`,
	}
	if diff := cmp.Diff(want, asked); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
	if r := d.Route(query(t, "http://a:5000/", "")); r.Kind != KindNone || r.Config != "" || len(r.Notes) != 1 {
		t.Errorf("route in an empty dump: got %+v", r)
	}
}

// TestDumpForARequest pins the requests: where the dialled address is known, one listener and its table are enough.
func TestDumpForARequest(t *testing.T) {
	var asked []string
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.FormValue("resource")+" "+r.FormValue("name_regex"))
		if r.FormValue("resource") == "dynamic_listeners" {
			w.Write([]byte(`{"configs":[{"name":"10.96.0.7_5000","active_state":{"listener":{"name":"10.96.0.7_5000","filter_chains":[{"filters":[
				{"typed_config":{"@type":"type.googleapis.com/x.HttpConnectionManager","rds":{"route_config_name":"a.b.svc.cluster.local:5000"}}}]}]}}}]}`))
			return
		}
		w.Write([]byte("{}"))
	}))
	defer s.Close()
	a, err := New(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	q := query(t, "http://10.96.0.7:5000/", "")
	q.Addresses = []netip.Addr{netip.MustParseAddr("10.96.0.7")}
	if _, err := a.DumpFor(context.Background(), ParseNodeID("sidecar~10.0.0.1~a.b~b.svc.cluster.local"), q); err != nil {
		t.Fatal(err)
	}
	want := []string{
		`dynamic_listeners \[?(0\.0\.0\.0|::|10\.96\.0\.7)\]?_5000|virtualOutbound`,
		`dynamic_route_configs 5000|10\.96\.0\.7:5000|10\.96\.0\.7\.b\.svc\.cluster\.local:5000|10\.96\.0\.7\.svc\.cluster\.local:5000|` +
			`10\.96\.0\.7\.cluster\.local:5000|a\.b\.svc\.cluster\.local:5000`,
	}
	if diff := cmp.Diff(want, asked); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}

// TestCountersOfHosts pins the filter, and that an Envoy too old to know it gives the same.
func TestCountersOfHosts(t *testing.T) {
	var filter string
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		filter = r.FormValue("filter")
		w.Write([]byte(`{"cluster_statuses":[{"name":"outbound|80||a.b"},{"name":"outbound|81|v1|a.b"},{"name":"outbound|80||c.b"},
			{"name":"PassthroughCluster"},{"name":"InboundPassthroughCluster"},{"name":"xds-grpc"}]}`))
	}))
	defer s.Close()
	a, err := New(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	c, err := a.CountersOf(context.Background(), "a.b")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, one := range c.Clusters {
		names = append(names, one.Name)
	}
	if diff := cmp.Diff([]string{"PassthroughCluster", "outbound|80||a.b", "outbound|81|v1|a.b"}, names); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if want := `^(.*\|)?(PassthroughCluster|BlackHoleCluster|a\.b)$`; filter != want {
		t.Errorf("got filter %s, want %s", filter, want)
	}
}

func TestRestartedByUptime(t *testing.T) {
	node, at := ParseNodeID("a"), time.Unix(1e9, 0)
	first := Server{Node: node, Uptime: 3 * time.Second, ReadAt: at}
	check := func(want bool, uptime, later time.Duration) {
		t.Helper()
		if got := (Server{Node: node, Uptime: uptime, ReadAt: at.Add(later)}).Restarted(first); got != want {
			t.Errorf("uptime %s, %s later: got %v, want %v", uptime, later, got, want)
		}
	}
	check(false, 13*time.Second, 10*time.Second)
	check(false, 12*time.Second, 10*time.Second) // cut to whole seconds
	check(true, 9*time.Second, 10*time.Second)
	check(true, 2*time.Second, time.Second)
	if !(Server{Node: ParseNodeID("b"), Uptime: 4 * time.Second, ReadAt: at.Add(time.Second)}).Restarted(first) {
		t.Error("another node id: got no restart")
	}
}
