package main

import (
	"context"
	"fmt"
	"io"
	"math"
	"strings"
	"sync"
	"time"

	"github.com/jedib0t/go-pretty/v6/progress"

	"respy/probe"
)

// How often progress is shown: a line now and then in a log, a moving bar on a terminal.
const (
	logEvery = 5 * time.Second
	barEvery = 200 * time.Millisecond
)

// meter counts the answers of a run for whoever waits for it.
type meter struct {
	total   int64 // requests of the run, 0 when only a duration limits it
	names   func() []string
	started time.Time

	mu       sync.Mutex // guards what follows: the run writes, the display reads
	answered int64
	errors   int64
	counts   []int64 // by version index
	anytimeP float64 // of the sequential test; NaN without one
}

// observe takes one more answer, and the p-value of the sequential test after it.
func (m *meter) observe(a probe.Answer, anytimeP float64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.answered++
	m.anytimeP = anytimeP
	if a.Version < 0 {
		m.errors++
		return
	}
	for a.Version >= len(m.counts) {
		m.counts = append(m.counts, 0)
	}
	m.counts[a.Version]++
}

// line says how far the run is, as in: 400 of 1000 requests, 312/s, v1 90.1%, v2 9.9%.
func (m *meter) line() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	parts := []string{m.amount(), fmt.Sprintf("%.0f/s", float64(m.answered)/time.Since(m.started).Seconds())}
	names := m.names()
	for i, n := range m.counts {
		if i < 3 && n > 0 {
			parts = append(parts, fmt.Sprintf("%.20q %.1f%%", names[i], 100*float64(n)/float64(m.answered)))
		}
	}
	if !math.IsNaN(m.anytimeP) && m.answered > 0 {
		parts = append(parts, fmt.Sprintf("p %.2g", m.anytimeP))
	}
	if m.errors > 0 {
		parts = append(parts, fmt.Sprintf("%d errors", m.errors))
	}
	return strings.Join(parts, ", ")
}

func (m *meter) amount() string {
	if m.total == 0 {
		return fmt.Sprintf("%d requests", m.answered)
	}
	return fmt.Sprintf("%d of %d requests", m.answered, m.total)
}

func (m *meter) done() int64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.answered
}

// show displays the meter on w until ctx ends: as a bar on a terminal, as plain lines elsewhere.
func (m *meter) show(ctx context.Context, w io.Writer) {
	if isTerminal(w) {
		m.showBar(ctx, w)
		return
	}
	for tick(ctx, logEvery) {
		note(w, "%s", m.line())
	}
}

func (m *meter) showBar(ctx context.Context, w io.Writer) {
	tracker := &progress.Tracker{Total: m.total}
	bar := newBar(w)
	bar.AppendTracker(tracker)
	var rendering sync.WaitGroup
	rendering.Go(bar.Render)
	for tick(ctx, barEvery) {
		tracker.UpdateMessage(m.line())
		tracker.SetValue(m.done())
	}
	tracker.MarkAsDone()
	bar.Stop()
	rendering.Wait()
}

func newBar(w io.Writer) progress.Writer {
	bar := progress.NewWriter()
	bar.SetOutputWriter(w)
	bar.SetUpdateFrequency(barEvery)
	bar.SetTrackerLength(20)
	bar.SetTrackerPosition(progress.PositionRight)
	bar.Style().Visibility.Value = false
	bar.Style().Visibility.Percentage = false
	return bar
}

// tick waits for d and reports whether ctx still runs then.
func tick(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}
