package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"respy/diagnose"
	"respy/internal/envoytest"
)

// traffic is another process's: requests through a listener until the test ends.
type traffic struct {
	sent atomic.Int64
	stop func()
}

// send keeps two clients sending to a listener, each after the answer to its last request.
func (w weather) send(t *testing.T, listener, path string) *traffic {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	g := new(traffic)
	var clients sync.WaitGroup
	for range 2 {
		clients.Go(func() { g.client(ctx, "http://"+w.Address(listener)+path) })
	}
	g.stop = sync.OnceFunc(func() {
		cancel()
		clients.Wait()
	})
	t.Cleanup(g.stop)
	return g
}

func (g *traffic) client(ctx context.Context, url string) {
	client := &http.Client{Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	for ctx.Err() == nil {
		request, err := http.NewRequest(http.MethodGet, url, nil)
		if err != nil {
			return
		}
		g.sent.Add(1)
		response, err := client.Do(request)
		if err != nil {
			time.Sleep(20 * time.Millisecond) // the proxy restarts
			continue
		}
		_, _ = io.Copy(io.Discard, response.Body)
		response.Body.Close()
		time.Sleep(time.Millisecond)
	}
}

// watch runs respy watch on a listener and returns its report and exit code.
func (w weather) watch(t *testing.T, listener string, args ...string) (*diagnose.Conclusion, int) {
	t.Helper()
	return w.watchURL(t, "http://"+w.Address(listener)+"/version", args...)
}

func (w weather) watchURL(t *testing.T, url string, args ...string) (*diagnose.Conclusion, int) {
	t.Helper()
	args = append([]string{"watch", "--alpha", rare, "--interval", "100ms", "-o", "json", "--envoy", w.Admin(), url}, args...)
	var stdout, stderr bytes.Buffer
	code := run(context.Background(), args, strings.NewReader(""), &stdout, &stderr)
	c := new(diagnose.Conclusion)
	if err := json.Unmarshal(stdout.Bytes(), c); err != nil {
		t.Fatalf("%v: exit %d, %v in %q, stderr %q", args, code, err, stdout.String(), stderr.String())
	}
	return c, code
}

func (w weather) hits() int64 { return w.backends["single"].Hits() + w.backends["multiple"].Hits() }

// What the proxy has settles the verdict before any look.
func TestWatchOfOtherWeightsThanExpected(t *testing.T) {
	w := newWeather(t, 90, 10)
	for _, expect := range []string{"single=50,multiple=50", "single=90,multiple=5,ghost=5"} {
		c, code := w.watch(t, "http", "--for", "1m", "--expect", expect)
		if code != 1 || c.Reason != diagnose.ReasonProgrammedDiffers {
			t.Errorf("%s: exit %d for %s (%s), want 1 for programmed-differs", expect, code, c.Reason, c.Message)
		}
	}
}

// A few requests of the right split are too few, and the sentence says how long would do.
func TestWatchOfTooLittle(t *testing.T) {
	w := newWeather(t, 90, 10)
	go func() {
		time.Sleep(300 * time.Millisecond)
		for range 9 {
			if response, err := http.Get("http://" + w.Address("http") + "/version"); err == nil {
				response.Body.Close()
			}
		}
	}()
	c, code := w.watch(t, "http", "--for", "1s")
	if code != 3 || c.Reason != diagnose.ReasonTooSmall || !strings.Contains(c.Message, "would do") || !strings.Contains(c.Message, "--for") {
		t.Errorf("exit %d for %s (%s), want 3 for too-small", code, c.Reason, c.Message)
	}
}

// The counts of a watch are those of the traffic, and respy adds nothing to it.
func TestWatchSendsNothing(t *testing.T) {
	w := newWeather(t, 90, 10)
	g := w.send(t, "rds", "/version")
	c, code := w.watch(t, "rds", "--for", "3s")
	g.stop()
	if code != 0 || c.Verdict != diagnose.Match {
		t.Errorf("exit %d: %s", code, c.Message)
	}
	if sent, served := g.sent.Load(), w.hits(); served > sent {
		t.Errorf("the backends served %d requests and the clients sent %d", served, sent)
	}
	if c.Requests == 0 || c.Requests > w.hits() {
		t.Errorf("%d requests counted, %d served", c.Requests, w.hits())
	}
	if c.Test == nil || c.Test.Unit != "request" || !c.Test.LnE.Exists() {
		t.Errorf("test %+v, want one of requests with ln E", c.Test)
	}
}

func TestWatchWithoutTraffic(t *testing.T) {
	w := newWeather(t, 90, 10)
	c, code := w.watch(t, "http", "--for", "500ms")
	if code != 3 || c.Reason != diagnose.ReasonTooSmall || !strings.Contains(c.Message, "no request") {
		t.Errorf("exit %d for %s (%s), want 3", code, c.Reason, c.Message)
	}
}

func TestWatchSeesTheWeightsChange(t *testing.T) {
	w := newWeather(t, 90, 10)
	w.send(t, "rds", "/version")
	done := make(chan struct{})
	go func() {
		defer close(done)
		time.Sleep(time.Second)
		w.SetRoutes(t, "5000", []envoytest.VirtualHost{{Name: "weather", Routes: []string{envoytest.Split("",
			envoytest.Share{Cluster: "single", Weight: 50}, envoytest.Share{Cluster: "multiple", Weight: 50})}}})
	}()
	started := time.Now()
	c, code := w.watch(t, "rds", "--for", "1m")
	<-done
	if code != 3 || c.Reason != diagnose.ReasonChanged || !strings.Contains(c.Message, "after the start") {
		t.Errorf("exit %d for %s (%s), want 3 for changed, with when", code, c.Reason, c.Message)
	}
	if took := time.Since(started); took > 20*time.Second {
		t.Errorf("took %s after the change was there", took)
	}
}

// The counters begin anew; the watch goes on, leaves out what is lost, and says so.
func TestWatchAcrossARestart(t *testing.T) {
	w := newWeather(t, 90, 10)
	w.send(t, "http", "/version")
	time.Sleep(2500 * time.Millisecond) // uptime counts in seconds
	done := make(chan struct{})
	go func() {
		defer close(done)
		time.Sleep(time.Second)
		w.Restart(t)
	}()
	c, code := w.watch(t, "http", "--for", "6s")
	<-done
	if code != 0 || !says(c, "restarted") {
		t.Errorf("exit %d for %s (%s), not seen: %v; want 0 and a word of the restart", code, c.Reason, c.Message, c.Unseen)
	}
}

// A proxy that is gone at the end decides nothing.
func TestWatchOfAProxyThatEnds(t *testing.T) {
	w := newWeather(t, 90, 10)
	w.send(t, "http", "/version")
	done := make(chan struct{})
	go func() {
		defer close(done)
		time.Sleep(time.Second)
		w.Stop()
	}()
	c, code := w.watch(t, "http", "--for", "3s")
	<-done
	if code != 3 || c.Reason != diagnose.ReasonProxyRestarted {
		t.Errorf("exit %d for %s (%s), want 3 for proxy-restarted", code, c.Reason, c.Message)
	}
}

func says(c *diagnose.Conclusion, text string) bool {
	for _, u := range c.Unseen {
		if strings.Contains(u.Why, text) {
			return true
		}
	}
	return false
}
