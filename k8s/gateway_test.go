package k8s

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestLookupAtGateway(t *testing.T) {
	const (
		bound   = "  gateways: [gw]\n"
		old     = "2024-01-01T00:00:00Z"
		new     = "2025-01-01T00:00:00Z"
		example = "http://weather.example.com/version"
	)
	ingress := Caller{Namespace: "istio-system", Entry: EntryGateway, Gateway: "default/gw"}
	for _, c := range []struct {
		name   string
		text   string
		caller Caller
		url    string
		want   string
	}{
		{"by its host", aged("vs", "default", "", bound+"  hosts: [weather.example.com]\n  http:\n  - route:"+ninetyTen), ingress, example,
			"vs spec.http[0] single=90 multiple=10"},
		{"by a wildcard", aged("vs", "default", "", bound+"  hosts: ['*.example.com']\n  http:\n  - route:"+ninetyTen), ingress, example,
			"vs spec.http[0] single=90 multiple=10"},
		{"an exact host shuts out the wildcard", aged("vs", "default", "", bound+"  hosts: ['*']\n  http:\n  - route:"+ninetyTen) +
			aged("exact", "default", "", bound+"  hosts: [weather.example.com]\n  http:\n  - match: [{uri: {prefix: /other}}]\n    route:"+ninetyTen), ingress, example,
			"exact spec.http[0] single=90 multiple=10 (not in effect)\nerror no-rule-matches VirtualService default/exact spec.http"},
		{"a short host is no host of the Internet", aged("vs", "default", "", bound+"  hosts: [weather-backend]\n  http:\n  - route:"+ninetyTen), ingress, versionURL,
			"none\nunseen"},
		{"bound to another gateway", aged("vs", "default", "", "  gateways: [other]\n  hosts: ['*']\n  http:\n  - route:"+ninetyTen), ingress, example, "none\nunseen"},
		{"several objects are merged", aged("a", "default", "", bound+"  hosts: ['*']\n  http:\n  - match: [{uri: {prefix: /a}}]\n    route:"+ninetyTen) +
			aged("b", "default", "", bound+"  hosts: ['*']\n  http:\n  - match: [{uri: {prefix: /version}}]\n    route:"+ninetyTen), ingress, example,
			"b spec.http[0] single=90 multiple=10"},
		{"what takes everything comes last", aged("a", "default", old, bound+"  hosts: ['*']\n  http:\n  - route: [{destination: {host: weather-backend, subset: single}}]") +
			aged("b", "default", new, bound+"  hosts: ['*']\n  http:\n  - match: [{uri: {prefix: /version}}]\n    route:"+ninetyTen), ingress, example,
			"b spec.http[0] single=90 multiple=10"},
		{"the older one first", aged("a", "default", new, bound+"  hosts: ['*']\n  http:\n  - match: [{uri: {prefix: /v}}]\n    route: [{destination: {host: weather-backend, subset: single}}]") +
			aged("b", "default", old, bound+"  hosts: ['*']\n  http:\n  - match: [{uri: {prefix: /version}}]\n    route:"+ninetyTen), ingress, example,
			"b spec.http[0] single=90 multiple=10"},
		{"the older one shadows", aged("a", "default", old, bound+"  hosts: ['*']\n  http:\n  - match: [{uri: {prefix: /v}}]\n    route: [{destination: {host: weather-backend, subset: single}}]") +
			aged("b", "default", new, bound+"  hosts: ['*']\n  http:\n  - match: [{uri: {prefix: /version}}]\n    route:"+ninetyTen), ingress, example,
			"b spec.http[0] single=90 multiple=10 (not in effect)\nerror route-shadowed VirtualService default/b spec.http[0]"},
		{"which one is older is not known", aged("a", "default", "", bound+"  hosts: ['*']\n  http:\n  - match: [{uri: {prefix: /v}}]\n    route: [{destination: {host: weather-backend, subset: single}}]") +
			aged("b", "default", "", bound+"  hosts: ['*']\n  http:\n  - match: [{uri: {prefix: /version}}]\n    route:"+ninetyTen), ingress, example,
			"error: VirtualService default/a and VirtualService default/b are both for weather.example.com, " +
				"and without creationTimestamp nothing tells which one is in effect: choose with --route virtualservice/default/a"},
		{"the split is on the mesh rule", aged("edge", "default", "", bound+"  hosts: ['*']\n  http: [{route: [{destination: {host: weather-backend, port: {number: 5000}}}]}]") +
			aged("inner", "default", "", "  hosts: [weather-backend]\n  http:\n  - route:"+ninetyTen), ingress, example,
			"inner spec.http[0] single=90 multiple=10 (not in effect)\nerror ignored-at-ingress VirtualService default/edge spec.http[0].route[0]"},
		{"bound to the mesh and to the gateway", aged("vs", "default", "", "  gateways: [mesh, gw]\n  hosts: [weather.example.com, weather-backend]\n  http:\n"+
			"  - match: [{gateways: [gw]}]\n    route:"+ninetyTen+"  - route: [{destination: {host: weather-backend, subset: single}}]"), Caller{}, versionURL,
			"vs spec.http[0] single=90 multiple=10\nunseen"},
		{"port of the gateway's server", `
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: gw}
spec: {servers: [{port: {number: 443}, hosts: ["*"]}]}` +
			aged("vs", "default", "", bound+"  hosts: ['*']\n  http:\n  - match: [{port: 443}]\n    route:"+ninetyTen), ingress, "https://weather.example.com:31390/",
			"vs spec.http[0] single=90 multiple=10"},
		{"port of a gateway that is not here", aged("vs", "default", "", bound+"  hosts: ['*']\n  http:\n  - match: [{port: 443}]\n    route:"+ninetyTen), ingress,
			"https://weather.example.com:31390/", "vs spec.http[0] single=90 multiple=10\nunseen"},
	} {
		t.Run(c.name, func(t *testing.T) {
			l, err := mustRead(t, weather+c.text).Lookup(mustRequest(t, c.url), c.caller, "")
			got := summary(l)
			if err != nil {
				got = "error: " + err.Error()
			}
			if diff := cmp.Diff(got, c.want); diff != "" {
				t.Errorf("(-got +want):\n%s\n%+v", diff, l)
			}
		})
	}
}

func TestNamedOutright(t *testing.T) {
	text := weather + aged("edge", "default", "", "  gateways: [gw]\n  hosts: [weather.example.com]\n  http:\n  - route:"+ninetyTen) +
		aged("inner", "default", "", "  hosts: [weather-backend]\n  http: [{route: [{destination: {host: weather-backend, subset: single}}]}]")
	check := func(caller Caller, rawURL, route, want string) {
		t.Helper()
		l, err := mustRead(t, text).Lookup(mustRequest(t, rawURL), caller, route)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(summary(l), want); diff != "" {
			t.Errorf("%s %s (-got +want):\n%s\n%+v", rawURL, route, diff, l)
		}
	}
	const edge, inner = "edge spec.http[0] single=90 multiple=10", "inner spec.http[0] single=100"
	check(Caller{}, "http://203.0.113.7/", "vs/edge", edge+"\nunseen\nunseen")
	check(Caller{}, "http://weather.example.com/", "vs/edge", edge+"\nunseen")
	check(Caller{Entry: EntryGateway}, "http://weather.example.com/", "vs/edge", edge)
	check(Caller{Entry: EntryMesh, Namespace: "default"}, versionURL, "vs/edge", edge+" (not in effect)\nerror not-on-mesh VirtualService default/edge spec.gateways\nunseen")
	check(Caller{}, versionURL, "vs/inner", inner)
	check(Caller{Entry: EntryMesh}, versionURL, "virtualservice/default/inner", inner)
}

func TestDelegates(t *testing.T) {
	root := aged("root", "default", "", `
  hosts: [weather-backend]
  http:
  - match: [{uri: {prefix: /version}}]
    delegate: {name: leaf, namespace: team}
  - route: [{destination: {host: weather-backend, subset: single}}]`)
	leaf := aged("leaf", "team", "", `
  http:
  - match: [{uri: {prefix: /version/2}}]
    route: [{destination: {host: weather-backend.default.svc.cluster.local, subset: multiple}}]
  - route:
    - {destination: {host: weather-backend.default.svc.cluster.local, subset: single}, weight: 90}
    - {destination: {host: weather-backend.default.svc.cluster.local, subset: multiple}, weight: 10}`)
	check := func(text, rawURL, want string) {
		t.Helper()
		o := mustRead(t, weather+text)
		l, err := o.Lookup(mustRequest(t, rawURL), Caller{Entry: EntryMesh}, "")
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(summary(l), want); diff != "" {
			t.Errorf("%s (-got +want):\n%s", rawURL, diff)
		}
	}
	check(root+leaf, versionURL, "leaf spec.http[1] single=90 multiple=10")
	check(root+leaf, versionURL+"/2", "leaf spec.http[0] multiple=100")
	check(root+leaf, "http://weather-backend:5000/", "root spec.http[1] single=100")
	check(root, versionURL, "root spec.http[1] single=100\nunseen")

	o := mustRead(t, weather+root)
	o.Complete = map[string]bool{"VirtualService": true}
	l, err := o.Lookup(mustRequest(t, versionURL), Caller{Entry: EntryMesh}, "")
	if err != nil {
		t.Fatal(err)
	}
	if got, want := summary(l), "root spec.http[1] single=100\nerror delegate-missing VirtualService default/root spec.http[0].delegate"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
