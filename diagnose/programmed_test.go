package diagnose_test

import (
	"math"
	"testing"

	"respy/diagnose"
	"respy/k8s"
	"respy/k8s/envoy"
)

const differs = "mismatch programmed-differs"

func tcp(r *envoy.Route) *envoy.Route {
	r.Protocol, r.Config = envoy.TCP, "0.0.0.0_5000"
	return r
}

func defaultRoute() *envoy.Route { return plain("outbound|5000||" + weather) }

func notFound() *envoy.Route {
	return &envoy.Route{Kind: envoy.KindNone, Protocol: envoy.HTTP, Config: "5000", VirtualHost: weather + ":5000", Index: -1}
}

func answeredByProxy() *envoy.Route {
	return &envoy.Route{Kind: envoy.KindDirectResponse, Protocol: envoy.HTTP, Config: "5000", VirtualHost: weather + ":5000", Status: 503}
}

// The counts fit the declared weights throughout: that the proxy has others is a mismatch all the same.
func TestProgrammedDiffersFromTheDeclaredRule(t *testing.T) {
	check := func(name string, want string, route *envoy.Route) {
		t.Helper()
		if got := ninetyTen(900, 100).through(route).verdict(t); got != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
	}
	otherHost := func(subset string, weight uint64) envoy.WeightedCluster {
		return envoy.WeightedCluster{Name: "outbound|5000|" + subset + "|weather-old.default.svc.cluster.local", Weight: weight}
	}
	check("the same weights", "match test", programmed(90, 10))
	check("the same shares", "match test", programmed(9, 1))
	check("another order", "match test", weighted(to("multiple", 10), to("single", 90)))
	check("a further destination of weight 0", "match test", weighted(to("single", 90), to("multiple", 10), to("canary", 0)))
	check("a version in two parts", "match test", weighted(to("single", 60), to("single", 30), to("multiple", 10)))

	check("other shares", differs, programmed(50, 50))
	check("shares one point off", differs, programmed(89, 11))
	check("a version alone", differs, weighted(to("single", 100)))
	check("a further destination", differs, weighted(to("single", 90), to("multiple", 10), to("canary", 1)))
	check("another destination", differs, weighted(to("single", 90), to("canary", 10)))
	check("the same subsets of another host", differs, weighted(otherHost("single", 90), otherHost("multiple", 10)))
	check("the whole service", differs, defaultRoute())
	check("the whole service over TCP", differs, tcp(defaultRoute()))
	check("passthrough", differs, plain(envoy.PassthroughCluster))
	check("refused", differs, plain(envoy.BlackHoleCluster))
	check("no route", differs, notFound())
	check("answered by the proxy", differs, answeredByProxy())
}

func TestProgrammedOfSeveralProxies(t *testing.T) {
	if got := ninetyTen(900, 100).through(programmed(90, 10)).through(programmed(50, 50)).verdict(t); got != differs {
		t.Errorf("the second differs: got %s, want %s", got, differs)
	}
	unread := ninetyTen(900, 100).through(nil).through(programmed(50, 50))
	if got := unread.verdict(t); got != differs {
		t.Errorf("the first could not be read: got %s, want %s", got, differs)
	}
	if got, want := ninetyTen(900, 100).through(nil).verdict(t), "match test"; got != want {
		t.Errorf("none could be read: got %s, want %s", got, want)
	}
}

func TestProgrammedShares(t *testing.T) {
	check := func(name string, r *run, want ...float64) {
		t.Helper()
		for i, v := range r.judge(t).Versions {
			got := float64(v.ProgrammedShare)
			if got != want[i] && !(math.IsNaN(got) && math.IsNaN(want[i])) {
				t.Errorf("%s: programmed share of %s is %v, want %v", name, v.Name, got, want[i])
			}
		}
	}
	nan := math.NaN()
	check("no proxy", ninetyTen(900, 100), nan, nan)
	check("the declared ones", ninetyTen(900, 100).through(programmed(9, 1)), 0.9, 0.1)
	check("others", ninetyTen(900, 100).through(programmed(1, 3)), 0.25, 0.75)
	check("a part elsewhere", ninetyTen(900, 100).through(weighted(to("single", 1), to("canary", 3))), 0.25, 0)
	check("nothing of it", ninetyTen(900, 100).through(plain(envoy.PassthroughCluster)), 0, 0)
	check("an unknown version", ninetyTen(900, 100).answer("v9", 1).through(programmed(90, 10)), 0.9, 0.1, nan)
}

// Weights that the user gives stand for the declared ones wherever their names map to destinations.
func TestProgrammedDiffersFromGivenWeights(t *testing.T) {
	shares := []diagnose.Share{{Name: "single", Weight: 90}, {Name: "multiple", Weight: 10}}
	check := func(name, want string, e *diagnose.Expectation, route *envoy.Route) {
		t.Helper()
		if got := answered(e, 900, 100).through(route).verdict(t); got != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
	}
	bySubset := func(route *envoy.Route) *diagnose.Expectation {
		return diagnose.FromShares(shares, diagnose.Destinations(route), nil)
	}
	check("the same shares", "match test", bySubset(programmed(9, 1)), programmed(9, 1))
	check("other shares", differs, bySubset(programmed(50, 50)), programmed(50, 50))
	check("no rule in the proxy, and no other known", "match test", bySubset(defaultRoute()), defaultRoute())
	check("passthrough, and no rule known", "match test", bySubset(nil), plain(envoy.PassthroughCluster))

	texts := []diagnose.Share{{Name: "blue", Weight: 90}, {Name: "green", Weight: 10}}
	check("names that are no destination's", "match test",
		diagnose.FromShares(texts, diagnose.Destinations(programmed(50, 50)), nil), programmed(50, 50))
	mapping := []k8s.Mapping{{Destination: "single", Version: "blue"}, {Destination: "multiple", Version: "green"}}
	check("names mapped to destinations, other shares", differs,
		diagnose.FromShares(texts, diagnose.Destinations(programmed(50, 50)), mapping), programmed(50, 50))
	check("names mapped to destinations, the same shares", "match test",
		diagnose.FromShares(texts, diagnose.Destinations(programmed(90, 10)), mapping), programmed(90, 10))

	known := ninetyTenRule().Destinations
	check("the rule's destinations, no rule in the proxy", differs, diagnose.FromShares(shares, known, nil), defaultRoute())
	check("the rule's destinations, passthrough", differs, diagnose.FromShares(shares, known, nil), plain(envoy.PassthroughCluster))
	check("the rule's destinations, no route", differs, diagnose.FromShares(shares, known, nil), notFound())
}

// What the expectation was read from cannot differ from it, but the counts can.
func TestProgrammedAsTheExpectation(t *testing.T) {
	e := diagnose.FromRoute(programmed(90, 10), nil)
	if got, want := answered(e, 900, 100).through(programmed(90, 10)).verdict(t), "match test"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got, want := answered(e, 500, 500).through(programmed(90, 10)).verdict(t), "mismatch test"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestFollowedBy(t *testing.T) {
	e := diagnose.FromRule(diagnose.FromFile, ninetyTenRule(), nil)
	check := func(name string, want bool, route *envoy.Route) {
		t.Helper()
		if got := e.FollowedBy(route); got != want {
			t.Errorf("%s: got %t, want %t", name, got, want)
		}
	}
	check("the same shares", true, programmed(9, 1))
	check("other shares", false, programmed(50, 50))
	check("no rule", false, defaultRoute())
	check("not read", false, nil)
}
