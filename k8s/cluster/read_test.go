package cluster

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"respy/internal/fakeapi"
	"respy/k8s"
)

func TestRead(t *testing.T) {
	server, c := start(t, fakeapi.Options{Manifests: []byte(shop), Token: "secret", Absent: []string{"sidecars/v1", "httproutes"}})
	r := read(t, c, Scope{Caller: "web"})
	o := r.Objects
	if got := []int{len(o.VirtualServices), len(o.Services), len(o.Gateways), len(o.Namespaces), len(o.Pods)}; !slices.Equal(got, []int{1, 2, 1, 1, 0}) {
		t.Errorf("read %v", got)
	}
	if len(o.VirtualServices) == 1 && o.VirtualServices[0].Namespace != "web" {
		t.Errorf("namespace %q", o.VirtualServices[0].Namespace)
	}
	for _, k := range kinds() {
		if !o.Complete[k.name] {
			t.Errorf("%s is not complete", k.name)
		}
	}
	request, err := k8s.NewRequest("", "http://shop/", "", nil)
	if err != nil {
		t.Fatal(err)
	}
	caller := k8s.Caller{Namespace: "web"}
	l, err := o.Lookup(request, caller, "")
	if err != nil || l.Rule == nil {
		t.Fatalf("lookup %+v, %v", l, err)
	}
	r.AddPods(t.Context(), o.Reach(request, caller, l))
	var pods []string
	for _, p := range o.Pods {
		pods = append(pods, p.Name)
	}
	slices.Sort(pods)
	if diff := cmp.Diff([]string{"ingress-1", "shop-1"}, pods); diff != "" {
		t.Error("pods (-want +got)\n", diff)
	}
	if len(o.EndpointSlices) != 1 || !o.Complete["Pod"] || !o.Complete["EndpointSlice"] {
		t.Errorf("%d slices, complete %v", len(o.EndpointSlices), o.Complete)
	}
	if got := r.Unseen(); len(got) > 0 {
		t.Errorf("unseen %v", got)
	}
	for _, path := range server.Paths() {
		if strings.HasPrefix(path, "/api/v1/pods") && !strings.Contains(path, "labelSelector") {
			t.Errorf("every pod was asked for: %s", path)
		}
	}
}

func TestReadForbidden(t *testing.T) {
	_, c := start(t, fakeapi.Options{Manifests: []byte(shop), Forbidden: []string{"*"}, Within: []string{"web", "istio-system"}})
	r := read(t, c, Scope{Caller: "web", Namespaces: []string{"web", "hidden"}})
	o := r.Objects
	if len(o.VirtualServices) != 1 || len(o.Sidecars) != 1 || len(o.Services) != 2 {
		t.Errorf("read %+v", o.Kinds)
	}
	if got := slices.Sorted(maps.Keys(o.Complete)); !slices.Equal(got, []string{"EnvoyFilter", "Sidecar"}) {
		t.Errorf("complete %v: only what is in the caller's and the root namespace alone can be", got)
	}
	if !o.Knows("Service", "web") || o.Knows("Service", "hidden") || !o.Knows("Sidecar", "hidden") {
		t.Errorf("complete in %v", o.CompleteIn)
	}
	want := []string{
		"the API server lets this user list Services, VirtualServices, DestinationRules, Gateways, ServiceEntries, PeerAuthentications, " +
			"AuthorizationPolicies, HTTPRoutes, GRPCRoutes, ReferenceGrants and Gateways of the Gateway API in istio-system and web alone: " +
			"what those of other namespaces would show was not checked",
		"the API server does not let this user list Namespaces: what they would show was not checked",
	}
	if diff := cmp.Diff(want, sentences(r.Unseen())); diff != "" {
		t.Error("(-want +got)\n", diff)
	}
	r.AddPods(t.Context(), k8s.Reach{Services: []k8s.ServiceName{{Namespace: "web", Name: "shop"}}})
	if len(o.Pods) != 1 || !o.Complete["Pod"] {
		t.Errorf("%d pods, complete %v", len(o.Pods), o.Complete)
	}
}

func TestReadNothing(t *testing.T) {
	_, c := start(t, fakeapi.Options{Manifests: []byte(shop), Forbidden: []string{"*"}})
	r := read(t, c, Scope{Caller: "web"})
	if len(r.Objects.Complete) > 0 || len(r.Unseen()) != 1 || r.HasRoutes() {
		t.Errorf("complete %v, unseen %v", r.Objects.Complete, r.Unseen())
	}
}

func TestReadPages(t *testing.T) {
	var manifests strings.Builder
	for i := range 23 {
		fmt.Fprintf(&manifests, "\n---\n{apiVersion: v1, kind: Service, metadata: {name: s%d}}", i)
	}
	server, c := start(t, fakeapi.Options{Manifests: []byte(manifests.String()), PageSize: 5})
	r := read(t, c, Scope{})
	if got := len(r.Objects.Services); got != 23 {
		t.Errorf("%d Services, want 23", got)
	}
	asked := 0
	for _, path := range server.Paths() {
		if strings.HasPrefix(path, "/api/v1/services") {
			asked++
		}
	}
	if asked != 5 {
		t.Errorf("%d requests for 23 Services in pages of 5, want 5", asked)
	}
}

// TestManyServices has more Services in a namespace than are asked for one by one.
func TestManyServices(t *testing.T) {
	var manifests strings.Builder
	var names []k8s.ServiceName
	for i := range fewServices + 4 {
		fmt.Fprintf(&manifests, "\n---\n{apiVersion: v1, kind: Service, metadata: {name: s%d}, spec: {selector: {app: a%d}}}", i, i)
		fmt.Fprintf(&manifests, "\n---\n{apiVersion: v1, kind: Pod, metadata: {name: p%d, labels: {app: a%d}}}", i, i)
		fmt.Fprintf(&manifests, "\n---\n{apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, metadata: {name: e%d, labels: {kubernetes.io/service-name: s%d}}}", i, i)
		if i < fewServices+1 {
			names = append(names, k8s.ServiceName{Namespace: "default", Name: fmt.Sprintf("s%d", i)})
		}
	}
	server, c := start(t, fakeapi.Options{Manifests: []byte(manifests.String())})
	r := read(t, c, Scope{})
	before := len(server.Paths())
	r.AddPods(t.Context(), k8s.Reach{Services: names})
	if got := []int{len(r.Objects.Pods), len(r.Objects.EndpointSlices), len(server.Paths()) - before}; !slices.Equal(got, []int{len(names), len(names), 2}) {
		t.Errorf("pods, slices, requests %v", got)
	}
}

func TestPod(t *testing.T) {
	_, c := start(t, fakeapi.Options{Manifests: []byte(shop)})
	pod, err := c.Pod(t.Context(), "web", "shop-1")
	if err != nil || pod == nil || pod.Labels["version"] != "v1" {
		t.Errorf("pod %+v, %v", pod, err)
	}
	if pod, err := c.Pod(t.Context(), "web", "absent"); err != nil || pod != nil {
		t.Errorf("pod %+v, %v, want none", pod, err)
	}
	_, c = start(t, fakeapi.Options{Manifests: []byte(shop), Forbidden: []string{"pods"}})
	if _, err := c.Pod(t.Context(), "web", "shop-1"); err == nil || !strings.Contains(err.Error(), "does not show the pod web/shop-1: status 403") {
		t.Errorf("got %v", err)
	}
}
