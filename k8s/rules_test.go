package k8s

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestRules(t *testing.T) {
	o := mustRead(t, weather+virtualService("vs", `
  hosts: [weather-backend]
  http:
  - match: [{uri: {prefix: /v}}, {uri: {prefix: /w}}]
    route: [{destination: {host: weather-backend, subset: single}}]
  - match: [{uri: {exact: /version}}]
    route:
    - {destination: {host: weather-backend, subset: single}, weight: 1}
    - {destination: {host: weather-backend, subset: gone}, weight: 1}
  - match: [{uri: {prefix: /version}, sourceLabels: {app: x}}, {uri: {prefix: /other}}]
    route: [{destination: {host: weather-backend, subset: single}}]
  tcp:
  - route:`+ninetyTen)+strings.Replace(httpRoute("hr", "default", "  rules:\n  - "+seventyThirty), "name: weather-backend,", "name: other,", 1))
	all, err := o.Rules(Caller{})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, l := range all {
		got = append(got, summary(l))
	}
	want := []string{
		"vs spec.http[0] single=100",
		"vs spec.http[1] single=1 gone=1 (not in effect)\nerror route-shadowed VirtualService default/vs spec.http[1]\n" +
			"error subset-undefined VirtualService default/vs spec.http[1].route[1].destination.subset",
		"vs spec.http[2] single=100\ninfo route-shadowed VirtualService default/vs spec.http[2].match[0]",
		"vs spec.tcp[0] single=90 multiple=10",
		"hr spec.rules[0] weather-single=70 weather-multiple=30\n" +
			"warning backend-invalid HTTPRoute default/hr spec.rules[0].backendRefs[0].name\n" +
			"warning backend-invalid HTTPRoute default/hr spec.rules[0].backendRefs[1].name",
	}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Error(diff)
	}
}

func TestHash(t *testing.T) {
	hash := func(text string) string {
		t.Helper()
		l, err := mustRead(t, text).Lookup(mustRequest(t, versionURL), Caller{}, "")
		if err != nil || l.Rule == nil {
			t.Fatal(l, err)
		}
		return l.Rule.Hash()
	}
	rule := func(body string) string {
		return virtualService("vs", "  hosts: [weather-backend]\n  http:\n  - "+body)
	}
	base := hash(weather + rule("route:"+ninetyTen))
	if len(base) != 32 {
		t.Errorf("hash %s has %d digits", base, len(base))
	}
	for name, text := range map[string]string{
		"again":           weather + rule("route:"+ninetyTen),
		"another name":    weather + strings.Replace(rule("route:"+ninetyTen), "name: vs", "name: other, resourceVersion: '7', generation: 8", 1),
		"weights 9 and 1": weather + rule("route:"+strings.NewReplacer("90", "9", "10", "1").Replace(ninetyTen)),
		"other order": weather + rule("route:\n"+
			"    - {weight: 10, destination: {subset: multiple, host: weather-backend.default.svc.cluster.local}}\n"+
			"    - {weight: 90, destination: {subset: single, host: weather-backend}}"),
	} {
		if got := hash(text); got != base {
			t.Errorf("%s: hash %s, want %s", name, got, base)
		}
	}
	for name, text := range map[string]string{
		"weights":       weather + rule("route:"+strings.Replace(ninetyTen, "90", "80", 1)),
		"match":         weather + rule("match: [{uri: {prefix: /version}}]\n    route:"+ninetyTen),
		"subset labels": strings.Replace(weather, "{version: single}}", "{version: other}}", 1) + rule("route:"+ninetyTen),
		"port":          weather + rule("route:"+strings.Replace(ninetyTen, "subset: single", "subset: single, port: {number: 5000}", 1)),
	} {
		if got := hash(text); got == base {
			t.Errorf("%s: same hash", name)
		}
	}
}

func TestVersions(t *testing.T) {
	check := func(list []Destination, want ...string) {
		t.Helper()
		NameVersions(list)
		var got []string
		for _, d := range list {
			got = append(got, d.Version)
		}
		if diff := cmp.Diff(got, want); diff != "" {
			t.Error(diff)
		}
	}
	const a, b, b2 = "a.x.svc.cluster.local", "b.x.svc.cluster.local", "b.y.svc.cluster.local"
	check([]Destination{{Host: a, Subset: "v1"}, {Host: a, Subset: "v2"}}, "v1", "v2")
	check([]Destination{{Host: a}, {Host: b}}, "a", "b")
	check([]Destination{{Host: a, Subset: "v1"}, {Host: b, Subset: "v1"}, {Host: b, Subset: "v2"}}, "a/v1", "b/v1", "v2")
	check([]Destination{{Host: b}, {Host: b2}}, b, b2)
	check([]Destination{{Host: b, Subset: "v1"}, {Host: b2, Subset: "v1"}}, b+"/v1", b2+"/v1")
	check([]Destination{{Host: a, Port: 80}, {Host: a, Port: 81}}, a+":80", a+":81")
	check([]Destination{{Host: "api.example.com"}, {Host: "www.example.com"}}, "api.example.com", "www.example.com")
}
