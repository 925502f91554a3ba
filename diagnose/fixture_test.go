package diagnose_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"respy/diagnose"
	"respy/k8s"
	"respy/k8s/envoy"
	"respy/probe"
)

const weather = "weather-backend.default.svc.cluster.local"

// run is the evidence of one run and the settings it is judged by; its methods change the one or the other and return it.
type run struct {
	diagnose.Evidence
	diagnose.Settings
}

// ninetyTen is a run of a declared 90/10 split that was answered so many times by either version, without a sidecar.
func ninetyTen(single, multiple int64) *run { return declared(ninetyTenRule(), single, multiple) }

func ninetyTenRule() *k8s.Rule { return rule(subset("single", 90), subset("multiple", 10)) }

// declared is a run of a rule that was read from a file, with as many answers of each of its versions.
func declared(r *k8s.Rule, counts ...int64) *run {
	result := answered(diagnose.FromRule(diagnose.FromFile, r, nil), counts...)
	result.Declared = diagnose.Declared{Read: true, Lookup: k8s.Lookup{Rule: r, InEffect: true}}
	return result
}

// answered is a run of any expectation, with as many answers of each of its versions.
func answered(e *diagnose.Expectation, counts ...int64) *run {
	r := &run{
		Evidence: diagnose.Evidence{Target: "http://weather-backend:5000/version", Expectation: e},
		Settings: diagnose.Settings{Alpha: 0.01, MaxErrors: 0.01},
	}
	r.Observed.Started, r.Observed.Elapsed = time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC), 1500*time.Millisecond
	for i, name := range e.Names() {
		r.answer(name, counts[i])
	}
	return r
}

// answer adds the answers of a version; after those of the expected ones it is an unknown version's.
func (r *run) answer(name string, n int64) *run {
	v := probe.Version{Name: name, Count: n}
	if n > 0 {
		v.Latency = probe.Latency{P50: 2 * time.Millisecond, P95: 4 * time.Millisecond, P99: 8 * time.Millisecond}
	}
	r.Observed.Versions = append(r.Observed.Versions, v)
	return r.sent(n, true)
}

// fail adds requests that named no version.
func (r *run) fail(kind probe.Kind, n int64) *run {
	f := probe.Failure{Kind: kind, Count: n, Sample: "a sample of " + string(kind)}
	r.Observed.Failures = append(r.Observed.Failures, f)
	return r.sent(n, kind == probe.KindStatus || kind == probe.KindUnidentified)
}

func (r *run) sent(n int64, answered bool) *run {
	r.Requests += n
	r.Observed.Sent += n
	if answered {
		r.Observed.Answered += n
	}
	return r
}

// setCounts replaces the answers of the expected versions.
func (r *run) setCounts(counts ...int64) *run {
	for i, n := range counts {
		r.sent(n-r.Observed.Versions[i].Count, true)
		r.Observed.Versions[i].Count = n
	}
	return r
}

// through adds a proxy that has the route before and after; its counters were not read.
func (r *run) through(route *envoy.Route) *run {
	id := fmt.Sprintf("sidecar~10.0.0.%d~app.default~default.svc.cluster.local", len(r.Proxies)+1)
	r.Proxies = append(r.Proxies, diagnose.ProxyView{Server: envoy.Server{Node: envoy.ParseNodeID(id)}, Before: route, After: route})
	return r
}

// counting gives the last proxy its counters.
func (r *run) counting(clusters ...envoy.ClusterDelta) *run {
	r.lastProxy().Delta = &envoy.Delta{Clusters: clusters}
	return r
}

func (r *run) lastProxy() *diagnose.ProxyView { return &r.Proxies[len(r.Proxies)-1] }

// found adds findings of the objects.
func (r *run) found(list ...k8s.Finding) *run {
	r.Declared.Findings = append(r.Declared.Findings, list...)
	return r
}

// with applies a change that has no method of its own.
func (r *run) with(change func(*run)) *run {
	change(r)
	return r
}

func (r *run) judge(t *testing.T) *diagnose.Conclusion {
	t.Helper()
	c, err := diagnose.Judge(r.Evidence, r.Settings)
	if err != nil {
		t.Fatalf("Judge: %v", err)
	}
	return c
}

// verdict is the outcome in short: "mismatch errors".
func (r *run) verdict(t *testing.T) string {
	t.Helper()
	c := r.judge(t)
	return string(c.Verdict) + " " + string(c.Reason)
}

// version is a row of the conclusion.
func version(t *testing.T, c *diagnose.Conclusion, name string) diagnose.Version {
	t.Helper()
	i := slices.IndexFunc(c.Versions, func(v diagnose.Version) bool { return v.Name == name })
	if i < 0 {
		t.Fatalf("no row of %q in %+v", name, c.Versions)
	}
	return c.Versions[i]
}

// findingIDs are the findings in their order.
func findingIDs(c *diagnose.Conclusion) []string {
	ids := []string{}
	for _, f := range c.Findings {
		ids = append(ids, f.ID)
	}
	return ids
}

// unseenStages are the stages of the notes in their order.
func unseenStages(c *diagnose.Conclusion) []string {
	stages := []string{}
	for _, u := range c.Unseen {
		stages = append(stages, u.Stage)
	}
	return stages
}

// rule is the first rule of a VirtualService for the weather backend.
func rule(destinations ...k8s.Destination) *k8s.Rule {
	k8s.NameVersions(destinations)
	return &k8s.Rule{
		Kind: "VirtualService", Namespace: "default", Name: "vs-weather-backend", Field: "spec.http[0]", Protocol: envoy.HTTP,
		Destinations: destinations, Generation: 3, ResourceVersion: "4711",
	}
}

func subset(name string, weight int64) k8s.Destination {
	return k8s.Destination{Host: weather, Subset: name, Port: 5000, Weight: weight}
}

// weighted is the route that Istio makes of the rule.
func weighted(clusters ...envoy.WeightedCluster) *envoy.Route {
	return &envoy.Route{
		Kind: envoy.KindWeighted, Protocol: envoy.HTTP, Config: "5000", VirtualHost: weather + ":5000", Clusters: clusters,
		Source: envoy.Source{Kind: "virtualservice", Namespace: "default", Name: "vs-weather-backend"},
	}
}

func programmed(single, multiple uint64) *envoy.Route {
	return weighted(to("single", single), to("multiple", multiple))
}

// plain is a route to one cluster that no rule has made.
func plain(cluster string) *envoy.Route {
	return &envoy.Route{
		Kind: envoy.KindCluster, Protocol: envoy.HTTP, Config: "5000", VirtualHost: weather + ":5000",
		Clusters: []envoy.WeightedCluster{{Name: cluster, Weight: 1}},
	}
}

func to(subset string, weight uint64) envoy.WeightedCluster {
	return envoy.WeightedCluster{Name: cluster(subset), Weight: weight}
}

func cluster(subset string) string { return "outbound|5000|" + subset + "|" + weather }

// took is what a cluster counted.
func took(cluster string, requests uint64) envoy.ClusterDelta {
	return envoy.ClusterDelta{Name: cluster, Total: envoy.Stats{Requests: requests, Successes: requests, Connections: requests / 10}}
}
