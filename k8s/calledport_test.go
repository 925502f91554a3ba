package k8s

import (
	"strings"
	"testing"
)

func TestPortThatTheServiceLacks(t *testing.T) {
	const (
		split = shopService + shopPods + shopSubsets + shopCanary
		fault = shopSplit + " (not in effect)\nerror passthrough the request port"
	)
	l := lookupShop(t, split, "http://shop.web:8080/x")
	checkShop(t, l, fault)
	checkFix(t, l, "passthrough", "call port 80: http://shop.web:80")
	checkFix(t, lookupShop(t, split, "https://shop.web/x"), "passthrough", "call port 80: http://shop.web:80")
	checkShop(t, lookupShop(t, split, "http://shop.web:80/x"), shopSplit)
	checkShop(t, lookupShop(t, shopSubsets+shopCanary, "http://shop.web:8080/x"), shopSplit) // the Service is not here
	request := func(url, host string) Lookup {
		t.Helper()
		r, err := NewRequest("", url, host, nil)
		if err != nil {
			t.Fatal(err)
		}
		l, err := mustRead(t, split).Lookup(r, Caller{}, "")
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	checkShop(t, request("http://127.0.0.1:8080/x", "shop.web"), shopSplit) // a port that is forwarded
	checkShop(t, request("http://shop.web.svc:8080/x", "shop.web"), fault)
	checkShop(t, lookupShop(t, split+"\n---\napiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: {name: more, namespace: web}\n"+
		"spec: {hosts: [shop.web.svc.cluster.local], ports: [{number: 8080, protocol: HTTP}]}\n", "http://shop.web:8080/x"), shopSplit)
}

func TestEncryptedRequest(t *testing.T) {
	const fault = shopSplit + " (not in effect)\nerror port-not-http VirtualService web/shop spec.http"
	secure := strings.Replace(shopService, "name: http, port: 80", "port: 443", 1)
	check := func(service, url string, caller Caller, want string) {
		t.Helper()
		checkShop(t, lookupAs(t, mustRead(t, service+shopPods+shopSubsets+shopCanary), url, caller), want)
	}
	check(secure, "https://shop.web/x", Caller{}, fault)
	check(secure, "https://shop.web/x", Caller{Entry: EntryMesh}, fault)
	check(secure, "http://shop.web:443/x", Caller{}, shopSplit)
	check(shopService, "https://shop.web:80/x", Caller{}, fault)
	l := lookupShop(t, shopService+shopPods+shopSubsets+shopCanary, "https://shop.web:80/x")
	if f := l.Findings[0]; !strings.Contains(f.Summary, "port 80 is http to the sidecar, which cannot read it") {
		t.Errorf("summary %q", f.Summary)
	}
	checkFix(t, l, "port-not-http", "call http://shop.web and let the sidecar encrypt")
}

func TestServiceEntryPort(t *testing.T) {
	const (
		outside = `
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: api, namespace: web}
spec: {hosts: [api.example.com], ports: [{number: 8443, name: any, protocol: HTTP}]}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: api, namespace: web}
spec:
  hosts: [api.example.com]
  http: [{route: [{destination: {host: a.example.com}, weight: 90}, {destination: {host: b.example.com}, weight: 10}]}]
`
		split = "api spec.http[0] a.example.com=90 b.example.com=10"
		fault = split + " (not in effect)\nerror port-not-http "
	)
	check := func(protocol, url, want string) {
		t.Helper()
		checkShop(t, lookupShop(t, strings.Replace(outside, "protocol: HTTP", "protocol: "+protocol, 1), url), want)
	}
	check("HTTP", "http://api.example.com:8443/", split)
	check("''", "http://api.example.com:8443/", split)
	check("TCP", "http://api.example.com:8443/", fault+"ServiceEntry web/api spec.ports[0].protocol")
	check("TLS", "https://api.example.com:8443/", fault+"VirtualService web/api spec.http")
}

func TestConnectionRulesOnHTTP(t *testing.T) {
	rules := strings.Replace(shopCanary, "http:", "tcp:", 1)
	check := func(port, rules, url, want string) {
		t.Helper()
		checkShop(t, lookupShop(t, strings.Replace(shopService, "name: http, port: 80", port, 1)+shopPods+shopSubsets+rules, url), want)
	}
	const (
		split   = "shop spec.tcp[0] v1=90 v2=10"
		ignored = split + " (not in effect)\nerror port-wrong-protocol VirtualService web/shop spec.tcp"
	)
	check("name: http, port: 80", rules, shopURL, ignored)
	check("port: 80", rules, shopURL, ignored) // HTTP is detected
	check("port: 443", rules, "https://shop.web/", split)
	check("name: tcp, port: 80", rules, shopURL, split)
	check("name: http, port: 80", shopCanary+"  tcp: [{route: [{destination: {host: shop}}]}]\n", shopURL, shopSplit)
	checkShop(t, lookupShop(t, shopSubsets+rules, shopURL), split) // the Service is not here
}
