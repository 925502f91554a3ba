package k8s

import (
	"strings"
	"testing"
)

// What nothing can reach, for whatever caller, and how it is put right.
func TestShadowed(t *testing.T) {
	const (
		single = "route: [{destination: {host: weather-backend, subset: single}}]"
		first  = `[{"op":"remove","path":"/spec/http/0"}]`
		second = `[{"op":"remove","path":"/spec/http/1"}]`
	)
	split := "route:" + ninetyTen
	for _, c := range []struct {
		name, rules, want string // want is severity and fix, "" for nothing
	}{
		{"for the mesh alone", "  gateways: [gw, mesh]\n  http:\n  - match: [{gateways: [mesh]}]\n    " + single + "\n  - " + split, ""},
		{"for other callers", "  http:\n  - match: [{sourceLabels: {app: cart}}]\n    " + single + "\n  - " + split, ""},
		{"for another namespace", "  http:\n  - match: [{sourceNamespace: default}]\n    " + single + "\n  - " + split, ""},
		{"for another port", "  http:\n  - match: [{port: 5000}]\n    " + single + "\n  - " + split, ""},
		{"of one of two paths", "  http:\n  - match: [{uri: {prefix: /version}}]\n    " + single + "\n  - match: [{uri: {prefix: /version}}, {uri: {prefix: /other}}]\n    " + split, `info [{"op":"remove","path":"/spec/http/1/match/0"}]`},
		{"for the same callers", "  http:\n  - match: [{sourceLabels: {app: cart}}]\n    " + single + "\n  - match: [{sourceLabels: {app: cart}}]\n    " + split, "error " + first},
		{"a split behind what takes as much", "  http:\n  - " + single + "\n  - " + split, "error " + first},
		{"a split behind one match of two that takes as much", "  http:\n  - match: [{uri: {prefix: /x}}, {uri: {prefix: /}}]\n    " + single + "\n  - " + split,
			`error [{"op":"remove","path":"/spec/http/0/match/1"}]`},
		{"a split behind what takes more", "  http:\n  - " + single + "\n  - match: [{uri: {prefix: /version}}]\n    " + split,
			`error [{"op":"move","from":"/spec/http/1","path":"/spec/http/0"}]`},
		{"behind a split that takes as much", "  http:\n  - " + split + "  - " + single, "warning " + second},
		{"a split behind a split", "  http:\n  - " + split + "  - " + split, "warning " + second},
		{"no split at all", "  http:\n  - " + single + "\n  - " + single, "warning " + second},
	} {
		o := mustRead(t, weather+virtualService("vs", "  hosts: [weather-backend]\n"+c.rules))
		listed, err := o.Rules(Caller{})
		if err != nil {
			t.Fatal(err)
		}
		if got := shadows(listed...); got != c.want {
			t.Errorf("%s, listed: got %q, want %q", c.name, got, c.want)
		}
		caller := Caller{Entry: EntryMesh, Namespace: "default", Labels: map[string]string{"app": "cart"}}
		l, err := o.Lookup(mustRequest(t, versionURL), caller, "")
		if got := shadows(l); err != nil || strings.HasPrefix(got, "error") != strings.HasPrefix(c.want, "error") {
			t.Errorf("%s, for a request: got %q, %v, want %q", c.name, got, err, c.want)
		}
		if wrong := strings.HasPrefix(c.want, "error"); l.InEffect == wrong {
			t.Errorf("%s: in effect is %t", c.name, l.InEffect)
		}
	}
}

// shadows are the severities and fixes of the route-shadowed findings.
func shadows(list ...Lookup) string {
	var all []string
	for _, l := range list {
		for _, f := range l.Findings {
			if _, patch, ok := strings.Cut(f.Fix, " -p "); f.ID == "route-shadowed" && ok {
				all = append(all, f.Severity+" "+strings.Trim(patch, "'"))
			}
		}
	}
	return strings.Join(all, "; ")
}
