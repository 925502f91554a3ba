package probe

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// serveHTTP starts a server and returns its URL.
func serveHTTP(t testing.TB, handler http.HandlerFunc) string {
	t.Helper()
	s := httptest.NewServer(handler)
	t.Cleanup(s.Close)
	return s.URL + "/version"
}

// serveRaw starts a server that treats each connection as it likes, and returns
// its URL. Connections are closed when serve returns.
func serveRaw(t testing.TB, serve func(conn *net.TCPConn, number int)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for number := 0; ; number++ {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				serve(conn.(*net.TCPConn), number)
			}()
		}
	}()
	return "http://" + l.Addr().String() + "/version"
}

// replies serves raw answers: each connection reads a request for each of them
// and closes after the last.
func replies(t testing.TB, answers ...string) string {
	t.Helper()
	return serveRaw(t, func(conn *net.TCPConn, _ int) {
		r := bufio.NewReader(conn)
		for _, answer := range answers {
			if !readRequest(r) {
				return
			}
			io.WriteString(conn, answer)
		}
	})
}

// answerEach answers each request that comes in one segment.
func answerEach(conn net.Conn, answer []byte) {
	defer conn.Close()
	buffer := make([]byte, 4096)
	for {
		if _, err := conn.Read(buffer); err != nil {
			return
		}
		if _, err := conn.Write(answer); err != nil {
			return
		}
	}
}

// readRequest reads a request with its body, and returns false at the end.
func readRequest(r *bufio.Reader) bool {
	request, err := http.ReadRequest(r)
	if err != nil {
		return false
	}
	io.Copy(io.Discard, request.Body)
	return true
}

// ok is an answer with a body.
func ok(body string) string {
	return fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
}

// send runs a Prober with the options and some defaults.
func send(t testing.TB, o Options) Result {
	t.Helper()
	return sendContext(t, context.Background(), o)
}

func sendContext(t testing.TB, ctx context.Context, o Options) Result {
	t.Helper()
	if o.Requests == 0 && o.Duration == 0 {
		o.Requests = 1
	}
	o.Concurrency = max(o.Concurrency, 1)
	p, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	result := p.Run(ctx)
	checkSum(t, result)
	return result
}

// checkSum checks that every request is accounted for.
func checkSum(t testing.TB, r Result) {
	t.Helper()
	var counted, answered int64
	for _, v := range r.Versions {
		counted += v.Count
		answered += v.Count
	}
	for _, f := range r.Failures {
		counted += f.Count
		if f.Kind == KindStatus || f.Kind == KindUnidentified {
			answered += f.Count
		}
	}
	unresolved := r.Sent == 0 && len(r.Failures) == 1
	if counted != r.Sent && !r.Interrupted && !unresolved {
		t.Errorf("%d counted of %d sent: %+v", counted, r.Sent, r)
	}
	if answered != r.Answered {
		t.Errorf("%d answers counted, Answered is %d", answered, r.Answered)
	}
}

// checkCounts checks the answers by version name.
func checkCounts(t testing.TB, r Result, want map[string]int64) {
	t.Helper()
	got := map[string]int64{}
	for _, v := range r.Versions {
		got[v.Name] = v.Count
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("answers by version (-want +got):\n%sfailures %+v", diff, r.Failures)
	}
}

// expecting returns a Recognizer for names, and of the source given by text.
func expecting(t testing.TB, source string, names ...string) *Recognizer {
	t.Helper()
	s, err := ParseSource(source)
	if err != nil {
		t.Fatal(err)
	}
	var expected []Expected
	for _, name := range names {
		expected = append(expected, Expected{Name: name})
	}
	r, err := NewRecognizer(s, expected)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// counter counts what a server sees.
type counter struct{ requests, connections atomic.Int64 }

// serveCounted starts a server that answers with body and counts.
func serveCounted(t testing.TB, body string) (string, *counter) {
	t.Helper()
	c := &counter{}
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		c.requests.Add(1)
		io.WriteString(w, body)
	}))
	s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			c.connections.Add(1)
		}
	}
	s.Start()
	t.Cleanup(s.Close)
	return s.URL, c
}

// closedPort returns an address that nobody listens on.
func closedPort(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// within fails the test if f takes longer.
func within(t testing.TB, limit time.Duration, f func()) {
	t.Helper()
	begun := time.Now()
	f()
	if took := time.Since(begun); took > limit {
		t.Errorf("took %v, want at most %v", took, limit)
	}
}

// quiet is a log for servers that are meant to fail.
func quiet() *log.Logger { return log.New(io.Discard, "", 0) }

// readOnly is a connection that was answered on already.
type readOnly struct {
	net.Conn
	r io.Reader
}

func (c *readOnly) Read(p []byte) (int, error)  { return c.r.Read(p) }
func (c *readOnly) Write(p []byte) (int, error) { return len(p), nil }

// headOf is the head of an answer with these fields.
func headOf(h http.Header) head { return parsed{&http.Response{Header: h}} }
