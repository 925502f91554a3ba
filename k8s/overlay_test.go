package k8s

import (
	"slices"
	"strings"
	"testing"
)

func readText(t *testing.T, text string) *Objects {
	t.Helper()
	o, err := Read(strings.NewReader(text), "f.yaml", "web")
	if err != nil {
		t.Fatal(err)
	}
	return o
}

const (
	shopRule = `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: shop}
spec:
  hosts: [shop]
  gateways: [mesh, ingress]
  http: [{route: [{destination: {host: shop}, weight: WEIGHT}, {destination: {host: other.sales.svc.cluster.local}, weight: 1}]}]
---
{apiVersion: v1, kind: Service, metadata: {name: shop}, spec: {clusterIP: 10.0.0.1}}
---
{apiVersion: apps/v1, kind: Deployment, metadata: {name: shop}}
---
{apiVersion: networking.istio.io/v1, kind: Gateway, metadata: {name: ingress}, spec: {selector: {a: b}}}
---
{apiVersion: networking.istio.io/v1, kind: Gateway, metadata: {name: unused}, spec: {selector: {a: c}}}
`
)

// TestOverlay lays a file over what a cluster has: each object once, the file's in place of the cluster's.
func TestOverlay(t *testing.T) {
	o := readText(t, strings.ReplaceAll(shopRule, "WEIGHT", "9"))
	o.Complete = map[string]bool{"Service": true}
	o.Overlay(readText(t, strings.ReplaceAll(shopRule, "WEIGHT", "3")+"---\n"+minimal))
	if len(o.VirtualServices) != 2 || len(o.Services) != 1 || len(o.Gateways) != 2 {
		t.Errorf("%d VirtualServices, %d Services, %d Gateways", len(o.VirtualServices), len(o.Services), len(o.Gateways))
	}
	if got := *o.VirtualServices[0].Spec.HTTP[0].Route[0].Weight; got != 3 {
		t.Errorf("weight %d, want the file's", got)
	}
	if len(o.Replaced) > 0 || !o.Complete["Service"] || o.Kinds["VirtualService"] != 3 {
		t.Errorf("replaced %v, complete %v, kinds %v", o.Replaced, o.Complete, o.Kinds)
	}
	var none Objects
	none.Overlay(o)
	if len(none.VirtualServices) != 2 || len(none.Workloads) != 2 || !none.HasRoute("virtualservice/web/shop") || none.HasRoute("virtualservice/web/absent") {
		t.Errorf("laid over nothing: %+v", none.Kinds)
	}
}

func TestReach(t *testing.T) {
	o := readText(t, strings.ReplaceAll(shopRule, "WEIGHT", "9"))
	request, err := NewRequest("", "http://10.0.0.1/", "", nil)
	if err != nil {
		t.Fatal(err)
	}
	caller := Caller{Namespace: "web"}
	rules, err := o.Rules(caller)
	if err != nil {
		t.Fatal(err)
	}
	r := o.Reach(request, caller, append(rules, Lookup{})...)
	if want := []ServiceName{{"sales", "other"}, {"web", "shop"}}; !slices.Equal(r.Services, want) {
		t.Errorf("Services %v, want %v", r.Services, want)
	}
	if len(r.Gateways) != len(o.Gateways) { // each selects other workloads
		t.Errorf("Gateways %v", r.Gateways)
	}
	if r := o.Reach(Request{}, caller); len(r.Services)+len(r.Gateways) > 0 {
		t.Errorf("without a rule or a host: %+v", r)
	}
}

func TestKnows(t *testing.T) {
	o := Objects{Complete: map[string]bool{"Pod": true}, CompleteIn: map[string]map[string]bool{"Service": {"web": true}}}
	for _, test := range []struct {
		kind, namespace string
		want            bool
	}{{"Pod", "any", true}, {"Service", "web", true}, {"Service", "other", false}, {"Sidecar", "web", false}} {
		if got := o.Knows(test.kind, test.namespace); got != test.want {
			t.Errorf("%+v: got %v", test, got)
		}
	}
}

func TestNamespaceOf(t *testing.T) {
	for host, want := range map[string]string{"shop": "web", "shop.sales": "sales", "shop.sales.svc.cluster.local": "sales", "10.0.0.1": "", "www.example.com": ""} {
		if got := (Request{Host: host}).NamespaceOf(Caller{Namespace: "web"}); got != want {
			t.Errorf("%s: got %q, want %q", host, got, want)
		}
	}
}
