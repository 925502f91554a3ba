package k8s

import (
	"strings"
	"testing"
)

func TestTrail(t *testing.T) {
	rule := "  hosts: [weather-backend]\n  http: [{route: [{destination: {host: weather-backend}}]}]"
	dated := func(name, day string) string {
		return strings.Replace(virtualService(name, rule), "{name: "+name+"}", "{name: "+name+", creationTimestamp: '2026-06-"+day+"T10:00:00Z'}", 1)
	}
	hidden := strings.Replace(virtualService("b", rule+"\n  exportTo: [other]"), "{name: b}", "{name: b, namespace: third}", 1)
	hidden = strings.Replace(hidden, "[weather-backend]", "[weather-backend.default.svc.cluster.local]", 1)
	for _, c := range []struct {
		name, text, taken, why, rival string
	}{
		{"alone", virtualService("a", rule), "a", "nothing else in effect names the host", ""},
		{"the oldest", dated("a", "02") + dated("b", "01"), "b", "it is the oldest that names the host, created 2026-06-01T10:00:00Z",
			"VirtualService default/a: it is younger, created 2026-06-02T10:00:00Z"},
		{"the more specific", virtualService("a", rule) + virtualService("b", strings.Replace(rule, "[weather-backend]", "['*.default.svc.cluster.local']", 1)),
			"a", "its host is the most specific of 2", "VirtualService default/b: its host is less specific"},
		{"not exported", virtualService("a", rule) + hidden, "a", "nothing else in effect names the host",
			"VirtualService third/b: the rule is not exported to the caller's namespace default"},
		{"of a caller that may be anywhere", virtualService("a", rule) + hidden, "a", "it is exported to every namespace",
			"VirtualService third/b: it is exported to some namespaces, and the caller's is not known"},
	} {
		caller := Caller{Namespace: "default", Entry: EntryMesh}
		if c.name == "of a caller that may be anywhere" {
			caller.Namespace = ""
		}
		l, err := mustRead(t, weather+c.text).Lookup(mustRequest(t, versionURL), caller, "")
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		rival := ""
		for _, r := range l.Trail.Rivals {
			rival += r.Object + ": " + r.Why
		}
		if l.Trail.Taken == nil || l.Trail.Taken.Name != c.taken || l.Trail.Why != c.why || rival != c.rival || l.Trail.Entry != EntryMesh {
			t.Errorf("%s: %+v, taken %+v", c.name, l.Trail, l.Trail.Taken)
		}
	}
}

// What is only taken to be so of the caller is said where the rule that it takes is.
func TestSupposed(t *testing.T) {
	o := mustRead(t, weather+virtualService("vs", `
  hosts: [weather-backend]
  http:
  - match: [{sourceLabels: {app: tester}}]
    route: [{destination: {host: weather-backend, subset: multiple}}]
  - match: [{sourceLabels: {app: cart}}]
    route:`+ninetyTen+`
  - route: [{destination: {host: weather-backend, subset: single}}]`))
	for _, c := range []struct {
		labels map[string]string
		want   string
	}{
		{nil, `spec.http[1], meets "sourceLabels app exact cart" and does not meet "sourceLabels app exact tester"`},
		{map[string]string{"app": "cart"}, "spec.http[1], "},
		{map[string]string{"app": "front"}, "spec.http[2], "},
	} {
		l, err := o.Lookup(mustRequest(t, versionURL), Caller{Labels: c.labels, Entry: EntryMesh}, "")
		if err != nil || l.Rule == nil {
			t.Fatal(l, err)
		}
		if got := l.Rule.Field + ", " + l.Trail.If; got != c.want || (len(l.Unseen) > 0) != (l.Trail.If != "") {
			t.Errorf("labels %v: got %s, unseen %v, want %s", c.labels, got, l.Unseen, c.want)
		}
	}
}

func TestCalled(t *testing.T) {
	port := func(text string) string { return strings.Replace(weatherService, "port: 5000, name: backend", text, 1) }
	for _, c := range []struct{ name, text, want string }{
		{"detected", weatherService, "detected, its name says none"},
		{"by its name", port("port: 5000, name: http-web"), "http, by its name"},
		{"by its name, opaque", port("port: 5000, name: tcp-web"), "tcp, by its name, opaque"},
		{"by its appProtocol", port("port: 5000, name: tcp-web, appProtocol: http2"), "http2, by its appProtocol http2"},
		{"by an unknown appProtocol", port("port: 5000, appProtocol: example.com/x"), "detected, its appProtocol example.com/x says none"},
		{"another port", port("port: 80"), "not known, the Service has no port 5000, but 80"},
		{"not read", virtualService("vs", "  hosts: [x]\n"), "not known, its Service was not read"},
	} {
		got := mustRead(t, c.text).Called(mustRequest(t, versionURL), Caller{})
		text := got.Protocol
		switch {
		case !got.Listens:
			text = "not known"
		case text == "":
			text = "detected"
		}
		text += ", " + got.Why
		if got.Opaque {
			text += ", opaque"
		}
		if text != c.want {
			t.Errorf("%s: %s, want %s", c.name, text, c.want)
		}
	}
}

// TestRulesOfAnyRequest holds that rules without a request have what any request would meet on its way to them.
func TestRulesOfAnyRequest(t *testing.T) {
	rule := func(name, hosts, match string) string {
		return virtualService(name, "  hosts: ["+hosts+"]\n  http:\n  - match: [{"+match+"}]\n    route:"+ninetyTen)
	}
	port := func(text string) string {
		return strings.Replace(weather, "port: 5000, name: backend", text, 1)
	}
	const tcp = "port: 5000, name: tcp-backend"
	for _, c := range []struct{ name, text, want string }{
		{"sound", weather + rule("vs", "weather-backend", "uri: {prefix: /v}"), ""},
		{"a port", port(tcp) + rule("vs", "weather-backend", "uri: {prefix: /v}"), "port-not-http"},
		{"a port, whatever the match", port(tcp) + rule("vs", "weather-backend",
			"uri: {exact: /v}, method: {exact: PUT}, headers: {a: {exact: b}}, queryParams: {q: {exact: r}}, sourceNamespace: other, sourceLabels: {app: web}"), "port-not-http"},
		{"another port is HTTP", port(tcp+"}, {port: 80, name: http") + rule("vs", "weather-backend", "uri: {prefix: /v}"), ""},
		{"an expression", port(tcp) + rule("vs", "weather-backend", "uri: {regex: '/[0-9]+'}"), "port-not-http"},
		{"half a name", weather + rule("vs", "weather-backend.default", "uri: {prefix: /v}"), "host-not-found"},
		{"two of one host", weather + rule("a", "weather-backend", "uri: {prefix: /v}") + virtualService("b",
			"  hosts: [weather-backend]\n  http: [{route: [{destination: {host: weather-backend, subset: single}}]}]"), "conflicting-routes conflicting-routes"},
		{"one for each caller", weather + rule("a", "weather-backend", "uri: {prefix: /v}") +
			strings.Replace(virtualService("b", "  hosts: [weather-backend.default.svc.cluster.local]\n  exportTo: [.]\n  http: [{route: [{destination: {host: weather-backend.default.svc.cluster.local, subset: single}}]}]"),
				"{name: b}", "{name: b, namespace: other}", 1), ""},
		{"bound to a gateway", weather + virtualService("a", "  hosts: [shop.example.com]\n  gateways: [edge]\n  http:\n  - route:"+ninetyTen), ""},
	} {
		all, err := mustRead(t, c.text).Rules(Caller{})
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		var ids []string
		for _, l := range all {
			for _, f := range l.Findings {
				if f.Severity == SeverityError {
					ids = append(ids, f.ID)
				}
			}
		}
		if got := strings.Join(ids, " "); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}
