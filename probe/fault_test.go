package probe

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// checkFailure checks that all requests failed alike.
func checkFailure(t *testing.T, r Result, kind Kind, status int, sample string) {
	t.Helper()
	if len(r.Failures) != 1 {
		t.Fatalf("%d failures: %+v", len(r.Failures), r)
	}
	f := r.Failures[0]
	if f.Kind != kind || f.Status != status || !strings.Contains(f.Sample, sample) {
		t.Errorf("failure %+v, want %s %d with %q", f, kind, status, sample)
	}
}

func TestRun_refused(t *testing.T) {
	r := send(t, Options{URL: "http://" + closedPort(t), Requests: 10, Concurrency: 3})
	checkFailure(t, r, KindRefused, 0, "connection refused")
	if r.Failures[0].Count != 10 || r.Answered != 0 || r.Connections != 0 {
		t.Errorf("result %+v", r)
	}
	checkFailure(t, send(t, Options{URL: "http://x/", UnixSocket: "/nonexistent/socket"}), KindRefused, 0, "no such file")
}

func TestRun_unknownHost(t *testing.T) {
	// The top-level domain invalid has no names (RFC 6761, section 6.4).
	r := send(t, Options{URL: "http://weather.invalid/", Requests: 10, Timeout: 2 * time.Second})
	checkFailure(t, r, KindDNS, 0, "look up weather.invalid: ")
	if r.Sent != 0 || r.Failures[0].Count != 1 || !r.GaveUp {
		t.Errorf("result %+v", r)
	}
}

func TestRun_statusAndUnidentified(t *testing.T) {
	for _, test := range []struct {
		answer, source string
		kind           Kind
		status         int
		sample, body   string
	}{
		{"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 19\r\n\r\nno healthy upstream", "auto",
			KindStatus, 503, "503 Service Unavailable: no healthy upstream", "no healthy upstream"},
		{"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n", "auto", KindStatus, 503, "503 Service Unavailable, empty body", ""},
		{"HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n", "auto", KindStatus, 302,
			"302 Found to /elsewhere: redirects are not followed, call the final URL", ""},
		{"HTTP/1.1 304 Not Modified\r\n\r\n", "auto", KindStatus, 304, "304 Not Modified, empty body", ""},
		{"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n\x1f\x8b", "auto", KindUnidentified, 200,
			"200 OK: the body is in Content-Encoding gzip, which is not decoded", "\x1f\x8b"},
		{"HTTP/1.1 200 OK\r\nContent-Encoding: br\r\nContent-Length: 2\r\n\r\nv1", "json:version", KindUnidentified, 200, "Content-Encoding br", "v1"},
		{"HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\n\x1b[2J", "body", KindStatus, 404, "\x1b[2J", "\x1b[2J"},
		{"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "auto", KindUnidentified, 200, "empty body", ""},
		{"HTTP/1.1 204 No Content\r\n\r\n", "auto", KindUnidentified, 204, "204 No Content", ""},
		{ok("hello"), "header:x-version", KindUnidentified, 200, "200 OK: hello", "hello"},
		{ok(`{"a":1}`), "json:version", KindUnidentified, 200, `{"a":1}`, `{"a":1}`},
		{ok("hello"), "regex:v[0-9]+", KindUnidentified, 200, "hello", "hello"},
	} {
		r := send(t, Options{URL: replies(t, test.answer), Recognizer: expecting(t, test.source)})
		checkFailure(t, r, test.kind, test.status, test.sample)
		if r.Failures[0].Body != test.body || r.Answered != 1 {
			t.Errorf("%q: %+v", test.answer, r)
		}
	}
}

func TestRun_hostileServers(t *testing.T) {
	for name, test := range map[string]struct {
		serve  func(c *net.TCPConn)
		kind   Kind
		sample string
	}{
		"closes at once":          {func(c *net.TCPConn) {}, KindReset, "without an answer"},
		"resets":                  {func(c *net.TCPConn) { c.SetLinger(0) }, KindReset, "reset by peer"},
		"silent":                  {func(c *net.TCPConn) { io.Copy(io.Discard, c) }, KindTimeout, "no answer within"},
		"closes within headers":   {writes("HTTP/1.1 200 OK\r\nContent-"), KindProtocol, "closed within the answer"},
		"resets within the body":  {resets("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"), KindReset, "within the answer"},
		"Content-Length too long": {writes("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"), KindProtocol, "closed within the answer"},
		"Content-Length negative": {writes("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n"), KindProtocol, "Content-Length"},
		"two Content-Lengths":     {writes("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab"), KindProtocol, "Content-Length"},
		"chunk size garbage":      {writes("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"), KindProtocol, "invalid"},
		"chunks cut short":        {writes("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc"), KindProtocol, "closed within the answer"},
		"garbage":                 {writes("SSH-2.0-OpenSSH_9.6\r\n"), KindProtocol, "SSH-2.0"},
		"garbage after H":         {writes("HELO\r\n\r\n"), KindProtocol, "malformed"},
		"no status code":          {writes("HTTP/1.1 abc Huh\r\n\r\n"), KindProtocol, "malformed"},
		"HTTP/2 status line":      {writes("HTTP/2.0 200 OK\r\n\r\n"), KindProtocol, "malformed"},
		"HTTP/2 only":             {writes("\x00\x00\x12\x04\x00\x00\x00\x00\x00"), KindProtocol, "HTTP/2 only"},
		"TLS alert":               {writes("\x15\x03\x01\x00\x02\x02\x46"), KindTLS, "https://"},
		"switches protocols":      {writes("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n"), KindProtocol, "101"},
		"endless header lines":    {floods("HTTP/1.1 200 OK\r\n", "X-Fill: 0123456789\r\n"), KindProtocol, "header fields"},
		"endless header line":     {floods("HTTP/1.1 200 OK\r\nX-Fill: ", "0123456789"), KindProtocol, "header fields"},
		"endless status line":     {floods("HTTP/1.1 200 ", "0123456789"), KindProtocol, "header fields"},
		"flood of 100":            {floods("", "HTTP/1.1 100 Continue\r\n\r\n"), KindProtocol, "header fields"},
		"slow head":               {drips("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsingle"), KindTimeout, "did not end"},
		"slow body":               {dripsAfter("HTTP/1.1 200 OK\r\nContent-Length: 600\r\n\r\n"), KindTimeout, "did not end"},
	} {
		t.Run(name, func(t *testing.T) {
			url := serveRaw(t, func(c *net.TCPConn, _ int) {
				if readRequest(bufio.NewReader(c)) {
					test.serve(c)
				}
			})
			timeout := patient
			if test.kind == KindTimeout {
				timeout = time.Second
			}
			r := endure(t, Options{URL: url, Requests: 2, Concurrency: 2, Timeout: timeout}, maxRow)
			checkFailure(t, r, test.kind, 0, test.sample)
			if r.Failures[0].Count != 2 || r.Resent != 0 {
				t.Errorf("result %+v", r)
			}
		})
	}
}

// writes answers with text and closes.
func writes(text string) func(*net.TCPConn) {
	return func(c *net.TCPConn) { io.WriteString(c, text) }
}

// resets answers with text, and resets once the client has had time to read it.
func resets(text string) func(*net.TCPConn) {
	return func(c *net.TCPConn) {
		io.WriteString(c, text)
		time.Sleep(50 * time.Millisecond)
		c.SetLinger(0)
	}
}

// floods answers with start and then with more, until the client has enough.
func floods(start, more string) func(*net.TCPConn) {
	return func(c *net.TCPConn) {
		io.WriteString(c, start)
		block := []byte(strings.Repeat(more, 1000))
		for {
			if _, err := c.Write(block); err != nil {
				return
			}
		}
	}
}

// drips answers a byte at a time, too slowly.
func drips(text string) func(*net.TCPConn) {
	return func(c *net.TCPConn) {
		for i := range text {
			if _, err := io.WriteString(c, text[i:i+1]); err != nil {
				return
			}
			time.Sleep(50 * time.Millisecond)
		}
	}
}

// dripsAfter answers with head at once and with a body that drips.
func dripsAfter(head string) func(*net.TCPConn) {
	return func(c *net.TCPConn) {
		io.WriteString(c, head)
		drips(strings.Repeat("x", 600))(c)
	}
}

func TestRun_endlessBody(t *testing.T) {
	// The version stands at the beginning: more need not be read.
	var sent atomic.Int64
	url := serveRaw(t, func(c *net.TCPConn, _ int) {
		readRequest(bufio.NewReader(c))
		io.WriteString(c, "HTTP/1.1 200 OK\r\nX-Version: single\r\n\r\n")
		block := make([]byte, 1<<16)
		for {
			n, err := c.Write(block)
			if sent.Add(int64(n)); err != nil {
				return
			}
		}
	})
	r := endure(t, Options{URL: url, Requests: 3, Timeout: patient}, maxRow)
	checkCounts(t, r, map[string]int64{"single": 3})
	if r.Connections != 3 {
		t.Errorf("%d connections, want a new one after each endless body", r.Connections)
	}
}

func TestRun_drainsLongBodies(t *testing.T) {
	for size, connections := range map[int]int64{maxBody: 1, maxBody + 1: 1, maxBody + maxDrain - 1: 1, maxBody + maxDrain + 1: 4} {
		url := serveHTTP(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-Version", "single")
			w.Header().Set("Content-Length", fmt.Sprint(size))
			w.Write(make([]byte, size))
		})
		r := send(t, Options{URL: url, Requests: 4})
		checkCounts(t, r, map[string]int64{"single": 4})
		if r.Connections != connections {
			t.Errorf("bodies of %d bytes: %d connections, want %d", size, r.Connections, connections)
		}
	}
}

func TestRun_givesUp(t *testing.T) {
	r := send(t, Options{URL: "http://" + closedPort(t), Requests: 1 << 30, Concurrency: 10})
	if !r.GaveUp || r.Interrupted || r.Sent < 100 {
		t.Errorf("after refusals only: %+v", r)
	}
	silent := serveRaw(t, func(c *net.TCPConn, _ int) { io.Copy(io.Discard, c) })
	within(t, 3*time.Second, func() {
		r := send(t, Options{URL: silent, Requests: 1000, Timeout: 200 * time.Millisecond})
		if !r.GaveUp || r.Sent > 5 {
			t.Errorf("after silence only: %+v", r)
		}
	})
	failing := serveHTTP(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) })
	if r := send(t, Options{URL: failing, Requests: 300}); r.GaveUp || r.Answered != 300 {
		t.Errorf("answers of whatever status are answers: %+v", r)
	}
}
