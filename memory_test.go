package main

import (
	"bufio"
	"bytes"
	"fmt"
	"math/rand/v2"
	"net"
	"testing"
	"time"
)

// What the program may have resident at 100 connections, and by how much the peak may move with the number of requests or
// the memory in the course of a run: the collector of garbage runs at moments of its own.
const (
	maxMemory  = 30 << 10 // kB
	memoryMove = 2 << 10  // kB
)

// Memory does not grow with the requests. SOAK, of whatever length, compares with ten million.
func TestMemory(t *testing.T) {
	few, many := 100_000, 300_000
	if _, long := soakTime(t); long {
		many = 10_000_000
	}
	program, address := built(t), plainServer(t)
	peak := map[int]int{}
	for _, n := range []int{few, many} {
		p := start(t, program, 2*time.Hour, "-n", fmt.Sprint(n), "-c", "100", "--expect", "v1=90,v2=10", "--envoy", "off",
			"--alpha", rare, "http://"+address+"/version")
		c := p.report(t)
		m := p.last(t)
		t.Logf("%d requests, %.0f/s: %v", c.Requests, float64(c.Requests)/c.ElapsedSeconds, m)
		if c.Requests != int64(n) || c.ExitCode != 0 {
			t.Errorf("%d of %d requests, exit code %d: %s", c.Requests, n, c.ExitCode, c.Message)
		}
		if m.peak > maxMemory {
			t.Errorf("%d requests: peak %d kB, more than %d", n, m.peak, maxMemory)
		}
		peak[n] = m.peak
	}
	if peak[many] > peak[few]+memoryMove {
		t.Errorf("peak %d kB after %d requests and %d kB after %d", peak[many], many, peak[few], few)
	}
}

// plainServer answers as fast as may be, with v1 nine times in ten, else v2.
func plainServer(t *testing.T) (address string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go acceptEach(l, answerPlainly)
	return l.Addr().String()
}

func answerPlainly(conn net.Conn) {
	defer conn.Close()
	answer := func(version string) []byte {
		return fmt.Appendf(nil, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\nX-Version: %s\r\n\r\n%s", len(version), version, version)
	}
	v1, v2 := answer("v1"), answer("v2")
	for r := bufio.NewReader(conn); ; {
		line, err := r.ReadSlice('\n')
		switch {
		case err != nil:
			return
		case len(bytes.TrimSpace(line)) > 0:
			continue
		}
		a := v1
		if rand.IntN(10) == 0 {
			a = v2
		}
		if _, err := conn.Write(a); err != nil {
			return
		}
	}
}
