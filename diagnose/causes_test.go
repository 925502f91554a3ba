package diagnose_test

import (
	"strings"
	"testing"

	"respy/diagnose"
	"respy/k8s"
	"respy/k8s/envoy"
	"respy/probe"
)

const (
	overflow    = "upstream connect error or disconnect/reset before headers. reset reason: overflow"
	unreached   = "upstream connect error or disconnect/reset before headers. retried and the latest reset reason: remote connection failure"
	protocol    = "upstream connect error or disconnect/reset before headers. reset reason: protocol error"
	termination = "upstream connect error or disconnect/reset before headers. reset reason: connection termination"
	unhealthy   = "no healthy upstream"
)

// refused adds answers with a status and a body, and without a version.
func (r *run) refused(n int64, status int, body string) *run {
	r.fail(probe.KindStatus, n)
	f := &r.Observed.Failures[len(r.Observed.Failures)-1]
	f.Status, f.Body, f.Sample = status, body, "a sample: "+body
	return r
}

// knowing gives the last proxy what it knows of its clusters.
func (r *run) knowing(configs ...envoy.ClusterConfig) *run {
	r.lastProxy().Configs = configs
	return r
}

// having gives the last proxy the hosts of its clusters.
func (r *run) having(clusters ...envoy.Cluster) *run {
	r.lastProxy().Clusters = clusters
	return r
}

// eds is the cluster of a subset with a pod of each version given, as the control plane labels them.
func eds(subset string, versions ...string) envoy.ClusterConfig {
	c := envoy.ClusterConfig{Name: cluster(subset), Type: "EDS", Namespace: "default",
		Rule: envoy.Source{Kind: "destinationrule", Namespace: "default", Name: "dr-weather-backend"}}
	for _, v := range versions {
		c.Endpoints = append(c.Endpoints, envoy.Endpoint{Address: "10.0.1.1:5000",
			Workload: envoy.Workload{Name: "weather-backend-" + v, Namespace: "default", Revision: v}})
	}
	return c
}

func hosts(subset string, list ...envoy.Host) envoy.Cluster {
	return envoy.Cluster{Name: cluster(subset), Hosts: list}
}

func pod(address string) envoy.Host { return envoy.Host{Address: address, EDSHealth: "HEALTHY"} }

// alone is what a sidecar shows by itself: no objects were read.
func alone(single, multiple int64) *run {
	route := programmed(90, 10)
	route.MissingStatus = 503
	return answered(diagnose.FromRoute(route, nil), single, multiple).through(route)
}

func checkCause(t *testing.T, name string, r *run, id, object string, parts ...string) {
	t.Helper()
	c := checkFindings(t, name, r, "error "+id)
	if len(c.Findings) == 0 {
		return
	}
	if got := c.Findings[0].Object; got != object {
		t.Errorf("%s: the object is %q, want %q", name, got, object)
	}
	for _, part := range parts {
		if !strings.Contains(evidence(c), part) {
			t.Errorf("%s: the evidence %q lacks %q", name, evidence(c), part)
		}
	}
	r.found(notOnMesh())
	checkFindings(t, name+", of which the objects know the cause", r, "error not-on-mesh")
}

func notOnMesh() k8s.Finding {
	return k8s.Finding{ID: "not-on-mesh", Severity: "error", Object: "VirtualService default/vs", Summary: "s", Evidence: []string{"e"}, Fix: "f"}
}

// checkOpen expects no cause to be named, and a note that says what is not known.
func checkOpen(t *testing.T, name string, r *run, part string) {
	t.Helper()
	c := checkFindings(t, name, r)
	for _, u := range c.Unseen {
		if strings.Contains(u.Why, part) {
			return
		}
	}
	t.Errorf("%s: no note with %q in %+v", name, part, c.Unseen)
}

const dr = "DestinationRule default/dr-weather-backend"

func TestMissingClusters(t *testing.T) {
	empty := func() *run { return alone(900, 0).refused(100, 503, "") }
	checkCause(t, "a subset", empty().knowing(eds(""), eds("single", "single")), "subset-undefined",
		"VirtualService default/vs-weather-backend", "10% to cluster "+cluster("multiple"), "100 of 1000 requests were answered with status 503")
	hidden := eds("")
	hidden.Rule.Namespace = "client"
	checkOpen(t, "a subset, and the rule in effect is of another namespace", empty().knowing(hidden, eds("single", "single")), "client/dr-weather-backend is in effect")
	hidden.Rule = envoy.Source{}
	checkOpen(t, "a subset, and no rule is in effect", empty().knowing(hidden, eds("single", "single")), "no DestinationRule is in effect")
	checkFindings(t, "its configuration was not read", alone(900, 100))
	checkFindings(t, "a destination without a share", answered(diagnose.FromRoute(programmed(100, 0), nil), 1000, 0).
		through(programmed(100, 0)).knowing(eds(""), eds("single", "single")))

	other := func(name string) *run {
		route := weighted(to("single", 90), envoy.WeightedCluster{Name: name, Weight: 10})
		route.MissingStatus = 503
		return answered(diagnose.FromRoute(route, nil), 900, 0).through(route).refused(100, 503, "")
	}
	vs := "VirtualService default/vs-weather-backend"
	checkCause(t, "a half-qualified host", other("outbound|5000||weather-backend.default").knowing(eds("single", "single")), "destination-not-found", vs)
	checkCause(t, "a port", other("outbound|80||"+weather).knowing(eds("single", "single")), "destination-not-found", vs)
	checkOpen(t, "a whole host", other("outbound|5000||absent.default.svc.cluster.local").knowing(eds("single", "single")), "hidden from the caller")
}

func TestEmptyClusters(t *testing.T) {
	empty := func() *run {
		return alone(900, 0).refused(100, 503, unhealthy).knowing(eds("single", "single"), eds("multiple"))
	}
	checkCause(t, "no host", empty().having(hosts("single", pod("a")), hosts("multiple")), "subset-empty", dr, "0 hosts", "100 of 1000")
	unready := pod("b")
	unready.EDSHealth = "UNHEALTHY"
	checkCause(t, "no ready host", empty().having(hosts("single", pod("a")), hosts("multiple", unready)), "subset-empty", dr, "1 hosts, 0 of them able to serve")
	ejected := pod("b")
	ejected.FailedOutlier, ejected.Stats = true, envoy.Stats{Requests: 3, Errors: 3}
	checkCause(t, "ejected hosts", empty().having(hosts("single", pod("a")), hosts("multiple", ejected)), "overflow-or-ejected", dr, "3 of its 3 requests failed")
	checkOpen(t, "a host that is back", empty().having(hosts("single", pod("a")), hosts("multiple", pod("b"))), "no pod able to serve")
	checkFindings(t, "every request was answered", alone(900, 100).having(hosts("single", pod("a")), hosts("multiple")).knowing(eds("single"), eds("multiple")))
}

func TestServiceWithoutEndpoints(t *testing.T) {
	canary := "outbound|5000||canary.default.svc.cluster.local"
	route := weighted(to("single", 90), envoy.WeightedCluster{Name: canary, Weight: 10})
	r := answered(diagnose.FromRoute(route, nil), 900, 0).through(route).refused(100, 503, unhealthy).
		knowing(eds("single", "single"), envoy.ClusterConfig{Name: canary, Type: "EDS"}).having(hosts("single", pod("a")), envoy.Cluster{Name: canary})
	checkCause(t, "a whole service", r, "no-ready-endpoints", "Service canary.default.svc.cluster.local")
}

func TestHeadless(t *testing.T) {
	dialled := func(c envoy.ClusterConfig) envoy.ClusterConfig {
		c.Type = envoy.OriginalDestination
		return c
	}
	r := alone(1000, 0).counting(both(890, 110)...).knowing(dialled(eds("single")), dialled(eds("multiple"))).
		having(hosts("single", pod("a")), hosts("multiple", pod("a")))
	checkCause(t, "a split", r, "headless-service", "Service "+weather, "ORIGINAL_DST")
	whole := answered(diagnose.FromRoute(programmed(100, 0), nil), 1000, 0).through(programmed(100, 0)).knowing(dialled(eds("single")))
	checkFindings(t, "no split", whole)
}

func TestOverflow(t *testing.T) {
	limited := eds("single", "single")
	limited.Limited = true
	r := alone(360, 100).refused(540, 503, overflow).counting(both(360, 100)...).knowing(limited, eds("multiple", "multiple"))
	checkCause(t, "a pool that is too small", r, "overflow-or-ejected", dr, "540 of 1000", "360 requests went through")
	checkFindings(t, "without a proxy", ninetyTen(360, 100).refused(540, 503, overflow), "error overflow-or-ejected")
}

func TestWrongProtocol(t *testing.T) {
	http2 := func(subset string) envoy.ClusterConfig {
		c := eds(subset, subset)
		c.HTTP2 = true
		return c
	}
	failing := []envoy.ClusterDelta{
		{Name: cluster("single"), Total: envoy.Stats{Requests: 900, Errors: 900}}, {Name: cluster("multiple"), Total: envoy.Stats{Requests: 100, Errors: 100}}}
	r := alone(0, 0).refused(988, 502, protocol).refused(12, 503, termination).counting(failing...).knowing(http2("single"), http2("multiple"))
	checkCause(t, "HTTP/2 to an application of HTTP/1.1", r, "port-wrong-protocol", "Service "+weather, "988 of 1000", "900 of 900 requests failed")
	checkFindings(t, "without a proxy", ninetyTen(0, 0).refused(1000, 502, protocol), "error port-wrong-protocol")
}

func TestTLSConflict(t *testing.T) {
	failing := []envoy.ClusterDelta{took(cluster("single"), 900),
		{Name: cluster("multiple"), Total: envoy.Stats{Errors: 300, Connections: 300, ConnectFailures: 300}}}
	refused := func(body string, tls bool) *run {
		multiple := eds("multiple", "multiple")
		multiple.TLS = tls
		return alone(900, 0).refused(100, 503, body).counting(failing...).knowing(eds("single", "single"), multiple)
	}
	checkCause(t, "TLS that is not accepted", refused(unreached, true), "mtls-conflict", dr, "300 of 300 connections failed")
	checkOpen(t, "nobody listens", refused(unreached, false), "could not connect")
	checkOpen(t, "nobody listens, and says so", refused(unreached+", transport failure reason: delayed connect error: Connection refused", true), "could not connect")
	checkOpen(t, "plain text to a pod that wants TLS, or a crash", refused(termination, false), "refuse plain text")
}

func TestAccessDenied(t *testing.T) {
	r := alone(0, 0).refused(1000, 403, "RBAC: access denied")
	checkCause(t, "everybody refuses", r, "access-denied", "AuthorizationPolicy of "+weather, "1000 of 1000")
	checkFindings(t, "another 403", alone(900, 0).refused(100, 403, "forbidden").counting(both(900, 100)...), "error version-failing")
}

func TestNoBackend(t *testing.T) {
	route := &envoy.Route{Kind: envoy.KindDirectResponse, Protocol: envoy.HTTP, Status: 500, Name: "default.weather.v2.0", VirtualHost: weather + ":5000",
		Source: envoy.Source{Kind: "virtualservice", Namespace: "default", Name: "default~5000~" + weather}}
	r := alone(0, 0).refused(1000, 500, "").with(func(r *run) { r.Expectation, r.Observed.Versions, r.Proxies = nil, nil, nil }).through(route)
	checkCause(t, "an HTTPRoute", r, "all-weights-zero", "HTTPRoute default/weather.v2", "status 500")
	own := *route
	own.Source.Name = "vs-weather-backend"
	checkFindings(t, "a direct response by design", alone(0, 0).refused(1000, 500, "").with(func(r *run) {
		r.Expectation, r.Observed.Versions, r.Proxies = nil, nil, nil
	}).through(&own))
}
