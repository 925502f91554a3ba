package probe

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

// serveStale starts a server that answers once on each connection, promises to
// keep it, and closes it: with a reset when the next request comes, or at once.
func serveStale(t *testing.T, reset bool) string {
	return serveRaw(t, func(c *net.TCPConn, _ int) {
		r := bufio.NewReader(c)
		if !readRequest(r) {
			return
		}
		io.WriteString(c, ok("single"))
		if reset {
			readRequest(r)
			c.SetLinger(0)
		}
	})
}

func TestRun_resendsOnStaleConnections(t *testing.T) {
	for _, reset := range []bool{false, true} {
		for _, method := range []string{"GET", "HEAD", "OPTIONS", "PUT", "DELETE", "TRACE"} {
			recognizer := expecting(t, "status")
			r := send(t, Options{URL: serveStale(t, reset), Method: method, Requests: 5, Recognizer: recognizer})
			// HEAD answers leave a body behind: the connection is not kept at all.
			want := int64(4)
			if method == "HEAD" {
				want = 0
			}
			if r.Sent != 5 || r.Answered != 5 || r.Resent != want || r.Connections != 5 {
				t.Errorf("%s, reset %v: %+v", method, reset, r)
			}
		}
	}
}

func TestRun_doesNotRepeatWhatMayHaveHadEffect(t *testing.T) {
	for _, method := range []string{"POST", "PATCH"} {
		r := send(t, Options{URL: serveStale(t, false), Method: method, Requests: 6})
		// Every other request meets a connection that was closed.
		if r.Resent != 0 || r.Answered != 3 {
			t.Errorf("%s: %+v", method, r)
		}
		for _, f := range r.Failures {
			if f.Kind != KindReset {
				t.Errorf("%s: failure %+v", method, f)
			}
		}
	}
}

func TestRun_doesNotRepeatOnNewConnections(t *testing.T) {
	connections := make(chan int, 100)
	url := serveRaw(t, func(c *net.TCPConn, number int) {
		connections <- number
		readRequest(bufio.NewReader(c))
	})
	r := send(t, Options{URL: url, Requests: 3})
	checkFailure(t, r, KindReset, 0, "without an answer")
	if len(connections) != 3 || r.Resent != 0 || r.Connections != 3 {
		t.Errorf("%d connections: %+v", len(connections), r)
	}
}

func TestRun_doesNotRepeatAfterTheFirstByte(t *testing.T) {
	url := replies(t, ok("single"), "HTTP/1.1 2")
	r := send(t, Options{URL: url, Requests: 2})
	if r.Resent != 0 || r.Answered != 1 || r.Failures[0].Kind != KindProtocol {
		t.Errorf("result %+v", r)
	}
}

func TestRun_marksResentAnswers(t *testing.T) {
	var resent []bool
	var conns []int64
	send(t, Options{URL: serveStale(t, true), Requests: 3, Observe: func(a Answer) bool {
		resent, conns = append(resent, a.Resent), append(conns, a.Conn)
		return true
	}})
	for i := range 3 {
		if resent[i] != (i > 0) || conns[i] != int64(i) {
			t.Errorf("answer %d: resent %v on connection %d", i, resent[i], conns[i])
		}
	}
}

func TestRun_keepsConnectionsAsTheServerWants(t *testing.T) {
	for name, test := range map[string]struct {
		answer      string
		connections int64
	}{
		"HTTP/1.1":                {ok("single"), 1},
		"HTTP/1.1 close":          {"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 6\r\n\r\nsingle", 4},
		"HTTP/1.0":                {"HTTP/1.0 200 OK\r\nContent-Length: 6\r\n\r\nsingle", 4},
		"HTTP/1.0 keep-alive":     {"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 6\r\n\r\nsingle", 1},
		"chunked":                 {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nsin\r\n3\r\ngle\r\n0\r\nX-Trailer: x\r\n\r\n", 1},
		"two answers at once":     {ok("single") + ok("multiple"), 4},
		"more than it announced":  {ok("single") + "more", 4},
		"100, 103, then 200":      {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + ok("single"), 1},
		"header without a reason": {"HTTP/1.1 200\r\nContent-Length: 6\r\n\r\nsingle", 1},
	} {
		t.Run(name, func(t *testing.T) {
			url := replies(t, test.answer, test.answer, test.answer, test.answer)
			r := send(t, Options{URL: url, Requests: 4})
			checkCounts(t, r, map[string]int64{"single": 4})
			if r.Connections != test.connections || r.Resent != 0 {
				t.Errorf("%d connections, want %d; resent %d", r.Connections, test.connections, r.Resent)
			}
		})
	}
}

func TestRun_readsToTheEndOfTheConnection(t *testing.T) {
	r := send(t, Options{URL: replies(t, "HTTP/1.1 200 OK\r\n\r\nsingle"), Requests: 3})
	checkCounts(t, r, map[string]int64{"single": 3})
}

func TestRun_answersWithoutBody(t *testing.T) {
	recognizer := func() *Recognizer { return expecting(t, "header:x-version", "single") }
	head := serveHTTP(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Version", "single")
		w.Header().Set("Content-Length", "1000")
	})
	r := send(t, Options{URL: head, Method: "HEAD", Requests: 5, Recognizer: recognizer()})
	checkCounts(t, r, map[string]int64{"single": 5})
	for _, status := range []string{"204 No Content", "304 Not Modified"} {
		answer := "HTTP/1.1 " + status + "\r\nX-Version: single\r\nContent-Length: 1000\r\n\r\n"
		r := send(t, Options{URL: replies(t, answer, answer, answer), Requests: 3, Recognizer: recognizer()})
		checkCounts(t, r, map[string]int64{"single": 3})
		if r.Connections != 1 {
			t.Errorf("%s: %d connections", status, r.Connections)
		}
	}
}

func TestRun_readsAnEarlyAnswer(t *testing.T) {
	// The server answers before it has read the body, and closes.
	url := serveRaw(t, func(c *net.TCPConn, _ int) {
		io.ReadFull(c, make([]byte, 100))
		io.WriteString(c, "HTTP/1.1 413 Content Too Large\r\nContent-Length: 4\r\n\r\nlong")
		c.CloseWrite()
		time.Sleep(50 * time.Millisecond)
		io.Copy(io.Discard, c)
	})
	r := send(t, Options{URL: url, Method: "POST", Body: make([]byte, 8<<20), Timeout: 2 * time.Second})
	checkFailure(t, r, KindStatus, 413, "long")
}

// A connection that the server has closed meanwhile is not used again; below TLS that is noticed once the request is sent.
func TestRun_afterIdleTimeout(t *testing.T) {
	onlyWhereConnectionsCanBeLookedAt(t)
	for _, encrypted := range []bool{false, true} {
		s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "single") }))
		s.Config.IdleTimeout = 20 * time.Millisecond
		s.Config.ErrorLog = quiet()
		if encrypted {
			s.StartTLS()
		} else {
			s.Start()
		}
		r := send(t, Options{URL: s.URL, Requests: 3, Rate: 3, TLS: TLS{Insecure: true}})
		if (r.Resent > 0) != encrypted || r.Answered != 3 || r.Connections < 2 || encrypted && r.Connections != r.Resent+1 {
			t.Errorf("TLS %v: %+v", encrypted, r)
		}
		s.Close()
	}
}

func TestEndpoint_triesTheAddressesInOrder(t *testing.T) {
	url, _ := serveCounted(t, "single")
	open := url[len("http://"):]
	// 192.0.2.0/24 is reserved for documentation (RFC 5737): there is no route, or
	// nobody answers.
	for _, targets := range [][]string{{closedPort(t), open}, {"192.0.2.1:9", open}, {open, closedPort(t)}} {
		within(t, 2*time.Second, func() {
			conn, err := endpoint{}.dial(t.Context(), targets, time.Now().Add(5*time.Second), 5*time.Second)
			if err != nil {
				t.Fatalf("%v: %v", targets, err)
			}
			defer conn.Close()
			if got := conn.RemoteAddr().String(); got != open {
				t.Errorf("%v: connected to %s", targets, got)
			}
		})
	}
}
