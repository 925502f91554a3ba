package k8s

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// behind is what is known of a destination beyond its rule.
func behind(d Destination) Destination {
	return Destination{Subset: d.Subset, Ready: d.Ready, Bare: d.Bare, Pods: d.Pods, Limits: d.Limits, Policies: d.Policies, TLS: d.TLS}
}

func TestWhatStandsBehind(t *testing.T) {
	rule := destinationRule("dr", "default", `
  host: weather-backend
  trafficPolicy: {connectionPool: {http: {http1MaxPendingRequests: 1}}, tls: {mode: ISTIO_MUTUAL}}
  subsets:
  - {name: single, labels: {version: single}}
  - {name: multiple, labels: {version: multiple}, trafficPolicy: {outlierDetection: {consecutive5xxErrors: 1}}}
`) + virtualService("vs", splitRule)
	pods := meshPod("a", singlePod) + meshPod("b", singlePod) + readyPod("c", "10.0.0.3", multiplePod) +
		authorization("p", "default", "{selector: {matchLabels: {version: single}}, rules: [{}]}")
	const (
		pool = `DestinationRule default/dr spec.trafficPolicy.connectionPool: {"http":{"http1MaxPendingRequests":1}}`
		tls  = "DestinationRule default/dr spec.trafficPolicy.tls.mode: ISTIO_MUTUAL"
	)
	ejection := `DestinationRule default/dr spec.subsets[1].trafficPolicy.outlierDetection: {"consecutive5xxErrors":1}`
	check := func(kinds string, want ...Destination) {
		t.Helper()
		l, err := complete(mustRead(t, weatherService+rule+pods), kinds).Lookup(mustRequest(t, versionURL), Caller{Entry: EntryMesh}, "")
		if err != nil {
			t.Fatal(err)
		}
		var got []Destination
		for _, d := range l.Rule.Destinations {
			got = append(got, behind(d))
		}
		if diff := cmp.Diff(got, want); diff != "" {
			t.Error(diff)
		}
	}
	policies := []string{"AuthorizationPolicy default/p (ALLOW, 1 rules)"}
	check("Pod",
		Destination{Subset: "single", Ready: new(2), Bare: new(2), Limits: []string{pool}, Policies: policies, TLS: tls, Pods: []PodBehind{
			{Name: "a", Addresses: []string{"10.0.0.9"}, Version: "single"}, {Name: "b", Addresses: []string{"10.0.0.9"}, Version: "single"}}},
		Destination{Subset: "multiple", Ready: new(1), Bare: new(1), Limits: []string{pool, ejection}, TLS: tls, Pods: []PodBehind{
			{Name: "c", Addresses: []string{"10.0.0.3"}, Version: "multiple"}}})
	check("",
		Destination{Subset: "single", Limits: []string{pool}, Policies: policies, TLS: tls},
		Destination{Subset: "multiple", Limits: []string{pool, ejection}, TLS: tls})
}

// Two Services divide the pods of the one that is called.
func TestBareShares(t *testing.T) {
	o := complete(mustRead(t, weatherServices+httpRoute("hr", "default", "  rules:\n  - "+seventyThirty)+
		readyPod("a", "10.0.0.1", singlePod)+readyPod("b", "10.0.0.2", multiplePod)+readyPod("c", "10.0.0.3", multiplePod)), "Pod")
	l, err := o.Lookup(mustRequest(t, versionURL), Caller{Entry: EntryMesh}, "")
	if err != nil {
		t.Fatal(err)
	}
	var got []int
	for _, d := range l.Rule.Destinations {
		got = append(got, *d.Bare)
	}
	if diff := cmp.Diff(got, []int{1, 2}); diff != "" {
		t.Error(diff)
	}
}

// A port's settings replace the others whole: a hash that they leave out is none.
func TestSettingsOfAPort(t *testing.T) {
	const hash = "loadBalancer: {consistentHash: {useSourceIp: true}}"
	check := func(policy, want string) {
		t.Helper()
		checkRule(t, mustRead(t, weatherService+weatherSubsets+policy+virtualService("vs", splitRule)), "vs spec.http[0] single=90 multiple=10"+want)
	}
	check("  trafficPolicy: {"+hash+"}", "\ninfo hash-policy DestinationRule default/dr-weather-backend spec.trafficPolicy.loadBalancer.consistentHash")
	check("  trafficPolicy: {"+hash+", portLevelSettings: [{port: {number: 5000}}]}", "")
	check("  trafficPolicy: {"+hash+", portLevelSettings: [{port: {number: 80}}]}",
		"\ninfo hash-policy DestinationRule default/dr-weather-backend spec.trafficPolicy.loadBalancer.consistentHash")
}
