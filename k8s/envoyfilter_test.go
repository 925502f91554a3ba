package k8s

import (
	"strings"
	"testing"
)

func TestEnvoyFilters(t *testing.T) {
	filter := func(namespace, head, part string) string {
		return "\n---\napiVersion: networking.istio.io/v1alpha3\nkind: EnvoyFilter\nmetadata: {name: f, namespace: " + namespace + "}\n" +
			"spec: {" + head + "configPatches: [{applyTo: CLUSTER, match: {context: SIDECAR_INBOUND}}, " + part + "]}"
	}
	const (
		fqdn   = "weather-backend.default.svc.cluster.local"
		router = "{listener: {filterChain: {filter: {subFilter: {name: envoy.filters.http.router}}}}}"
		route  = "{applyTo: HTTP_ROUTE}"
	)
	caller := Caller{Namespace: "default", Labels: map[string]string{"app": "web"}, Entry: EntryMesh}
	for _, c := range []struct {
		name, text string
		caller     Caller
		found      bool
	}{
		{"any route", filter("default", "", route), caller, true},
		{"of the root namespace", filter("istio-system", "", route), caller, true},
		{"of another namespace", filter("other", "", route), caller, false},
		{"the caller's labels", filter("default", "workloadSelector: {labels: {app: web}}, ", route), caller, true},
		{"other labels", filter("default", "workloadSelector: {labels: {app: x}}, ", route), caller, false},
		{"unknown labels", filter("default", "workloadSelector: {labels: {app: web}}, ", route), Caller{Namespace: "default", Entry: EntryMesh}, false},
		{"a target", filter("default", "targetRefs: [{kind: Gateway, name: gw}], ", route), caller, false},
		{"inbound", filter("default", "", "{applyTo: HTTP_ROUTE, match: {context: SIDECAR_INBOUND}}"), caller, false},
		{"outbound", filter("default", "", "{applyTo: VIRTUAL_HOST, match: {context: SIDECAR_OUTBOUND}}"), caller, true},
		{"gateways", filter("default", "", "{applyTo: ROUTE_CONFIGURATION, match: {context: GATEWAY}}"), caller, false},
		{"the table of the port", filter("default", "", `{applyTo: ROUTE_CONFIGURATION, match: {routeConfiguration: {name: "5000"}}}`), caller, true},
		{"the table of a sniffed port", filter("default", "", "{applyTo: ROUTE_CONFIGURATION, match: {routeConfiguration: {name: '"+fqdn+":5000'}}}"), caller, true},
		{"the table of another port", filter("default", "", "{applyTo: ROUTE_CONFIGURATION, match: {routeConfiguration: {portNumber: 80}}}"), caller, false},
		{"its virtual host", filter("default", "", "{applyTo: VIRTUAL_HOST, match: {routeConfiguration: {vhost: {name: '"+fqdn+":5000'}}}}"), caller, true},
		{"another virtual host", filter("default", "", "{applyTo: VIRTUAL_HOST, match: {routeConfiguration: {vhost: {name: 'other:5000'}}}}"), caller, false},
		{"its route", filter("default", "", "{applyTo: HTTP_ROUTE, match: {routeConfiguration: {vhost: {route: {name: split}}}}}"), caller, true},
		{"another route", filter("default", "", "{applyTo: HTTP_ROUTE, match: {routeConfiguration: {vhost: {route: {name: other}}}}}"), caller, false},
		{"redirects", filter("default", "", "{applyTo: HTTP_ROUTE, match: {routeConfiguration: {vhost: {route: {action: REDIRECT}}}}}"), caller, false},
		{"any cluster", filter("default", "", "{applyTo: CLUSTER, patch: {operation: MERGE}}"), caller, true},
		{"a new cluster", filter("default", "", "{applyTo: CLUSTER, patch: {operation: ADD}}"), caller, false},
		{"its cluster", filter("default", "", "{applyTo: CLUSTER, match: {cluster: {service: "+fqdn+", subset: single}}}"), caller, true},
		{"its cluster by name", filter("default", "", "{applyTo: CLUSTER, match: {cluster: {name: 'outbound|5000|multiple|"+fqdn+"'}}}"), caller, true},
		{"another subset", filter("default", "", "{applyTo: CLUSTER, match: {cluster: {service: "+fqdn+", subset: triple}}}"), caller, false},
		{"the router", filter("default", "", "{applyTo: HTTP_FILTER, match: "+router+", patch: {operation: MERGE}}"), caller, true},
		{"before the router", filter("default", "", "{applyTo: HTTP_FILTER, match: "+router+", patch: {operation: INSERT_BEFORE}}"), caller, false},
		{"a listener", filter("default", "", "{applyTo: LISTENER}"), caller, false},
	} {
		o := mustRead(t, weather+virtualService("vs", strings.Replace(splitBody, "- route", "- name: split\n    route", 1))+c.text)
		l, err := o.Lookup(mustRequest(t, versionURL), c.caller, "")
		want := plainRule
		if c.found {
			want += "\ninfo envoyfilter-on-route EnvoyFilter " + o.EnvoyFilters[0].Namespace + "/f spec.configPatches[1]"
		}
		if got := summary(l); err != nil || got != want {
			t.Errorf("%s: %s, %v, want %s", c.name, got, err, want)
		}
	}
}

func TestEnvoyFiltersAtGateway(t *testing.T) {
	o := mustRead(t, weather+virtualService("vs", "  gateways: [gw]\n  hosts: [weather.example.com]\n  http:\n  - route:"+ninetyTen)+`
---
apiVersion: networking.istio.io/v1alpha3
kind: EnvoyFilter
metadata: {name: f, namespace: istio-system}
spec:
  workloadSelector: {labels: {istio: ingressgateway}}
  configPatches: [{applyTo: VIRTUAL_HOST, match: {context: GATEWAY, routeConfiguration: {name: http.8080, vhost: {name: 'weather.example.com:80'}}}}]`)
	caller := Caller{Namespace: "istio-system", Labels: map[string]string{"istio": "ingressgateway"}, Entry: EntryGateway}
	l, err := o.Lookup(mustRequest(t, "http://weather.example.com:31380/"), caller, "")
	if got, want := summary(l), "vs spec.http[0] single=90 multiple=10\ninfo envoyfilter-on-route EnvoyFilter istio-system/f spec.configPatches[0]"; err != nil || got != want {
		t.Errorf("%s, %v, want %s", got, err, want)
	}
}
