package e2e

import (
	"context"
	"encoding/json"
	"testing"
)

// explanation is what the tests read of respy explain's JSON.
type explanation struct {
	Programmed []struct {
		Equals   *bool
		Clusters []struct {
			Name  string
			Share float64
		}
	}
}

// TestWaypoint reads the split from the configuration that istiod serves to a waypoint.
func TestWaypoint(t *testing.T) {
	must(t, shared.RestartIstiod(t.Context(), "PILOT_ENABLE_AMBIENT=true"))
	t.Cleanup(func() { must(t, shared.RestartIstiod(context.WithoutCancel(t.Context()))) })
	s := enter(t, "waypoint/split")
	must(t, shared.Waypoint(t.Context(), "default", "waypoint"))
	ctx, cancel := context.WithTimeout(t.Context(), runLimit)
	defer cancel()
	a, err := shared.Run(ctx, shared.OnNode(), shared.Program("respy"), "explain", "-o", "json", "--envoy", "127.0.0.1:15000", s.URL())
	must(t, err)
	var e explanation
	must(t, json.Unmarshal([]byte(a.Out), &e))
	if a.Code != 0 || len(e.Programmed) != 1 {
		t.Fatalf("exit code %d, want 0 and one route\n%s%s", a.Code, a.Out, a.Err)
	}
	p := e.Programmed[0]
	if p.Equals == nil || !*p.Equals || len(p.Clusters) != 2 {
		t.Errorf("the waypoint's route is not seen as the declared one\n%s", a.Out)
	}
	for _, c := range p.Clusters {
		want := map[string]float64{
			"inbound-vip|5000|http/single|weather-backend.default.svc.cluster.local":   .9,
			"inbound-vip|5000|http/multiple|weather-backend.default.svc.cluster.local": .1,
		}
		if c.Share != want[c.Name] {
			t.Errorf("cluster %s has a share of %v, want %v", c.Name, c.Share, want[c.Name])
		}
	}
}
