package k8s

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// kubeGateway is one named gw, of the given namespace and listeners.
func kubeGateway(namespace, listeners string) string {
	return "\n---\napiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\nmetadata: {name: gw, namespace: " + namespace + "}\n" +
		"spec: {gatewayClassName: istio, listeners: [" + listeners + "]}"
}

// edgeRoute is an HTTPRoute with a parent, hostnames and a status.
func edgeRoute(parent, hostnames, status string) string {
	text := "\n---\napiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {name: r, generation: 2}\nspec:\n" +
		"  parentRefs: [" + parent + "]\n"
	if hostnames != "" {
		text += "  hostnames: [" + hostnames + "]\n"
	}
	text += "  rules:\n  - " + seventyThirty
	if status != "" {
		text += "status: {parents: [{parentRef: " + parent + ", controllerName: istio.io/gateway-controller, conditions: [" + status + "]}]}\n"
	}
	return text
}

func TestRouteNotAccepted(t *testing.T) {
	const (
		found   = "r spec.rules[0] weather-single=70 weather-multiple=30"
		refused = found + " (not in effect)\nerror route-not-accepted HTTPRoute default/r spec.parentRefs[0]"
		lost    = found + " (not in effect)\nerror gateway-not-found HTTPRoute default/r spec.parentRefs"
		host    = "shop.example.com"
		service = "{group: '', kind: Service, name: weather-backend}"
		http    = "{name: http, port: 80, protocol: HTTP}"
	)
	ingress := Caller{Entry: EntryGateway}
	web := Caller{Namespace: "default", Entry: EntryMesh}
	for _, c := range []struct {
		name, text string
		caller     Caller
		url        string
		complete   string
		want       string
	}{
		{"a gateway", edgeRoute("{name: gw}", host, "") + kubeGateway("default", http), ingress, "http://" + host, "", found},
		{"no gateway in files", edgeRoute("{name: gw}", host, ""), ingress, "http://" + host, "", found},
		{"no gateway in the cluster", edgeRoute("{name: gw}", host, ""), ingress, "http://" + host, "KubeGateway", refused},
		{"of another namespace", edgeRoute("{name: gw, namespace: infra}", host, "") + kubeGateway("infra", http), ingress, "http://" + host, "", lost + "[0]"},
		{"from all namespaces", edgeRoute("{name: gw, namespace: infra}", host, "") +
			kubeGateway("infra", "{name: http, port: 80, allowedRoutes: {namespaces: {from: All}}}"), ingress, "http://" + host, "", found},
		{"by the namespace's labels", edgeRoute("{name: gw, namespace: infra}", host, "") + namespaceOf("default", "edge: 'yes'") +
			kubeGateway("infra", "{name: http, port: 80, allowedRoutes: {namespaces: {from: Selector, selector: {matchLabels: {edge: 'yes'}}}}}"), ingress, "http://" + host, "", found},
		{"not by the namespace's labels", edgeRoute("{name: gw, namespace: infra}", host, "") + namespaceOf("default", "") +
			kubeGateway("infra", "{name: http, port: 80, allowedRoutes: {namespaces: {from: Selector, selector: {matchLabels: {edge: 'yes'}}}}}"), ingress, "http://" + host, "", lost + "[0]"},
		{"of another kind", edgeRoute("{name: gw}", host, "") + kubeGateway("default", "{name: http, port: 80, allowedRoutes: {kinds: [{kind: GRPCRoute}]}}"),
			ingress, "http://" + host, "", lost + "[0]"},
		{"another hostname", edgeRoute("{name: gw}", host, "") + kubeGateway("default", "{name: http, port: 80, hostname: other.example.com}"), ingress, "http://" + host, "", lost + "[0]"},
		{"a wider hostname", edgeRoute("{name: gw}", host, "") + kubeGateway("default", "{name: http, port: 80, hostname: '*.example.com'}"), ingress, "http://" + host, "", found},
		{"the listener's hostname alone", edgeRoute("{name: gw}", "", "") + kubeGateway("default", "{name: http, port: 80, hostname: other.example.com}"), ingress, "http://" + host, "", lost},
		{"a request for elsewhere", edgeRoute("{name: gw}", "", "") + kubeGateway("default", "{name: http, port: 80, hostname: other.example.com}"), Caller{}, "http://" + host, "", "none\nunseen"},
		{"another section", edgeRoute("{name: gw, sectionName: https}", host, "") + kubeGateway("default", http), ingress, "http://" + host, "", lost + "[0]"},
		{"another port", edgeRoute("{name: gw, port: 8080}", host, "") + kubeGateway("default", http), ingress, "http://" + host, "", lost + "[0]"},
		{"one of two gateways", edgeRoute("{name: gone}, {name: gw}", host, "") + kubeGateway("default", http), ingress, "http://" + host, "KubeGateway", found},
		{"accepted", edgeRoute("{name: gw}", host, "{type: Accepted, status: 'True'}"), ingress, "http://" + host, "KubeGateway", found},
		{"refused", edgeRoute("{name: gw}", host, "{type: Accepted, status: 'False', reason: NotAllowedByListeners, message: denied}"), ingress, "http://" + host, "", refused},
		{"refused once", edgeRoute("{name: gw}", host, "{type: Accepted, status: 'False', observedGeneration: 1}"), ingress, "http://" + host, "", found},
		{"on the mesh", edgeRoute(service, "", ""), web, versionURL, "", found},
		{"on the mesh, accepted", edgeRoute(service, "", "{type: Accepted, status: 'True'}, {type: ResolvedRefs, status: 'True'}"), web, versionURL, "", found},
		{"on the mesh, refused", edgeRoute(service, "", "{type: Accepted, status: 'False', reason: ParentRefConflict}"), web, versionURL, "", refused},
		{"a backend that does not resolve", edgeRoute(service, "", "{type: Accepted, status: 'True'}, {type: ResolvedRefs, status: 'False', reason: BackendNotFound}"), web, versionURL, "",
			found + "\nerror route-not-accepted HTTPRoute default/r spec.rules[0].backendRefs"},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := mustRead(t, weatherServices+c.text)
			o.Complete = map[string]bool{c.complete: true}
			l, err := o.Lookup(mustRequest(t, c.url), c.caller, "")
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(summary(l), c.want); diff != "" {
				t.Errorf("lookup (-got +want):\n%s\n%+v", diff, l)
			}
		})
	}
}

// Routes to one port of a Service, and those to all of it, are not merged: the caller's own or the oldest governs.
func TestHTTPRoutesOfOnePort(t *testing.T) {
	route := func(name, created, port, rule string) string {
		return "\n---\napiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {name: " + name + ", creationTimestamp: '" + created + "'}\n" +
			"spec: {parentRefs: [{group: '', kind: Service, name: weather-backend" + port + "}], rules: [" + rule + "]}"
	}
	const old, young = "2024-01-01T00:00:00Z", "2025-01-01T00:00:00Z"
	split := "{" + strings.TrimSpace(seventyThirty) + "}"
	exactly := "{matches: [{path: {type: Exact, value: /version}}], backendRefs: [{name: weather-single, port: 5000}]}"
	for _, c := range []struct{ name, text, want string }{
		{"all ports", route("a", old, "", split) + route("b", young, "", exactly), "b spec.rules[0] weather-single=1"},
		{"one port beside all", route("a", old, ", port: 5000", split) + route("b", young, "", exactly),
			"a spec.rules[0] weather-single=70 weather-multiple=30\nerror conflicting-routes HTTPRoute default/b spec.hosts"},
		{"another port", route("a", old, ", port: 80", exactly) + route("b", young, "", split), "b spec.rules[0] weather-single=70 weather-multiple=30"},
	} {
		l, err := mustRead(t, weatherServices+c.text).Lookup(mustRequest(t, versionURL), Caller{Namespace: "default", Entry: EntryMesh}, "")
		if got := summary(l); err != nil || got != c.want {
			t.Errorf("%s: %s, %v, want %s", c.name, got, err, c.want)
		}
	}
}
