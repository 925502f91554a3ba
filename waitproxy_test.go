package main

import (
	"bytes"
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"respy/k8s"
)

// silentPort is an address that refuses connections for as long as the test runs.
func silentPort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close(); l.Close() })
	return c.LocalAddr().String()
}

// answering starts a server that answers with a status, 503 before the n-th request.
func answering(t *testing.T, status, n int) string {
	t.Helper()
	var asked atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if asked.Add(1) < int64(n) {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		w.WriteHeader(status)
	}))
	t.Cleanup(server.Close)
	return server.Listener.Addr().String()
}

func TestWaitForProxy(t *testing.T) {
	refusing, accepting := silentPort(t), answering(t, http.StatusOK, 0)
	const long, short = 20 * time.Second, 300 * time.Millisecond
	for name, test := range map[string]struct {
		health, target string
		pod            k8s.Presence
		limit          time.Duration
		want           k8s.Presence
		waited         bool
		err            string
	}{
		"ready":                            {answering(t, 200, 0), refusing, k8s.PresenceUnknown, long, k8s.Present, false, ""},
		"ready after a while":              {answering(t, 200, 3), refusing, k8s.PresenceUnknown, long, k8s.Present, true, ""},
		"never ready":                      {answering(t, 503, 0), accepting, k8s.PresenceUnknown, short, 0, true, "answers 503"},
		"nothing listens, target refuses":  {refusing, refusing, k8s.PresenceUnknown, short, 0, true, "nothing listens at " + refusing},
		"nothing listens, target accepts":  {refusing, accepting, k8s.PresenceUnknown, long, k8s.Absent, false, ""},
		"the pod has one, target accepts":  {refusing, accepting, k8s.Present, short, 0, true, "the sidecar was not ready after 300ms"},
		"the pod has none, target refuses": {refusing, refusing, k8s.Absent, long, k8s.Absent, false, ""},
		"no target to try":                 {refusing, "", k8s.PresenceUnknown, long, k8s.PresenceUnknown, false, ""},
		"no such target":                   {refusing, "absent.invalid:80", k8s.PresenceUnknown, long, k8s.PresenceUnknown, false, ""},
		"not to wait":                      {refusing, refusing, k8s.Present, 0, k8s.PresenceUnknown, false, ""},
	} {
		t.Run(name, func(t *testing.T) {
			var notes bytes.Buffer
			g := sidecarDoor{health: []string{test.health, refusing}, target: test.target, limit: test.limit, notes: &notes,
				pod: func(context.Context) k8s.Presence { return test.pod }}
			got, err := g.wait(t.Context())
			switch {
			case test.err == "" && (err != nil || got != test.want):
				t.Errorf("got %v, %v, want %v", got, err, test.want)
			case test.err != "" && (err == nil || !strings.Contains(err.Error(), test.err) || !strings.Contains(err.Error(), "--wait-for-proxy 0")):
				t.Errorf("got %v, want %q and the next step in it", err, test.err)
			case strings.Contains(notes.String(), "waiting for the sidecar") != test.waited:
				t.Errorf("notes %q", notes.String())
			}
		})
	}
}

// TestWaitForProxyInterrupted has a signal while the sidecar is awaited.
func TestWaitForProxyInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	refusing := silentPort(t)
	time.AfterFunc(50*time.Millisecond, func() { cancel(signalError{15}) })
	g := sidecarDoor{health: []string{refusing}, target: refusing, limit: time.Minute, notes: new(bytes.Buffer),
		pod: func(context.Context) k8s.Presence { return k8s.Present }}
	if _, err := g.wait(ctx); signalOf(ctx) != 15 || err == nil || strings.Contains(err.Error(), "not ready") {
		t.Errorf("got %v", err)
	}
}

func TestDialled(t *testing.T) {
	for target, want := range map[string]string{
		"http://shop:5000/a": "shop:5000", "http://shop/": "shop:80", "https://shop": "shop:443", "http://[::1]/": "[::1]:80",
	} {
		c := config{target: target}
		if got := c.dialled(); got != want {
			t.Errorf("%s: got %s, want %s", target, got, want)
		}
	}
}
