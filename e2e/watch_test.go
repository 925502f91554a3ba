package e2e

import (
	"context"
	"slices"
	"testing"
)

// watch runs respy watch as the client.
func watch(t *testing.T, args ...string) result {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), runLimit)
	defer cancel()
	line := slices.Concat([]string{"watch", "--alpha", rare, "--no-progress", "-o", "json", "--interval", "200ms"}, args)
	a, err := shared.Run(ctx, shared.InPod(), shared.Program("respy"), line...)
	must(t, err)
	return read(t, a, line)
}

// TestWatch judges the traffic of another program, and sends none of its own.
func TestWatch(t *testing.T) {
	for _, c := range []struct{ scenario, verdict, finding string }{
		{"base", "match", ""},
		{"tcp-port-name", "mismatch", "port-not-http"},
		{"older-virtualservice", "mismatch", "conflicting-routes"},
		{"gateway-only", "mismatch", "not-on-mesh"},
		{"half-qualified-destination", "mismatch", "destination-not-found"},
		{"broad-match-first", "mismatch", "route-shadowed"},
	} {
		t.Run(c.scenario, func(t *testing.T) {
			s := enter(t, c.scenario)
			before := shared.Node.Hits("weather-backend")
			stop := traffic(t, s.URL(), "--connection-reuse", "1")
			r := watch(t, "--for", "6s", s.URL())
			sent := stop()
			if hits := shared.Node.Hits("weather-backend") - before; hits > sent+10 { // those in flight when it was interrupted
				t.Errorf("the backends counted %d requests, and %d were sent", hits, sent)
			}
			check(t, r, c.verdict, c.finding, true)
		})
	}
}

// TestWatchSeesChange has the proxy follow other weights than the declared ones: istiod is paused.
func TestWatchSeesChange(t *testing.T) {
	s := enter(t, "base")
	stop := traffic(t, s.URL(), "--connection-reuse", "1")
	defer stop()
	must(t, shared.Pause(t.Context(), route(10, 90)))
	r := watch(t, "--for", "10s", "--wait-programmed", "0s", s.URL())
	must(t, shared.Resume())
	check(t, r, "mismatch", "proxy-stale", false)
}

// TestWatchWithoutTraffic has nothing to judge.
func TestWatchWithoutTraffic(t *testing.T) {
	s := enter(t, "base")
	check(t, watch(t, "--for", "1s", s.URL()), "inconclusive", "", true)
}
