package probe

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func TestObserve_inSendOrder(t *testing.T) {
	// Each answer tells when its request arrived. Every twentieth takes 100 times
	// as long: in the order of completion it would be dozens of places late.
	const n, far = 60, 25
	var arrived atomic.Int64
	url := serveHTTP(t, func(w http.ResponseWriter, _ *http.Request) {
		number := arrived.Add(1) - 1
		if number%20 == 0 {
			time.Sleep(200 * time.Millisecond)
		}
		time.Sleep(2 * time.Millisecond)
		fmt.Fprintf(w, "request %d", number)
	})
	recognizer := expecting(t, "body")
	var next int64
	r := send(t, Options{URL: url, Requests: n, Concurrency: 3, Recognizer: recognizer, Observe: func(a Answer) bool {
		var number int64
		if _, err := fmt.Sscanf(recognizer.Names()[a.Version], "request %d", &number); err != nil {
			t.Error(err)
		}
		if a.Seq != next || number < a.Seq-far || number > a.Seq+far {
			t.Errorf("answer %d, observed at place %d, is that to the request that arrived at place %d", a.Seq, next, number)
		}
		next++
		return true
	}})
	if next != n || r.Sent != n {
		t.Errorf("%d observed, %+v", next, r)
	}
}

func TestObserve_stopsSending(t *testing.T) {
	var seen atomic.Int64
	url := serveHTTP(t, func(w http.ResponseWriter, _ *http.Request) {
		seen.Add(1)
		time.Sleep(5 * time.Millisecond)
		io.WriteString(w, "single")
	})
	var observed int64
	r := send(t, Options{URL: url, Requests: 10000, Concurrency: 8, Observe: func(a Answer) bool {
		observed++
		return a.Seq < 20
	}})
	if r.Sent < 21 || r.Sent > 1000 {
		t.Errorf("stopped at the 21st answer, sent %d", r.Sent)
	}
	if observed != r.Sent || seen.Load() != r.Sent || r.Answered != r.Sent || r.Interrupted {
		t.Errorf("observed %d, server saw %d: %+v", observed, seen.Load(), r)
	}
}

func TestRun_boundsWhatIsSentAheadOfTheOldest(t *testing.T) {
	const window = 64
	release := make(chan struct{})
	var seen atomic.Int64
	url := serveRaw(t, func(conn *net.TCPConn, number int) {
		r := bufio.NewReader(conn)
		for readRequest(r) {
			if seen.Add(1) == 1 {
				<-release
			}
			io.WriteString(conn, ok("single"))
		}
	})
	p, err := New(Options{URL: url, Requests: 1000, Concurrency: 4})
	if err != nil {
		t.Fatal(err)
	}
	r := &run{Prober: p, addresses: []string{url[len("http://") : len(url)-len("/version")]},
		started: time.Now(), quota: newQuota(p.options), ring: newRing(window, 0)}
	var once sync.Once
	time.AfterFunc(300*time.Millisecond, func() {
		// The first request that arrives is one of the first four that were sent.
		if got := seen.Load(); got < window || got > window+3 {
			t.Errorf("%d requests sent while an early one is without an answer, window %d", got, window)
		}
		once.Do(func() { close(release) })
	})
	if result := r.do(context.Background()); result.Answered != 1000 {
		t.Errorf("result %+v", result)
	}
}

func TestRing_ordersAnyOrder(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{1, 2, 3, 63, 64, 65, 1000} {
		r := newRing(n, 0)
		for _, i := range rng.Perm(n) {
			r.done(int64(i), ended, outcome{version: int32(i)})
		}
		for i := range n {
			if o, s := r.peek(); s != ended || o.version != int32(i) {
				t.Fatalf("n=%d: place %d holds %d in state %d", n, i, o.version, s)
			}
			r.advance()
		}
		if _, s := r.peek(); s != pending {
			t.Errorf("n=%d: there is more than was put in", n)
		}
	}
}

func TestRun_cancelledWithinRequests(t *testing.T) {
	before := runtime.NumGoroutine()
	stop := make(chan struct{})
	ctx, cancel := context.WithCancel(context.Background())
	var seen atomic.Int64
	s := &http.Server{Handler: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if seen.Add(1) == 10 {
			cancel()
		}
		select {
		case <-stop:
		case <-r.Context().Done():
		}
	})}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go s.Serve(l)
	within(t, 2*time.Second, func() {
		r := sendContext(t, ctx, Options{URL: "http://" + l.Addr().String(), Requests: 100, Concurrency: 10, Timeout: time.Minute})
		if !r.Interrupted || r.Sent != 10 || r.Answered != 0 || len(r.Failures) != 0 || r.GaveUp {
			t.Errorf("result %+v", r)
		}
	})
	close(stop)
	s.Close()
	checkGoroutines(t, before)
}

// checkGoroutines checks that no goroutine is left over.
func checkGoroutines(t *testing.T, want int) {
	t.Helper()
	for range 100 {
		if runtime.NumGoroutine() <= want {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	stacks := make([]byte, 1<<16)
	t.Errorf("%d goroutines, want %d:\n%s", runtime.NumGoroutine(), want, stacks[:runtime.Stack(stacks, true)])
}

func TestRun_cancelledBetweenAnswers(t *testing.T) {
	url, _ := serveCounted(t, "single")
	ctx, cancel := context.WithCancel(context.Background())
	r := sendContext(t, ctx, Options{URL: url, Requests: 100000, Concurrency: 4, Observe: func(a Answer) bool {
		if a.Seq == 50 {
			cancel()
		}
		return true
	}})
	if !r.Interrupted || r.Answered < 51 || r.Sent > r.Answered+4 {
		t.Errorf("result %+v", r)
	}
}

func TestRun_cancelledBefore(t *testing.T) {
	url, seen := serveCounted(t, "single")
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	r := sendContext(t, ctx, Options{URL: url, Requests: 10})
	if !r.Interrupted || r.Sent != 0 || seen.requests.Load() != 0 {
		t.Errorf("result %+v", r)
	}
}

func TestRun_cancelledWhileDialling(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	time.AfterFunc(50*time.Millisecond, cancel)
	within(t, 2*time.Second, func() {
		// 192.0.2.0/24 is reserved for documentation (RFC 5737): nobody answers, or
		// there is no route.
		sendContext(t, ctx, Options{URL: "http://192.0.2.1/", Requests: 1 << 20, Timeout: time.Minute, Rate: 1})
	})
}

func TestRing_hasRoomForItsWindow(t *testing.T) {
	for n, want := range map[int]int64{0: maxAhead, 1: 1, 3: 3, maxAhead - 1: maxAhead - 1, 1 << 30: maxAhead} {
		r := newRing(n, 0)
		if !r.room(want-1) || r.room(want) {
			t.Errorf("%d requests: no window of %d", n, want)
		}
	}
	if r := newRing(1000, 20); !r.room(19) || r.room(20) {
		t.Error("the limit of what is sent ahead does not hold")
	}
}

func TestRing_memoryDoesNotGrowWithRequests(t *testing.T) {
	r := newRing(0, 0)
	var ticket int64
	round := func(late int64) { // the oldest answer comes after so many others
		for i := ticket + late; i >= ticket; i-- {
			r.done(i, ended, outcome{})
		}
		for ; ; ticket++ {
			if _, s := r.peek(); s == pending {
				return
			}
			r.advance()
		}
	}
	if got := testing.AllocsPerRun(20, func() { round(pageSize / 2) }); got > 0 {
		t.Errorf("%v allocations while no answer is late", got)
	}
	for range 3 {
		round(maxAhead - 1) // all that there is room for, from within a page
	}
	if got, want := ticket, int64(21*(pageSize/2+1)+3*maxAhead); got != want {
		t.Errorf("%d outcomes read, want %d", got, want)
	}
	for i := range r.pages {
		if p := r.pages[i].Load(); p != nil && r.at(ticket).Load() != p {
			t.Error("a page is kept that was read")
		}
	}
}
