package diagnose_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"respy/diagnose"
	"respy/k8s"
	"respy/k8s/envoy"
	"respy/probe"
)

// checkFindings compares "severity id" of each finding, and that each says what its reader needs.
func checkFindings(t *testing.T, name string, r *run, want ...string) *diagnose.Conclusion {
	t.Helper()
	c := r.judge(t)
	var got []string
	for _, f := range c.Findings {
		got = append(got, f.Severity+" "+f.ID)
		if f.Summary == "" || f.Object == "" || f.Severity == k8s.SeverityError && (f.Fix == "" || len(f.Evidence) == 0) {
			t.Errorf("%s: %s lacks an object, a summary, its evidence or a fix: %+v", name, f.ID, f)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
	return c
}

func evidence(c *diagnose.Conclusion) string { return strings.Join(c.Findings[0].Evidence, "\n") }

func ninetyTenThrough(route *envoy.Route) *run { return ninetyTen(900, 100).through(route) }

func TestRouteFindings(t *testing.T) {
	checkFindings(t, "a healthy route", ninetyTenThrough(programmed(90, 10)))
	checkFindings(t, "no route of the host takes it", ninetyTenThrough(notFound()), "error no-rule-matches")
	checkFindings(t, "no table has the host", ninetyTenThrough(&envoy.Route{Kind: envoy.KindNone, Config: "5000"}), "error proxy-stale")
	checkFindings(t, "passthrough", ninetyTenThrough(plain(envoy.PassthroughCluster)), "error passthrough")
	checkFindings(t, "passthrough where no rule is meant",
		ninetyTenThrough(plain(envoy.PassthroughCluster)).with(func(r *run) { r.Declared, r.Expectation = diagnose.Declared{}, nil }))
	checkFindings(t, "the same of two proxies", ninetyTenThrough(notFound()).through(notFound()), "error no-rule-matches")
}

func TestFaultInjected(t *testing.T) {
	abort := programmed(90, 10)
	abort.Fault = envoy.Fault{Abort: 0.1, Status: 503}
	c := checkFindings(t, "abort", ninetyTenThrough(abort), "error fault-injected")
	if text := evidence(c); !strings.Contains(text, "10%") || !strings.Contains(text, "503") {
		t.Errorf("evidence %q lacks the share or the status", text)
	}
	delay := programmed(90, 10)
	delay.Fault = envoy.Fault{Delay: 0.5, By: 3 * time.Second}
	c = checkFindings(t, "delay", ninetyTenThrough(delay), "error fault-injected")
	if text := evidence(c); !strings.Contains(text, "50%") || !strings.Contains(text, "3s") || strings.Contains(text, "status 0") {
		t.Errorf("evidence %q lacks the share or the delay, or tells of an abort that is none", text)
	}
	failing := ninetyTenThrough(abort).fail(probe.KindStatus, 100)
	checkFindings(t, "its errors have no other cause", failing, "error fault-injected")
}

func TestHashPolicy(t *testing.T) {
	check := func(name string, change func(*envoy.Route), part string) {
		t.Helper()
		route := programmed(90, 10)
		change(route)
		c := checkFindings(t, name, ninetyTenThrough(route), "info hash-policy")
		if len(c.Findings) == 1 && !strings.Contains(evidence(c), part) {
			t.Errorf("%s: evidence %q lacks %q", name, evidence(c), part)
		}
	}
	check("of the clusters", func(r *envoy.Route) { r.UseHashPolicy = true }, "use_hash_policy")
	check("a header's number", func(r *envoy.Route) { r.HeaderName = "x-draw" }, "x-draw")
	check("of the hosts", func(r *envoy.Route) { r.HashPolicies = []string{"cookie session"} }, "cookie session")
}

func TestPortNotHTTP(t *testing.T) {
	r := ninetyTen(900, 100).through(tcp(defaultRoute())).counting(took("outbound|5000||"+weather, 1000))
	c := checkFindings(t, "a TCP port under an HTTP rule", r, "error port-not-http")
	if text := evidence(c); !strings.Contains(text, "outbound|5000||"+weather) {
		t.Errorf("evidence %q lacks the cluster that took the connections", text)
	}
	meant := ninetyTenRule()
	meant.Protocol = envoy.TCP
	checkFindings(t, "a TCP port under a TCP rule", declared(meant, 900, 100).through(tcp(programmed(90, 10))))
	checkFindings(t, "a TCP port where no rule is meant", ninetyTen(900, 100).through(tcp(defaultRoute())).with(func(r *run) {
		r.Declared, r.Expectation = diagnose.Declared{}, nil
	}))
}

func TestWeightsChanged(t *testing.T) {
	between := func(before, after *envoy.Route) *run {
		return ninetyTenThrough(before).with(func(r *run) { r.lastProxy().After = after })
	}
	c := checkFindings(t, "other weights", between(programmed(90, 10), programmed(50, 50)), "error weights-changed")
	if text := evidence(c); !strings.Contains(text, "single 90%") || !strings.Contains(text, "single 50%") {
		t.Errorf("evidence %q lacks the weights before or after", text)
	}
	checkFindings(t, "no route afterwards", between(programmed(90, 10), notFound()), "error weights-changed")
	checkFindings(t, "not read afterwards", between(programmed(90, 10), nil))
	checkFindings(t, "the same shares", between(programmed(90, 10), programmed(9, 1)))
	pushed := programmed(90, 10)
	pushed.Version, pushed.Updated = "2026-07-01T12:00:00Z/9", time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)
	checkFindings(t, "pushed again without a change", between(programmed(90, 10), pushed))

	back := between(programmed(90, 10), programmed(90, 10)).with(func(r *run) {
		r.lastProxy().Meanwhile, r.lastProxy().ChangedAfter = programmed(50, 50), 4*time.Second
	}).setCounts(700, 300)
	c = checkFindings(t, "back at the end", back, "error weights-changed")
	if text := evidence(c); !strings.Contains(text, "meanwhile: single 50%") || !strings.Contains(c.Message, "seen 4s after the start") {
		t.Errorf("evidence %q and message %q lack the weights meanwhile, or when", text, c.Message)
	}
	if got, want := back.verdict(t), "inconclusive changed"; got != want {
		t.Errorf("back at the end: got %s, want %s, whatever the counts", got, want)
	}

	moved := ninetyTen(500, 500).found(k8s.Finding{ID: "weights-changed", Severity: "error", Object: "VirtualService default/vs-weather-backend",
		Summary: "the weights moved", Evidence: []string{"before: single 90%, multiple 10%"}, Fix: "run again"})
	checkFindings(t, "the objects show it", moved, "error weights-changed")
	if got, want := moved.verdict(t), "inconclusive changed"; got != want {
		t.Errorf("the objects show it: got %s, want %s, whatever the counts", got, want)
	}
}

func TestProxyStale(t *testing.T) {
	r := ninetyTenThrough(programmed(100, 0))
	r.lastProxy().Waited = 10 * time.Second
	c := checkFindings(t, "other weights than the rule's", r, "error proxy-stale")
	for _, part := range []string{"single 90%, multiple 10%", "single 100%, multiple 0%", "10s"} {
		if !strings.Contains(evidence(c), part) {
			t.Errorf("evidence %q lacks %q", evidence(c), part)
		}
	}
	checkFindings(t, "the declared weights", ninetyTenThrough(programmed(9, 1)))
	checkFindings(t, "the second of two proxies", ninetyTenThrough(programmed(90, 10)).through(programmed(1, 1)), "error proxy-stale")
	checkFindings(t, "no rule to be stale against", answered(diagnose.FromRoute(programmed(50, 50), nil), 500, 500).through(programmed(50, 50)))
}

func TestVersionFailing(t *testing.T) {
	named := func(single, multiple int64) *run {
		return ninetyTen(900, 100).with(func(r *run) {
			r.Observed.Versions[0].ServerErrors, r.Observed.Versions[1].ServerErrors = single, multiple
		})
	}
	c := checkFindings(t, "answers with 5xx in its name", named(0, 40), "error version-failing")
	if f := c.Findings[0]; !strings.Contains(f.Summary, "multiple") || !strings.Contains(evidence(c), "40 of 100") {
		t.Errorf("got %+v, want 40 of 100 requests to multiple", f)
	}
	chosen := ninetyTen(900, 20).fail(probe.KindStatus, 80).through(programmed(90, 10)).counting(both(900, 100)...)
	checkFindings(t, "the proxy shows where the failed requests went", chosen, "error version-failing")

	checkFindings(t, "a few errors", named(0, 4))
	checkFindings(t, "errors within the budget", named(8, 0))
	checkFindings(t, "errors of nobody knows whom", ninetyTen(900, 20).fail(probe.KindStatus, 80))
}

// What is but the consequence of another finding is left out.
func TestFindingsThatAnotherExplains(t *testing.T) {
	cause := k8s.Finding{ID: "not-on-mesh", Severity: "error", Object: "VirtualService default/vs-weather-backend", Field: "spec.gateways",
		Summary: "the rule is not on the mesh", Evidence: []string{"gateways: [public]"}, Fix: "gateways: [public, mesh]"}
	hint := k8s.Finding{ID: "destination-rule-unused", Severity: "warning", Object: "DestinationRule default/old", Summary: "its host is no service"}
	failing := func() *run {
		return ninetyTen(900, 20).fail(probe.KindStatus, 80).through(programmed(90, 10)).counting(both(900, 100)...)
	}
	checkFindings(t, "proxy-stale by a cause", ninetyTenThrough(defaultRoute()).found(cause), "error not-on-mesh")
	checkFindings(t, "proxy-stale beside a warning", ninetyTenThrough(defaultRoute()).found(hint), "error proxy-stale", "warning destination-rule-unused")
	checkFindings(t, "version-failing by a cause", failing().found(cause), "error not-on-mesh")
	checkFindings(t, "version-failing beside a warning", failing().found(hint), "error version-failing", "warning destination-rule-unused")
	checkFindings(t, "both by a change of the weights", failing().with(func(r *run) {
		r.lastProxy().After = programmed(50, 50)
	}), "error weights-changed")
}

// A fault that both the objects and the proxy show is one finding with the evidence of both.
func TestFindingsOfTwoStagesAreOne(t *testing.T) {
	declared := k8s.Finding{ID: diagnose.NoRuleMatches, Severity: "error", Object: "VirtualService default/vs-weather-backend",
		Summary: "no rule takes it", Evidence: []string{"spec.http[0] wants /v2"}, Fix: "add a rule"}
	r := ninetyTenThrough(notFound()).found(declared)
	c := checkFindings(t, "declared and programmed", r, "error no-rule-matches")
	if f := c.Findings[0]; len(f.Evidence) != 2 || f.Object != declared.Object {
		t.Errorf("got %+v, want the object's finding with the proxy's evidence added", f)
	}
	if len(declared.Evidence) != 1 || len(r.Declared.Findings[0].Evidence) != 1 {
		t.Error("judging has changed the evidence that it was given")
	}
}

func TestFindingsAreInTheOrderOfTheirGravity(t *testing.T) {
	finding := func(id, severity string) k8s.Finding {
		return k8s.Finding{ID: id, Severity: severity, Object: "o", Summary: "s", Evidence: []string{"e"}, Fix: "f"}
	}
	hashed := programmed(90, 10)
	hashed.UseHashPolicy = true
	r := ninetyTenThrough(hashed).with(func(r *run) { r.lastProxy().After = programmed(50, 50) })
	r.found(finding("weight-zero", "info"), finding("conflicting-sidecars", "warning"), finding("not-exported", "error"),
		finding("destination-rule-unused", "warning"))
	checkFindings(t, "mixed", r, "error not-exported", "error weights-changed",
		"warning conflicting-sidecars", "warning destination-rule-unused", "info weight-zero", "info hash-policy")
}

// Lists that nothing is in are empty ones, so that their JSON form is [].
func TestListsOfAConclusionAreNeverNil(t *testing.T) {
	c := ninetyTen(900, 100).found(k8s.Finding{ID: "weight-zero", Severity: "info", Object: "o", Summary: "s"}).judge(t)
	none := ninetyTen(900, 100).with(func(r *run) { r.Expectation, r.Observed.Versions = nil, nil }).judge(t)
	if c.Unseen == nil || c.Errors == nil || none.Versions == nil || none.Findings == nil {
		t.Errorf("got nil among %v, %v, %v, %v", c.Unseen, c.Errors, none.Versions, none.Findings)
	}
	if c.Findings[0].Evidence == nil {
		t.Error("the evidence of a finding without any is nil")
	}
}

func TestUnseenIsListed(t *testing.T) {
	r := ninetyTen(900, 100)
	r.Unseen = []diagnose.Unseen{{Stage: "programmed", Why: "no Envoy answers"}}
	r.Declared.Unseen = []k8s.Unseen{{Stage: "declared", Why: "services are forbidden"}}
	want := []diagnose.Unseen{{Stage: "programmed", Why: "no Envoy answers"}, {Stage: "declared", Why: "services are forbidden"}}
	if diff := cmp.Diff(want, r.judge(t).Unseen); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
