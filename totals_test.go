package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"respy/diagnose"
	"respy/probe"
	"respy/report"
)

// TestTotals holds what the README says of the counts in the JSON report, for servers that come and go: each request
// stands in one count, of a version or of an error, and so N of them in all.
func TestTotals(t *testing.T) {
	for name, serve := range map[string]func(*testing.T) (string, *atomic.Int64){
		"restarted":     restarted,
		"closes 2 of 3": func(t *testing.T) (string, *atomic.Int64) { return picky(t, 3, false) },
		"resets 2 of 3": func(t *testing.T) (string, *atomic.Int64) { return picky(t, 3, true) },
		"takes all":     func(t *testing.T) (string, *atomic.Int64) { return picky(t, 1, false) },
	} {
		for _, flags := range []string{
			"-n 200 -c 7", "-n 101 -c 100", "-n 200 -c 7 --connection-reuse 1", "-n 200 -c 7 -m POST",
			"-n 200 -c 7 --rate 4000", "-n 200 -c 7 -z 1m", "-z 50ms -c 7", "-n 200 -c 7 --expect v1=50,v2=50",
			"-n 200 -c 7 --session-header x-user --session-requests 3", "-n 200 -c 7 --session-cookie user --session-requests 7",
			"-n 200 -c 7 --h2c", "-n 200 -c 7 --h2c --rate 4000", "-n 200 -c 7 --h2c -z 1m",
			"-n 200 -c 7 --h2c --session-header x-user --session-requests 3",
		} {
			t.Run(name+" "+flags, func(t *testing.T) {
				url, served := serve(t)
				c := totals(t, append(strings.Fields(flags), url)...)
				n, limited := strings.CutPrefix(flags, "-n ")
				if limited && (!strings.HasPrefix(n, fmt.Sprint(c.Requests, " ")) || c.Answered == 0) {
					t.Errorf("%d requests, %d answered", c.Requests, c.Answered)
				}
				if n := served.Load(); c.Answered > n || name == "takes all" && c.Requests != n {
					t.Errorf("%d requests, %d answered, %d served", c.Requests, c.Answered, n)
				}
			})
		}
	}
}

// totals runs respy, checks that the counts of its report add up, those of its answers in JSON lines too, and returns the
// report.
func totals(t *testing.T, args ...string) *diagnose.Conclusion {
	t.Helper()
	file := filepath.Join(t.TempDir(), "answers.jsonl")
	args = append([]string{"--kube=false", "--envoy", "off", "--no-progress", "-t", "1m", "-o", "json", "-o", "jsonl=" + file}, args...)
	var stdout, stderr bytes.Buffer
	run(context.Background(), args, strings.NewReader(""), &stdout, &stderr)
	c := new(diagnose.Conclusion)
	if err := json.Unmarshal(stdout.Bytes(), c); err != nil {
		t.Fatalf("%v: %s", err, &stderr)
	}
	var requests, answered int64
	for _, v := range c.Versions {
		requests += v.Count
		answered += v.Count
	}
	for _, e := range c.Errors {
		requests += e.Count
		if kind := probe.Kind(e.Kind); kind == probe.KindStatus || kind == probe.KindUnidentified {
			answered += e.Count
		}
	}
	if requests != c.Requests || answered != c.Answered {
		t.Errorf("the counts add up to %d requests and %d answered: %s", requests, answered, &stdout)
	}
	checkLines(t, file, c)
	return c
}

// checkLines checks that a file has a line for each request, in order, and as many resent ones as the report has.
func checkLines(t *testing.T, file string, c *diagnose.Conclusion) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var lines, answered, resent int64
	for line := range bytes.Lines(text) {
		a, err := report.ParseAnswer(line)
		if err != nil || a.Seq != lines {
			t.Fatalf("line %d: %s: %v", lines, line, err)
		}
		lines++
		if a.Status > 0 {
			answered++
		}
		if a.Resent {
			resent++
		}
	}
	if lines != c.Requests || answered != c.Answered || resent != c.Resent {
		t.Errorf("%d lines, %d answered, %d resent; the report has %d, %d, %d", lines, answered, resent, c.Requests, c.Answered, c.Resent)
	}
}

// server is one of HTTP/1.1 and HTTP/2 that counts what it serves. Some answers name no version, some are errors, some
// both.
func server(served *atomic.Int64, notice func(number int64)) *http.Server {
	s := &http.Server{ErrorLog: log.New(io.Discard, "", 0), Protocols: new(http.Protocols)}
	s.Protocols.SetHTTP1(true)
	s.Protocols.SetUnencryptedHTTP2(true)
	s.Handler = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		n := served.Add(1)
		notice(n)
		http.SetCookie(w, &http.Cookie{Name: "user", Value: fmt.Sprint(n)})
		if n%2 == 0 {
			w.Header().Set("X-Version", fmt.Sprintf("v%d", 1+n%4/2))
		}
		if n%7 == 0 {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		if n%5 > 0 {
			fmt.Fprint(w, "v1")
		}
	})
	return s
}

// restarted serves, and after the fortieth request closes its connections and port, and serves there again.
func restarted(t *testing.T) (url string, served *atomic.Int64) {
	served = new(atomic.Int64)
	due, over := make(chan struct{}), make(chan struct{})
	notice := func(number int64) {
		if number == 40 {
			close(due)
		}
	}
	before, after := server(served, notice), server(served, notice)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go before.Serve(l)
	go func() {
		defer close(over)
		select {
		case <-due:
		case <-t.Context().Done():
		}
		before.Close()
		again, err := net.Listen("tcp", l.Addr().String())
		if err != nil {
			t.Error(err)
			return
		}
		go after.Serve(again)
	}()
	t.Cleanup(func() {
		<-over
		after.Close()
	})
	return "http://" + l.Addr().String(), served
}

// picky serves on every so many-th connection.
func picky(t *testing.T, every int, reset bool) (url string, served *atomic.Int64) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served = new(atomic.Int64)
	s := server(served, func(int64) {})
	go s.Serve(&choosy{Listener: l, every: every, reset: reset})
	t.Cleanup(func() { s.Close() })
	return "http://" + l.Addr().String(), served
}

// choosy accepts every so many-th connection, and closes or resets the others.
type choosy struct {
	net.Listener
	every, accepted int
	reset           bool
}

func (c *choosy) Accept() (net.Conn, error) {
	for {
		conn, err := c.Listener.Accept()
		if err != nil {
			return nil, err
		}
		if c.accepted++; c.accepted%c.every == 0 {
			return conn, nil
		}
		if c.reset {
			conn.(*net.TCPConn).SetLinger(0)
		}
		conn.Close()
	}
}
