package k8s

import (
	"strings"
	"testing"
)

func TestBackendInvalid(t *testing.T) {
	const (
		all    = "Service ReferenceGrant"
		second = "\nerror backend-invalid HTTPRoute default/hr spec.rules[0].backendRefs[1]"
		grant  = `
---
apiVersion: gateway.networking.k8s.io/v1beta1
kind: ReferenceGrant
metadata: {name: g, namespace: default}
spec:
  from: [{group: gateway.networking.k8s.io, kind: HTTPRoute, namespace: team}]
  to: [{group: '', kind: Service}]
`
	)
	atGateway := func(namespace, second string) string {
		return strings.Replace(httpRoute("hr", namespace, "  rules:\n  - backendRefs: [{name: weather-single, namespace: default, port: 5000}, "+second+"]\n"),
			"group: '', kind: Service, name: weather-backend, namespace: default, port: 5000", "name: gw", 1)
	}
	inMesh := func(second string) string {
		return httpRoute("hr", "default", "  rules:\n  - backendRefs: [{name: weather-single, port: 5000}, "+second+"]\n")
	}
	const multiple = "{name: weather-multiple, namespace: default, port: 5000}"
	for _, c := range []struct {
		name, text, kinds, want string
	}{
		{"sound", inMesh(multiple), all, ""},
		{"the kind is spelled out", inMesh("{kind: Service, group: '', name: weather-multiple, port: 5000}"), all, ""},
		{"another kind", inMesh("{kind: Secret, name: weather-multiple, port: 5000}"), "", second + ".kind"},
		{"a kind that may be taken", inMesh("{kind: InferencePool, group: inference.networking.k8s.io, name: pool}"), all, ""},
		{"a kind of another implementation", atGateway("default", "{kind: Backend, group: gateway.example.com, name: b}"), "", ""},
		{"which the mesh is not", inMesh("{kind: Backend, group: gateway.example.com, name: b}"), "", second + ".kind"},
		{"no such Service", inMesh("{name: gone, port: 5000}"), all, second + ".name"},
		{"no such Service in files", inMesh("{name: gone, port: 5000}"), "", strings.Replace(second, "error", "warning", 1) + ".name"},
		{"a host for a name", inMesh("{name: weather-multiple.default, port: 5000}"), "", second + ".name"},
		{"no port", inMesh("{name: weather-multiple}"), "", second + ".port"},
		{"a port that it lacks", inMesh("{name: weather-multiple, port: 80}"), "", second + ".port"},
		{"of another namespace in the mesh", inMesh("{name: other, namespace: team, port: 80}") + "\n---\napiVersion: v1\nkind: Service\n" +
			"metadata: {name: other, namespace: team}\nspec: {ports: [{port: 80}]}\n", all, ""},
		{"at a gateway of its own namespace", atGateway("default", multiple), all, ""},
		{"without a weight nothing is wrong yet", inMesh("{name: gone, port: 5000, weight: 0}"), all,
			"\ninfo weight-zero HTTPRoute default/hr spec.rules[0].backendRefs[1].weight" + strings.Replace(second, "error", "info", 1) + ".name"},
		{"granted", atGateway("team", multiple) + grant, all, ""},
		{"not granted", atGateway("team", multiple), all, "\nerror backend-invalid HTTPRoute team/hr spec.rules[0].backendRefs[0].namespace" +
			"\nerror backend-invalid HTTPRoute team/hr spec.rules[0].backendRefs[1].namespace"},
		{"granted to others", atGateway("team", multiple) + strings.Replace(grant, "namespace: team", "namespace: x", 1), all,
			"\nerror backend-invalid HTTPRoute team/hr spec.rules[0].backendRefs[0].namespace" +
				"\nerror backend-invalid HTTPRoute team/hr spec.rules[0].backendRefs[1].namespace"},
		{"grants that were not read", atGateway("team", multiple), "Service", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := complete(mustRead(t, weatherServices+c.text), c.kinds)
			rules, err := o.Rules(Caller{})
			if err != nil || len(rules) != 1 {
				t.Fatal(rules, err)
			}
			_, got, _ := strings.Cut(summary(rules[0]), "\n")
			if want := strings.TrimPrefix(c.want, "\n"); got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}
