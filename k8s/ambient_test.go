package k8s

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func namespaceOf(name, labels string) string {
	return "\n---\napiVersion: v1\nkind: Namespace\nmetadata: {name: " + name + ", labels: {" + labels + "}}"
}

func TestCallerWithoutProxy(t *testing.T) {
	bare := Caller{Namespace: "default", Pod: "client", Sidecar: Absent}
	labelled := strings.Replace(weather, "{name: weather-backend}", "{name: weather-backend, labels: {istio.io/use-waypoint: wp}}", 1)
	const (
		out   = plainRule + " (not in effect)\nerror "
		lacks = out + "ambient-no-waypoint Service default/weather-backend metadata.labels[istio.io/use-waypoint]"
	)
	for _, c := range []struct {
		name   string
		text   string
		caller Caller
		full   string // kinds of which everything is here
		want   string
	}{
		{"no proxy", weather + namespaceOf("default", "istio-injection: enabled"), bare, "", out + "no-sidecar Pod default/client spec.containers"},
		{"no proxy, and who knows what the namespace is", weather, bare, "", plainRule + "\nunseen"},
		{"a proxy", weather + namespaceOf("default", ""), Caller{Namespace: "default", Sidecar: Present}, "", plainRule},
		{"who knows whether it has a proxy", weather + namespaceOf("default", ""), Caller{Namespace: "default"}, "", plainRule},
		{"ambient, no waypoint", weather + namespaceOf("default", "istio.io/dataplane-mode: ambient"), bare, "", lacks},
		{"ambient, nothing known of the pod", weather + namespaceOf("default", "istio.io/dataplane-mode: ambient"), Caller{Namespace: "default"}, "", lacks},
		{"ambient, nothing known of the caller", weather + namespaceOf("default", "istio.io/dataplane-mode: ambient"), Caller{}, "", lacks},
		{"ambient, with a sidecar nevertheless", weather + namespaceOf("default", "istio.io/dataplane-mode: ambient"), Caller{Namespace: "default", Entry: EntryMesh}, "", plainRule},
		{"by the pod's label", weather + namespaceOf("default", ""), Caller{Namespace: "default", Sidecar: Absent,
			Labels: map[string]string{dataplaneLabel: "ambient"}}, "", lacks},
		{"not by the pod's label", weather + namespaceOf("default", "istio.io/dataplane-mode: ambient"), Caller{Namespace: "default", Sidecar: Absent,
			Labels: map[string]string{dataplaneLabel: "none"}}, "", out + "no-sidecar Pod default/(unknown) spec.containers"},
		{"ambient, waypoint of the namespace", weather + namespaceOf("default", "istio.io/dataplane-mode: ambient, istio.io/use-waypoint: waypoint"), bare, "", plainRule},
		{"ambient, waypoint of the Service", labelled + namespaceOf("default", "istio.io/dataplane-mode: ambient"), bare, "", plainRule},
		{"ambient, waypoint that is not there", labelled + namespaceOf("default", "istio.io/dataplane-mode: ambient"), bare, "KubeGateway", lacks},
		{"ambient, the Service wants none", strings.Replace(labelled, ": wp", ": None", 1) +
			namespaceOf("default", "istio.io/dataplane-mode: ambient, istio.io/use-waypoint: waypoint"), bare, "", lacks},
		{"ambient caller, Service of an unknown namespace", weather + namespaceOf("web", "istio.io/dataplane-mode: ambient"),
			Caller{Namespace: "web", Sidecar: Absent}, "", plainRule + "\nunseen"},
		{"ambient, waypoint for workloads", labelled + namespaceOf("default", "istio.io/dataplane-mode: ambient") + `
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: wp, labels: {istio.io/waypoint-for: workload}}
spec: {gatewayClassName: istio-waypoint}`, bare, "", lacks},
		{"ambient, waypoint refused", strings.Replace(labelled, "\nspec: {ports",
			"\nstatus: {conditions: [{type: istio.io/WaypointBound, status: 'False', reason: WaypointMissing}]}\nspec: {ports", 1) +
			namespaceOf("default", "istio.io/dataplane-mode: ambient"), bare, "", lacks},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := mustRead(t, c.text+virtualService("vs", splitBody))
			o.Complete = map[string]bool{c.full: true}
			l, err := o.Lookup(mustRequest(t, "http://weather-backend.default:5000/version"), c.caller, "")
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(summary(l), c.want); diff != "" {
				t.Errorf("lookup (-got +want):\n%s\n%+v", diff, l)
			}
		})
	}
}

// A rule of a gateway is in effect for callers without a proxy, and one that divides nothing is missed by nobody.
func TestCallerWithoutProxyElsewhere(t *testing.T) {
	bare := Caller{Namespace: "default", Sidecar: Absent}
	for _, c := range []struct{ rule, want string }{
		{"  gateways: [gw]\n" + splitBody, plainRule + "\nunseen"},
		{"  hosts: [weather-backend]\n  http: [{route: [{destination: {host: weather-backend}}]}]", "vs spec.http[0] weather-backend=100"},
		{"  hosts: [other]\n  http:\n  - route:" + ninetyTen, "none\nunseen"},
	} {
		l, err := mustRead(t, weather+namespaceOf("default", "")+virtualService("vs", c.rule)).Lookup(mustRequest(t, versionURL), bare, "")
		if got := summary(l); err != nil || got != c.want {
			t.Errorf("%s: %s, %v, want %s", c.rule, got, err, c.want)
		}
	}
}

// Where the Service's namespace may not be read, the status of an HTTPRoute tells that there is no waypoint.
func TestWaypointByStatus(t *testing.T) {
	service := "{group: '', kind: Service, name: weather-backend}"
	text := weatherServices + namespaceOf("web", "istio.io/dataplane-mode: ambient")
	const message = "istio.io/use-waypoint label missing from parent and parent namespace; in ambient mode, route will not be respected"
	for condition, want := range map[string]string{
		"{type: ResolvedWaypoints, status: 'True', message: '" + message + "'}": "r spec.rules[0] weather-single=70 weather-multiple=30 (not in effect)\n" +
			"error ambient-no-waypoint Service default/weather-backend metadata.labels[istio.io/use-waypoint]",
		"{type: ResolvedWaypoints, status: 'True', message: All waypoints resolved}": "r spec.rules[0] weather-single=70 weather-multiple=30\nunseen",
	} {
		l, err := mustRead(t, text+edgeRoute(service, "", condition)).Lookup(mustRequest(t, "http://weather-backend.default:5000/"), Caller{Namespace: "web", Sidecar: Absent}, "")
		if got := summary(l); err != nil || got != want {
			t.Errorf("%s: %s, %v, want %s", condition, got, err, want)
		}
	}
}

func TestWaypoint(t *testing.T) {
	const (
		old, young = "2024-01-01T00:00:00Z", "2025-01-01T00:00:00Z"
		hosts      = "  hosts: [weather-backend.default.svc.cluster.local]\n  http:\n"
	)
	split := "  - route:" + strings.ReplaceAll(ninetyTen, "host: weather-backend", "host: weather-backend.default.svc.cluster.local")
	narrow := "  - match: [{uri: {prefix: /version}}]\n    route: [{destination: {host: weather-backend.default.svc.cluster.local, subset: single}}]"
	waypoint := Caller{Entry: EntryWaypoint, Namespace: "infra", Labels: map[string]string{}}
	for _, c := range []struct{ name, text, want string }{
		{"of the Service's namespace", aged("vs", "default", old, hosts+split), plainRule},
		{"of the waypoint's namespace", aged("vs", "infra", old, hosts+split), plainRule},
		{"of the client's namespace", aged("vs", "client", old, hosts+split),
			plainRule + " (not in effect)\nerror not-exported VirtualService client/vs metadata.namespace"},
		{"bound to a gateway", aged("vs", "default", old, "  gateways: [gw]\n"+hosts+split),
			plainRule + " (not in effect)\nerror not-on-mesh VirtualService default/vs spec.gateways"},
		{"labels of the source", aged("vs", "default", old, hosts+strings.Replace(split, "route:", "match: [{sourceLabels: {app: web}}]\n    route:", 1)),
			plainRule + " (not in effect)\nerror source-mismatch VirtualService default/vs spec.http[0].match[0].sourceLabels"},
		{"several objects are chained, oldest first", aged("a", "default", old, hosts+strings.Replace(narrow, "/version", "/", 1)) + aged("vs", "default", young, hosts+split),
			plainRule + " (not in effect)\nerror route-shadowed VirtualService default/vs spec.http[0]"},
		{"the older one takes it", aged("vs", "default", old, hosts+split) + aged("zz", "default", young, hosts+narrow), plainRule},
		{"what the older one leaves", aged("a", "default", old, hosts+strings.Replace(narrow, "/version", "/other", 1)) + aged("vs", "default", young, hosts+split), plainRule},
		{"an older wildcard is not beaten by a name", aged("vs", "default", old, strings.Replace(hosts, "[weather-backend.default.svc.cluster.local]", "['*.default.svc.cluster.local']", 1)+split) +
			aged("zz", "default", young, hosts+narrow), plainRule},
		{"of unknown age", aged("a", "default", "", hosts+narrow) + aged("vs", "default", "", hosts+split), "error"},
		{"an HTTPRoute", service("weather-single", "{ports: [{port: 5000}]}") + service("weather-multiple", "{ports: [{port: 5000}]}") +
			httpRoute("vs", "default", "  rules:\n  - "+seventyThirty), "vs spec.rules[0] weather-single=70 weather-multiple=30"},
	} {
		t.Run(c.name, func(t *testing.T) {
			l, err := mustRead(t, weather+c.text).Lookup(mustRequest(t, "http://weather-backend.default:5000/version"), waypoint, "")
			got := summary(l)
			if err != nil {
				got = "error"
			}
			if diff := cmp.Diff(got, c.want); diff != "" {
				t.Errorf("lookup (-got +want):\n%s\n%+v %v", diff, l, err)
			}
		})
	}
}
