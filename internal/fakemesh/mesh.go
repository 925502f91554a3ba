// Package fakemesh is a service behind a sidecar, in one process and without a
// cluster: an HTTP listener that answers as the versions of the service do, an
// admin endpoint that answers as the Envoy of that sidecar does, and the
// Kubernetes objects that declare the split. It serves demonstrations and
// tests, can be broken in the ways in which real meshes break, and draws
// everything from a seed.
//
// The caller plays the pod respy-demo in the namespace default; the service is
// demo.default.svc.cluster.local.
package fakemesh

import (
	"context"
	"errors"
	"net"
	"net/http"
	"sync"
	"time"
)

// Mesh is a running mesh. Its methods may be called at the same time.
type Mesh struct {
	options Options
	weights []uint64
	service *service
	started time.Time
	app     *server
	admin   *server

	mu       sync.Mutex // guards what follows, and the counters in service
	picker   *picker
	received int64
	conns    map[net.Conn]*host // open connections, under PerConnection
}

// Start starts a mesh on two free ports of 127.0.0.1. It fails for options
// that make no mesh and when there is no port.
func Start(o Options) (*Mesh, error) {
	if err := o.complete(); err != nil {
		return nil, err
	}
	weights, err := integers(o.Weights)
	if err != nil {
		return nil, err
	}
	app, err := listen()
	if err != nil {
		return nil, err
	}
	admin, err := listen()
	if err != nil {
		return nil, errors.Join(err, app.Close())
	}
	return start(o, weights, app, admin), nil
}

func start(o Options, weights []uint64, app, admin net.Listener) *Mesh {
	s := newService(o, weights, app.Addr().(*net.TCPAddr).Port)
	m := &Mesh{
		options: o,
		weights: weights,
		service: s,
		started: time.Now(),
		picker:  newPicker(o, s, weights),
		conns:   make(map[net.Conn]*host),
	}
	var h hooks
	if o.Fault == PerConnection {
		h = hooks{opened: m.connOpened, closed: m.connClosed}
	}
	m.app = serve(app, http.HandlerFunc(m.answer), h)
	m.admin = serve(admin, m.adminHandler(), hooks{})
	return m
}

// URL returns the address to send requests to; any other path serves as well.
func (m *Mesh) URL() string { return "http://" + m.app.address() + "/version" }

// Host returns the name of the service in the mesh, which its rule is for.
func (m *Mesh) Host() string { return serviceHost }

// AdminAddr returns host:port of the sidecar's admin endpoint.
func (m *Mesh) AdminAddr() string { return m.admin.address() }

// Requests returns how many requests the service has received.
func (m *Mesh) Requests() int64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.received
}

// Close stops both servers, cuts off what is under way, and waits for all
// goroutines of the mesh. A second call does nothing.
func (m *Mesh) Close() error {
	return errors.Join(m.app.close(), m.admin.close())
}

// port returns the port of the service, which is the one in URL.
func (m *Mesh) port() int { return m.app.port() }

// atL4 reports whether the proxy handles connections, and so counts those.
func (m *Mesh) atL4() bool {
	return m.options.Fault == PerConnection && !m.options.ProgrammedRight
}

// weighted reports whether the proxy shows the rule's weights as in effect.
func (m *Mesh) weighted() bool {
	return m.options.ProgrammedRight || !m.options.Fault.unweighted()
}

type connHost struct{}

// connOpened picks the pod of a connection, before any request.
func (m *Mesh) connOpened(ctx context.Context, c net.Conn) context.Context {
	m.mu.Lock()
	defer m.mu.Unlock()
	h := m.picker.connection()
	m.conns[c] = h
	if m.atL4() {
		// Envoy's TCP proxy counts a connection as a request, too.
		h.total++
		h.active++
		h.connect()
	}
	return context.WithValue(ctx, connHost{}, h)
}

func (m *Mesh) connClosed(c net.Conn) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.atL4() {
		m.conns[c].active--
		m.conns[c].open--
	}
	delete(m.conns, c)
}
