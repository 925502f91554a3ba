package probe

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"runtime"
	"strings"
	"testing"
	"time"
)

// What comes behind an answer is not the answer to the next request, wherever the first one ends in a buffer.
func TestRun_surplusAnswers(t *testing.T) {
	onlyWhereConnectionsCanBeLookedAt(t)
	for _, size := range []int{6, 4036, 8192, 10_000, 70_000} {
		answer := fmt.Sprintf("HTTP/1.1 200 OK\r\nX-Version: single\r\nContent-Length: %d\r\n\r\n%s", size, strings.Repeat("x", size))
		url := serveRaw(t, func(c *net.TCPConn, _ int) {
			for r := bufio.NewReader(c); readRequest(r); {
				io.WriteString(c, answer+ok("other"))
			}
		})
		r := send(t, Options{URL: url, Requests: 10})
		checkCounts(t, r, map[string]int64{"single": 10})
	}
}

// A server may say that it waited too long, and close: that is no answer either, and the request goes over a new connection.
func TestRun_lateSurplusAnswer(t *testing.T) {
	onlyWhereConnectionsCanBeLookedAt(t)
	url := serveRaw(t, func(c *net.TCPConn, _ int) {
		readRequest(bufio.NewReader(c))
		io.WriteString(c, ok("single"))
		time.Sleep(20 * time.Millisecond)
		io.WriteString(c, "HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
	})
	r := send(t, Options{URL: url, Requests: 5, Rate: 5})
	checkCounts(t, r, map[string]int64{"single": 5})
	if r.Resent != 0 || r.Connections != 5 {
		t.Errorf("result %+v", r)
	}
}

func onlyWhereConnectionsCanBeLookedAt(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("a connection is looked at on Linux alone")
	}
}
