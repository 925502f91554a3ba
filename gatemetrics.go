package main

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"time"
)

// answerMetrics writes what has come of the checks in Prometheus' text format
// (https://prometheus.io/docs/instrumenting/exposition_formats/).
func (g *gate) answerMetrics(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	var targets []*target
	for _, name := range slices.Sorted(maps.Keys(g.targets)) {
		targets = append(targets, g.targets[name])
	}
	metric(w, "respy_checks_total", "counter", "Checks that have ended, by outcome.", targets, (*target).writeCounts)
	metric(w, "respy_checks_refused_total", "counter", "Requests for a check that found no turn.", targets, (*target).writeRefused)
	metric(w, "respy_last_verdict", "gauge", "Whether this is the verdict of the last check.", targets, (*target).writeVerdict)
	metric(w, "respy_last_check_timestamp_seconds", "gauge", "When the last check ended, since 1970.", targets, (*target).writeTime)
}

func metric(w io.Writer, name, kind, help string, targets []*target, write func(*target, io.Writer, string)) {
	fmt.Fprintf(w, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, kind)
	for _, t := range targets {
		t.mu.Lock()
		write(t, w, name)
		t.mu.Unlock()
	}
}

func (t *target) writeCounts(w io.Writer, name string) {
	for _, outcome := range outcomes() {
		fmt.Fprintf(w, "%s{outcome=%q,target=%q} %d\n", name, outcome, t.name, t.counts[outcome])
	}
}

func (t *target) writeRefused(w io.Writer, name string) {
	fmt.Fprintf(w, "%s{target=%q} %d\n", name, t.name, t.refused)
}

func (t *target) writeVerdict(w io.Writer, name string) {
	if t.last == nil {
		return
	}
	for _, verdict := range outcomes()[:4] {
		is := 0
		if verdict == string(t.last.Verdict) {
			is = 1
		}
		fmt.Fprintf(w, "%s{target=%q,verdict=%q} %d\n", name, t.name, verdict, is)
	}
}

func (t *target) writeTime(w io.Writer, name string) {
	if t.last == nil {
		return
	}
	end := t.last.Started.Add(time.Duration(t.last.ElapsedSeconds * float64(time.Second)))
	fmt.Fprintf(w, "%s{target=%q} %.3f\n", name, t.name, float64(end.UnixMilli())/1000)
}
