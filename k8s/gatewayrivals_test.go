package k8s

import (
	"strings"
	"testing"
)

// VirtualServices that meet at a gateway with rules for the same requests.
func TestGatewayRivals(t *testing.T) {
	const (
		old, young = "2024-01-01T00:00:00Z", "2025-01-01T00:00:00Z"
		single     = "  hosts: [weather.example.com]\n  http: [{route: [{destination: {host: weather-backend, subset: single}}]}]"
		a, b       = "VirtualService default/a", "VirtualService default/b"
		choice     = "move the rules of " + b + " into " + a + ", or the other way round, and keep one of the two for weather.example.com"
	)
	split := "  hosts: [weather.example.com]\n  http:\n  - route:" + ninetyTen
	narrow := strings.Replace(split, "- route", "- match: [{uri: {prefix: /v}}]\n    route", 1)
	onMesh := strings.Replace(split, "- route", "- match: [{gateways: [mesh]}]\n    route", 1)
	gateway := func(name, port string) string {
		return "\n---\napiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {name: " + name + "}\nspec:\n  selector: {istio: ingressgateway}\n" +
			"  servers: [{port: {number: " + port + ", name: http, protocol: HTTP}, hosts: ['*']}]"
	}
	both := gateway("gw", "80") + gateway("gw2", "80")
	at := func(name, gateways, created, body string) string {
		return aged(name, "default", created, "  gateways: ["+gateways+"]\n"+body)
	}
	for _, c := range []struct {
		name, text, want, fix string
	}{
		{"of unknown age, both with the same weights", both + at("a", "gw", "", split) + at("b", "gw2", "", split), "warning a, warning b", choice + "; " + choice},
		{"of unknown age, with different ones", both + at("a", "gw", "", split) + at("b", "gw2", "", strings.Replace(split, "90", "70", 1)), "error a, error b", choice + "; " + choice},
		{"the older one has none", both + at("a", "gw", old, single) + at("b", "gw", young, split), "error b", "move spec.http[0] of " + b + " into " + a + ", in place of its spec.http[0]"},
		{"the younger one has none", both + at("a", "gw", old, split) + at("b", "gw", young, single), "warning b", "kubectl delete virtualservice b -n default"},
		{"without weights", both + at("a", "gw", old, single) + at("b", "gw", young, single), "", ""},
		{"at another port", gateway("gw", "80") + gateway("gw2", "443") + at("a", "gw", "", split) + at("b", "gw2", "", split), "", ""},
		{"at gateways that are not here", at("a", "gw", "", split) + at("b", "gw2", "", split), "", ""},
		{"what takes everything comes last", both + at("a", "gw", old, single) + at("b", "gw", young, narrow), "", ""},
		{"for the mesh alone", both + at("a", "gw, mesh", old, onMesh) + at("b", "gw, mesh", young, onMesh), "", ""},
	} {
		o := mustRead(t, weather+c.text)
		listed, err := o.Rules(Caller{})
		if err != nil {
			t.Fatal(err)
		}
		var got, fixes []string
		for _, l := range listed {
			for _, f := range l.Findings {
				if strings.Contains(f.Summary, "meet at a gateway") {
					got, fixes = append(got, f.Severity+" "+l.Rule.Name), append(fixes, f.Fix)
				}
			}
		}
		if s := strings.Join(got, ", "); s != c.want {
			t.Errorf("%s: %s, want %s", c.name, s, c.want)
		}
		if s := strings.Join(fixes, "; "); s != c.fix {
			t.Errorf("%s: fix %s, want %s", c.name, s, c.fix)
		}
	}
}

// A request of a gateway: the other object is named, its age only if it is known, and no object is left without rules.
func TestShadowedAtGateway(t *testing.T) {
	split := "  gateways: [gw]\n  hosts: [weather.example.com]\n  http:\n  - route:" + ninetyTen
	single := "  gateways: [gw]\n  hosts: [weather.example.com]\n  http: [{route: [{destination: {host: weather-backend, subset: single}}]}]"
	for _, c := range []struct{ name, text, fix, age string }{
		{"of unknown age", aged("a", "default", "", split) + aged("b", "default", "", split), "kubectl delete virtualservice b -n default", ""},
		{"weights behind none", aged("a", "default", "2024-01-01T00:00:00Z", single) + aged("b", "default", "2025-01-01T00:00:00Z", split),
			"move spec.http[0] of VirtualService default/b into VirtualService default/a, in place of its spec.http[0]", "VirtualService default/a is the older one"},
	} {
		l, err := mustRead(t, weather+c.text).Lookup(mustRequest(t, "http://weather.example.com/version"), Caller{Entry: EntryGateway, Namespace: "istio-system"}, "")
		if err != nil || len(l.Findings) == 0 || l.Findings[0].ID != "route-shadowed" {
			t.Fatalf("%s: %+v, %v", c.name, l.Findings, err)
		}
		f := l.Findings[0]
		if f.Fix != c.fix || strings.Contains(strings.Join(f.Evidence, "\n"), "older") != (c.age != "") || !strings.Contains(strings.Join(f.Evidence, "\n"), c.age) ||
			!strings.Contains(f.Summary, "default/a") || !strings.Contains(f.Summary, "default/b") {
			t.Errorf("%s: %+v", c.name, f)
		}
	}
}
