package envoy

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseClusterName(t *testing.T) {
	for name, want := range map[string]ClusterName{
		"outbound|5000|single|weather-backend.default.svc.cluster.local": {"outbound", 5000, "single", weather},
		"outbound|5000||Weather-Backend.default.svc.cluster.local":       {"outbound", 5000, "", weather},
		"outbound|80||web-v1":                       {"outbound", 80, "", "web-v1"},
		"outbound|||web-v1":                         {"outbound", 0, "", "web-v1"},
		"inbound|8080||":                            {"inbound", 8080, "", ""},
		"inbound-vip|5000|http/multiple|" + weather: {"inbound-vip", 5000, "multiple", weather},
		"inbound-vip|5000|http|" + weather:          {"inbound-vip", 5000, "", weather},
		"outbound_.5000_._.a.b":                     {Host: "outbound_.5000_._.a.b"},
		PassthroughCluster:                          {Host: PassthroughCluster},
		"a|b":                                       {Host: "a|b"},
		"outbound|x|y|z":                            {Host: "outbound|x|y|z"},
		"outbound|65536|y|z":                        {Host: "outbound|65536|y|z"},
		"|1||z":                                     {Host: "|1||z"},
		"":                                          {},
	} {
		if diff := cmp.Diff(want, ParseClusterName(name)); diff != "" {
			t.Errorf("%q (-want +got):\n%s", name, diff)
		}
	}
}

func TestParseNodeID(t *testing.T) {
	for id, want := range map[string]Node{
		"sidecar~10.1.0.2~web-1.shop~shop.svc.cluster.local": {
			Role: Sidecar, Address: "10.1.0.2", Pod: "web-1", Namespace: "shop", Suffix: "svc.cluster.local"},
		"router~10.1.0.3~gw.v2.istio-system~istio-system.svc.mesh.example": {
			Role: Router, Address: "10.1.0.3", Pod: "gw.v2", Namespace: "istio-system", Suffix: "svc.mesh.example"},
		"waypoint~fd00::1~wp~x": {Role: Waypoint, Address: "fd00::1", Pod: "wp"},
		"ztunnel~a~b.c~d":       {},
		"front-proxy":           {},
		"":                      {},
	} {
		want.ID = id
		if diff := cmp.Diff(want, ParseNodeID(id)); diff != "" {
			t.Errorf("%q (-want +got):\n%s", id, diff)
		}
	}
}

func TestMatchDomain(t *testing.T) {
	check := func(domain, host string, want domainKind) {
		t.Helper()
		if got := matchDomain(domain, host); got.kind != want {
			t.Errorf("%q for %q: got %d, want %d", domain, host, got.kind, want)
		}
	}
	check("*", "", anyHost)
	check("a.b", "a.b", exactHost)
	check("a.b", "a.b.", noMatch)
	check("*.b", "a.b", suffixWildcard)
	check("*.b", ".b", noMatch)
	check("*.b", "b", noMatch)
	check("*-x.b", "a-x.b", suffixWildcard)
	check("a.*", "a.b", prefixWildcard)
	check("a.*", "a.", noMatch)
	check("a.*", "b.a.c", noMatch)
}

func TestWithoutPort(t *testing.T) {
	for authority, want := range map[string]string{
		"a": "a", "a:80": "a", "a:": "a", "a:x": "a:x", "[::1]:80": "[::1]", "[::1]": "[::1]", "::1": "::1", "": "", ":80": "",
	} {
		if got := withoutPort(authority); got != want {
			t.Errorf("%q: got %q, want %q", authority, got, want)
		}
	}
}

// FuzzVirtualHost holds the search order to its definition: no domain that matches is better than the one found.
func FuzzVirtualHost(f *testing.F) {
	f.Add("*.foo.com,foo.*,*,a.foo.com", "a.foo.com", false)
	f.Add("*-bar.foo.com,*.com", "x-bar.foo.com:80", true)
	f.Add(",*,**", "", true)
	f.Fuzz(func(t *testing.T, domains, authority string, ignorePort bool) {
		tab := table{ignorePort: ignorePort}
		for d := range strings.SplitSeq(strings.ToLower(domains), ",") {
			tab.hosts = append(tab.hosts, virtualHost{name: d, domains: []string{d}})
		}
		host := strings.ToLower(authority)
		if ignorePort {
			host = withoutPort(host)
		}
		v, domain, ok := tab.virtualHost(authority)
		got := matchDomain(domain, host)
		if ok && (v.name != domain || got.kind == noMatch) {
			t.Fatalf("got %q by %q, which does not match", v.name, domain)
		}
		for _, h := range tab.hosts {
			if m := matchDomain(h.name, host); m.kind != noMatch && (!ok || m.better(got)) {
				t.Errorf("got %q, %v; %q is better", domain, ok, h.name)
			}
		}
	})
}
