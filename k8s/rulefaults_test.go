package k8s

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The faults that need no request to be seen.
func TestRulesFaults(t *testing.T) {
	const (
		old, young = "2024-01-01T00:00:00Z", "2025-01-01T00:00:00Z"
		ok         = "vs spec.http[0] single=90 multiple=10"
		dead       = ok + " (not in effect)\n"
		single     = "  hosts: [weather-backend]\n  http: [{route: [{destination: {host: weather-backend, subset: single}}]}]"
	)
	edge := func(gateways, hosts string) string {
		return virtualService("vs", "  gateways: ["+gateways+"]\n  hosts: ["+hosts+"]\n  http:\n  - route:"+ninetyTen)
	}
	for _, c := range []struct {
		name, text, complete, want string
		caller                     Caller
	}{
		{name: "clean", text: weather + virtualService("vs", splitBody), want: ok},
		{name: "bound to a gateway on purpose", text: weather + edge("gw", "weather.example.com") + istioGateway("default", "'*'"), want: ok},
		{name: "bound to the mesh and to a gateway, each for its own host", text: weather + edge("gw, mesh", "weather-backend, weather.example.com") +
			istioGateway("default", "weather.example.com"), want: ok},
		{name: "the gateway has none of the hosts", text: weather + edge("gw", "weather.example.com") + istioGateway("default", "other.example.com"),
			want: dead + "error gateway-not-found VirtualService default/vs spec.gateways[0]"},
		{name: "the gateway has none of the hosts, the mesh does", text: weather + edge("gw, mesh", "weather-backend, weather.example.com") + istioGateway("default", "other.example.com"),
			want: ok + "\nerror gateway-not-found VirtualService default/vs spec.gateways[0]"},
		{name: "one of two gateways is gone", text: weather + edge("gw, gone", "weather.example.com") + istioGateway("default", "'*'"), complete: "Gateway",
			want: ok + "\nwarning gateway-not-found VirtualService default/vs spec.gateways[1]"},
		{name: "a gateway that is not in files", text: weather + edge("gw", "weather.example.com"), want: ok + "\nunseen"},
		{name: "half-qualified", text: weather + virtualService("vs", strings.Replace(splitBody, "[weather-backend]", "[weather-backend.default]", 1)),
			want: dead + "error host-not-found VirtualService default/vs spec.hosts[0]"},
		{name: "half-qualified beside the whole name", text: weather + virtualService("vs", strings.Replace(splitBody, "[weather-backend]", "[weather-backend.default, weather-backend]", 1)), want: ok},
		{name: "half-qualified works on port 80", text: strings.Replace(weather, "port: 5000", "port: 80", 1) + virtualService("vs", strings.Replace(splitBody, "[weather-backend]", "[weather-backend.default]", 1)),
			want: ok + "\nwarning host-not-found VirtualService default/vs spec.hosts[0]"},
		{name: "half-qualified at a gateway is a host of the Internet", text: weather + edge("gw", "weather-backend.default") + istioGateway("default", "'*'"), want: ok},
		{name: "no such Service", text: weather + virtualService("vs", strings.Replace(splitBody, "[weather-backend]", "[wether-backend]", 1)), complete: "Service",
			want: dead + "error host-not-found VirtualService default/vs spec.hosts[0]"},
		{name: "a tcp port", text: strings.Replace(weather, "name: backend", "name: tcp-backend", 1) + virtualService("vs", splitBody),
			want: dead + "error port-not-http Service default/weather-backend spec.ports[0].name"},
		{name: "a tcp port behind a gateway", text: strings.Replace(weather, "name: backend", "name: tcp-backend", 1) + edge("gw", "weather.example.com") + istioGateway("default", "'*'"), want: ok},
		{name: "one http port of two", text: strings.Replace(weather, "[{port: 5000, name: backend}]", "[{port: 5000, name: tcp-backend}, {port: 80, name: http}]", 1) +
			virtualService("vs", splitBody), want: ok},
		{name: "a tcp port with tcp rules", text: strings.Replace(weather, "name: backend", "name: tcp-backend", 1) + virtualService("vs", "  hosts: [weather-backend]\n  tcp:\n  - route:"+ninetyTen),
			want: "vs spec.tcp[0] single=90 multiple=10"},
		{name: "an older one", text: weather + aged("vs", "default", young, splitBody) + aged("a", "default", old, single),
			want: dead + "error conflicting-routes VirtualService default/vs spec.hosts\na spec.http[0] single=100"},
		{name: "of unknown age", text: weather + aged("vs", "default", "", splitBody) + aged("a", "default", "", single),
			want: ok + "\nerror conflicting-routes VirtualService default/vs spec.hosts\na spec.http[0] single=100\nerror conflicting-routes VirtualService default/a spec.hosts"},
		{name: "twice the same", text: weather + aged("vs", "default", young, splitBody) + aged("a", "default", old, splitBody),
			want: dead + "warning conflicting-routes VirtualService default/vs spec.hosts\na spec.http[0] single=90 multiple=10"},
		{name: "for different ports", text: weather + aged("vs", "default", "", strings.Replace(splitBody, "- route", "- match: [{port: 5000}]\n    route", 1)) +
			aged("a", "default", "", strings.Replace(single, "{route:", "{match: [{port: 80}], route:", 1)), want: ok + "\na spec.http[0] single=100"},
		{name: "for different callers", text: weather + aged("vs", "default", "", strings.Replace(splitBody, "- route", "- match: [{sourceLabels: {app: a}}]\n    route", 1)) +
			aged("a", "default", "", strings.Replace(single, "{route:", "{match: [{sourceLabels: {app: b}}], route:", 1)), want: ok + "\na spec.http[0] single=100"},
		{name: "in different namespaces", text: weather + aged("vs", "default", "", "  exportTo: [.]\n"+splitBody) +
			aged("a", "other", "", "  exportTo: [.]\n"+strings.Replace(single, "[weather-backend]", "[weather-backend.default.svc.cluster.local]", 1)), want: ok + "\na spec.http[0] single=100\nunseen"},
		{name: "one for the own namespace", text: weather + aged("vs", "default", young, "  exportTo: [.]\n"+splitBody) + aged("a", "default", old, single),
			caller: Caller{Namespace: "default"}, want: ok + "\na spec.http[0] single=100\ninfo conflicting-routes VirtualService default/a spec.hosts"},
		{name: "one for another namespace than the caller's", text: weather + aged("vs", "default", young, "  exportTo: [.]\n"+splitBody) + aged("a", "default", old, single),
			caller: Caller{Namespace: "web"}, want: ok + "\na spec.http[0] single=100"},
		{name: "three for one host", text: weather + aged("vs", "default", young, splitBody) + aged("a", "default", old, splitBody) + aged("b", "default", old, single),
			want: dead + "error conflicting-routes VirtualService default/vs spec.hosts\na spec.http[0] single=90 multiple=10\n" +
				"b spec.http[0] single=100 (not in effect)\nerror conflicting-routes VirtualService default/b spec.hosts"},
		{name: "the gateway's rule goes to the whole Service", text: weather + virtualService("vs", splitBody) +
			virtualService("edge", "  gateways: [gw]\n  hosts: [weather.example.com]\n  http: [{route: [{destination: {host: weather-backend}}]}]") + istioGateway("default", "'*'"),
			want: ok + "\nedge spec.http[0] weather-backend=100\nwarning ignored-at-ingress VirtualService default/edge spec.http[0].route[0]"},
		{name: "without rules, and without a gateway", text: weather + virtualService("vs", "  gateways: [gw]\n  hosts: ['*']"), complete: "Gateway",
			want: "vs spec (not in effect)\nerror gateway-not-found VirtualService default/vs spec.gateways[0]"},
		{name: "without rules", text: weather + virtualService("vs", "  hosts: ['*']"), want: ""},
		{name: "no waypoint", text: weather + namespaceOf("default", "istio.io/dataplane-mode: ambient") + virtualService("vs", splitBody),
			want: dead + "error ambient-no-waypoint Service default/weather-backend metadata.labels[istio.io/use-waypoint]"},
		{name: "a waypoint", text: weather + namespaceOf("default", "istio.io/dataplane-mode: ambient, istio.io/use-waypoint: wp") + virtualService("vs", splitBody), want: ok},
		{name: "an HTTPRoute", text: weatherServices + httpRoute("vs", "default", "  rules:\n  - "+seventyThirty), want: "vs spec.rules[0] weather-single=70 weather-multiple=30"},
		{name: "an HTTPRoute without its parent", text: weatherServices + edgeRoute("{name: gone}", "", ""), complete: "KubeGateway",
			want: "r spec.rules[0] weather-single=70 weather-multiple=30 (not in effect)\nerror route-not-accepted HTTPRoute default/r spec.parentRefs[0]"},
		{name: "an HTTPRoute without one of its parents", text: weatherServices + edgeRoute("{name: gone}, {name: gw}", "", "") + kubeGateway("default", "{name: http, port: 80}"), complete: "KubeGateway",
			want: "r spec.rules[0] weather-single=70 weather-multiple=30\nwarning route-not-accepted HTTPRoute default/r spec.parentRefs[0]"},
		{name: "an HTTPRoute beside a VirtualService", text: weatherServices + virtualService("vs", "  hosts: [weather-backend]\n  http: [{route: [{destination: {host: weather-single}}]}]") +
			edgeRoute("{group: '', kind: Service, name: weather-backend}", "", ""),
			want: "vs spec.http[0] weather-single=100\nerror conflicting-routes VirtualService default/vs spec.hosts\n" +
				"r spec.rules[0] weather-single=70 weather-multiple=30\nerror conflicting-routes HTTPRoute default/r spec.hosts"},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := mustRead(t, c.text)
			o.Complete = map[string]bool{c.complete: true}
			all, err := o.Rules(c.caller)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, l := range all {
				got = append(got, summary(l))
			}
			if diff := cmp.Diff(strings.Join(got, "\n"), c.want); diff != "" {
				t.Errorf("rules (-got +want):\n%s", diff)
			}
		})
	}
}
