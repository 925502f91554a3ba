package e2e

import (
	"context"
	"fmt"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// What a large cluster has, and what an explanation of one request may cost there.
const (
	manyServices = 2000
	manyRules    = 500
	cpuLimit     = 2 * time.Second
	memoryLimit  = 150 << 20
)

// TestLargeCluster explains one request among thousands of Services and hundreds of rules.
func TestLargeCluster(t *testing.T) {
	s := enter(t, "base")
	fill(t)
	must(t, shared.Settle(t.Context()))
	ctx, cancel := context.WithTimeout(t.Context(), runLimit)
	defer cancel()
	running, err := shared.Begin(ctx, shared.InPod(), shared.Program("respy"), "explain", s.URL())
	must(t, err)
	peak := running.Peak()
	a, err := running.Wait()
	must(t, err)
	if a.Code != 0 {
		t.Errorf("exit code %d: %s%s", a.Code, a.Out, a.Err)
	}
	t.Logf("explain took %v of CPU and %d MiB", a.CPU, peak>>20)
	if a.CPU > cpuLimit {
		t.Errorf("explain took %v of CPU, more than %v", a.CPU, cpuLimit)
	}
	if peak > memoryLimit {
		t.Errorf("explain took %d MiB, more than %d", peak>>20, memoryLimit>>20)
	}
	r := respy(t, shared.InPod(), s.URL())
	check(t, r, "match", "", false)
}

// fill makes the Services and rules in a namespace of their own, and takes them away with the test. The Services have no
// selector, which spares the controllers.
func fill(t *testing.T) {
	t.Helper()
	var objects []*unstructured.Unstructured
	for i := range manyServices {
		objects = append(objects, crowded("v1", "Service", i, map[string]any{
			"ports": []any{map[string]any{"port": int64(5000), "name": "http"}},
		}))
	}
	for i := range manyRules {
		host := fmt.Sprintf("crowd-%d", i)
		objects = append(objects,
			crowded("networking.istio.io/v1", "VirtualService", i, map[string]any{
				"hosts": []any{host}, "http": []any{map[string]any{"route": []any{
					map[string]any{"destination": map[string]any{"host": host, "subset": "a"}, "weight": int64(90)},
					map[string]any{"destination": map[string]any{"host": host, "subset": "b"}, "weight": int64(10)},
				}}},
			}),
			crowded("networking.istio.io/v1", "DestinationRule", i, map[string]any{
				"host": host, "subsets": []any{
					map[string]any{"name": "a", "labels": map[string]any{"version": "a"}},
					map[string]any{"name": "b", "labels": map[string]any{"version": "b"}},
				},
			}))
	}
	t.Cleanup(func() { must(t, shared.API.DeleteKinds(context.WithoutCancel(t.Context()), objects...)) })
	namespace := &unstructured.Unstructured{Object: map[string]any{"apiVersion": "v1", "kind": "Namespace", "metadata": map[string]any{"name": "crowd"}}}
	must(t, shared.API.Apply(t.Context(), "crowd", namespace))
	g, ctx := errgroup.WithContext(t.Context())
	g.SetLimit(20)
	for _, u := range objects {
		g.Go(func() error { return shared.API.Apply(ctx, "crowd", u) })
	}
	must(t, g.Wait())
}

func crowded(version, kind string, i int, spec map[string]any) *unstructured.Unstructured {
	return &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": version, "kind": kind, "spec": spec,
		"metadata": map[string]any{"name": fmt.Sprintf("crowd-%d", i), "namespace": "crowd"},
	}}
}
