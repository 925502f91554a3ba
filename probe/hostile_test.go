package probe

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"
)

// A body that would unpack to 32 MiB is read as it is: nobody asked for compression.
func TestRun_neverUnpacks(t *testing.T) {
	var bomb bytes.Buffer
	w := gzip.NewWriter(&bomb)
	io.CopyN(w, zeros{}, 32<<20)
	w.Close()
	url := serveHTTP(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Accept-Encoding") != "" {
			t.Errorf("compression is asked for: %q", r.Header.Get("Accept-Encoding"))
		}
		w.Header().Set("Content-Encoding", "gzip")
		w.Header().Set("X-Version", "single")
		w.Write(bomb.Bytes())
	})
	r := endure(t, Options{URL: url, Requests: 4, Timeout: patient}, 8<<20)
	checkCounts(t, r, map[string]int64{"single": 4})
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// A redirect is an answer: following it would measure another route, and a loop would never end.
func TestRun_followsNoRedirect(t *testing.T) {
	var served atomic.Int64
	url := serveHTTP(t, func(w http.ResponseWriter, r *http.Request) {
		served.Add(1)
		http.Redirect(w, r, r.URL.Path, http.StatusFound)
	})
	r := endure(t, Options{URL: url, Requests: 10, Timeout: patient}, 8<<20)
	if len(r.Failures) != 1 || r.Failures[0].Kind != KindStatus || r.Failures[0].Status != http.StatusFound || served.Load() != 10 {
		t.Errorf("served %d: %+v", served.Load(), r)
	}
}

// breakable hands out the connection below TLS.
type breakable struct {
	net.Listener
	raw chan net.Conn
}

func (b breakable) Accept() (net.Conn, error) {
	c, err := b.Listener.Accept()
	if err == nil {
		b.raw <- c
	}
	return c, err
}

func TestRun_tlsBreaksWithinTheAnswer(t *testing.T) {
	ca := newAuthority(t)
	certificate := ca.server(t, time.Hour, "weather.example")
	for name, test := range map[string]struct {
		bytes string
		kind  Kind
	}{
		"a record that is not genuine": {"\x17\x03\x03\x00\x20" + string(make([]byte, 32)), KindTLS},
		"plain text":                   {"HTTP/1.1 500 Internal Server Error\r\n\r\n", KindProtocol},
	} {
		t.Run(name, func(t *testing.T) {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			raw := make(chan net.Conn, 10)
			s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Length", "100")
				fmt.Fprint(w, "sing")
				w.(http.Flusher).Flush()
				io.WriteString(<-raw, test.bytes)
				<-t.Context().Done()
			}))
			s.Listener.Close()
			s.Listener = breakable{l, raw}
			s.TLS = &tls.Config{Certificates: []tls.Certificate{certificate}}
			s.Config.ErrorLog = quiet()
			s.StartTLS()
			t.Cleanup(s.CloseClientConnections)
			r := send(t, Options{URL: "https://" + l.Addr().String(), Requests: 1, Timeout: 3 * time.Second, TLS: TLS{Insecure: true}})
			if len(r.Failures) != 1 || r.Failures[0].Kind != test.kind || r.Failures[0].Count != 1 {
				t.Errorf("result %+v, want %s", r, test.kind)
			}
		})
	}
}

// A server that is restarted, and one that takes every third connection, lose no request of the count.
func TestRun_countsAddUpWhateverTheServerDoes(t *testing.T) {
	picky := serveRaw(t, func(c *net.TCPConn, number int) {
		if number%3 != 0 {
			c.SetLinger(0)
			return
		}
		r := bufio.NewReader(c)
		for readRequest(r) {
			io.WriteString(c, ok("single"))
		}
	})
	r := send(t, Options{URL: picky, Requests: 3000, Concurrency: 7, Reuse: 10})
	if r.Sent != 3000 || r.Answered == 0 || r.Answered == 3000 {
		t.Errorf("picky server: %d sent, %d answered", r.Sent, r.Answered)
	}

	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	var served atomic.Int64
	serve := func(l net.Listener) *http.Server {
		s := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			served.Add(1)
			fmt.Fprint(w, "single")
		}), ErrorLog: quiet()}
		go s.Serve(l)
		return s
	}
	first := serve(l)
	restart := func() {
		first.Close()
		time.Sleep(20 * time.Millisecond)
		again, err := net.Listen("tcp", address)
		if err != nil {
			t.Error(err)
			return
		}
		second := serve(again)
		t.Cleanup(func() { second.Close() })
	}
	restarted := make(chan struct{})
	r = send(t, Options{URL: "http://" + address, Requests: 4000, Concurrency: 5, Rate: 20_000, Observe: func(a Answer) bool {
		if a.Seq == 1000 {
			go func() { defer close(restarted); restart() }()
		}
		return true
	}})
	<-restarted
	if r.Sent != 4000 || r.Answered < 1000 || served.Load() < r.Answered {
		t.Errorf("restarted server: %d sent, %d answered, %d served", r.Sent, r.Answered, served.Load())
	}
}
