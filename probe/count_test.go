package probe

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func TestRun_sendsExactlyTheNumberOfRequests(t *testing.T) {
	for _, test := range []struct{ requests, concurrency, reuse int }{
		{1, 1, 0}, {1, 50, 0}, {2, 3, 10}, {7, 3, 0}, {10, 100, 1}, {99, 10, 10},
		{100, 10, 1}, {1000, 300, 0}, {1000, 7, 10}, {1001, 16, 3}, {3000, 1, 0},
	} {
		t.Run(fmt.Sprintf("%+v", test), func(t *testing.T) {
			url, seen := serveCounted(t, "single")
			r := send(t, Options{URL: url, Requests: test.requests, Concurrency: test.concurrency, Reuse: test.reuse})
			n := int64(test.requests)
			checkCounts(t, r, map[string]int64{"single": n})
			if seen.requests.Load() != n || r.Sent != n || r.Answered != n {
				t.Errorf("server saw %d, Sent %d, Answered %d, want %d", seen.requests.Load(), r.Sent, r.Answered, n)
			}
			if r.Interrupted || r.GaveUp || r.Resent != 0 {
				t.Errorf("a healthy run is %+v", r)
			}
			if got := seen.connections.Load(); got != r.Connections {
				t.Errorf("server saw %d connections, Connections is %d", got, r.Connections)
			}
		})
	}
}

func TestRun_reusesConnections(t *testing.T) {
	for _, test := range []struct{ requests, reuse, connections int }{
		{30, 1, 30}, {30, 10, 3}, {31, 10, 4}, {30, 0, 1}, {5, 7, 1},
	} {
		url, seen := serveCounted(t, "single")
		r := send(t, Options{URL: url, Requests: test.requests, Reuse: test.reuse})
		if got := seen.connections.Load(); got != int64(test.connections) || r.Connections != got {
			t.Errorf("%+v: server saw %d connections, Connections is %d", test, got, r.Connections)
		}
	}
}

func TestRun_numbersConnections(t *testing.T) {
	url, _ := serveCounted(t, "single")
	var answers []Answer
	send(t, Options{URL: url, Requests: 6, Reuse: 3, Observe: func(a Answer) bool {
		answers = append(answers, a)
		return true
	}})
	for i, a := range answers {
		if a.Seq != int64(i) || a.Conn != int64(i/3) || a.First != (i%3 == 0) || a.Status != 200 || a.Session != -1 {
			t.Errorf("answer %d is %+v", i, a)
		}
	}
}

func TestRun_endsAfterDuration(t *testing.T) {
	url := serveHTTP(t, func(w http.ResponseWriter, _ *http.Request) {
		time.Sleep(20 * time.Millisecond)
		io.WriteString(w, "single")
	})
	within(t, 2*time.Second, func() {
		r := send(t, Options{URL: url, Duration: 200 * time.Millisecond, Concurrency: 3})
		if r.Interrupted || r.Sent < 3 || r.Sent > 3*11 || r.Answered != r.Sent {
			t.Errorf("200 ms at 20 ms an answer and 3 workers: %+v", r)
		}
	})
}

func TestRun_keepsTheRate(t *testing.T) {
	var mu sync.Mutex // guards arrivals
	var arrivals []time.Time
	url := serveHTTP(t, func(w http.ResponseWriter, _ *http.Request) {
		mu.Lock()
		arrivals = append(arrivals, time.Now())
		mu.Unlock()
		io.WriteString(w, "single")
	})
	var last Answer
	r := send(t, Options{URL: url, Requests: 50, Concurrency: 5, Rate: 100, Observe: func(a Answer) bool {
		last = a
		return true
	}})
	if r.Elapsed < 480*time.Millisecond || r.Elapsed > 3*time.Second {
		t.Errorf("50 requests at 100/s took %v", r.Elapsed)
	}
	if last.Sent < 480*time.Millisecond {
		t.Errorf("the last request was sent after %v", last.Sent)
	}
	early := 0
	for i, at := range arrivals {
		if at.Sub(r.Started) < time.Duration(i)*10*time.Millisecond-5*time.Millisecond {
			early++
		}
	}
	if early > 0 {
		t.Errorf("%d of %d requests were ahead of their time", early, len(arrivals))
	}
}

func TestRun_countsLatencyFromTheIntendedTime(t *testing.T) {
	url := serveHTTP(t, func(w http.ResponseWriter, _ *http.Request) {
		time.Sleep(40 * time.Millisecond)
		io.WriteString(w, "single")
	})
	var longest time.Duration
	send(t, Options{URL: url, Requests: 10, Rate: 100, Observe: func(a Answer) bool {
		longest = max(longest, a.Latency)
		return true
	}})
	// The tenth is due at 90 ms and answered after 400 ms.
	if longest < 300*time.Millisecond {
		t.Errorf("longest latency is %v: the wait for a worker is not in it", longest)
	}
}

func TestRun_stopsWaitingForTheRate(t *testing.T) {
	url, seen := serveCounted(t, "single")
	within(t, 3*time.Second, func() {
		r := send(t, Options{URL: url, Requests: 10, Concurrency: 3, Rate: 0.1, Observe: func(Answer) bool { return false }})
		if seen.requests.Load() != 1 || r.Sent != 1 || r.Interrupted {
			t.Errorf("%d requests, result %+v", seen.requests.Load(), r)
		}
	})
}

func TestRun_measuresLatencyPerVersion(t *testing.T) {
	var n atomic.Int64
	url := serveHTTP(t, func(w http.ResponseWriter, _ *http.Request) {
		if n.Add(1)%2 == 0 {
			io.WriteString(w, "fast")
			return
		}
		time.Sleep(50 * time.Millisecond)
		io.WriteString(w, "slow")
	})
	r := send(t, Options{URL: url, Requests: 20, Concurrency: 2, Recognizer: expecting(t, "auto", "slow", "fast", "absent")})
	slow, fast, absent := r.Versions[0].Latency, r.Versions[1].Latency, r.Versions[2].Latency
	if slow.P50 < 50*time.Millisecond || slow.P99 < slow.P95 || slow.P95 < slow.P50 {
		t.Errorf("slow: %+v", slow)
	}
	if fast.P50 <= 0 || fast.P50 >= slow.P50 {
		t.Errorf("fast: %+v", fast)
	}
	if absent != (Latency{}) {
		t.Errorf("a version that never answered has latency %+v", absent)
	}
}

func TestRun_overUnixSocket(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, r.Host) })}
	go server.Serve(l)
	defer server.Close()
	r := send(t, Options{URL: "http://weather.example:5000/", UnixSocket: path, Requests: 5})
	checkCounts(t, r, map[string]int64{"weather.example:5000": 5})
	if len(r.Addresses) != 0 {
		t.Errorf("addresses %v of a socket", r.Addresses)
	}
}

func TestRun_connectsElsewhere(t *testing.T) {
	url := serveHTTP(t, func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, r.Host) })
	address := url[len("http://") : len(url)-len("/version")]
	r := send(t, Options{URL: "http://weather.example/", ConnectTo: []string{"other::nowhere:1", "weather.example:80:" + address}})
	checkCounts(t, r, map[string]int64{"weather.example": 1})
}

func TestRun_twiceAndAtTheSameTime(t *testing.T) {
	url, seen := serveCounted(t, "single")
	p, err := New(Options{URL: url, Requests: 200, Concurrency: 4})
	if err != nil {
		t.Fatal(err)
	}
	var runs sync.WaitGroup
	for range 3 {
		runs.Go(func() { checkCounts(t, p.Run(t.Context()), map[string]int64{"single": 200}) })
	}
	runs.Wait()
	if seen.requests.Load() != 600 {
		t.Errorf("server saw %d requests", seen.requests.Load())
	}
}
