package k8s

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestLookupWeather(t *testing.T) {
	mesh := Caller{Namespace: "default", Labels: map[string]string{"app": "respy"}, Entry: EntryMesh}
	for _, c := range []struct {
		name   string
		rules  string
		caller Caller
		url    string
		header []string
		want   string
	}{
		{"plain", virtualService("vs", "  hosts: [weather-backend]\n  http:\n  - route:"+ninetyTen), mesh, versionURL, nil,
			"vs spec.http[0] single=90 multiple=10"},
		{"of an unknown caller", virtualService("vs", "  hosts: [weather-backend]\n  http:\n  - route:"+ninetyTen), Caller{}, versionURL, nil,
			"vs spec.http[0] single=90 multiple=10"},
		{"upper case and final dot", virtualService("vs", "  hosts: [Weather-Backend]\n  http:\n  - route:"+ninetyTen), mesh,
			"http://WEATHER-backend.default.svc.cluster.local.:5000/", nil, "vs spec.http[0] single=90 multiple=10"},
		{"wildcard", virtualService("vs", "  hosts: ['*.default.svc.cluster.local']\n  http:\n  - route:"+ninetyTen), mesh, versionURL, nil,
			"vs spec.http[0] single=90 multiple=10"},
		{"weight omitted", virtualService("vs", `
  hosts: [weather-backend]
  http:
  - route:
    - {destination: {host: weather-backend, subset: single}, weight: 90}
    - {destination: {host: weather-backend, subset: multiple}}`), mesh, versionURL, nil,
			"vs spec.http[0] single=90 multiple=0\nwarning weight-zero VirtualService default/vs spec.http[0].route[1].weight"},
		{"weight 0", virtualService("vs", `
  hosts: [weather-backend]
  http:
  - route:
    - {destination: {host: weather-backend, subset: single}, weight: 100}
    - {destination: {host: weather-backend, subset: multiple}, weight: 0}`), mesh, versionURL, nil,
			"vs spec.http[0] single=100 multiple=0\ninfo weight-zero VirtualService default/vs spec.http[0].route[1].weight"},
		{"all weights 0", virtualService("vs", `
  hosts: [weather-backend]
  http:
  - route:
    - {destination: {host: weather-backend, subset: single}, weight: 0}
    - {destination: {host: weather-backend, subset: multiple}}`), mesh, versionURL, nil,
			"vs spec.http[0] single=0 multiple=0\nerror all-weights-zero VirtualService default/vs spec.http[0]"},
		{"one destination of weight 0", virtualService("vs", `
  hosts: [weather-backend]
  http: [{route: [{destination: {host: weather-backend, subset: single}, weight: 0}]}]`), mesh, versionURL, nil,
			"vs spec.http[0] single=100"},
		{"broad match first", virtualService("vs", `
  hosts: [weather-backend]
  http:
  - match: [{uri: {prefix: /}}]
    route: [{destination: {host: weather-backend, subset: single}}]
  - match: [{uri: {prefix: /version}}]
    route:`+ninetyTen), mesh, versionURL, nil,
			"vs spec.http[1] single=90 multiple=10 (not in effect)\nerror route-shadowed VirtualService default/vs spec.http[1]"},
		{"broad match with weights first", virtualService("vs", `
  hosts: [weather-backend]
  http:
  - route:`+ninetyTen+`
  - match: [{uri: {prefix: /version}}]
    route:`+ninetyTen), mesh, versionURL, nil,
			"vs spec.http[0] single=90 multiple=10\nwarning route-shadowed VirtualService default/vs spec.http[1]"},
		{"narrow match first is no fault", virtualService("vs", `
  hosts: [weather-backend]
  http:
  - match: [{headers: {x-canary: {exact: "true"}}}]
    route: [{destination: {host: weather-backend, subset: multiple}}]
  - route:`+ninetyTen), mesh, versionURL, []string{"x-canary", "true"}, "vs spec.http[0] multiple=100"},
		{"behind the narrow match", virtualService("vs", `
  hosts: [weather-backend]
  http:
  - match: [{headers: {x-canary: {exact: "true"}}}]
    route: [{destination: {host: weather-backend, subset: multiple}}]
  - route:`+ninetyTen), mesh, versionURL, nil, "vs spec.http[1] single=90 multiple=10"},
		{"redirect first", virtualService("vs", `
  hosts: [weather-backend]
  http:
  - redirect: {uri: /v2}
  - route:`+ninetyTen), mesh, versionURL, nil,
			"vs spec.http[1] single=90 multiple=10 (not in effect)\nerror route-shadowed VirtualService default/vs spec.http[1]"},
		{"no rule matches", virtualService("vs", `
  hosts: [weather-backend]
  http:
  - match: [{uri: {prefix: /weather}}]
    route:`+ninetyTen), mesh, versionURL, nil,
			"vs spec.http[0] single=90 multiple=10 (not in effect)\nerror no-rule-matches VirtualService default/vs spec.http"},
		{"gateway only, from a sidecar", virtualService("vs", "  gateways: [gw]\n  hosts: [weather-backend]\n  http:\n  - route:"+ninetyTen), mesh, versionURL, nil,
			"vs spec.http[0] single=90 multiple=10 (not in effect)\nerror not-on-mesh VirtualService default/vs spec.gateways"},
		{"gateway only, other host, from a sidecar", virtualService("vs", "  gateways: [gw]\n  hosts: [weather.example.com]\n  http:\n  - route:"+ninetyTen), mesh, versionURL, nil,
			"vs spec.http[0] single=90 multiple=10 (not in effect)\nerror not-on-mesh VirtualService default/vs spec.gateways"},
		{"gateway only, from who knows where", virtualService("vs", "  gateways: [gw]\n  hosts: [weather-backend]\n  http:\n  - route:"+ninetyTen), Caller{}, versionURL, nil,
			"vs spec.http[0] single=90 multiple=10\nunseen"},
		{"source labels of others", virtualService("vs", `
  hosts: [weather-backend]
  http:
  - match: [{sourceLabels: {app: frontend}}]
    route:`+ninetyTen), mesh, versionURL, nil,
			"vs spec.http[0] single=90 multiple=10 (not in effect)\nerror source-mismatch VirtualService default/vs spec.http[0].match[0].sourceLabels"},
		{"source labels of others before a default", virtualService("vs", `
  hosts: [weather-backend]
  http:
  - match: [{sourceLabels: {app: frontend}}]
    route:`+ninetyTen+`
  - route: [{destination: {host: weather-backend, subset: single}}]`), mesh, versionURL, nil, "vs spec.http[1] single=100"},
		{"source labels, unknown caller", virtualService("vs", `
  hosts: [weather-backend]
  http:
  - match: [{sourceLabels: {app: frontend}}]
    route:`+ninetyTen), Caller{}, versionURL, nil, "vs spec.http[0] single=90 multiple=10\nunseen"},
		{"source labels of a tester, unknown caller", virtualService("vs", `
  hosts: [weather-backend]
  http:
  - match: [{sourceLabels: {app: tester}}]
    route: [{destination: {host: weather-backend, subset: multiple}}]
  - route:`+ninetyTen), Caller{}, versionURL, nil, "vs spec.http[1] single=90 multiple=10\nunseen"},
		{"source namespace is ignored beside gateways", virtualService("vs", `
  hosts: [weather-backend]
  http:
  - match: [{sourceNamespace: other, sourceLabels: {app: frontend}, gateways: [mesh]}]
    route:`+ninetyTen), mesh, versionURL, nil, "vs spec.http[0] single=90 multiple=10"},
		{"source namespace of others", virtualService("vs", `
  hosts: [weather-backend]
  http:
  - match: [{sourceNamespace: other}]
    route:`+ninetyTen), mesh, versionURL, nil,
			"vs spec.http[0] single=90 multiple=10 (not in effect)\nerror source-mismatch VirtualService default/vs spec.http[0].match[0].sourceNamespace"},
		{"match for a gateway", virtualService("vs", `
  hosts: [weather-backend]
  gateways: [gw, mesh]
  http:
  - match: [{gateways: [gw]}]
    route:`+ninetyTen), mesh, versionURL, nil,
			"vs spec.http[0] single=90 multiple=10 (not in effect)\nerror source-mismatch VirtualService default/vs spec.http[0].match[0].gateways"},
		{"match for another port", virtualService("vs", `
  hosts: [weather-backend]
  http:
  - match: [{port: 8080}]
    route:`+ninetyTen), mesh, versionURL, nil, "none\nunseen"},
		{"half-qualified host", virtualService("vs", "  hosts: [weather-backend.default]\n  http:\n  - route:"+ninetyTen), mesh, versionURL, nil,
			"vs spec.http[0] single=90 multiple=10 (not in effect)\nerror host-not-found VirtualService default/vs spec.hosts[0]"},
		{"half-qualified host on port 80", virtualService("vs", "  hosts: [weather-backend.default]\n  http:\n  - route:"+ninetyTen), mesh,
			"http://weather-backend.default/", nil, "vs spec.http[0] single=90 multiple=10" +
				"\nerror port-ambiguous VirtualService default/vs spec.http[0].route[0].destination.port" +
				"\nerror port-ambiguous VirtualService default/vs spec.http[0].route[1].destination.port"},
		{"half-qualified destination", virtualService("vs", `
  hosts: [weather-backend]
  http:
  - route:
    - {destination: {host: weather-backend.default, subset: single}, weight: 90}
    - {destination: {host: weather-backend, subset: multiple}, weight: 10}`), mesh, versionURL, nil,
			"vs spec.http[0] single=90 multiple=10\nerror destination-not-found VirtualService default/vs spec.http[0].route[0].destination.host"},
		{"subset undefined", virtualService("vs", `
  hosts: [weather-backend]
  http:
  - route:
    - {destination: {host: weather-backend, subset: single}, weight: 90}
    - {destination: {host: weather-backend, subset: triple}, weight: 10}`), mesh, versionURL, nil,
			"vs spec.http[0] single=90 triple=10\nerror subset-undefined VirtualService default/vs spec.http[0].route[1].destination.subset"},
		{"not exported", virtualService("vs", "  exportTo: [other]\n  hosts: [weather-backend]\n  http:\n  - route:"+ninetyTen), mesh, versionURL, nil,
			"vs spec.http[0] single=90 multiple=10 (not in effect)\nerror not-exported VirtualService default/vs spec.exportTo"},
		{"fault", virtualService("vs", `
  hosts: [weather-backend]
  http:
  - fault: {abort: {httpStatus: 418, percentage: {value: 5}}}
    route:`+ninetyTen), mesh, versionURL, nil,
			"vs spec.http[0] single=90 multiple=10\nerror fault-injected VirtualService default/vs spec.http[0].fault"},
		{"fault of nobody", virtualService("vs", `
  hosts: [weather-backend]
  http:
  - fault: {abort: {httpStatus: 418}}
    route:`+ninetyTen), mesh, versionURL, nil, "vs spec.http[0] single=90 multiple=10"},
		{"two faults", virtualService("vs", `
  hosts: [weather-backend.default]
  http:
  - match: [{sourceLabels: {app: frontend}}]
    route:`+ninetyTen), mesh, versionURL, nil,
			"vs spec.http[0] single=90 multiple=10 (not in effect)\n" +
				"error source-mismatch VirtualService default/vs spec.http[0].match[0].sourceLabels\nerror host-not-found VirtualService default/vs spec.hosts[0]"},
		{"tcp", virtualService("vs", "  hosts: [weather-backend]\n  tcp:\n  - route:"+ninetyTen), mesh, versionURL, nil,
			"vs spec.tcp[0] single=90 multiple=10 (not in effect)\nerror port-wrong-protocol VirtualService default/vs spec.tcp"},
		{"https from a sidecar", virtualService("vs", "  hosts: [weather-backend]\n  http:\n  - route:"+ninetyTen), mesh, "https://weather-backend:5000/", nil,
			"vs spec.http[0] single=90 multiple=10 (not in effect)\nerror port-not-http VirtualService default/vs spec.http"},
		{"tls", virtualService("vs", "  hosts: [weather-backend]\n  tls:\n  - match: [{sniHosts: [weather-backend]}]\n    route:"+ninetyTen), mesh,
			"https://weather-backend:5000/", nil, "vs spec.tls[0] single=90 multiple=10"},
		{"other host", virtualService("vs", "  hosts: [weather-frontend]\n  http:\n  - route:"+ninetyTen), mesh, versionURL, nil, "none\nwarning host-not-found VirtualService default/vs spec.hosts\nunseen"},
		{"same destination twice", virtualService("vs", `
  hosts: [weather-backend]
  http:
  - route:
    - {destination: {host: weather-backend, subset: single}, weight: 40}
    - {destination: {host: weather-backend, subset: multiple}, weight: 10}
    - {destination: {host: weather-backend.default.svc.cluster.local, subset: single}, weight: 50}`), mesh, versionURL, nil,
			"vs spec.http[0] single=90 multiple=10"},
	} {
		t.Run(c.name, func(t *testing.T) {
			l, err := mustRead(t, weather+c.rules).Lookup(mustRequest(t, c.url, c.header...), c.caller, "")
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(summary(l), c.want); diff != "" {
				t.Errorf("lookup (-got +want):\n%s\n%+v", diff, l)
			}
		})
	}
}
