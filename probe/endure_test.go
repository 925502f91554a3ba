package probe

import (
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"
)

// margin is how much longer than its requests' timeouts a run may take: for a slow machine, not for the server.
const margin = 10 * time.Second

// patient is the timeout of requests that are to end by themselves, however slow the machine.
const patient = 30 * time.Second

// endure runs like send against a server that misbehaves, and checks what holds whatever that does: the run ends with
// the timeouts of its requests, allocates at most so many bytes (those of the server in this process included), and
// leaves no goroutine behind.
func endure(t *testing.T, o Options, memory uint64) Result {
	t.Helper()
	known := clientGoroutines()
	rounds := (max(o.Requests, 1) + max(o.Concurrency, 1) - 1) / max(o.Concurrency, 1)
	var before, after runtime.MemStats
	var r Result
	runtime.ReadMemStats(&before)
	within(t, time.Duration(rounds)*o.Timeout+margin, func() { r = send(t, o) })
	runtime.ReadMemStats(&after)
	if got := after.TotalAlloc - before.TotalAlloc; got > memory {
		t.Errorf("%d bytes were allocated, more than %d", got, memory)
	}
	checkNoneLeft(t, known)
	return r
}

// checkNoneLeft checks that no goroutines of clients are left but the known ones. Some end a moment after Run: that of
// an HTTP/2 connection when it finds it closed.
func checkNoneLeft(t *testing.T, known map[string]string) {
	t.Helper()
	for end := time.Now().Add(margin); ; time.Sleep(time.Millisecond) {
		left := clientGoroutines()
		for id := range known {
			delete(left, id)
		}
		if len(left) == 0 {
			return
		}
		if time.Now().After(end) {
			for _, stack := range left {
				t.Errorf("a goroutine is left: %s", stack)
			}
			return
		}
	}
}

// clientFrame is a line of a stack that only a client has: a file of this package that is no test's, or the client side
// of net/http and of HTTP/2.
var clientFrame = regexp.MustCompile(`(?m)/probe/[a-z0-9]+\.go:|` +
	`^(created by )?(net/http|golang\.org/x/net/http2)\.\(\*(http2)?(Transport|ClientConn|persistConn|client\w+)\)`)

// clientGoroutines returns the stacks of the goroutines that clients have started, by the goroutines' names.
func clientGoroutines() map[string]string {
	stacks := make([]byte, 8<<20)
	stacks = stacks[:runtime.Stack(stacks, true)]
	found := map[string]string{}
	for stack := range strings.SplitSeq(string(stacks), "\n\n") {
		if name, _, _ := strings.Cut(stack, " ["); clientFrame.MatchString(stack) {
			found[name] = stack
		}
	}
	return found
}
