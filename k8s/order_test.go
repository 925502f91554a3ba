package k8s

import (
	"strings"
	"testing"
)

// Which object governs a host on the mesh.
func TestMeshOrder(t *testing.T) {
	const (
		old, young = "2024-01-01T00:00:00Z", "2025-01-01T00:00:00Z"
		fqdn       = "weather-backend.default.svc.cluster.local"
		guarded    = "  - match: [{sourceLabels: {app: other}}]\n    route: [{destination: {host: " + fqdn + "}}]"
		noEffect   = " (not in effect)"
	)
	split := "  - route:" + strings.ReplaceAll(ninetyTen, "host: weather-backend", "host: "+fqdn)
	caller := Caller{Namespace: "default", Labels: map[string]string{"app": "web"}, Entry: EntryMesh}
	wild := func(name, created, http string) string {
		return aged(name, "default", created, "  hosts: ['*.default.svc.cluster.local']\n  http:\n"+http)
	}
	exactly := func(name, created, http string) string {
		return aged(name, "default", created, "  hosts: ["+fqdn+"]\n  http:\n"+http)
	}
	for _, c := range []struct{ name, text, want string }{
		{"a wildcard alone", wild("vs", old, split), plainRule},
		{"a name that has nothing for the caller keeps the wildcard out", wild("w", old, split) + exactly("vs", young, guarded), "vs spec.http[0] weather-backend=100" + noEffect +
			"\nerror source-mismatch VirtualService default/vs spec.http[0].match[0].sourceLabels"},
		{"another name does not", wild("vs", old, split) + aged("x", "default", old, "  hosts: [other]\n  http:\n"+guarded), plainRule},
		{"one that has nothing for the caller leaves the name to the next", exactly("a", old, guarded) + exactly("vs", young, split), plainRule},
		{"the first of a wildcard keeps it", wild("vs", old, guarded) + wild("w", young, split), "vs spec.http[0] weather-backend=100" + noEffect +
			"\nerror source-mismatch VirtualService default/vs spec.http[0].match[0].sourceLabels"},
		{"tcp rules are for other connections", aged("a", "default", old, "  hosts: ["+fqdn+"]\n  tcp: [{route: [{destination: {host: "+fqdn+"}}]}]") + exactly("vs", young, split), plainRule},
		{"bound to a gateway, beside one of the mesh", aged("a", "default", old, "  gateways: [gw]\n  hosts: ["+fqdn+"]\n  http:\n"+guarded) + exactly("vs", young, split), plainRule},
		{"two hosts", aged("vs", "default", old, "  hosts: [other, "+fqdn+"]\n  http:\n"+split), plainRule},
		{"two ports, one object each", exactly("a", old, "  - match: [{port: 80}]\n    route: [{destination: {host: "+fqdn+"}}]") + exactly("vs", young, split), plainRule},
		{"an own HTTPRoute before an older VirtualService", exactly("vs", old, split) + httpRoute("r", "default", "  rules: [{backendRefs: [{name: weather-single, port: 5000}]}]"),
			"vs spec.http[0] single=90 multiple=10" + noEffect + "\nerror conflicting-routes VirtualService default/vs spec.hosts"},
	} {
		l, err := mustRead(t, weather+c.text).Lookup(mustRequest(t, versionURL), caller, "")
		if got := summary(l); err != nil || got != c.want {
			t.Errorf("%s:\n%s, %v\nwant %s", c.name, got, err, c.want)
		}
	}
}

// A rule whose only host is no Service was meant for the one to which it sends shares.
func TestHostOfNoService(t *testing.T) {
	const lost = plainRule + " (not in effect)\nerror host-not-found VirtualService "
	caller := Caller{Namespace: "default", Entry: EntryMesh}
	split := "  http:\n  - route:" + strings.ReplaceAll(ninetyTen, "host: weather-backend", "host: weather-backend.default.svc.cluster.local")
	for _, c := range []struct {
		name, text, complete, want string
	}{
		{"a misspelt name", virtualService("vs", "  hosts: [wether-backend]\n"+split), "Service", lost + "default/vs spec.hosts[0]"},
		{"a short name in another namespace", aged("vs", "rules", "", "  hosts: [weather-backend]\n"+split), "Service", lost + "rules/vs spec.hosts[0]"},
		{"another namespace", virtualService("vs", "  hosts: [weather-backend.prod.svc.cluster.local]\n"+split), "Service", lost + "default/vs spec.hosts[0]"},
		{"not all Services are here", virtualService("vs", "  hosts: [wether-backend]\n"+split), "", "none\nunseen"},
		{"a host outside", virtualService("vs", "  hosts: [weather.example.com]\n"+split), "Service", "none\nunseen"},
	} {
		o := mustRead(t, weather+c.text)
		o.Complete = map[string]bool{c.complete: true}
		l, err := o.Lookup(mustRequest(t, versionURL), caller, "")
		if got := summary(l); err != nil || got != c.want {
			t.Errorf("%s:\n%s, %v\nwant %s", c.name, got, err, c.want)
		}
	}
}
