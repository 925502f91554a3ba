package k8s

import (
	"net/http"
	"testing"
)

func TestResolve(t *testing.T) {
	for host, want := range map[string]string{
		"reviews": "reviews.ns.svc.cluster.local", "Reviews": "reviews.ns.svc.cluster.local", "reviews.other": "reviews.other",
		"reviews.other.svc": "reviews.other.svc", "reviews.other.svc.cluster.local": "reviews.other.svc.cluster.local",
		"*": "*", "*.Example.com": "*.example.com", "": "",
	} {
		if got := resolve(host, "ns", "cluster.local"); got != want {
			t.Errorf("%s: got %s, want %s", host, got, want)
		}
	}
}

func TestRank(t *testing.T) {
	check := func(host, name string, want int) {
		t.Helper()
		if got := rank(host, name); got != want {
			t.Errorf("%s, %s: got %d, want %d", host, name, got, want)
		}
	}
	check("a.b", "a.b", rankExact)
	check("*", "a.b", rankAny)
	check("*.b", "a.b", 3)
	check("*.b", "x.a.b", 3)
	check("*.b", "b", rankNone)
	check("*.b", "ab", rankNone)
	check("a.b", "b", rankNone)
	check("", "", rankNone)
}

// Every form that a caller may use reaches the rule for the Service, and no other.
func TestRequestHosts(t *testing.T) {
	o := mustRead(t, `{apiVersion: v1, kind: Service, metadata: {name: reviews, namespace: shop}, spec: {clusterIP: 10.0.0.7, ports: [{port: 80}, {port: 9080}]}}`+
		aged("vs", "shop", "", "  hosts: [reviews]\n  http: [{route: [{destination: {host: reviews, subset: v1}}]}]"))
	check := func(host, namespace string, want bool) {
		t.Helper()
		l, err := o.Lookup(mustRequest(t, "http://"+host+"/"), Caller{Namespace: namespace, Entry: EntryMesh}, "")
		if err != nil {
			t.Fatal(err)
		}
		if got := l.InEffect; got != want {
			t.Errorf("%s from %s: got %t, want %t: %+v", host, namespace, got, want, l)
		}
	}
	check("reviews", "shop", true)
	check("reviews", "other", false)
	check("reviews.shop", "other", true)
	check("reviews.shop.svc", "other", true)
	check("reviews.shop.svc.cluster.local", "other", true)
	check("REVIEWS.shop.svc.cluster.local.", "other", true)
	check("reviews.shop:9080", "other", true)
	check("10.0.0.7", "other", true)
	check("10.0.0.8", "other", false)
	check("reviews.other", "shop", false)
	check("reviews.shop.example.com", "shop", false)
	check("[::1]", "shop", false)
}

func TestNewRequest(t *testing.T) {
	check := func(rawURL, host, header, wantHost, wantAuthority, wantPath string, wantPort int) {
		t.Helper()
		h := http.Header{}
		if header != "" {
			h.Set("Host", header)
		}
		r, err := NewRequest("", rawURL, host, h)
		if err != nil {
			t.Fatal(err)
		}
		if r.Host != wantHost || r.Authority != wantAuthority || r.Path != wantPath || r.Port != wantPort || r.Method != "GET" {
			t.Errorf("%s: got %+v", rawURL, r)
		}
	}
	check("http://Reviews:9080/a%2Fb?c=d", "", "", "reviews", "Reviews:9080", "/a%2Fb", 9080)
	check("https://reviews", "", "", "reviews", "reviews", "/", 443)
	check("http://10.0.0.1:31380/x", "shop.example.com", "", "shop.example.com", "shop.example.com", "/x", 31380)
	check("http://10.0.0.1/x", "", "Shop.example.com:80", "shop.example.com", "Shop.example.com:80", "/x", 80)
	check("http://10.0.0.1/x", "a", "b", "a", "a", "/x", 80)
	check("http://[::1]:8080/", "", "", "::1", "[::1]:8080", "/", 8080)
	check("http://[::1]/", "", "", "::1", "[::1]", "/", 80)
	for _, bad := range []string{"", "reviews:9080", "reviews", "ftp://reviews", "http://", "http:///x", "http://a:0", "http://a:70000", "http://a b"} {
		if r, err := NewRequest("", bad, "", nil); err == nil {
			t.Errorf("%q: got %+v, want an error", bad, r)
		}
	}
}

func TestVisibility(t *testing.T) {
	check := func(namespace string, exportTo []string, sees bool, tier int) {
		t.Helper()
		c := Caller{Namespace: namespace}
		if got := c.sees(exportTo, "home"); got != sees {
			t.Errorf("%s, %v: sees %t, want %t", namespace, exportTo, got, sees)
		}
		if got := c.tier(exportTo, "home"); sees && got != tier {
			t.Errorf("%s, %v: tier %d, want %d", namespace, exportTo, got, tier)
		}
	}
	check("away", nil, true, 2)
	check("away", []string{"*"}, true, 2)
	check("away", []string{"."}, false, 0)
	check("home", []string{"."}, true, 0)
	check("home", []string{"home"}, true, 0)
	check("away", []string{"away"}, true, 1)
	check("home", []string{"away"}, false, 0)
	check("home", []string{"~"}, false, 0)
	check("", []string{"~"}, false, 0)
}
