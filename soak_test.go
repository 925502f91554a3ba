package main

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"respy/diagnose"
	"respy/internal/envoytest"
)

// shortSoak keeps the soak from rotting where nobody asks for it.
const shortSoak = 6 * time.Second

// soakTime is how long the soak goes on: the environment variable SOAK, a duration such as 10m, or a few seconds.
func soakTime(t *testing.T) (length time.Duration, long bool) {
	t.Helper()
	text := os.Getenv("SOAK")
	if text == "" {
		return shortSoak, false
	}
	length, err := time.ParseDuration(text)
	if err != nil || length < shortSoak {
		t.Fatalf("SOAK=%s is no duration of at least %s", text, shortSoak)
	}
	return length, true
}

// weightChanges is how often the weights change in a run: every 20 s in one of ten minutes.
const weightChanges = 30

// A long run at full speed through an Envoy whose weights do not rest: nothing is lost or counted twice, the change is
// said, and the memory stays as it is.
func TestSoak(t *testing.T) {
	length, long := soakTime(t)
	program := built(t)
	for _, test := range []struct {
		name   string
		length time.Duration
		args   []string
	}{
		{"100 connections, renewed", length, []string{"-c", "100"}},
		{"10 connections, kept", max(length/5, shortSoak/2), []string{"-c", "10", "--connection-reuse", "0"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := newWeather(t, 90, 10)
			args := append(test.args, "-z", test.length.String(), "--envoy", w.Admin(), "http://"+w.Address("rds")+"/version")
			p := start(t, program, test.length+time.Minute, args...)
			changes := w.changeWeights(t, test.length/weightChanges, p.done)
			c := p.report(t)
			t.Logf("%d requests, %.0f/s, %d resent, weights changed %d times", c.Requests, float64(c.Requests)/c.ElapsedSeconds, c.Resent, changes)
			t.Logf("%s %s: %s", c.Verdict, c.Reason, c.Message)
			for _, f := range c.Findings {
				t.Logf("%s %s: %s; %s", f.Severity, f.ID, f.Summary, strings.Join(f.Evidence, "; "))
			}
			if c.ExitCode != diagnose.ExitInconclusive || c.Reason != diagnose.ReasonChanged || !has(c, "weights-changed") {
				t.Errorf("exit code %d for %s, want %d for changed", c.ExitCode, c.Reason, diagnose.ExitInconclusive)
			}
			w.checkCounts(t, c)
			p.checkMemory(t, test.length, long)
		})
	}
}

// changeWeights gives the route other weights, again and again until done is closed, and returns how often. They never
// are those of the start.
func (w weather) changeWeights(t *testing.T, every time.Duration, done <-chan struct{}) (changes int) {
	t.Helper()
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-done:
			return changes
		case <-tick.C:
			single := []int{50, 20, 70, 40}[changes%4]
			w.SetRoutes(t, "5000", []envoytest.VirtualHost{{Name: "weather", Routes: []string{envoytest.Split("",
				envoytest.Share{Cluster: "single", Weight: single}, envoytest.Share{Cluster: "multiple", Weight: 100 - single})}}})
			changes++
		}
	}
}

// checkCounts holds the report against itself and against what the backends served. A request has either an answer that
// names a version or an error. Nothing fails here, so that all stages agree but for the first attempts of requests that
// were sent again.
func (w weather) checkCounts(t *testing.T, c *diagnose.Conclusion) {
	t.Helper()
	var answers int64
	for _, v := range c.Versions {
		answers += v.Count
		served := w.backends[v.Name].Hits()
		t.Logf("%s: %d served, %s chosen, %d observed", v.Name, served, number(v.Chosen), v.Count)
		if served < v.Count || served > v.Count+c.Resent {
			t.Errorf("%s: %d answers, %d served", v.Name, v.Count, served)
		}
		if v.Chosen == nil || *v.Chosen < v.Count || *v.Chosen > v.Count+c.Resent {
			t.Errorf("%s: %d answers, %s chosen", v.Name, v.Count, number(v.Chosen))
		}
	}
	for _, e := range c.Errors {
		t.Errorf("%d errors of kind %s: %s", e.Count, e.Kind, e.Sample)
		answers += e.Count
	}
	if answers != c.Requests || c.Answered != c.Requests {
		t.Errorf("%d requests, %d answered, %d answers and errors", c.Requests, c.Answered, answers)
	}
}

func number(n *int64) string {
	if n == nil {
		return "unknown"
	}
	return fmt.Sprint(*n)
}

// checkMemory compares the last tenth of a run with the second one, when all is warm: a few seconds are too few for that.
func (p *process) checkMemory(t *testing.T, length time.Duration, long bool) {
	t.Helper()
	var tenths []string
	for i := range time.Duration(10) {
		tenths = append(tenths, fmt.Sprintf("%.1f", float64(p.typical(length*i/10, length*(i+1)/10))/1024))
	}
	last := p.last(t)
	t.Logf("resident by tenths of the time, in MB: %s; at the end %v", strings.Join(tenths, " "), last)
	if last.peak > maxMemory {
		t.Errorf("peak %d kB, more than %d", last.peak, maxMemory)
	}
	warm, end := p.typical(length/10, length/5), p.typical(length*9/10, length)
	if long && end > warm+memoryMove {
		t.Errorf("%d kB resident at the end and %d kB at the start", end, warm)
	}
}
