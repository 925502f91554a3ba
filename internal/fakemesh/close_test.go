package fakemesh

import (
	"bytes"
	"io"
	"net"
	"net/http"
	"runtime/pprof"
	"strings"
	"sync"
	"testing"
	"time"
)

// Close must end idle connections, half-sent requests and slow answers at once.
func TestCloseLeavesNoGoroutine(t *testing.T) {
	for _, fault := range []Fault{None, PerConnection} {
		m, err := Start(Options{Fault: fault, Latency: []time.Duration{time.Hour, time.Hour}})
		if err != nil {
			t.Fatal(err)
		}
		address := strings.TrimSuffix(strings.TrimPrefix(m.URL(), "http://"), "/version")
		for _, sent := range []string{"", "GET /version HT", "POST / HTTP/1.1\r\nHost: demo\r\nContent-Length: 9\r\n\r\n"} {
			c, err := net.Dial("tcp", address)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = c.Close() }()
			if _, err := io.WriteString(c, sent); err != nil {
				t.Fatal(err)
			}
		}
		for m.Requests() < 1 {
			time.Sleep(time.Millisecond)
		}
		for range 2 {
			if err := m.Close(); err != nil {
				t.Error(err)
			}
		}
	}
	// A goroutine that has reported its end needs a moment to be gone.
	for deadline := time.Now().Add(5 * time.Second); ; time.Sleep(time.Millisecond) {
		stacks := serving(t)
		if stacks == "" {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal(stacks)
		}
	}
}

// serving returns the stacks of the goroutines that serve HTTP.
func serving(t *testing.T) string {
	t.Helper()
	var profile bytes.Buffer
	if err := pprof.Lookup("goroutine").WriteTo(&profile, 1); err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, stack := range strings.Split(profile.String(), "\n\n") {
		if strings.Contains(stack, "net/http.(*conn).serve") || strings.Contains(stack, "net/http.(*Server).Serve") {
			found = append(found, stack)
		}
	}
	return strings.Join(found, "\n\n")
}

func TestManyClientsAtOnce(t *testing.T) {
	const clients, each = 20, 50
	m := begin(t, Options{Seed: 3})
	transport := &http.Transport{MaxIdleConnsPerHost: clients}
	defer transport.CloseIdleConnections()
	answers := make([][]string, clients)
	var all sync.WaitGroup
	for i := range clients {
		all.Go(func() {
			for range each {
				resp, err := transport.RoundTrip(request(t, m.URL()))
				if err != nil {
					t.Error(err)
					return
				}
				body, _ := io.ReadAll(resp.Body)
				_ = resp.Body.Close()
				answers[i] = append(answers[i], strings.TrimSpace(string(body)))
			}
		})
	}
	all.Wait()
	var together []string
	for _, a := range answers {
		together = append(together, a...)
	}
	alone := tally(send(t, begin(t, Options{Seed: 3}), client(t, true), clients*each))
	if got := tally(together); got["demo: v1"] != alone["demo: v1"] || got["demo: v2"] != alone["demo: v2"] {
		t.Errorf("at once %v, one after the other %v", got, alone)
	}
	checkCounters(t, m, counters{"v1": {"rq_total": alone["demo: v1"]}, "v2": {"rq_total": alone["demo: v2"]}}, "rq_total")
}
