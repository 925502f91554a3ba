package probe

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// serveH2C starts a server of HTTP/2 in plain text and returns its URL.
func serveH2C(t testing.TB, handler http.HandlerFunc) string {
	t.Helper()
	s := httptest.NewUnstartedServer(handler)
	s.Config.Protocols = new(http.Protocols)
	s.Config.Protocols.SetUnencryptedHTTP2(true)
	s.Start()
	t.Cleanup(s.Close)
	return s.URL + "/version"
}

func TestHTTP2_sendsExactly(t *testing.T) {
	for _, test := range []struct {
		requests, concurrency, reuse int
		connections                  int64
	}{
		{1, 1, 10, 1}, {100, 1, 10, 10}, {101, 7, 10, 11}, {250, 50, 0, 1}, {30, 3, 1, 30}, {1000, 250, 100, 10},
	} {
		var served atomic.Int64
		url := serveH2C(t, func(w http.ResponseWriter, r *http.Request) {
			served.Add(1)
			fmt.Fprint(w, "single")
		})
		seen := map[int64]int{}
		r := send(t, Options{URL: url, Protocol: H2C, Requests: test.requests, Concurrency: test.concurrency, Reuse: test.reuse,
			Recognizer: expecting(t, "auto", "single"), Observe: func(a Answer) bool { seen[a.Conn]++; return true }})
		checkCounts(t, r, map[string]int64{"single": int64(test.requests)})
		if served.Load() != int64(test.requests) || r.Connections != test.connections || len(seen) != int(test.connections) {
			t.Errorf("%+v: %d served over %d connections, answers on %d", test, served.Load(), r.Connections, len(seen))
		}
		for conn, answers := range seen {
			if test.reuse > 0 && answers > test.reuse {
				t.Errorf("%+v: %d answers on connection %d", test, answers, conn)
			}
		}
	}
}

// Four hundred closed connections are about 5 MB, and net/http may keep them for five seconds.
func TestHTTP2_closedConnectionsLeaveMemory(t *testing.T) {
	url := serveH2C(t, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "single") })
	before := heap()
	send(t, Options{URL: url, Protocol: H2C, Requests: 400, Concurrency: 8, Reuse: 1})
	within(t, 3*time.Second, func() {
		for heap() > before+1<<20 {
			time.Sleep(50 * time.Millisecond)
		}
	})
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func TestHTTP2_restsOnlyAtASlowPace(t *testing.T) {
	for _, test := range []struct {
		rate float64
		want time.Duration
	}{{0, 500 * time.Millisecond}, {1, 0}, {99, 0}, {1000, 500 * time.Millisecond}} {
		if got := lull(Options{Rate: test.rate, Concurrency: 10}); got != test.want {
			t.Errorf("%v/s: a connection may have nothing to do for %v, want %v", test.rate, got, test.want)
		}
	}
}

func TestHTTP2_marksTheFirstAnswerOfAConnection(t *testing.T) {
	url := serveH2C(t, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "single") })
	first := map[int64]int{}
	send(t, Options{URL: url, Protocol: H2C, Requests: 200, Concurrency: 8, Reuse: 20, Observe: func(a Answer) bool {
		if a.First {
			first[a.Conn]++
		}
		return true
	}})
	for conn := range int64(10) {
		if first[conn] != 1 {
			t.Errorf("connection %d has %d first answers", conn, first[conn])
		}
	}
}

func TestHTTP2_sendsTheRequestAsAsked(t *testing.T) {
	url := serveH2C(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		fmt.Fprintf(w, "%s %s %s %s %s %s", r.Proto, r.Method, r.Host, r.URL, r.Header.Get("X-A"), body)
	})
	r := send(t, Options{URL: url + "?q=a b", Protocol: H2C, Method: "POST", Host: "weather:5000", Body: []byte("hello"),
		Header: http.Header{"X-A": {"1"}, "Connection": {"keep-alive"}}, Requests: 3})
	checkCounts(t, r, map[string]int64{"HTTP/2.0 POST weather:5000 /version?q=a%20b 1 hello": 3})
}

func TestHTTP2_overTLS(t *testing.T) {
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.Proto) }))
	s.EnableHTTP2 = true
	s.StartTLS()
	t.Cleanup(s.Close)
	r := send(t, Options{URL: s.URL, Protocol: HTTP2, Requests: 20, Concurrency: 4, TLS: TLS{Insecure: true}})
	checkCounts(t, r, map[string]int64{"HTTP/2.0": 20})

	old := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.Proto) }))
	t.Cleanup(old.Close)
	checkFailure(t, send(t, Options{URL: old.URL, Protocol: HTTP2, TLS: TLS{Insecure: true}}), KindTLS, 0, "ALPN")
	checkFailure(t, send(t, Options{URL: s.URL, Protocol: HTTP2}), KindTLS, 0, "certificate signed by unknown authority")
}

func TestHTTP2_sessionsHaveConnectionsOfTheirOwn(t *testing.T) {
	var seen visitor
	url := serveH2C(t, func(w http.ResponseWriter, r *http.Request) {
		seen.note(r.Header.Get("X-User"), r.RemoteAddr)
		fmt.Fprint(w, "single")
	})
	send(t, Options{URL: url, Protocol: H2C, Requests: 23, Concurrency: 4, Session: Session{Header: "X-User", Requests: 5}})
	addresses := map[string]bool{}
	for session, calls := range seen.calls {
		for _, call := range calls[1:] {
			if call != calls[0] {
				t.Errorf("session %s came from %v", session, calls)
			}
		}
		addresses[calls[0]] = true
	}
	if len(seen.calls) != 5 || len(addresses) != 5 {
		t.Errorf("%d sessions over %d connections", len(seen.calls), len(addresses))
	}
}

func TestHTTP2_cookieOfASession(t *testing.T) {
	var with, without atomic.Int64
	url := serveH2C(t, func(w http.ResponseWriter, r *http.Request) {
		if _, err := r.Cookie("user"); err == nil {
			with.Add(1)
		} else {
			without.Add(1)
			http.SetCookie(w, &http.Cookie{Name: "user", Value: "1"})
		}
		fmt.Fprint(w, "single")
	})
	send(t, Options{URL: url, Protocol: H2C, Requests: 20, Concurrency: 2, Session: Session{Cookie: "user", Requests: 5}})
	if without.Load() != 4 || with.Load() != 16 {
		t.Errorf("%d without the cookie, %d with it", without.Load(), with.Load())
	}
}

func TestHTTP2_faults(t *testing.T) {
	for name, test := range map[string]struct {
		url    string
		kind   Kind
		sample string
	}{
		"stream reset": {serveH2C(t, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }), KindReset, "reset the stream: INTERNAL_ERROR"},
		"silent":       {serveH2C(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }), KindTimeout, "no answer within"},
		"body stalls": {serveH2C(t, func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprint(w, "sing")
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		}), KindTimeout, "did not end within"},
		"endless header": {serveFrames(t, endlessHeader), KindProtocol, ""},
		"HTTP/1.1":       {serveHTTP(t, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "single") }), KindProtocol, "leave --h2c out"},
		"closes":         {serveRaw(t, func(c *net.TCPConn, _ int) { io.CopyN(io.Discard, c, 30) }), KindReset, ""},
		"refused":        {"http://" + closedPort(t), KindRefused, "connection refused"},
		"GOAWAY":         {serveFrames(t, goAway(0)), KindReset, "GOAWAY"},
		"GOAWAY, error":  {serveFrames(t, goAway(2)), KindReset, "INTERNAL_ERROR"},
	} {
		t.Run(name, func(t *testing.T) {
			o := Options{URL: test.url, Protocol: H2C, Requests: 20, Concurrency: 4, Timeout: patient}
			if test.kind == KindTimeout {
				o.Timeout = 400 * time.Millisecond
			}
			r := endure(t, o, 2*maxRow)
			if len(r.Failures) == 0 || r.Answered != 0 {
				t.Fatalf("result %+v", r)
			}
			// A connection that ends takes others' requests with it, which see no more than that.
			described := false
			for _, f := range r.Failures {
				described = described || f.Kind == test.kind && strings.Contains(f.Sample, test.sample)
				if f.Kind != test.kind && f.Kind != KindReset {
					t.Errorf("failure %+v", f)
				}
			}
			if !described {
				t.Errorf("no failure is %s with %q: %+v", test.kind, test.sample, r.Failures)
			}
		})
	}
}

func TestHTTP2_endlessInterimAnswers(t *testing.T) {
	r := endure(t, Options{URL: serveH2C(t, endlessInterim), Protocol: H2C, Timeout: 2 * time.Second}, maxRow)
	if len(r.Failures) != 1 || r.Failures[0].Kind != KindProtocol && r.Failures[0].Kind != KindTimeout {
		t.Errorf("result %+v", r)
	}
}

// endlessInterim sends interim answers and never a final one.
func endlessInterim(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Link", strings.Repeat("x", 200_000))
	for r.Context().Err() == nil {
		w.WriteHeader(http.StatusEarlyHints)
	}
}

// serveFrames reads the first request of each connection and has it answered by raw frames (RFC 9113, section 4.1).
func serveFrames(t *testing.T, answer func(c net.Conn)) string {
	return serveRaw(t, func(c *net.TCPConn, _ int) {
		io.CopyN(io.Discard, c, int64(len("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")))
		c.Write(frame(4, 0, 0, nil)) // SETTINGS
		for {
			head := make([]byte, 9)
			if _, err := io.ReadFull(c, head); err != nil {
				return
			}
			io.CopyN(io.Discard, c, int64(head[0])<<16|int64(head[1])<<8|int64(head[2]))
			if head[3] == 1 { // HEADERS
				break
			}
		}
		answer(c)
		io.Copy(io.Discard, c)
	})
}

func frame(kind, flags byte, stream uint32, payload []byte) []byte {
	n := len(payload)
	head := binary.BigEndian.AppendUint32([]byte{byte(n >> 16), byte(n >> 8), byte(n), kind, flags}, stream)
	return append(head, payload...)
}

func goAway(code uint32) func(net.Conn) {
	return func(c net.Conn) {
		c.Write(frame(7, 0, 0, binary.BigEndian.AppendUint32(make([]byte, 4), code)))
	}
}

// endlessHeader begins a header and never ends it.
func endlessHeader(c net.Conn) {
	c.Write(frame(1, 0, 1, []byte{0x88}))                                              // HEADERS: status 200, without END_HEADERS
	field := append([]byte{0x00, 0x01, 'x', 0x7f, 0x81, 0x7d}, make([]byte, 16000)...) // CONTINUATION: x: 16,000 bytes
	for range 10_000 {
		if _, err := c.Write(frame(9, 0, 1, field)); err != nil {
			return
		}
	}
}

// A server that drains turns requests down which came too late: they are sent again, and none is lost or counted twice.
func TestHTTP2_resendsWhatADrainingServerTurnedDown(t *testing.T) {
	var served atomic.Int64
	url := serveH2C(t, func(w http.ResponseWriter, r *http.Request) {
		if served.Add(1)%50 == 0 {
			w.Header().Set("Connection", "close") // makes Go's server send GOAWAY
		}
		fmt.Fprint(w, "single")
	})
	r := send(t, Options{URL: url, Protocol: H2C, Requests: 2000, Concurrency: 20})
	checkCounts(t, r, map[string]int64{"single": 2000})
	if r.Connections < 2 {
		t.Errorf("%d connections: the server ended none", r.Connections)
	}
}

func TestHTTP2_endsWithItsContext(t *testing.T) {
	url := serveH2C(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	started := time.Now()
	r := sendContext(t, ctx, Options{URL: url, Protocol: H2C, Requests: 10, Concurrency: 10, Timeout: time.Minute})
	if !r.Interrupted || time.Since(started) > 10*time.Second {
		t.Errorf("after %v: %+v", time.Since(started), r)
	}
}

func TestHTTP2_options(t *testing.T) {
	for _, o := range []Options{{URL: "http://x/", Protocol: HTTP2}, {URL: "https://x/", Protocol: H2C}} {
		o.Requests, o.Concurrency = 1, 1
		if _, err := New(o); err == nil {
			t.Errorf("%+v is accepted", o)
		}
	}
}
