package diagnose_test

import (
	"testing"

	"respy/diagnose"
	"respy/k8s"
	"respy/k8s/envoy"
)

// answeredWrong is a run of 1000 requests of which the proxy sent 890 to single, and single answered 110.
func answeredWrong(t *testing.T) *run {
	t.Helper()
	return watchedRule(t, shuffled(51, 110, 890)).counting(both(890, 110)...)
}

func TestWrongPods(t *testing.T) {
	selecting := answeredWrong(t).knowing(eds("single", "multiple"), eds("multiple", "single"))
	checkSignature(t, "swapped labels", "mismatch test", "subset-wrong-pods", "error", selecting,
		"subset single of "+weather+": 10.0.1.1:5000 is of workload weather-backend-multiple, version multiple")
	lying := answeredWrong(t).knowing(eds("single", "single"), eds("multiple", "multiple"))
	checkSignature(t, "the right pods", "mismatch test", "version-disagrees", "error", lying, "890 to single, 110 to multiple", "version single")
	checkNoSignature(t, "the right pods", "subset-wrong-pods", lying)

	versions := shuffled(60, 900, 100)
	for i, v := range versions {
		if v == 1 {
			versions[i] = unknown
		}
	}
	strangers := watchedRule(t, versions).counting(both(900, 100)...)
	checkFindings(t, "how multiple answers is not known", strangers.knowing(eds("single", "single"), eds("multiple", "multiple")))

	part := watchedRule(t, shuffled(52, 450, 550)).counting(both(900, 100)...)
	part.knowing(eds("single", "single", "multiple"), eds("multiple", "multiple"))
	checkSignature(t, "one pod of two", "mismatch test", "subset-wrong-pods", "error", part, "450 to single, 550 to multiple")
	strange := watchedRule(t, shuffled(53, 450, 550)).counting(both(900, 100)...).knowing(eds("single", "a"), eds("multiple", "b"))
	checkNoSignature(t, "pods of unknown versions", "subset-wrong-pods", strange)
	checkNoSignature(t, "pods of unknown versions", "version-disagrees", strange)
	checkOpen(t, "pods of unknown versions", strange, "cannot be seen without their labels")
}

// Without a proxy, the labels by which the destinations select their pods tell.
func TestWrongPodsByTheObjectsAlone(t *testing.T) {
	selecting := func(single, multiple string) *run {
		meant := ninetyTenRule()
		meant.Destinations[0].Selector = map[string]string{"version": single}
		meant.Destinations[1].Selector = map[string]string{"version": multiple}
		r := watchedRule(t, shuffled(54, 110, 890))
		r.Expectation, r.Declared.Rule, r.Proxies = diagnose.FromRule(diagnose.FromFile, meant, nil), meant, nil
		return r
	}
	checkSignature(t, "swapped labels", "mismatch test", "subset-wrong-pods", "error", selecting("multiple", "single"), "single selects version: multiple")
	checkSignature(t, "right labels", "mismatch test", "version-disagrees", "error", selecting("single", "multiple"), "single selects version: single")
	checkSignature(t, "other labels", "mismatch test", "subset-wrong-pods", "error", selecting("v1", "v2"), "the other way round")
}

func TestSubsetOverlap(t *testing.T) {
	shared := func(single, multiple envoy.Cluster) *run {
		r := watchedRule(t, shuffled(55, 461, 539)).counting(both(893, 107)...).having(single, multiple)
		return r.knowing(eds("single", "single", "multiple"), eds("multiple", "single", "multiple"))
	}
	checkSignature(t, "the same pods", "mismatch test", "subset-overlap", "error",
		shared(hosts("single", pod("10.0.0.1:80"), pod("10.0.0.2:80")), hosts("multiple", pod("10.0.0.1:80"), pod("10.0.0.2:80"))), "10.0.0.1:80, 10.0.0.2:80")
	checkNoSignature(t, "other pods", "subset-overlap", shared(hosts("single", pod("10.0.0.1:80")), hosts("multiple", pod("10.0.0.2:80"))))
	right := watchedRule(t, shuffled(56, 900, 100)).counting(both(900, 100)...)
	right.having(hosts("single", pod("a")), hosts("multiple", pod("b"))).knowing(eds("single", "single"), eds("multiple", "multiple"))
	checkFindings(t, "a healthy mesh", right)
}

func TestBypassedProxy(t *testing.T) {
	even := func() *run { return watchedRule(t, shuffled(57, 500, 500)) }
	checkSignature(t, "nothing counted", "mismatch test", "no-sidecar", "error", even().counting(took("agent", 7)), "1000 requests were answered")
	checkNoSignature(t, "counted", "no-sidecar", even().counting(both(500, 500)...))
	checkNoSignature(t, "passed through", "no-sidecar", even().counting(took(envoy.PassthroughCluster, 100)))
	checkNoSignature(t, "not read", "no-sidecar", even())
	checkNoSignature(t, "another proxy's, and the split is right", "no-sidecar", watchedRule(t, shuffled(58, 900, 100)).counting(took("agent", 7)))
}

func TestEnvoyFilterIsTheCause(t *testing.T) {
	patch := k8s.Finding{ID: "envoyfilter-on-route", Severity: "info", Object: "EnvoyFilter default/moves", Summary: "it patches the route", Evidence: []string{"e"}}
	c := checkFindings(t, "other weights", ninetyTenThrough(programmed(50, 50)).found(patch), "error envoyfilter-on-route")
	if len(c.Findings[0].Evidence) != 3 || patch.Severity != "info" || len(patch.Evidence) != 1 {
		t.Errorf("got %+v, want the weights of both stages in its evidence, and the objects' finding as it was", c.Findings[0])
	}
	checkFindings(t, "the declared weights", ninetyTenThrough(programmed(90, 10)).found(patch), "info envoyfilter-on-route")
	checkFindings(t, "another cause", ninetyTenThrough(defaultRoute()).found(patch, notOnMesh()), "error not-on-mesh", "info envoyfilter-on-route")
}

// By the user's weights alone the sidecar shows that they do not apply, and mostly not why.
func TestWeightsOfTheUserAgainstTheProxy(t *testing.T) {
	expected := func(route *envoy.Route, counts ...int64) *run {
		e := diagnose.FromShares([]diagnose.Share{{Name: "single", Weight: 90}, {Name: "multiple", Weight: 10}}, diagnose.Destinations(route), nil)
		return answered(e, counts...).through(route)
	}
	checkOpen(t, "no rule", expected(defaultRoute(), 500, 500), "no rule: everything to "+weather)
	checkOpen(t, "another rule", expected(programmed(50, 50), 500, 500), "single 50%, multiple 50%")
	checkOpen(t, "no table", expected(&envoy.Route{Kind: envoy.KindNone, Config: "5000"}, 0, 0).refused(1000, 404, ""), "has refused what the control plane sent")
	checkFindings(t, "a TCP port", expected(tcp(defaultRoute()), 500, 500), "error port-not-http")
	checkOpen(t, "a port that the proxy does not know", expected(tcp(plain(envoy.PassthroughCluster)), 500, 500), "passes the request through")
	checkFindings(t, "which matters to nobody", expected(tcp(plain(envoy.PassthroughCluster)), 900, 100))
}

// A rule of connections makes a draw of each, which is nothing to warn of.
func TestRuleOfConnections(t *testing.T) {
	meant := ninetyTenRule()
	meant.Protocol = envoy.TCP
	own, next := shuffled(59, 180, 20), 0
	w := connected(t, []float64{90, 10}, 200, 5, func() int { next++; return own[next-1] })
	w.Declared = diagnose.Declared{Read: true, Lookup: k8s.Lookup{Rule: meant, InEffect: true}}
	c := checkFindings(t, "a tcp rule", w.run)
	if c.Test.Unit != "connection" {
		t.Errorf("the unit is the %s, want the connection", c.Test.Unit)
	}
}

// A route to the whole service that is called says nothing of versions, one to another service does.
func TestExpectationOfASingleCluster(t *testing.T) {
	route := weighted(envoy.WeightedCluster{Name: cluster(""), Weight: 1})
	if e := diagnose.FromRoute(route, nil); e != nil {
		t.Errorf("the service itself: got %+v", e.Versions)
	}
	route.Clusters[0].Name = "outbound|5000||weather-single.default.svc.cluster.local"
	if e := diagnose.FromRoute(route, nil); e == nil || len(e.Versions) != 1 {
		t.Errorf("another service: got %+v", e)
	}
}
