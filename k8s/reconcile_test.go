package k8s

import (
	"slices"
	"strings"
	"testing"
)

// The fix of a conflict leaves one object for the host, and the weights where there are any.
func TestReconcile(t *testing.T) {
	const (
		old, young = "2024-01-01T00:00:00Z", "2025-01-01T00:00:00Z"
		a, b       = "VirtualService default/a", "VirtualService default/b"
		gone       = "kubectl delete virtualservice "
	)
	single := "  http: [{route: [{destination: {host: weather-backend, subset: single}}]}]"
	split, host := "  http:\n  - route:"+ninetyTen, "  hosts: [weather-backend]\n"
	for _, c := range []struct {
		name, text, want string
	}{
		{"the rule in effect has no weights", aged("a", "default", old, host+single) + aged("b", "default", young, host+split),
			gone + "a -n default   # or move the rules of " + b + " into " + a},
		{"it is for another host too", aged("a", "default", old, "  hosts: [x.example.com, weather-backend]\n"+single) + aged("b", "default", young, host+split),
			`kubectl patch virtualservice a -n default --type=json -p '[{"op":"remove","path":"/spec/hosts/1"}]'   # or move the rules of ` + b + " into " + a},
		{"it is for a gateway too", aged("a", "default", old, "  gateways: [gw, mesh]\n"+host+single) + aged("b", "default", young, host+split),
			`kubectl patch virtualservice a -n default --type=json -p '[{"op":"remove","path":"/spec/gateways/1"}]'   # or move the rules of ` + b + " into " + a},
		{"the rule in effect has the weights", aged("a", "default", old, host+split) + aged("b", "default", young, host+single),
			gone + "b -n default   # or move its rules into " + a},
		{"both have weights", aged("a", "default", old, host+split) + aged("b", "default", young, host+strings.Replace(split, "90", "70", 1)),
			gone + "b -n default   # or move its rules into " + a},
		{"of unknown age, one has weights", aged("a", "default", "", host+single) + aged("b", "default", "", host+split),
			gone + "a -n default   # or move its rules into " + b},
		{"of unknown age, the other has", aged("a", "default", "", host+split) + aged("b", "default", "", host+single),
			gone + "b -n default   # or move its rules into " + a},
		{"of unknown age, both have", aged("b", "default", "", host+split) + aged("a", "default", "", host+strings.Replace(split, "90", "70", 1)),
			"move the rules of " + b + " into " + a + ", or the other way round, and keep one of the two for weather-backend.default.svc.cluster.local"},
	} {
		o := mustRead(t, weather+c.text)
		all, err := o.Rules(Caller{})
		if err != nil {
			t.Fatal(err)
		}
		if got := conflictFixes(all...); got != c.want {
			t.Errorf("%s, listed:\n%s\nwant\n%s", c.name, got, c.want)
		}
		l, err := o.Lookup(mustRequest(t, versionURL), Caller{Namespace: "default", Entry: EntryMesh}, "")
		if got := conflictFixes(l); err == nil && got != c.want {
			t.Errorf("%s, for a request:\n%s\nwant\n%s", c.name, got, c.want)
		}
	}
}

// conflictFixes are the different fixes of conflicts.
func conflictFixes(list ...Lookup) string {
	var all []string
	for _, l := range list {
		for _, f := range l.Findings {
			if f.ID == "conflicting-routes" {
				all = append(all, f.Fix)
			}
		}
	}
	return strings.Join(slices.Compact(all), "; ")
}

// An object that is for other namespaces is no rival to callers of which it is not known that they are there.
func TestExportedElsewhere(t *testing.T) {
	text := weather + aged("vs", "default", "", "  hosts: [weather-backend]\n  http:\n  - route:"+ninetyTen) +
		aged("other", "default", "", "  exportTo: [bogus]\n  hosts: [weather-backend]\n  http: [{route: [{destination: {host: weather-backend}}]}]")
	for namespace, want := range map[string][2]string{
		"":        {"vs spec.http[0] single=90 multiple=10\nother spec.http[0] weather-backend=100", "vs spec.http[0] single=90 multiple=10\nunseen"},
		"default": {"vs spec.http[0] single=90 multiple=10\nother spec.http[0] weather-backend=100", "vs spec.http[0] single=90 multiple=10"},
		"bogus": {"vs spec.http[0] single=90 multiple=10\ninfo conflicting-routes VirtualService default/vs spec.hosts\nother spec.http[0] weather-backend=100",
			"other spec.http[0] weather-backend=100\ninfo conflicting-routes VirtualService default/vs spec.hosts"},
	} {
		o := mustRead(t, text)
		listed, err := o.Rules(Caller{Namespace: namespace})
		if err != nil {
			t.Fatal(err)
		}
		if got := summary(listed[0]) + "\n" + summary(listed[1]); got != want[0] || conflictFixes(listed...) != "" {
			t.Errorf("namespace %q, listed:\n%s\nwant\n%s", namespace, got, want[0])
		}
		l, err := o.Lookup(mustRequest(t, "http://weather-backend.default:5000/"), Caller{Namespace: namespace, Entry: EntryMesh}, "")
		if got := summary(l); err != nil || got != want[1] {
			t.Errorf("namespace %q:\n%s, %v\nwant\n%s", namespace, got, err, want[1])
		}
	}
}
