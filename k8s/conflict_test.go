package k8s

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// aged is a VirtualService of the weather backend with a creationTimestamp ("" = none).
func aged(name, namespace, created, spec string) string {
	text := "\n---\napiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata:\n  name: " + name + "\n  namespace: " + namespace
	if created != "" {
		text += "\n  creationTimestamp: \"" + created + "\""
	}
	return text + "\nspec:\n" + spec
}

func TestConflicts(t *testing.T) {
	const (
		hosts  = "  hosts: [weather-backend.default.svc.cluster.local]\n"
		single = hosts + "  http: [{route: [{destination: {host: weather-backend}}]}]"
		halves = hosts + "  http:\n  - route:\n" +
			"    - {destination: {host: weather-backend, subset: single}, weight: 50}\n" +
			"    - {destination: {host: weather-backend, subset: multiple}, weight: 50}"
		nine     = hosts + "  http:\n  - route:" + ninetyTen
		old, new = "2024-01-01T00:00:00Z", "2025-01-01T00:00:00Z"
	)
	for _, c := range []struct {
		name  string
		text  string
		route string
		want  string
	}{
		{"the older one without weights wins", aged("mine", "default", new, nine) + aged("another", "default", old, single), "",
			"mine spec.http[0] single=90 multiple=10 (not in effect)\nerror conflicting-routes VirtualService default/mine spec.hosts"},
		{"the older one with weights wins", aged("mine", "default", new, nine) + aged("another", "default", old, halves), "",
			"another spec.http[0] single=50 multiple=50\nerror conflicting-routes VirtualService default/mine spec.hosts"},
		{"the same weights", aged("mine", "default", new, nine) + aged("another", "default", old, nine), "",
			"another spec.http[0] single=90 multiple=10\nwarning conflicting-routes VirtualService default/mine spec.hosts"},
		{"one is not created yet", aged("mine", "default", "", nine) + aged("zzz", "default", new, halves), "",
			"zzz spec.http[0] single=50 multiple=50\nerror conflicting-routes VirtualService default/mine spec.hosts"},
		{"equal age: by name", aged("b", "default", old, nine) + aged("a", "default", old, halves), "",
			"a spec.http[0] single=50 multiple=50\nerror conflicting-routes VirtualService default/b spec.hosts"},
		{"neither is created yet", aged("mine", "default", "", nine) + aged("another", "default", "", halves), "",
			"error: VirtualService default/another and VirtualService default/mine are both for weather-backend.default.svc.cluster.local, " +
				"and without creationTimestamp nothing tells which one is in effect: choose with --route virtualservice/default/another"},
		{"neither is created yet, one is named", aged("mine", "default", "", nine) + aged("another", "default", "", halves), "virtualservice/mine",
			"mine spec.http[0] single=90 multiple=10\nerror conflicting-routes VirtualService default/another spec.hosts"},
		{"the loser is named", aged("mine", "default", new, nine) + aged("another", "default", old, halves), "vs/default/mine",
			"mine spec.http[0] single=90 multiple=10 (not in effect)\nerror conflicting-routes VirtualService default/mine spec.hosts"},
		{"a private one beats an older public one", aged("mine", "default", new, "  exportTo: [.]\n"+nine) + aged("another", "other", old, halves), "",
			"mine spec.http[0] single=90 multiple=10\ninfo conflicting-routes VirtualService other/another spec.hosts"},
		{"one exported by name beats an older public one", aged("mine", "other", new, "  exportTo: [default]\n"+halves) + aged("another", "default", old, nine), "",
			"mine spec.http[0] single=50 multiple=50\ninfo conflicting-routes VirtualService default/another spec.hosts\nunseen"},
		{"an exact host beats an older wildcard", aged("mine", "default", new, nine) +
			aged("another", "default", old, strings.Replace(halves, "[weather-backend.default.svc.cluster.local]", "['*.default.svc.cluster.local']", 1)), "",
			"mine spec.http[0] single=90 multiple=10"},
	} {
		t.Run(c.name, func(t *testing.T) {
			l, err := mustRead(t, weather+c.text).Lookup(mustRequest(t, versionURL), Caller{Namespace: "default", Entry: EntryMesh}, c.route)
			got := summary(l)
			if err != nil {
				got = "error: " + err.Error()
			}
			if diff := cmp.Diff(got, c.want); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestUnknownRoute(t *testing.T) {
	o := mustRead(t, aged("mine", "other", "", "  hosts: [x]"))
	for route, want := range map[string]string{
		"mine":              `route "mine": write it as virtualservice/NAME or httproute/NAME, with NAMESPACE/ before the name if need be`,
		"vs/":               `route "vs/": write it as virtualservice/NAME or httproute/NAME, with NAMESPACE/ before the name if need be`,
		"deployment/mine":   `route "deployment/mine": the kind is virtualservice, httproute or grpcroute`,
		"vs/mine":           `route "vs/mine": there is VirtualService other/mine: write virtualservice/other/mine`,
		"virtualservice/no": `route "virtualservice/no": there is no such VirtualService; there is virtualservice/other/mine`,
	} {
		_, err := o.Lookup(mustRequest(t, versionURL), Caller{}, route)
		if err == nil || err.Error() != want {
			t.Errorf("%s: got %v, want %s", route, err, want)
		}
	}
}
