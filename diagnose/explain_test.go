package diagnose_test

import (
	"testing"

	"respy/diagnose"
	"respy/k8s"
	"respy/k8s/envoy"
)

func (r *run) explain(t *testing.T) *diagnose.Explanation {
	t.Helper()
	x, err := diagnose.Explain(r.Evidence, diagnose.Scene{})
	if err != nil {
		t.Fatalf("Explain: %v", err)
	}
	return x
}

// unsent is the evidence of a declared split before any request.
func unsent() *run {
	r := ninetyTen(0, 0)
	r.Declared.Source = diagnose.FromFile
	return r
}

func TestExplain(t *testing.T) {
	fault := k8s.Finding{ID: "not-on-mesh", Severity: k8s.SeverityError, Object: "VirtualService default/vs", Summary: "no sidecar has it"}
	warning := k8s.Finding{ID: "weight-zero", Severity: k8s.SeverityWarning, Object: "VirtualService default/vs", Summary: "it gets nothing"}
	const ruleText = "single 90%, multiple 10% by VirtualService default/vs-weather-backend spec.http[0]"
	passes := &envoy.Route{Kind: envoy.KindCluster, Protocol: envoy.HTTP, Clusters: []envoy.WeightedCluster{{Name: envoy.PassthroughCluster, Weight: 1}}}
	check := func(name string, r *run, code int, message string, ids ...string) {
		t.Helper()
		x := r.explain(t)
		if x.ExitCode != code || x.Message != message {
			t.Errorf("%s: exit code %d, %q, want %d, %q", name, x.ExitCode, x.Message, code, message)
		}
		if len(x.Findings) != len(ids) {
			t.Fatalf("%s: findings %+v, want %v", name, x.Findings, ids)
		}
		for i, id := range ids {
			if x.Findings[i].ID != id {
				t.Errorf("%s: finding %d is %s, want %s", name, i, x.Findings[i].ID, id)
			}
		}
	}
	check("declared alone", unsent(), 0, ruleText)
	guessed := unsent()
	guessed.Declared.Trail.If = `meets "sourceLabels app exact cart"`
	check("of a caller that is not known", guessed, 0, ruleText+`, if the caller meets "sourceLabels app exact cart"`)
	check("followed by the proxy", unsent().through(programmed(90, 10)), 0, ruleText+", and the proxy has it so")
	check("a warning", unsent().found(warning), 0, ruleText, "weight-zero")
	check("a fault", unsent().found(warning, fault), 1, "VirtualService default/vs: no sidecar has it", "not-on-mesh", "weight-zero")
	check("stale", unsent().through(programmed(50, 50)), 1,
		"VirtualService default/vs-weather-backend: the proxy is not programmed with what the rule declares", "proxy-stale")
	check("stale, and why", unsent().through(programmed(50, 50)).found(fault), 1, "VirtualService default/vs: no sidecar has it", "not-on-mesh")
	check("passed through", unsent().through(passes), 1,
		"the proxy knows no service of this host and port, so that it passes the request through and no rule applies", "passthrough")

	alone := answered(diagnose.FromRoute(programmed(90, 10), nil), 0, 0).through(programmed(90, 10))
	check("the proxy alone", alone, 0, "the proxy has single 90%, multiple 10%")
	user := answered(diagnose.FromShares([]diagnose.Share{{Name: "single", Weight: 50}, {Name: "multiple", Weight: 50}},
		diagnose.Destinations(programmed(90, 10)), nil), 0, 0).through(programmed(90, 10))
	check("the user's weights", user, 1, "the proxy does not follow single 50%, multiple 50%: it has single 90%, multiple 10%")
}

func TestExplainProgrammed(t *testing.T) {
	r := unsent().through(programmed(90, 10))
	clusters := r.lastProxy().Before.Clusters
	r.lastProxy().Clusters = []envoy.Cluster{{Name: clusters[0].Name, Hosts: []envoy.Host{
		{Address: "10.0.0.1:80", EDSHealth: "HEALTHY"}, {Address: "10.0.0.2:80", EDSHealth: "HEALTHY", FailedOutlier: true},
	}}}
	r.lastProxy().Configs = []envoy.ClusterConfig{{Name: clusters[0].Name, Type: "EDS", LBPolicy: "RANDOM",
		Endpoints: []envoy.Endpoint{{Address: "10.0.0.1:80", Workload: envoy.Workload{Name: "single", Namespace: "default"}}}}}
	p := r.explain(t).Programmed[0]
	if p.Equals == nil || !*p.Equals {
		t.Errorf("equals is %v, want true", p.Equals)
	}
	c := p.Clusters[0]
	if len(c.Hosts) != 2 || c.LBPolicy != "RANDOM" || c.Version != "single" || c.Share != 0.9 {
		t.Fatalf("cluster %+v", c)
	}
	if h := c.Hosts[0]; h.Pod != "default/single" || !*h.Healthy {
		t.Errorf("host %+v", h)
	}
	if h := c.Hosts[1]; h.Health != "ejected by outlier detection" || *h.Healthy {
		t.Errorf("host %+v", h)
	}
	if hosts := p.Clusters[1].Hosts; hosts != nil {
		t.Errorf("hosts of a cluster that was not read: %v, want nil", hosts)
	}
}

// TestExplainBackends holds that what nobody told of is null, and never counted as none.
func TestExplainBackends(t *testing.T) {
	scene := diagnose.Scene{Backends: []k8s.Backend{
		{Service: "Service default/weather-backend", Known: true, Serving: []k8s.Serving{{Object: "Pod default/a", Ready: k8s.Present}, {Object: "Pod default/b", Ready: k8s.Absent}}},
		{Service: "Service default/weather-backend", Serving: []k8s.Serving{{Object: "Workload default/multiple"}}},
	}}
	x, err := diagnose.Explain(unsent().Evidence, scene)
	if err != nil {
		t.Fatal(err)
	}
	known, unknown := x.Destinations[0], x.Destinations[1]
	if known.ReadyPods == nil || *known.ReadyPods != 1 || len(known.Pods) != 2 {
		t.Errorf("known: %+v", known)
	}
	if unknown.ReadyPods != nil || unknown.Pods[0].Ready != nil {
		t.Errorf("unknown: %+v", unknown)
	}
}

func TestList(t *testing.T) {
	conflict := k8s.Finding{ID: "conflicting-routes", Severity: k8s.SeverityError, Object: "VirtualService default/vs-weather-backend", Field: "spec.hosts"}
	port := k8s.Finding{ID: "port-not-http", Severity: k8s.SeverityError, Object: "Service default/weather-backend", Field: "spec.ports[0].name"}
	first, second := ninetyTenRule(), ninetyTenRule()
	second.Index, second.Field = 1, "spec.http[1]"
	listed := func(r *k8s.Rule, findings ...k8s.Finding) diagnose.Listed {
		return diagnose.Listed{Lookup: k8s.Lookup{Rule: r, InEffect: true, Findings: findings}, Source: diagnose.FromFile}
	}
	check := func(name string, code int, message string, want []int, rules ...diagnose.Listed) {
		t.Helper()
		v := diagnose.List(rules, nil, k8s.Caller{}, nil)
		if v.ExitCode != code || v.Message != message || len(v.Rules) != len(want) {
			t.Fatalf("%s: exit code %d, %q, %d rules; want %d, %q, %d", name, v.ExitCode, v.Message, len(v.Rules), code, message, len(want))
		}
		for i, n := range want {
			if got := len(v.Rules[i].Findings); got != n {
				t.Errorf("%s: rule %d has %d findings, want %d", name, i, got, n)
			}
		}
	}
	check("none", 0, "no fault found in 0 rules", nil)
	check("sound", 0, "no fault found in 1 rule", []int{0}, listed(first))
	check("listed for each of its parents", 1, "1 of 1 rule has a fault", []int{1}, listed(first, port), listed(first, port))
	check("about the object, at each of its rules", 1, "2 of 2 rules have a fault", []int{1, 1}, listed(first, conflict), listed(second, conflict))
	check("about another object, each", 1, "2 of 2 rules have a fault", []int{1, 1}, listed(first, port), listed(second, port))
}
