package envoy

import (
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"respy/k8s"
)

func readDump(t *testing.T, name string) *Dump {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	d, err := ParseDump(f)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func query(t *testing.T, url, host string) Query {
	t.Helper()
	r, err := k8s.NewRequest("", url, host, nil)
	if err != nil {
		t.Fatal(err)
	}
	return Query{Request: r}
}

const weather = "weather-backend.default.svc.cluster.local"

// found is the part of a Route that says which one it is and what it does.
type found struct {
	Protocol, Config, Host string
	Index                  int
	Kind                   Kind
	Source                 string
	Clusters               []WeightedCluster
}

func summary(r Route) found {
	return found{r.Protocol, r.Config, r.VirtualHost, r.Index, r.Kind, r.Source.String(), r.Clusters}
}

func weatherSplit(config string) found {
	return found{HTTP, config, weather + ":5000", 0, KindWeighted, "virtualservice/default/vs-weather-backend", []WeightedCluster{
		{"outbound|5000|single|" + weather, 90}, {"outbound|5000|multiple|" + weather, 10},
	}}
}

func TestRouteOfSidecar(t *testing.T) {
	sniffed := weather + ":5000"
	shop, db, edge := "shop.default.svc.cluster.local", "db.default.svc.cluster.local", "edge.default.svc.cluster.local"
	cart := []WeightedCluster{{"outbound|80|v1|" + shop, 3}, {"outbound|80|v2|" + shop, 1}}
	one := func(name string) []WeightedCluster { return []WeightedCluster{{name, 1}} }
	d := readDump(t, "sidecar.json")
	for _, c := range []struct {
		name, url, host string
		want            found
	}{
		{"short name", "http://weather-backend:5000/version", "", weatherSplit(sniffed)},
		{"full name, final dot, capitals", "http://Weather-Backend.default.svc.cluster.local.:5000/", "", weatherSplit(sniffed)},
		{"virtual IP", "http://10.55.255.116:5000/", "", weatherSplit(sniffed)},
		{"unknown host on a known port", "http://elsewhere:5000/", "", found{
			HTTP, "5000", "allow_any", 0, KindCluster, "", one(PassthroughCluster)}},
		{"unknown port", "http://weather-backend:5001/", "", found{
			TCP, "virtualOutbound", "", -1, KindCluster, "", one(PassthroughCluster)}},
		{"default port", "http://shop/cart?x", "", found{
			HTTP, "80", shop + ":80", 1, KindWeighted, "virtualservice/default/vs-shop", cart}},
		{"prefix separated by the path", "http://shop/carts", "", found{HTTP, "80", shop + ":80", -1, KindNone, "", nil}},
		{"redirect", "http://shop/old", "", found{HTTP, "80", shop + ":80", 2, KindRedirect, "virtualservice/default/vs-shop", nil}},
		{"Host header on a port by host", "http://10.0.0.1/cart", "shop.default:80", found{
			HTTP, "80", shop + ":80", 1, KindWeighted, "virtualservice/default/vs-shop", cart}},
		{"default route", "http://users.prod/", "", found{
			HTTP, "80", "users.prod.svc.cluster.local:80", 0, KindCluster, "", one("outbound|80||users.prod.svc.cluster.local")}},
		{"blocked", "http://users/", "", found{HTTP, "80", "block_all", 0, KindDirectResponse, "", nil}},
		{"TCP", "http://db:6379/", "", found{TCP, "10.55.1.9_6379", "", -1, KindWeighted, "virtualservice/default/vs-db", []WeightedCluster{
			{"outbound|6379|old|" + db, 75}, {"outbound|6379|new|" + db, 25}}}},
		{"TLS by another name", "https://edge/", "", found{TCP, "10.55.1.10_443", "", -1, KindCluster, "", one("outbound|443||" + edge)}},
	} {
		if diff := cmp.Diff(c.want, summary(d.Route(query(t, c.url, c.host)))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

func TestRouteGoesByWhatIsDialed(t *testing.T) {
	d := readDump(t, "sidecar.json")
	q := query(t, "http://anything:5000/", "other.example.com")
	q.Dialed = "weather-backend"
	if diff := cmp.Diff(weatherSplit(weather+":5000"), summary(d.Route(q))); diff != "" {
		t.Errorf("by name (-want +got):\n%s", diff)
	}
	q.Dialed = "alias.example.com"
	q.Addresses = []netip.Addr{netip.MustParseAddr("10.55.255.116")}
	if diff := cmp.Diff(weatherSplit(weather+":5000"), summary(d.Route(q))); diff != "" {
		t.Errorf("by address (-want +got):\n%s", diff)
	}
	for host, want := range map[string]string{"a.edge.example.com": "a", "b.edge.example.com": "b", "edge.example.com": ""} {
		q := query(t, "https://"+host+"/", "")
		q.Addresses = []netip.Addr{netip.MustParseAddr("10.55.1.10")}
		r := d.Route(q)
		if len(r.Clusters) != 1 || ParseClusterName(r.Clusters[0].Name).Subset != want {
			t.Errorf("TLS to %s: got %v, want the subset %q", host, r.Clusters, want)
		}
	}
}

func TestRouteDetails(t *testing.T) {
	d := readDump(t, "sidecar.json")
	r := d.Route(query(t, "http://shop/cart", ""))
	if want := (Fault{Abort: .25, Status: 418, Delay: .5, By: 200 * time.Millisecond}); r.Fault != want {
		t.Errorf("got fault %+v, want %+v", r.Fault, want)
	}
	if want := time.Date(2026, 8, 22, 10, 0, 0, 123e6, time.UTC); !r.Updated.Equal(want) || r.Version != "2026-08-22T10:00:00Z/7" {
		t.Errorf("got version %s of %s", r.Version, r.Updated)
	}
	if got := r.Share("outbound|80|v1|shop.default.svc.cluster.local"); got != .75 {
		t.Errorf("got share %v, want .75", got)
	}
	if r := d.Route(query(t, "http://shop/old", "")); r.Status != 307 {
		t.Errorf("got status %d, want 307", r.Status)
	}
	if r := d.Route(query(t, "http://users/", "")); !r.Blocked() || r.Passthrough() || r.Status != 502 {
		t.Errorf("unknown host: got %+v, want it blocked", r)
	}
	if r := d.Route(query(t, "http://users:81/", "")); !r.Passthrough() || r.Blocked() {
		t.Errorf("unknown port: got %+v, want it passed through", r)
	}
	canary := query(t, "http://shop/cart", "")
	canary.Request.Header = map[string][]string{"X-Canary": {"always"}}
	if r := d.Route(canary); r.Name != "canary" || r.Index != 0 {
		t.Errorf("with the header: got route %d %q, want canary", r.Index, r.Name)
	}
	if diff := cmp.Diff(map[string]string{"app": "probe", "version": "v1"}, d.Node.Labels); diff != "" {
		t.Errorf("labels (-want +got):\n%s", diff)
	}
}

func TestRouteOfGateway(t *testing.T) {
	d := readDump(t, "gateway.json")
	r := d.Route(query(t, "http://203.0.113.7/", "colors.example.com"))
	if r.Config != "http.8080" || r.Source.String() != "virtualservice/default/colors" || len(r.Clusters) != 3 {
		t.Errorf("behind a mapped port: got %+v", r)
	}
	if other := d.Route(query(t, "http://127.0.0.1:8080/", "colors.example.com")); !other.Equal(r) {
		t.Errorf("at the proxy's own port: got %+v, want the same", other)
	}
	if r := d.Route(query(t, "http://secure.example.com/", "")); r.Kind != KindRedirect || r.Status != 301 {
		t.Errorf("host that requires TLS: got %+v", r)
	}
	if r := d.Route(query(t, "https://secure.example.com/", "")); r.Config != "https.443.https.web.default" || r.Kind != KindCluster {
		t.Errorf("https: got %+v", r)
	}
	if r := d.Route(query(t, "http://unknown.example.com/", "")); r.Kind != KindNone || r.VirtualHost != "" {
		t.Errorf("unknown host: got %+v, want none", r)
	}
}

func TestRouteOfWaypoint(t *testing.T) {
	d := readDump(t, "waypoint.json")
	r := d.Route(query(t, "http://weather-backend:5000/version", ""))
	got := []ClusterName{ParseClusterName(r.Clusters[0].Name), ParseClusterName(r.Clusters[1].Name)}
	want := []ClusterName{{"inbound-vip", 5000, "single", weather}, {"inbound-vip", 5000, "multiple", weather}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("clusters (-want +got):\n%s", diff)
	}
	if r := d.Route(query(t, "http://shop/", "")); r.Kind != KindCluster || r.Source != (Source{}) {
		t.Errorf("service without a rule: got %+v", r)
	}
}

func TestRouteOfIstioctlsRoutes(t *testing.T) {
	d := readDump(t, "istioctl-routes.json")
	whole := readDump(t, "sidecar.json")
	for _, url := range []string{"http://weather-backend:5000/", "http://shop/cart", "http://shop/old", "http://users/"} {
		got, want := d.Route(query(t, url, "")), whole.Route(query(t, url, ""))
		if got.Config != want.Config || !got.Equal(want) || got.Kind == KindNone {
			t.Errorf("%s: got %+v, want %+v", url, got, want)
		}
	}
}

func TestListenerTakesThePortOffTheHost(t *testing.T) {
	d, err := ParseDump(strings.NewReader(`{"static_listeners":[{"listener":{"name":"l",
		"address":{"socket_address":{"address":"0.0.0.0","port_value":8080}},"filter_chains":[{"filters":[{"typed_config":{
		"@type":"type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
		"strip_any_host_port":true,"route_config":{"name":"local","virtual_hosts":[
			{"name":"v","domains":["a.example.com"],"routes":[{"match":{"prefix":"/"},"route":{"cluster":"a"}}]}]}}}]}]}}]}`))
	if err != nil {
		t.Fatal(err)
	}
	if r := d.Route(query(t, "http://a.example.com:8080/", "")); r.Config != "local" || r.Kind != KindCluster {
		t.Errorf("got %+v, want the virtual host", r)
	}
}
