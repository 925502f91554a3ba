package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"syscall"
	"time"

	"respy/k8s"
)

// sidecarDoor is what a pod's traffic has to wait for: until its sidecar serves, every connection is refused.
type sidecarDoor struct {
	health []string // addresses of the sidecar's health port
	target string   // host:port of the requests; "" = unknown
	pod    func(context.Context) k8s.Presence
	limit  time.Duration // 0 = no waiting
	notes  io.Writer
}

const (
	dialPatience   = time.Second            // for a connection or an answer inside the pod
	podPatience    = 2 * time.Second        // for the API server, which may be behind the sidecar that is awaited
	betweenKnocks  = 200 * time.Millisecond // while waiting
	sidecarsHealth = "15021"

	sidecarsTraffic = "15001" // to which the pod's own requests are redirected
)

// awaitProxy waits for the sidecar of the pod that the process runs in, and says whether there is one.
func (c *config) awaitProxy(ctx context.Context, d *declarations) (k8s.Presence, error) {
	if !d.place.InPod {
		return k8s.PresenceUnknown, nil
	}
	g := sidecarDoor{
		health: []string{net.JoinHostPort("127.0.0.1", sidecarsHealth), net.JoinHostPort("::1", sidecarsHealth)},
		target: c.dialled(), limit: c.waitProxy, notes: d.std.err,
		pod: func(ctx context.Context) k8s.Presence {
			ctx, cancel := context.WithTimeout(ctx, podPatience)
			defer cancel()
			if pod, _ := d.pod(ctx, nil); pod != nil {
				return pod.Sidecar()
			}
			return k8s.PresenceUnknown
		},
	}
	return g.wait(ctx)
}

// dialled is where the requests connect to; "" where flags send them elsewhere than the URL says.
func (c *config) dialled() string {
	u, err := url.Parse(c.target)
	switch {
	case err != nil || c.send.unixSocket != "" || len(c.send.connectTo) > 0:
		return ""
	case u.Port() != "":
		return u.Host
	case u.Scheme == "https":
		return net.JoinHostPort(u.Hostname(), "443")
	}
	return net.JoinHostPort(u.Hostname(), "80")
}

// wait returns as soon as the sidecar is ready, or there is none. That there is none is known by the pod's own spec, else
// by a target that takes connections while nothing listens where sidecars report their health: where there is a sidecar,
// the pod's connections are intercepted before it runs.
func (g sidecarDoor) wait(ctx context.Context) (k8s.Presence, error) {
	if g.limit <= 0 {
		return k8s.PresenceUnknown, nil
	}
	limited, cancel := context.WithTimeout(ctx, g.limit)
	defer cancel()
	known := k8s.PresenceUnknown
	for knock := 0; ; knock++ {
		state, seen := g.knock(limited)
		if state == closed && known == k8s.PresenceUnknown {
			if knock == 0 {
				known = g.pod(limited)
			}
			if known == k8s.PresenceUnknown {
				known, state = g.tryTarget(limited)
			}
		}
		switch {
		case state == open:
			return k8s.Present, nil
		case state == silent || known == k8s.Absent:
			return known, nil
		case knock == 0:
			note(g.notes, "waiting for the sidecar, for at most %s: %s", g.limit, seen)
		}
		if !tick(limited, betweenKnocks) {
			if ctx.Err() != nil {
				return known, context.Cause(ctx)
			}
			return known, fmt.Errorf("the sidecar was not ready after %s: %s; see the logs of istio-proxy, or go on without it by --wait-for-proxy 0", g.limit, seen)
		}
	}
}

// doorState is how the sidecar's health port looks.
type doorState int

const (
	open   doorState = iota // the sidecar is ready
	shut                    // it is not ready yet
	closed                  // nothing listens
	silent                  // nothing can be told from it
)

// knock asks for the sidecar's health, and says what it saw.
func (g sidecarDoor) knock(ctx context.Context) (state doorState, seen string) {
	for _, address := range g.health {
		switch state, seen = health(ctx, address); state {
		case closed:
			continue
		default:
			return state, seen
		}
	}
	return closed, fmt.Sprintf("nothing listens at %s", g.health[0])
}

func health(ctx context.Context, address string) (doorState, string) {
	ctx, cancel := context.WithTimeout(ctx, dialPatience)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+"/healthz/ready", nil)
	if err != nil {
		return silent, err.Error()
	}
	transport := &http.Transport{DisableKeepAlives: true} // and no proxy of the environment
	response, err := transport.RoundTrip(request)
	if err != nil {
		return notListening(err), err.Error()
	}
	response.Body.Close()
	if response.StatusCode == http.StatusOK {
		return open, ""
	}
	return shut, fmt.Sprintf("%s answers %s", address, response.Status)
}

// notListening tells a refused connection, also that to an address family the machine does not have, from others.
func notListening(err error) doorState {
	if errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, syscall.EADDRNOTAVAIL) || errors.Is(err, syscall.EAFNOSUPPORT) ||
		errors.Is(err, syscall.ENETUNREACH) {
		return closed
	}
	return silent
}

// tryTarget connects to where the requests go. A target that takes the connection proves that there is no sidecar, unless
// one has started right then.
func (g sidecarDoor) tryTarget(ctx context.Context) (k8s.Presence, doorState) {
	if g.target == "" {
		return k8s.PresenceUnknown, silent
	}
	switch err := connect(ctx, g.target); {
	case errors.Is(err, syscall.ECONNREFUSED):
		return k8s.PresenceUnknown, closed
	case err != nil:
		return k8s.PresenceUnknown, silent
	}
	state, _ := g.knock(ctx)
	if state == closed {
		return k8s.Absent, closed
	}
	return k8s.PresenceUnknown, state
}

// connect makes a connection, to see whether that can be done.
func connect(ctx context.Context, address string) error {
	connection, err := (&net.Dialer{Timeout: dialPatience}).DialContext(ctx, "tcp", address)
	if err == nil {
		connection.Close()
	}
	return err
}

// refuses reports whether nothing listens at a port of this host.
func refuses(ctx context.Context, address string) bool {
	return errors.Is(connect(ctx, address), syscall.ECONNREFUSED)
}
