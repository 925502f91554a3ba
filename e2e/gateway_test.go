package e2e

import (
	"slices"
	"testing"

	"respy/e2e/mesh"
)

// ingress enters a scenario behind an ingress gateway and starts the gateway's proxy, which ends with the test.
func ingress(t *testing.T, name string) *mesh.Gateway {
	t.Helper()
	enter(t, name)
	p, err := shared.Gateway(t.Context(), "istio-system", "istio-ingressgateway", 15100)
	must(t, err)
	t.Cleanup(p.Kill)
	must(t, shared.AwaitCluster(t.Context(), p.Admin, shared.Revision()))
	must(t, shared.Reachable(t.Context(), "127.0.0.1:8090"))
	return p
}

// colors are the weights of the colors app as its pages tell them.
func colors() []string {
	return []string{"--map", "v1=red", "--map", "v2=green", "--map", "v3=blue", "--version-from", "regex:background-color: ([a-z]+)"}
}

// TestIngress sends from outside, through the gateway, with and without a look at the gateway's proxy.
func TestIngress(t *testing.T) {
	const url = "http://istio-ingressgateway.istio-system/colors"
	p := ingress(t, "gateway/colors")
	for _, v := range []view{
		{"all", []string{"--envoy", p.Admin}, false, ""},
		{"api", []string{"--envoy", "off"}, false, ""},
		{"proxy", []string{"--envoy", p.Admin, "--kube=false"}, false, ""},
		{"route", []string{"--envoy", "off", "--route", "virtualservice/colors"}, false, ""},
	} {
		t.Run(v.name, func(t *testing.T) {
			r := respy(t, shared.OnNode(), slices.Concat(colors(), v.args, []string{url})...)
			check(t, r, "match", "", v.partial)
			if len(r.Versions) != 3 {
				t.Errorf("%d versions, want three\n%s", len(r.Versions), r)
			}
		})
	}
}

// TestIngressFaults holds what may be wrong at a gateway against what respy says from outside.
func TestIngressFaults(t *testing.T) {
	for _, name := range []string{"missing-gateway", "other-host", "no-workload", "not-accepted", "ignored-at-ingress"} {
		t.Run(name, func(t *testing.T) {
			p := ingress(t, "gateway/"+name)
			s, err := mesh.ReadScenario("scenarios/gateway/" + name + ".yaml")
			must(t, err)
			for _, v := range []view{{"all", []string{"--envoy", p.Admin}, false, ""}, {"api", []string{"--envoy", "off"}, true, ""}} {
				t.Run(v.name, func(t *testing.T) {
					r := respy(t, shared.OnNode(), slices.Concat(s.Args, v.args, []string{"http://istio-ingressgateway.istio-system/version"})...)
					check(t, r, s.Verdict, s.Finding, v.partial)
				})
			}
		})
	}
}
