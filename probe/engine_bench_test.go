//go:build unix

package probe

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"
)

// responderEnv makes the test binary a server: its CPU time must not be counted.
const responderEnv = "RESPY_PROBE_RESPONDER"

func TestMain(m *testing.M) {
	if os.Getenv(responderEnv) != "" {
		respond(os.Stdout)
		return
	}
	os.Exit(m.Run())
}

// respond prints its address and answers requests until it is killed.
func respond(out io.Writer) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	fmt.Fprintln(out, l.Addr())
	answer := []byte("HTTP/1.1 200 OK\r\nserver: envoy\r\ndate: Mon, 01 Jan 2024 00:00:00 GMT\r\n" +
		"content-type: text/plain\r\nx-envoy-upstream-service-time: 1\r\ncontent-length: 24\r\n\r\nweather-backend: single\n")
	for {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		go answerEach(conn, answer)
	}
}

// startResponder returns the URL of a server in another process.
func startResponder(b *testing.B) string {
	server := exec.Command(os.Args[0])
	server.Env = append(os.Environ(), responderEnv+"=1")
	out, err := server.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := server.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		server.Process.Kill()
		server.Wait()
	})
	address, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		b.Fatal(err)
	}
	return "http://" + address[:len(address)-1] + "/version"
}

// cpu returns the user and system time that this process has used.
func cpu(b *testing.B) time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		b.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// BenchmarkEngineAgainstTransport compares the CPU time of a request, user and
// system, sent by a Prober and through http.Transport: 10 connections that are
// kept, versions recognised from the body.
func BenchmarkEngineAgainstTransport(b *testing.B) {
	url := startResponder(b)
	measure := func(name string, send func(b *testing.B, requests int)) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			before := cpu(b)
			send(b, b.N)
			b.ReportMetric(float64(cpu(b)-before)/float64(b.N)/1e3, "cpu-µs/request")
		})
	}
	measure("engine", func(b *testing.B, n int) { benchEngine(b, url, n, 0) })
	measure("transport", func(b *testing.B, n int) { benchTransport(b, url, n) })
	measure("engine-reuse10", func(b *testing.B, n int) { benchEngine(b, url, n, 10) })
}

func benchRecognizer(b *testing.B) *Recognizer {
	r, err := NewRecognizer(Source{}, []Expected{{Name: "single"}, {Name: "multiple"}})
	if err != nil {
		b.Fatal(err)
	}
	return r
}

func benchEngine(b *testing.B, url string, n, reuse int) {
	p, err := New(Options{URL: url, Requests: n, Concurrency: 10, Reuse: reuse, Recognizer: benchRecognizer(b),
		Observe: func(Answer) bool { return true }})
	if err != nil {
		b.Fatal(err)
	}
	if r := p.Run(context.Background()); r.Versions[0].Count != int64(n) {
		b.Fatalf("%d requests, counted %+v", n, r)
	}
}

func benchTransport(b *testing.B, url string, n int) {
	client := &http.Client{Timeout: DefaultTimeout, Transport: &http.Transport{MaxIdleConnsPerHost: 10, DisableCompression: true}}
	defer client.CloseIdleConnections()
	recognizer := benchRecognizer(b)
	var next, counted atomic.Int64
	var workers errgroup.Group
	for range 10 {
		workers.Go(func() error {
			for next.Add(1) <= int64(n) {
				resp, err := client.Get(url)
				if err != nil {
					return err
				}
				body, err := io.ReadAll(io.LimitReader(resp.Body, maxBody))
				resp.Body.Close()
				if err != nil {
					return err
				}
				if v, _ := recognizer.recognize(reply{resp.StatusCode, parsed{resp}, body, true}); v == 0 {
					counted.Add(1)
				}
			}
			return nil
		})
	}
	if err := workers.Wait(); err != nil || counted.Load() != int64(n) {
		b.Fatalf("%d requests, counted %d, error %v", n, counted.Load(), err)
	}
}
