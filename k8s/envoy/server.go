package envoy

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"time"
)

// A Server is what GET /server_info says about a proxy.
type Server struct {
	Node    Node
	Version string // "1.40.0"
	State   string // LIVE, DRAINING, PRE_INITIALIZING or INITIALIZING
	Uptime  time.Duration
	ReadAt  time.Time // when Uptime was read
}

// NotEnvoyError says that the port answers, but not as Envoy's admin interface does.
type NotEnvoyError struct {
	Address string
	Why     string // "GET /server_info gave status 404"
}

// Error is one sentence for the user.
func (e *NotEnvoyError) Error() string {
	return fmt.Sprintf("%s is not the admin port of an Envoy: %s", e.Address, e.Why)
}

// Server reads the proxy's identity and uptime. The error is a *NotEnvoyError if something else than Envoy answers.
func (a *Admin) Server(ctx context.Context) (Server, error) {
	asked := time.Now()
	res, err := a.get(ctx, "/server_info", nil, shortTimeout, shortLimit)
	if err != nil {
		if foreign(err) {
			return Server{}, &NotEnvoyError{a.String(), errors.Unwrap(err).Error()}
		}
		return Server{}, err
	}
	if res.status != http.StatusOK {
		return Server{}, &NotEnvoyError{a.String(), fmt.Sprintf("GET /server_info gave status %d", res.status)}
	}
	s, ok := parseServer(res.body)
	if !ok {
		return Server{}, &NotEnvoyError{a.String(), "GET /server_info gave something else than Envoy's state and uptime"}
	}
	s.ReadAt = asked
	return s, nil
}

// foreign tells whether an error of the HTTP client shows that the port speaks another protocol: it was reached, and
// neither took its time nor hung up, as an Envoy that is being killed does.
func foreign(err error) bool {
	var op *net.OpError
	var timeout interface{ Timeout() bool }
	switch {
	case errors.As(err, &op) && op.Op == "dial":
		return false
	case errors.As(err, &timeout) && timeout.Timeout():
		return false
	case errors.Is(err, context.Canceled):
		return false
	}
	return !errors.Is(err, syscall.ECONNRESET) && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF)
}

func parseServer(body []byte) (Server, bool) {
	m, err := parseMessage(body)
	if err != nil || !m.has("state") || !m.has("version") {
		return Server{}, false
	}
	uptime, err := time.ParseDuration(m.text("uptime_current_epoch"))
	if err != nil {
		return Server{}, false
	}
	return Server{
		Node:    parseNode(m.field("node")),
		Version: shortVersion(m.text("version")),
		State:   m.text("state"),
		Uptime:  uptime,
	}, true
}

// shortVersion takes the release out of commit/release/scm-status/build-type/ssl-library.
func shortVersion(build string) string {
	if parts := strings.Split(build, "/"); len(parts) == 5 {
		return parts[1]
	}
	return build
}

// restartTolerance is more than the uptime's resolution of 1 s and the time that the two answers may take.
const restartTolerance = 2 * time.Second

// Restarted tells whether s, read after before, belongs to another process: another identity, or one that started later.
// A restart within two seconds of the first start is not seen; the counters going back show that one.
func (s Server) Restarted(before Server) bool {
	if s.Node.ID != before.Node.ID || s.Uptime < before.Uptime {
		return true
	}
	start, old := s.ReadAt.Add(-s.Uptime), before.ReadAt.Add(-before.Uptime)
	return start.Sub(old) > restartTolerance
}
