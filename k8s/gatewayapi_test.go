package k8s

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// httpRoute is one attached to the weather backend's Service, in the given namespace.
func httpRoute(name, namespace, spec string) string {
	return "\n---\napiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {name: " + name + ", namespace: " + namespace + "}\nspec:\n" +
		"  parentRefs: [{group: '', kind: Service, name: weather-backend, namespace: default, port: 5000}]\n" + spec
}

const weatherServices = weatherService + `
---
apiVersion: v1
kind: Service
metadata: {name: weather-single}
spec: {ports: [{port: 5000, name: http}], selector: {app: weather-backend, version: single}}
---
apiVersion: v1
kind: Service
metadata: {name: weather-multiple}
spec: {ports: [{port: 5000, name: http}], selector: {app: weather-backend, version: multiple}}
`

const seventyThirty = "backendRefs: [{name: weather-single, port: 5000, weight: 70}, {name: weather-multiple, port: 5000, weight: 30}]\n"

func TestLookupHTTPRoute(t *testing.T) {
	const shares = " weather-single=70 weather-multiple=30"
	mesh := Caller{Namespace: "default", Entry: EntryMesh}
	for _, c := range []struct {
		name   string
		text   string
		caller Caller
		url    string
		header []string
		want   string
	}{
		{"plain", httpRoute("weather", "default", "  rules:\n  - "+seventyThirty), mesh, versionURL, nil, "weather spec.rules[0]" + shares},
		{"of an unknown caller", httpRoute("weather", "default", "  rules:\n  - "+seventyThirty), Caller{}, versionURL, nil, "weather spec.rules[0]" + shares},
		{"weight omitted is 1", httpRoute("weather", "default", `
  rules:
  - backendRefs: [{name: weather-single, port: 5000}, {name: weather-multiple, port: 5000}]`), mesh, versionURL, nil,
			"weather spec.rules[0] weather-single=1 weather-multiple=1"},
		{"weight 0", httpRoute("weather", "default", `
  rules:
  - backendRefs: [{name: weather-single, port: 5000}, {name: weather-multiple, port: 5000, weight: 0}]`), mesh, versionURL, nil,
			"weather spec.rules[0] weather-single=1 weather-multiple=0\ninfo weight-zero HTTPRoute default/weather spec.rules[0].backendRefs[1].weight"},
		{"no backend", httpRoute("weather", "default", "  rules: [{}]"), mesh, versionURL, nil,
			"weather spec.rules[0]\nerror all-weights-zero HTTPRoute default/weather spec.rules[0]"},
		{"redirect", httpRoute("weather", "default", "  rules: [{filters: [{type: RequestRedirect}]}]"), mesh, versionURL, nil, "none\nunseen"},
		{"one backend of weight 0", httpRoute("weather", "default", "  rules: [{backendRefs: [{name: weather-single, port: 5000, weight: 0}]}]"), mesh, versionURL, nil,
			"weather spec.rules[0] weather-single=0\nerror all-weights-zero HTTPRoute default/weather spec.rules[0]"},
		{"no such port", httpRoute("weather", "default", `
  rules:
  - backendRefs: [{name: weather-single, port: 80}, {name: weather-multiple, port: 5000}]`), mesh, versionURL, nil,
			"weather spec.rules[0] weather-single=1 weather-multiple=1\nerror backend-invalid HTTPRoute default/weather spec.rules[0].backendRefs[0].port"},
		{"an exact path before a prefix of another route", httpRoute("a", "default", "  rules:\n  - matches: [{path: {value: /version}}]\n    backendRefs: [{name: weather-single, port: 5000}]") +
			httpRoute("b", "default", "  rules:\n  - matches: [{path: {type: Exact, value: /version}}]\n    "+seventyThirty), mesh, versionURL, nil,
			"b spec.rules[0]" + shares},
		{"the longer prefix first", httpRoute("a", "default", "  rules:\n  - backendRefs: [{name: weather-single, port: 5000}]\n  - matches: [{path: {value: /version}}]\n    "+seventyThirty), mesh, versionURL, nil,
			"a spec.rules[1]" + shares},
		{"more headers first", httpRoute("a", "default", "  rules:\n  - backendRefs: [{name: weather-single, port: 5000}]\n  - matches: [{headers: [{name: X-A, value: '1'}]}]\n    "+seventyThirty), mesh, versionURL,
			[]string{"x-a", "1"}, "a spec.rules[1]" + shares},
		{"a path element is not a string prefix", httpRoute("a", "default", "  rules:\n  - matches: [{path: {value: /vers}}]\n    "+seventyThirty), mesh, versionURL, nil,
			"a spec.rules[0]" + shares + " (not in effect)\nerror no-rule-matches HTTPRoute default/a spec.rules"},
		{"another port", httpRoute("a", "default", "  rules:\n  - "+seventyThirty), mesh, "http://weather-backend:80/", nil, "none\nunseen"},
		{"a consumer's route beats the producer's", httpRoute("a", "default", "  rules: [{backendRefs: [{name: weather-single, port: 5000}]}]") +
			httpRoute("b", "other", "  rules:\n  - backendRefs: [{name: weather-single, namespace: default, port: 5000}, {name: weather-multiple, namespace: default, port: 5000}]"),
			Caller{Namespace: "other", Entry: EntryMesh}, "http://weather-backend.default:5000/", nil, "b spec.rules[0] weather-single=1 weather-multiple=1"},
		{"a consumer's route is for its namespace alone", httpRoute("b", "other", "  rules:\n  - "+seventyThirty), mesh, versionURL, nil, "none\nunseen"},
		{"beside an older VirtualService", httpRoute("a", "default", "  rules:\n  - "+seventyThirty) +
			aged("vs", "default", "2024-01-01T00:00:00Z", "  hosts: [weather-backend]\n  http: [{route: [{destination: {host: weather-backend}}]}]"), mesh, versionURL, nil,
			"a spec.rules[0]" + shares + "\nerror conflicting-routes VirtualService default/vs spec.hosts"},
	} {
		t.Run(c.name, func(t *testing.T) {
			l, err := mustRead(t, weatherServices+c.text).Lookup(mustRequest(t, c.url, c.header...), c.caller, "")
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(summary(l), c.want); diff != "" {
				t.Errorf("(-got +want):\n%s\n%+v", diff, l)
			}
		})
	}
}

func TestHTTPRouteLabels(t *testing.T) {
	l, err := mustRead(t, weatherServices+httpRoute("weather", "default", "  rules:\n  - "+seventyThirty)).
		Lookup(mustRequest(t, versionURL), Caller{}, "httproute/weather")
	if err != nil {
		t.Fatal(err)
	}
	var got [][]string
	for _, d := range l.Rule.Destinations {
		got = append(got, d.Labels)
	}
	if diff := cmp.Diff(got, [][]string{{"single"}, {"multiple"}}); diff != "" {
		t.Error(diff)
	}
}

// Services that select by another label than version: their pods tell it.
func TestPodVersionLabels(t *testing.T) {
	o := mustRead(t, `
{apiVersion: v1, kind: Service, metadata: {name: old}, spec: {selector: {track: stable}, ports: [{port: 80}]}}
---
{apiVersion: v1, kind: Service, metadata: {name: new}, spec: {selector: {track: canary}, ports: [{port: 80}]}}
---
{apiVersion: apps/v1, kind: Deployment, metadata: {name: one}, spec: {template: {metadata: {labels: {track: stable, version: v1}}}}}
---
{apiVersion: v1, kind: Pod, metadata: {name: two, labels: {track: canary, version: v2}}}
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: r}
spec:
  parentRefs: [{name: gw}]
  rules: [{backendRefs: [{name: old, port: 80}, {name: new, port: 80}]}]`)
	l, err := o.Lookup(mustRequest(t, "http://example.com/"), Caller{}, "")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(summary(l), "r spec.rules[0] old=1 new=1\nunseen"); diff != "" {
		t.Fatal(diff)
	}
	var got [][]string
	for _, d := range l.Rule.Destinations {
		got = append(got, d.Labels)
	}
	if diff := cmp.Diff(got, [][]string{{"v1", "stable"}, {"v2", "canary"}}); diff != "" {
		t.Error(diff)
	}
}

func TestLookupGRPCRoute(t *testing.T) {
	o := mustRead(t, `
apiVersion: gateway.networking.k8s.io/v1
kind: GRPCRoute
metadata: {name: g}
spec:
  parentRefs: [{kind: Service, name: greeter}]
  rules:
  - backendRefs: [{name: a, port: 80}]
  - matches: [{method: {service: hello.Greeter, method: Say}}]
    backendRefs: [{name: a, port: 80, weight: 3}, {name: b, port: 80}]
  - matches: [{method: {method: "Wa.*", type: RegularExpression}}]
    backendRefs: [{name: a, port: 80, weight: 4}, {name: b, port: 80}]`)
	for path, want := range map[string]string{
		"/hello.Greeter/Say":  "g spec.rules[1] a=3 b=1",
		"/hello.Greeter/Wave": "g spec.rules[2] a=4 b=1",
		"/hello.Greeter/Bye":  "g spec.rules[0] a=1",
	} {
		l, err := o.Lookup(mustRequest(t, "http://greeter"+path), Caller{Entry: EntryMesh}, "")
		if err != nil {
			t.Fatal(err)
		}
		if got := summary(l); got != want {
			t.Errorf("%s: got %s, want %s", path, got, want)
		}
	}
}
