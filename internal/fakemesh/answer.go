package fakemesh

import (
	"context"
	"fmt"
	"net/http"
	"time"
)

// Under Sticky a session is known by this cookie, which the first answer
// sets, or by this request header. A cookie that the mesh did not set and any
// header value stand for a session whose version follows from the text.
const (
	SessionCookie = "demo-version"
	SessionHeader = "x-session"
)

// answer answers one request as the chosen pod does.
func (m *Mesh) answer(w http.ResponseWriter, r *http.Request) {
	session := sessionOf(r)
	h := m.begin(r.Context(), session)
	inTime := wait(r.Context(), h.pod.latency)
	m.end(h, inTime)
	if !inTime {
		return
	}
	if m.options.Fault == Sticky && session == "" {
		http.SetCookie(w, &http.Cookie{Name: SessionCookie, Value: h.pod.answers, Path: "/"})
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	if h.pod.fails {
		w.WriteHeader(http.StatusServiceUnavailable)
		_, _ = fmt.Fprintln(w, "temporarily unavailable") // a client that is gone needs no answer
		return
	}
	_, _ = fmt.Fprintf(w, "%s: %s\n", serviceName, h.pod.answers)
}

func sessionOf(r *http.Request) string {
	if cookie, err := r.Cookie(SessionCookie); err == nil {
		return cookie.Value
	}
	return r.Header.Get(SessionHeader)
}

// begin chooses and counts. The counters move before the answer leaves, so
// that whoever has the answer finds it in them.
func (m *Mesh) begin(ctx context.Context, session string) *host {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.received++
	h, ok := ctx.Value(connHost{}).(*host)
	if !ok {
		h = m.picker.request(session)
	}
	if !m.atL4() {
		h.begin()
	}
	return h
}

func (m *Mesh) end(h *host, answered bool) {
	if m.atL4() {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	h.end(answered)
}

// wait reports whether d passed before ctx ended.
func wait(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return true
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
