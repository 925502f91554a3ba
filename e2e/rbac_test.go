package e2e

import (
	"strings"
	"testing"

	"respy/e2e/mesh"
)

// account is the client with a service account that may read the resources.
func account(t *testing.T, name string, resources ...string) mesh.Caller {
	t.Helper()
	c, err := shared.Account(t.Context(), name, resources...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// unseen is what a run says it could not see, in one text.
func unseen(r result) string {
	var b strings.Builder
	for _, u := range r.Unseen {
		b.WriteString(u.Stage + ": " + u.Why + "\n")
	}
	return b.String()
}

// TestReadingVirtualServicesAlone gives the caller the least that names the declared rule: the rest is said to be unseen.
func TestReadingVirtualServicesAlone(t *testing.T) {
	reader := account(t, "reader", "virtualservices")
	s := enter(t, "base")
	r := respy(t, reader, s.URL())
	check(t, r, "match", "", true)
	if r.Expectation == nil || r.Expectation.Source != "cluster" {
		t.Errorf("expectation %+v, want that of the cluster", r.Expectation)
	}
	if text := unseen(r); !strings.Contains(text, "estinationRules") {
		t.Errorf("nothing said of the DestinationRules, which may not be read:\n%s", r)
	}
	s = enter(t, "tcp-port-name")
	check(t, respy(t, reader, s.URL()), "mismatch", "port-not-http", true)
}

// TestReadingNothing leaves the sidecar to give the weights.
func TestReadingNothing(t *testing.T) {
	nobody := account(t, "nobody")
	s := enter(t, "base")
	r := respy(t, nobody, s.URL())
	check(t, r, "match", "", true)
	if r.Expectation == nil || r.Expectation.Source != "envoy" {
		t.Errorf("expectation %+v, want that of the proxy", r.Expectation)
	}
	if text := unseen(r); !strings.Contains(text, "VirtualServices") {
		t.Errorf("not said that the API may not be read:\n%s", r)
	}
	check(t, respy(t, nobody, "--envoy", "off", s.URL()), "none", "", true)
	kubeconfig := respy(t, shared.InPod(), "--kubeconfig", shared.AccountKubeconfig("nobody"), "--envoy", "off", s.URL())
	if kubeconfig.Code != 2 {
		t.Errorf("exit code %d for a kubeconfig that was named and yields nothing, want 2\n%s", kubeconfig.Code, kubeconfig)
	}
}

// TestServiceAccountOfPod reads the API with what a pod is given: no kubeconfig, the token in its place.
func TestServiceAccountOfPod(t *testing.T) {
	s := enter(t, "base")
	r := respy(t, inCluster(t), s.URL())
	check(t, r, "match", "", true)
	if r.Expectation == nil || r.Expectation.Source != "cluster" {
		t.Errorf("expectation %+v, want that of the cluster\n%s", r.Expectation, r)
	}
}
