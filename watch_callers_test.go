package main

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"respy/diagnose"
	"respy/internal/envoytest"
)

// The clusters that Istio makes for the weather application, and one that no rule names.
const (
	single   = "outbound|5000|single|weather-backend.default.svc.cluster.local"
	multiple = "outbound|5000|multiple|weather-backend.default.svc.cluster.local"
	whole    = "outbound|5000||weather-backend.default.svc.cluster.local"
)

// newCaller starts a caller's sidecar with these routes on the weather application's port. Requests come in by the
// listener http, and by the listener tcp they go to the whole service past all rules.
func newCaller(t *testing.T, routes ...string) weather {
	t.Helper()
	w := weather{backends: map[string]*envoytest.Backend{
		single: envoytest.NewBackend(t, "single"), multiple: envoytest.NewBackend(t, "multiple"), whole: envoytest.NewBackend(t, "any"),
	}}
	clusters := map[string][]string{}
	for name, b := range w.backends {
		clusters[name] = []string{b.Address()}
	}
	hosts := []envoytest.VirtualHost{{Name: "weather-backend.default.svc.cluster.local:5000", Routes: routes}}
	w.Proxy = envoytest.Start(t, envoytest.Config{Clusters: clusters, Listeners: []envoytest.Listener{
		{Name: "http", RDS: "5000", VirtualHosts: hosts},
		{Name: "tcp", TCP: []envoytest.Share{{Cluster: whole, Weight: 1}}},
	}})
	return w
}

// ninetyTen is a route that takes its cluster by the number in the header x-pick: a client without it gets a random one.
func ninetyTenByHeader() string {
	return fmt.Sprintf(`{"match":{"prefix":"/"},"route":{"weighted_clusters":{"header_name":"x-pick","clusters":[
		{"name":%q,"weight":90},{"name":%q,"weight":10}]}}}`, single, multiple)
}

func ninetyTen() string {
	return envoytest.Split("", envoytest.Share{Cluster: single, Weight: 90}, envoytest.Share{Cluster: multiple, Weight: 10})
}

// pick sends requests with a header until the test ends.
func (w weather) pick(t *testing.T, listener, name, value string) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	var client sync.WaitGroup
	client.Go(func() {
		for ctx.Err() == nil {
			request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+w.Address(listener)+"/", nil)
			if err != nil {
				return
			}
			request.Header.Set(name, value)
			if response, err := http.DefaultClient.Do(request); err == nil {
				response.Body.Close()
			}
		}
	})
	t.Cleanup(func() {
		cancel()
		client.Wait()
	})
}

// service is the URL as callers write it. Nothing here resolves its name, and respy need not either.
const service = "http://weather-backend:5000/version"

// watchService runs respy watch on the service at these proxies.
func watchService(t *testing.T, proxies []weather, args ...string) (*diagnose.Conclusion, int) {
	t.Helper()
	for _, p := range proxies[1:] {
		args = append(args, "--envoy", p.Admin())
	}
	return proxies[0].watchURL(t, service, args...)
}

func TestWatchEndsAMismatchOnceItIsSure(t *testing.T) {
	w := newCaller(t, ninetyTenByHeader())
	w.pick(t, "http", "x-pick", "0") // always the first
	started := time.Now()
	c, code := watchService(t, []weather{w}, "--for", "1m")
	if code != 1 || c.Reason != diagnose.ReasonTest || c.Test.Name != "e-process" {
		t.Errorf("exit %d for %s (%s), test %+v, want 1 by the e-process", code, c.Reason, c.Message, c.Test)
	}
	if took := time.Since(started); took > 30*time.Second {
		t.Errorf("took %s", took)
	}
}

// Requests of the service that no version got are impossible under its rule.
func TestWatchSeesRequestsPastTheRule(t *testing.T) {
	w := newCaller(t, ninetyTen())
	w.pick(t, "tcp", "x-pick", "0")
	c, code := watchService(t, []weather{w}, "--for", "1m")
	if code != 1 || c.Reason != diagnose.ReasonImpossibleVersion || !strings.Contains(c.Message, whole[:20]) {
		t.Errorf("exit %d for %s (%s), want 1 for impossible-version", code, c.Reason, c.Message)
	}
}

// Another route to the same clusters makes the counts those of several rules: no mismatch of this one's weights.
func TestWatchOfMixedRoutes(t *testing.T) {
	canary := envoytest.Split(`{"prefix":"/","headers":[{"name":"canary","present_match":true}]}`, envoytest.Share{Cluster: multiple, Weight: 1})
	w := newCaller(t, canary, ninetyTen())
	w.pick(t, "http", "canary", "yes")
	c, code := watchService(t, []weather{w}, "--for", "2s")
	if code != 3 || c.Reason != diagnose.ReasonRecognition || !says(c, "several routes") {
		t.Errorf("exit %d for %s (%s), not seen: %v; want 3 for recognition", code, c.Reason, c.Message, c.Unseen)
	}
}

// Of several callers the one whose proxy splits otherwise is named.
func TestWatchOfCallersThatDisagree(t *testing.T) {
	right, wrong := newCaller(t, ninetyTenByHeader()), newCaller(t, ninetyTenByHeader())
	right.send(t, "http", "/")
	wrong.pick(t, "http", "x-pick", "0")
	c, code := watchService(t, []weather{right, wrong}, "--for", "8s")
	if code != 1 || !has(c, "proxies-disagree") {
		t.Errorf("exit %d for %s (%s), findings %v, want 1 and proxies-disagree", code, c.Reason, c.Message, c.Findings)
	}
}

func TestWatchOfCallersThatAgree(t *testing.T) {
	a, b := newCaller(t, ninetyTen()), newCaller(t, ninetyTen())
	a.send(t, "http", "/")
	b.send(t, "http", "/")
	c, code := watchService(t, []weather{a, b}, "--for", "3s")
	if code != 0 || len(c.Findings) > 0 {
		t.Errorf("exit %d for %s (%s), findings %v, want 0", code, c.Reason, c.Message, c.Findings)
	}
}
