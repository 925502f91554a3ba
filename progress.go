package main

import (
	"context"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/jedib0t/go-pretty/v6/progress"
	"github.com/jedib0t/go-pretty/v6/text"

	"respy/diagnose"
	"respy/probe"
)

// How often progress is shown: a line now and then in a log, a moving bar on a terminal.
const (
	logEvery = 5 * time.Second
	barEvery = 200 * time.Millisecond
)

// The columns of the bar, of it with what the library puts beside it, and of the text before it at least.
const (
	trackerWidth = 20
	barWidth     = trackerWidth + 8
	leastLine    = 20
)

// meter counts the answers of a run for whoever waits for it.
type meter struct {
	total    int64         // requests of the run, 0 when only a duration limits it
	duration time.Duration // of the run, 0 when only a number limits it
	names    func() []string
	started  time.Time

	mu       sync.Mutex // guards what follows: the run writes, the display reads
	observer *diagnose.Observer
	answered int64
	errors   int64
	counts   []int64 // by version index
}

// observe takes one more answer, lets the observer have it, and reports whether the run is to go on.
func (m *meter) observe(a probe.Answer) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.answered++
	if a.Version < 0 {
		m.errors++
		return m.observer.Observe(a)
	}
	for a.Version >= len(m.counts) {
		m.counts = append(m.counts, 0)
	}
	m.counts[a.Version]++
	return m.observer.Observe(a)
}

// shownShares is how many versions progress shows at most.
const shownShares = 3

// line says how far the run is, as in: 400 of 1000 requests, 312/s, "v1" 90.1%, "v2" 9.9%, p 0.81, ETA 2s. With fewer
// columns than that takes, it has fewer shares; 0 columns are no limit.
func (m *meter) line(columns int) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return fitted(columns, func(shares int) []string {
		return slices.Concat([]string{m.amount(), m.rate()}, m.shares(shares), m.evidence())
	})
}

// fitted joins the parts of a line with as many shares as there is room for.
func fitted(columns int, parts func(shares int) []string) string {
	line := ""
	for shares := shownShares; shares >= 0; shares-- {
		line = strings.Join(parts(shares), ", ")
		if columns == 0 || text.StringWidth(line) <= columns {
			return line
		}
	}
	return text.Trim(line, columns)
}

// perSecond is how many answers came in a second so far.
func (m *meter) perSecond() float64 { return float64(m.answered) / time.Since(m.started).Seconds() }

func (m *meter) rate() string { return fmt.Sprintf("%.0f/s", m.perSecond()) }

// shares are those of the first few versions that have answered.
func (m *meter) shares(most int) []string { return sharesOf(m.names(), m.counts, m.answered, most) }

func sharesOf(names []string, counts []int64, total int64, most int) []string {
	var parts []string
	for i, n := range counts[:min(len(counts), most)] {
		if n > 0 {
			parts = append(parts, fmt.Sprintf("%.20q %.1f%%", names[i], 100*float64(n)/float64(total)))
		}
	}
	return parts
}

// evidence is what speaks against the weights so far, what failed, and how long the rest will take.
func (m *meter) evidence() []string {
	parts := pSoFar(m.observer.AnytimeP())
	if m.errors > 0 {
		parts = append(parts, fmt.Sprintf("%d errors", m.errors))
	}
	if left, known := m.left(); known {
		parts = append(parts, "ETA "+left.Round(time.Second).String())
	}
	return parts
}

// pSoFar is a p-value that holds at every look, nothing where there is none.
func pSoFar(p float64) []string {
	switch {
	case math.IsNaN(p):
		return nil
	case p < 1e-300:
		return []string{"p < 1e-300"}
	}
	return []string{fmt.Sprintf("p %.2g", p)}
}

// left is how long the run goes on if nothing changes, until the first of its limits.
func (m *meter) left() (time.Duration, bool) {
	left := time.Duration(math.MaxInt64)
	if m.duration > 0 {
		left = max(0, m.duration-time.Since(m.started))
	}
	if m.total > 0 && m.answered > 0 {
		seconds := float64(m.total-m.answered) / m.perSecond()
		left = min(left, time.Duration(seconds*float64(time.Second)))
	}
	return left, left < math.MaxInt64
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

// gauge is what progress is shown of.
type gauge interface {
	line(columns int) string // in so many columns, or 0 for any number
	done() int64             // of whole
	whole() int64            // 0 when it is not known
}

func (m *meter) whole() int64 { return m.total }

// show displays a gauge on w until ctx ends: as a bar on a terminal, as plain lines elsewhere.
func show(ctx context.Context, g gauge, w io.Writer) {
	if isTerminal(w) {
		showBar(ctx, g, w)
		return
	}
	for tick(ctx, logEvery) {
		note(w, "%s", g.line(0))
	}
}

func showBar(ctx context.Context, g gauge, w io.Writer) {
	tracker := &progress.Tracker{Total: g.whole()}
	bar := newBar(w)
	bar.AppendTracker(tracker)
	var rendering sync.WaitGroup
	rendering.Go(bar.Render)
	for tick(ctx, barEvery) {
		tracker.UpdateMessage(g.line(max(widthOf(w)-barWidth, leastLine)))
		tracker.SetValue(g.done())
	}
	tracker.MarkAsDone()
	bar.Stop()
	rendering.Wait()
}

func newBar(w io.Writer) progress.Writer {
	bar := progress.NewWriter()
	bar.SetOutputWriter(w)
	bar.SetUpdateFrequency(barEvery)
	bar.SetTrackerLength(trackerWidth)
	bar.SetTrackerPosition(progress.PositionRight)
	bar.Style().Visibility.Value = false
	bar.Style().Visibility.Percentage = false
	bar.Style().Visibility.Time = false
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
