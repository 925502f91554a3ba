package diagnose_test

import (
	"cmp"
	"errors"
	"maps"
	"slices"
	"testing"

	"respy/diagnose"
	"respy/k8s/envoy"
)

func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }

// What the weights rule out ends a watch at once.
func TestWatchSeesTheImpossible(t *testing.T) {
	p := produce(t, 1)
	p.callers[0].took("", "10.0.0.1", 1, 0)
	if p.look(); p.goesOn {
		t.Error("the watch goes on after a request to the whole service")
	}
	p.wants(t, "mismatch impossible-version", cluster(""))

	p = produceWith(t, declared(rule(subset("single", 90), subset("multiple", 10), subset("old", 0)), 0, 0, 0), 1)
	p.callers[0].took("old", "10.0.0.3", 2, 0)
	p.look().wants(t, "mismatch impossible-version", "old although its weight is 0")

	p = produce(t, 1)
	p.callers[0].took(envoy.PassthroughCluster, "10.96.0.5:5000", 4, 0)
	p.look().wants(t, "mismatch impossible-version", "PassthroughCluster to 10.96.0.5:5000")
}

// What may be other traffic proves nothing: other ports, other services, other addresses, clusters of another route.
func TestWatchAttributesOnlyWhatIsSure(t *testing.T) {
	p, rng := produce(t, 1), seeded(6)
	p.callers[0].reading.Others = []envoy.Route{*plain(cluster(""))}
	p.look()
	p.callers[0].took("", "10.0.0.1", 70, 0)
	p.callers[0].took(envoy.PassthroughCluster, "10.96.0.9:5000", 70, 0)
	p.callers[0].took(envoy.PassthroughCluster, "10.96.0.5:443", 70, 0)
	p.callers[0].took("outbound|8080||"+weather, "10.0.0.1", 70, 0)
	p.callers[0].took("outbound|5000||another.default.svc.cluster.local", "10.0.0.1", 70, 0)
	p.serve(rng, 1000, .1)
	if c := p.wants(t, "match test", "70 requests to "+cluster("")+" are left out"); c.Requests != 1000 {
		t.Errorf("%d requests, want 1000", c.Requests)
	}
}

// A route that shares the clusters by other weights, or sends them copies, makes a bad fit nobody's fault.
func TestWatchOfMixedCounts(t *testing.T) {
	mirrored := programmed(50, 50)
	mirrored.Mirrors, mirrored.Config = []string{cluster("multiple")}, "other"
	for _, other := range []*envoy.Route{plain(cluster("multiple")), mirrored} {
		p, rng := produce(t, 1), seeded(7)
		p.callers[0].reading.Others = []envoy.Route{*other}
		for range 10 {
			p.serve(rng, 100, .5)
		}
		p.wants(t, "inconclusive recognition", "several routes")
		fits := produce(t, 1)
		fits.callers[0].reading.Others = []envoy.Route{*other}
		fits.serve(rng, 1000, .1).wants(t, "match test", "several routes")
	}
}

// A canary that fails is tried again, each time counted: the counts are no draws, and no mismatch.
func TestWatchAllowsForRetries(t *testing.T) {
	retried := func(p *production) *production {
		p.callers[0].took("single", "10.0.0.1", 900, 0)
		p.callers[0].took("multiple", "10.0.0.2", 300, 200) // 100 requests, each tried three times
		return p.look()
	}
	p := retried(produce(t, 1))
	if !p.goesOn {
		t.Error("the watch has ended although the retries may explain it")
	}
	p.wants(t, "inconclusive errors-could-flip", "200 attempts failed", "upstream_rq_retry")

	exact := produce(t, 1)
	exact.callers[0].reading.Totals = map[string]envoy.Totals{cluster("single"): {Requests: 1000}, cluster("multiple"): {Requests: 5000}}
	exact.look()
	exact.callers[0].reading.Totals = map[string]envoy.Totals{
		cluster("single"): {Requests: 1900}, cluster("multiple"): {Requests: 5300, Retries: 200}}
	if c := retried(exact).wants(t, "match test"); version(t, c, "multiple").Draws != 100 {
		t.Errorf("%d draws of the canary, want 100", version(t, c, "multiple").Draws)
	}
	// A few failures leave a clear mismatch one.
	wrong := produce(t, 1)
	wrong.callers[0].took("single", "10.0.0.1", 500, 3)
	wrong.callers[0].took("multiple", "10.0.0.2", 500, 3)
	wrong.look().wants(t, "mismatch test")
}

// Counters of the cluster as a whole outlive its hosts.
func TestWatchByTheClustersOwnCounters(t *testing.T) {
	p := produce(t, 1)
	totals := func(single, multiple uint64) {
		p.callers[0].reading.Totals = map[string]envoy.Totals{cluster("single"): {Requests: single}, cluster("multiple"): {Requests: multiple}}
		p.look()
	}
	totals(1000, 5000)
	p.callers[0].drop("multiple", "10.0.0.2")
	totals(1900, 5100)
	if c := p.wants(t, "match test"); c.Requests != 1000 {
		t.Errorf("%d requests, want all 1000 in spite of the host that went", c.Requests)
	}
}

func TestWatchOfSeveralCallers(t *testing.T) {
	p, rng := produce(t, 2), seeded(8)
	for range 20 {
		p.callers[1].took("single", "10.0.0.1", 50, 0)
		p.serve(rng, 500, .1)
	}
	c := p.conclude(t)
	f := finding(c, "proxies-disagree")
	if c.Verdict != diagnose.Mismatch || f == nil || f.Object != p.Proxies[1].Server.Node.ID {
		t.Errorf("%s, findings %+v: want a mismatch, and the second named", c.Verdict, c.Findings)
	}
	agreeing, rng := produce(t, 2), seeded(9)
	for range 20 {
		agreeing.callers[1].took("single", "10.0.0.1", 45, 0)
		agreeing.callers[1].took("multiple", "10.0.0.2", 5, 0)
		agreeing.serve(rng, 50, .1)
	}
	agreeing.wants(t, "match test")
}

// A second caller whose proxy has other weights than the first, from which the expectation is taken.
func TestWatchOfCallersWithOtherWeights(t *testing.T) {
	r := answered(diagnose.FromRoute(programmed(90, 10), nil), 0, 0).through(programmed(90, 10)).through(programmed(50, 50))
	r.EarlyStop, r.MaxErrors = true, 1
	w, err := diagnose.NewWatch(&r.Evidence, r.Settings, 5000, 0)
	if err != nil {
		t.Fatal(err)
	}
	w.Conclude(&r.Evidence, 0)
	if got := r.verdict(t); got != "mismatch programmed-differs" {
		t.Errorf("%s, want mismatch programmed-differs", got)
	}
}

func TestWatchOfAProxyThatIsGone(t *testing.T) {
	p, rng := produce(t, 1), seeded(10)
	p.serve(rng, 1000, .1)
	p.watch.Miss(0, errors.New("connection refused"))
	p.wants(t, "inconclusive proxy-restarted", "connection refused")
}

// The share of a cluster without hosts is counted nowhere, which is said, and the rest contradicts the weights.
func TestWatchOfAClusterWithoutHosts(t *testing.T) {
	p := produce(t, 1)
	p.callers[0].drop("multiple", "10.0.0.2")
	p.look()
	p.callers[0].took("single", "10.0.0.1", 500, 0)
	p.look().wants(t, "mismatch test", "has no healthy host")
	p = produce(t, 1)
	delete(p.callers[0].hosts, cluster("multiple"))
	p.look()
	p.callers[0].took("single", "10.0.0.1", 500, 0)
	p.look().wants(t, "mismatch test", "the proxy has no cluster "+cluster("multiple"))
}

// Under a TCP route the proxy counts connections.
func TestWatchOfConnections(t *testing.T) {
	p := produce(t, 1)
	p.Proxies[0].Before.Protocol, p.callers[0].reading.Route.Protocol = envoy.TCP, envoy.TCP
	p.callers[0].took("single", "10.0.0.1", 900, 0)
	p.callers[0].took("multiple", "10.0.0.2", 100, 0)
	if c := p.look().wants(t, "match test"); c.Test.Unit != "connection" {
		t.Errorf("the unit is %s, want connection", c.Test.Unit)
	}
}
