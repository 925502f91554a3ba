package diagnose_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"respy/diagnose"
	"respy/k8s"
	"respy/k8s/envoy"
	"respy/probe"
)

func TestFromRule(t *testing.T) {
	r := ninetyTenRule()
	r.Index, r.Destinations[0].Labels = 1, []string{"v1"}
	e := diagnose.FromRule(diagnose.FromCluster, r, nil)
	want := diagnose.Source{
		Kind: "cluster", Route: "virtualservice/default/vs-weather-backend", Rule: 2, RuleHash: r.Hash(), Generation: 3, RouteVersion: "4711",
	}
	if diff := cmp.Diff(want, e.Source); diff != "" {
		t.Errorf("source (-want +got):\n%s", diff)
	}
	expected := []probe.Expected{{Name: "single", Labels: []string{"v1"}}, {Name: "multiple"}}
	if diff := cmp.Diff(expected, e.Recognise()); diff != "" {
		t.Errorf("what the recognizer knows (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]float64{0.9, 0.1}, e.Shares()); diff != "" {
		t.Errorf("shares (-want +got):\n%s", diff)
	}
	var none *diagnose.Expectation
	if none.Recognise() != nil {
		t.Error("no expectation names versions to the recognizer")
	}
}

// A mapping renames a destination, and makes one version of those that it gives one name.
func TestMapping(t *testing.T) {
	three := func() *k8s.Rule { return rule(subset("a", 50), subset("b", 30), subset("c", 20)) }
	check := func(name string, mapping []k8s.Mapping, names []string, weights []float64) *diagnose.Expectation {
		t.Helper()
		e := diagnose.FromRule(diagnose.FromFile, three(), mapping)
		if diff := cmp.Diff(names, e.Names()); diff != "" {
			t.Errorf("%s: names (-want +got):\n%s", name, diff)
		}
		if diff := cmp.Diff(weights, e.Weights()); diff != "" {
			t.Errorf("%s: weights (-want +got):\n%s", name, diff)
		}
		return e
	}
	check("none", nil, []string{"a", "b", "c"}, []float64{50, 30, 20})
	check("a subset", []k8s.Mapping{{Destination: "b", Version: "blue"}}, []string{"a", "blue", "c"}, []float64{50, 30, 20})
	check("a cluster", []k8s.Mapping{{Destination: cluster("c"), Version: "cyan"}}, []string{"a", "b", "cyan"}, []float64{50, 30, 20})
	check("a destination that is none", []k8s.Mapping{{Destination: "d", Version: "dark"}}, []string{"a", "b", "c"}, []float64{50, 30, 20})
	merged := check("two to one", []k8s.Mapping{{Destination: "a", Version: "old"}, {Destination: "c", Version: "old"}},
		[]string{"old", "b"}, []float64{70, 30})

	r := answered(merged, 700, 300).through(weighted(to("a", 50), to("b", 30), to("c", 20)))
	r.counting(took(cluster("a"), 500), took(cluster("b"), 300), took(cluster("c"), 200))
	if got, want := r.verdict(t), "match test"; got != want {
		t.Errorf("merged: got %s, want %s", got, want)
	}
	checkChosen(t, "merged", r, 700, 300)
	other := answered(merged, 700, 300).through(weighted(to("a", 50), to("b", 40), to("c", 10)))
	if got := other.verdict(t); got != differs {
		t.Errorf("merged, other shares: got %s, want %s", got, differs)
	}
}

func TestFromRoute(t *testing.T) {
	e := diagnose.FromRoute(programmed(90, 10), nil)
	if diff := cmp.Diff([]string{"single", "multiple"}, e.Names()); diff != "" {
		t.Errorf("names (-want +got):\n%s", diff)
	}
	if e.Source.Kind != "envoy" || e.Source.Route != "virtualservice/default/vs-weather-backend" || e.Source.RuleHash == "" {
		t.Errorf("got source %+v", e.Source)
	}
	mapped := diagnose.FromRoute(programmed(90, 10), []k8s.Mapping{{Destination: "single", Version: "Sunny"}})
	if diff := cmp.Diff([]string{"Sunny", "multiple"}, mapped.Names()); diff != "" {
		t.Errorf("mapped names (-want +got):\n%s", diff)
	}

	none := func(name string, route *envoy.Route) {
		t.Helper()
		if e := diagnose.FromRoute(route, nil); e != nil {
			t.Errorf("%s: got an expectation of %v", name, e.Names())
		}
	}
	none("not read", nil)
	none("no rule", defaultRoute())
	none("passthrough", plain(envoy.PassthroughCluster))
	none("refused", plain(envoy.BlackHoleCluster))
	none("no route", notFound())
	none("answered by the proxy", answeredByProxy())
}

// Equal subset names of two hosts are told apart by their hosts.
func TestFromRuleOfTwoHosts(t *testing.T) {
	d := []k8s.Destination{
		{Host: "old.default.svc.cluster.local", Subset: "v1", Weight: 50, Port: 5000},
		{Host: "new.default.svc.cluster.local", Subset: "v1", Weight: 50, Port: 5000},
	}
	e := diagnose.FromRule(diagnose.FromFile, rule(d...), nil)
	if diff := cmp.Diff([]string{"old/v1", "new/v1"}, e.Names()); diff != "" {
		t.Errorf("names (-want +got):\n%s", diff)
	}
	r := declared(rule(d...), 510, 490).through(weighted(
		envoy.WeightedCluster{Name: "outbound|5000|v1|old.default.svc.cluster.local", Weight: 1},
		envoy.WeightedCluster{Name: "outbound|5000|v1|new.default.svc.cluster.local", Weight: 1}))
	r.counting(took("outbound|5000|v1|old.default.svc.cluster.local", 510), took("outbound|5000|v1|new.default.svc.cluster.local", 490))
	checkChosen(t, "two hosts", r, 510, 490)
	if got, want := r.verdict(t), "match test"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestFromShares(t *testing.T) {
	shares := []diagnose.Share{{Name: "single", Weight: 9}, {Name: "multiple", Weight: 1}}
	known := ninetyTenRule().Destinations
	known[0].Labels, known[1].Labels = []string{"v1"}, []string{"v2"}
	check := func(name string, e *diagnose.Expectation, want ...probe.Expected) {
		t.Helper()
		if diff := cmp.Diff(want, e.Recognise()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	check("destinations unknown", diagnose.FromShares(shares, nil, nil), probe.Expected{Name: "single"}, probe.Expected{Name: "multiple"})
	check("labels of the destinations", diagnose.FromShares(shares, known, nil),
		probe.Expected{Name: "single", Labels: []string{"v1"}}, probe.Expected{Name: "multiple", Labels: []string{"v2"}})
	check("texts of the answers", diagnose.FromShares(shares, nil, []k8s.Mapping{{Destination: "single", Version: "Sunny"}}),
		probe.Expected{Name: "single", Mapped: []string{"Sunny"}}, probe.Expected{Name: "multiple"})
	if e := diagnose.FromShares(shares, known, nil); e.Source != (diagnose.Source{Kind: "flag"}) {
		t.Errorf("got source %+v, want the flag alone", e.Source)
	}
}
