package e2e

import (
	"context"
	"errors"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"respy/e2e/mesh"
)

// slow makes a run long enough to do something in its midst: 2,000 requests in five seconds.
func slow(args ...string) []string { return append([]string{"-n", "2000", "-q", "400"}, args...) }

// during runs respy as the caller and calls f when a quarter of the requests has been answered.
func during(t *testing.T, c mesh.Caller, f func(), args ...string) result {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), runLimit)
	defer cancel()
	before := shared.Node.Hits("weather-backend")
	line := slices.Concat([]string{"--alpha", rare, "--no-progress", "-o", "json"}, args)
	running, err := shared.Begin(ctx, c, shared.Program("respy"), line...)
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, func() error {
		if shared.Node.Hits("weather-backend") < before+500 {
			return errors.New("respy has not sent a quarter of its requests")
		}
		return nil
	})
	f()
	a, err := running.Wait()
	if err != nil {
		t.Fatal(err)
	}
	return read(t, a, args)
}

// eventually fails the test if the condition does not come to hold.
func eventually(t *testing.T, condition func() error) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		err := condition()
		if err == nil {
			return
		}
		if time.Now().After(end) {
			t.Fatal(err)
		}
	}
}

// must fails the test on an error.
func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// route is the base's rule with other weights.
func route(single, multiple int64) *unstructured.Unstructured {
	destination := func(subset string, weight int64) map[string]any {
		return map[string]any{"destination": map[string]any{"host": "weather-backend", "subset": subset}, "weight": weight}
	}
	return &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "networking.istio.io/v1", "kind": "VirtualService",
		"metadata": map[string]any{"name": "vs-weather-backend", "namespace": "default"},
		"spec": map[string]any{
			"hosts": []any{"weather-backend"},
			"http":  []any{map[string]any{"route": []any{destination("single", single), destination("multiple", multiple)}}},
		},
	}}
}

// TestAPIServerStops ends the API server in the midst of a run: the proxy's second read stands for what it cannot say.
func TestAPIServerStops(t *testing.T) {
	s := enter(t, "base")
	restart := func() { must(t, shared.RestartKubernetes(t.Context())) }
	r := during(t, shared.InPod(), func() { shared.APIServer.Kill() }, slow(s.URL())...)
	restart()
	check(t, r, "match", "", true)
	if len(r.Unseen) == 0 && r.Err == "" {
		t.Errorf("no note that the second read of the API failed:\n%s", r)
	}
	s = enter(t, "base")
	r = during(t, shared.InPod(), func() { shared.APIServer.Kill() }, slow("--envoy", "off", s.URL())...)
	restart()
	check(t, r, "inconclusive", "", true)
}

// TestIstiodStops ends istiod in the midst of a run: the proxy goes on with what it has.
func TestIstiodStops(t *testing.T) {
	s := enter(t, "base")
	r := during(t, shared.InPod(), func() { shared.Istiod.Kill() }, slow(s.URL())...)
	must(t, shared.RestartIstiod(t.Context()))
	check(t, r, "match", "", false)
}

// TestProxyStops ends the proxy in the midst of a run, for good and with a successor.
func TestProxyStops(t *testing.T) {
	s := enter(t, "base")
	r := during(t, shared.InPod(), func() { shared.StopSidecar() }, slow("--timeout", "1s", s.URL())...)
	check(t, r, "inconclusive", "", true)
	s = enter(t, "base")
	r = during(t, shared.InPod(), func() { must(t, shared.RestartSidecar(t.Context())) }, slow("--timeout", "1s", s.URL())...)
	check(t, r, "inconclusive", "", true)
}

// inCluster is the client as a pod is: with the files of a service account and no kubeconfig.
func inCluster(t *testing.T) mesh.Caller {
	t.Helper()
	account(t, "reader", "virtualservices", "destinationrules")
	c, err := shared.InCluster(t.Context(), "reader")
	must(t, err)
	return c
}

// TestProxyIsLate starts the proxy while respy waits for it.
func TestProxyIsLate(t *testing.T) {
	s := enter(t, "base")
	shared.StopSidecar()
	ctx, cancel := context.WithTimeout(t.Context(), runLimit)
	defer cancel()
	args := []string{"--alpha", rare, "--no-progress", "-o", "json", s.URL()}
	running, err := shared.Begin(ctx, inCluster(t), shared.Program("respy"), args...)
	must(t, err)
	must(t, shared.Client(ctx, s.Client))
	a, err := running.Wait()
	must(t, err)
	check(t, read(t, a, args), "match", "", true)
}

// TestProxyNeverStarts has no proxy where the connections go: nothing is sent.
func TestProxyNeverStarts(t *testing.T) {
	s := enter(t, "base")
	shared.StopSidecar()
	start := time.Now()
	r := respy(t, inCluster(t), "--wait-for-proxy", "2s", s.URL())
	if took := time.Since(start); took < 2*time.Second {
		t.Errorf("waited %v, want two seconds", took)
	}
	if r.Code != 2 || !strings.Contains(r.Err, "sidecar was not ready") {
		t.Errorf("exit code %d, want 2 and what was waited for\n%s", r.Code, r)
	}
}

// TestProxyNeverReady has a proxy that gets no configuration: istiod does not answer it.
func TestProxyNeverReady(t *testing.T) {
	s := enter(t, "base")
	must(t, shared.Pause(t.Context()))
	must(t, shared.RestartSidecar(t.Context()))
	r := respy(t, inCluster(t), "--wait-for-proxy", "3s", "--timeout", "1s", s.URL())
	must(t, shared.Resume())
	if r.Code != 2 || !strings.Contains(r.Err, "sidecar was not ready") {
		t.Errorf("exit code %d, want 2 and what was waited for\n%s", r.Code, r)
	}
}

// TestWeightsChange changes the weights in the midst of a run, which says nothing of either then.
func TestWeightsChange(t *testing.T) {
	for _, v := range []view{
		{"all", nil, false, ""},
		{"api", []string{"--envoy", "off"}, false, ""},
		{"sidecar", []string{"--kube=false"}, false, ""},
	} {
		t.Run(v.name, func(t *testing.T) {
			s := enter(t, "base")
			r := during(t, shared.InPod(), func() { must(t, shared.Apply(t.Context(), route(50, 50))) }, slow(append(v.args, s.URL())...)...)
			check(t, r, "inconclusive", "weights-changed", false)
		})
	}
}

// TestRuleIsNeverProgrammed changes the weights while istiod is paused: the proxy keeps the old ones.
func TestRuleIsNeverProgrammed(t *testing.T) {
	s := enter(t, "base")
	must(t, shared.Pause(t.Context(), route(50, 50)))
	r := respy(t, shared.InPod(), "--wait-programmed", "1s", s.URL())
	must(t, shared.Resume())
	check(t, r, "mismatch", "proxy-stale", false)
}

// TestRuleIsProgrammedLate lets istiod go on while respy waits for the proxy to follow.
func TestRuleIsProgrammedLate(t *testing.T) {
	s := enter(t, "base")
	must(t, shared.Pause(t.Context(), route(50, 50)))
	ctx, cancel := context.WithTimeout(t.Context(), runLimit)
	defer cancel()
	args := []string{"--alpha", rare, "--no-progress", "-o", "json", "--wait-programmed", "30s", s.URL()}
	running, err := shared.Begin(ctx, shared.InPod(), shared.Program("respy"), args...)
	must(t, err)
	time.AfterFunc(time.Second, func() { shared.Resume() })
	a, err := running.Wait()
	must(t, err)
	check(t, read(t, a, args), "match", "", false)
}

// TestWeightsLag lets the proxy follow a change in the midst of a run that cannot see the proxy.
func TestWeightsLag(t *testing.T) {
	s := enter(t, "base")
	must(t, shared.Pause(t.Context(), route(10, 90)))
	r := during(t, shared.InPod(), func() { must(t, shared.Resume()) }, slow("--envoy", "off", s.URL())...)
	if r.Verdict == "match" {
		t.Errorf("verdict match, and the first part followed other weights\n%s", r)
	}
	if !r.has("propagation-lag") {
		t.Errorf("no finding propagation-lag\n%s", r)
	}
	if found := r.others("propagation-lag", "error"); len(found) > 0 {
		t.Errorf("findings %v besides", found)
	}
}

// TestOtherTraffic has another program send through the same proxy, whose counters then say nothing of this run.
func TestOtherTraffic(t *testing.T) {
	s := enter(t, "base")
	stop := traffic(t, s.URL())
	defer stop()
	r := respy(t, shared.InPod(), s.URL())
	check(t, r, "match", "", false)
	for _, v := range r.Versions {
		if v.Chosen != nil {
			t.Errorf("version %s: chosen %d of this run, and others sent too", v.Version, *v.Chosen)
		}
	}
	if !strings.Contains(unseen(r), "chosen") {
		t.Errorf("not said why the chosen stage is missing:\n%s", r)
	}
}

// traffic sends requests from the client pod until stop is called. It returns when the first were answered; stop returns
// how many were.
func traffic(t *testing.T, url string, args ...string) (stop func() int64) {
	t.Helper()
	before := shared.Node.Hits("weather-backend")
	line := slices.Concat([]string{"--envoy", "off", "--kube=false", "--no-progress", "-z", "60s", "-q", "500", "-o", "json"}, args, []string{url})
	running, err := shared.Begin(t.Context(), shared.InPod(), shared.Program("respy"), line...)
	must(t, err)
	eventually(t, func() error {
		if shared.Node.Hits("weather-backend") < before+50 {
			return errors.New("the other traffic has not begun")
		}
		return nil
	})
	return func() int64 {
		must(t, running.Signal(syscall.SIGINT))
		a, err := running.Wait()
		must(t, err)
		return read(t, a, line).Answered
	}
}
