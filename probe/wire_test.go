package probe

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"net/http"
	"runtime"
	"testing"
	"time"
)

// The timer of a connection is that of an earlier request: a late answer has its own time all the same.
func TestRun_eachRequestHasItsOwnTime(t *testing.T) {
	const timeout = 400 * time.Millisecond
	url := serveRaw(t, func(c *net.TCPConn, _ int) {
		r := bufio.NewReader(c)
		for n := 0; readRequest(r); n++ {
			if n == 3 {
				io.Copy(io.Discard, c)
				return
			}
			time.Sleep(timeout / 2)
			io.WriteString(c, ok("single"))
		}
	})
	var answers []Answer
	r := send(t, Options{URL: url, Requests: 4, Timeout: timeout, Observe: func(a Answer) bool {
		answers = append(answers, a)
		return true
	}})
	checkFailure(t, r, KindTimeout, 0, "no answer within 400ms")
	if last := answers[3]; last.Latency < timeout || last.Latency > 2*timeout {
		t.Errorf("given up after %v, want %v", last.Latency, timeout)
	}
	if r.Answered != 3 || r.Connections != 1 {
		t.Errorf("result %+v", r)
	}
}

// A request that the socket does not take at once is sent to its end.
func TestRun_sendsLongBodies(t *testing.T) {
	body := bytes.Repeat([]byte("0123456789abcdef"), 1<<19)
	url := serveRaw(t, func(c *net.TCPConn, _ int) {
		r := bufio.NewReader(c)
		for {
			request, err := http.ReadRequest(r)
			if err != nil {
				return
			}
			if got, err := io.ReadAll(request.Body); err != nil || !bytes.Equal(got, body) {
				t.Errorf("%d bytes of the body arrived, %v", len(got), err)
			}
			io.WriteString(c, ok("single"))
		}
	})
	r := send(t, Options{URL: url, Method: "POST", Body: body, Requests: 5})
	checkCounts(t, r, map[string]int64{"single": 5})
	if r.Connections != 1 {
		t.Errorf("%d connections", r.Connections)
	}
}

// A server may refuse a request before it has read it all.
func TestRun_readsTheAnswerToAHalfSentRequest(t *testing.T) {
	url := serveRaw(t, func(c *net.TCPConn, _ int) {
		r := bufio.NewReader(c)
		if readRequest(r) {
			io.WriteString(c, ok("single"))
		}
		if _, err := http.ReadRequest(r); err != nil {
			return
		}
		io.WriteString(c, "HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\n\r\n")
		c.CloseWrite()
		io.Copy(io.Discard, c)
	})
	r := send(t, Options{URL: url, Method: "POST", Body: make([]byte, 8<<20), Requests: 2})
	checkFailure(t, r, KindStatus, 413, "413 Content Too Large, empty body")
	if r.Answered != 2 || r.Connections != 1 {
		t.Errorf("result %+v", r)
	}
}

// On the steady path nothing is allocated: not for the request, nor for the answer, nor for its place in the tally.
func TestRun_allocatesNothingPerRequest(t *testing.T) {
	for name, answer := range map[string]string{"text": ok("weather-backend: single\n"),
		"header": "HTTP/1.1 200 OK\r\ndate: Mon, 01 Jan 2024 00:00:00 GMT\r\nX-Version: single\r\ncontent-length: 2\r\n\r\n{}"} {
		t.Run(name, func(t *testing.T) {
			url := serveRaw(t, func(c *net.TCPConn, _ int) { answerEach(c, []byte(answer)) })
			mallocs := func(requests int) int64 {
				var before, after runtime.MemStats
				o := Options{URL: url, Requests: requests, Concurrency: 4, Recognizer: expecting(t, "auto", "single", "multiple")}
				runtime.ReadMemStats(&before)
				r := send(t, o)
				runtime.ReadMemStats(&after)
				checkCounts(t, r, map[string]int64{"single": int64(requests), "multiple": 0})
				return int64(after.Mallocs - before.Mallocs)
			}
			mallocs(1000)
			few, many := mallocs(1000), mallocs(11_000)
			if perRequest := float64(many-few) / 10_000; perRequest > 0.05 {
				t.Errorf("%.2f allocations a request", perRequest)
			}
		})
	}
}
