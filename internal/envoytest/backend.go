package envoytest

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
)

// A Backend is one version of an application: it answers every request with 200, its version in the header x-version and
// in the body.
type Backend struct {
	Version string

	server *httptest.Server
	hits   atomic.Int64
}

// NewBackend starts a Backend that ends with the test.
func NewBackend(t testing.TB, version string) *Backend {
	t.Helper()
	b := &Backend{Version: version}
	b.server = httptest.NewServer(b)
	t.Cleanup(b.server.Close)
	return b
}

// ServeHTTP answers and counts.
func (b *Backend) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	b.hits.Add(1)
	w.Header().Set("X-Version", b.Version)
	io.WriteString(w, b.Version)
}

// Hits is the number of requests answered so far.
func (b *Backend) Hits() int64 { return b.hits.Load() }

// Address is where the backend listens, as host:port.
func (b *Backend) Address() string { return strings.TrimPrefix(b.server.URL, "http://") }
