package main

import (
	"regexp"
	"testing"
	"time"

	"github.com/jedib0t/go-pretty/v6/text"

	"respy/diagnose"
	"respy/probe"
)

// metered is a meter that has seen these versions answer, -1 for an error, in a run of a thousand that began a second ago.
func metered(t *testing.T, s diagnose.Stopping, versions ...int) *meter {
	t.Helper()
	e := diagnose.FromShares([]diagnose.Share{{Name: "v1", Weight: 90}, {Name: "v2", Weight: 10}}, nil, nil)
	o, err := diagnose.NewObserver(e, s)
	if err != nil {
		t.Fatal(err)
	}
	m := &meter{total: 1000, names: func() []string { return []string{"v1", "v2", "a longer name than fits"} }, observer: o,
		started: time.Now().Add(-time.Second)}
	for i, version := range versions {
		m.observe(probe.Answer{Seq: int64(i), Version: version, Conn: int64(i), First: true, Session: -1})
	}
	return m
}

func TestMeterLine(t *testing.T) {
	check := func(name string, m *meter, columns int, want string) {
		t.Helper()
		got := m.line(columns)
		if !regexp.MustCompile("^" + want + "$").MatchString(got) {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
		if w := text.StringWidth(got); columns > 0 && w > columns {
			t.Errorf("%s: %d columns, at most %d: %s", name, w, columns, got)
		}
	}
	plain := diagnose.Stopping{}
	nine := []int{0, 0, 0, 1, 0, 0, 0, 0, 0, 0}
	check("a run", metered(t, plain, nine...), 0, `10 of 1000 requests, \d+/s, "v1" 90\.0%, "v2" 10\.0%, p 1, ETA 1m\d+s`)
	check("errors", metered(t, plain, 0, -1, 0, -1), 0, `4 of 1000 requests, \d/s, "v1" 50\.0%, p 1, 2 errors, ETA \S+`)
	check("an unknown version", metered(t, plain, 0, 2), 0, `.*, "v1" 50\.0%, "a longer name than f" 50\.0%, p < 1e-300, ETA \S+`)
	check("an early stop", metered(t, diagnose.Stopping{Early: true, Alpha: 0.01}, 1, 1, 1), 0, `.*"v2" 100\.0%, p 0\.0\d+, ETA \S+`)
	check("70 columns", metered(t, plain, nine...), 70, `10 of 1000 requests, \d+/s, "v1" 90\.0%, "v2" 10\.0%, p 1, ETA \S+`)
	check("50 columns", metered(t, plain, nine...), 55, `10 of 1000 requests, \d+/s, "v1" 90\.0%, p 1, ETA \S+`)
	check("20 columns", metered(t, plain, nine...), 20, `10 of 1000 requests,`)
	check("before the first answer", metered(t, plain), 0, `0 of 1000 requests, 0/s, p 1`)

	timed := metered(t, plain, nine...)
	timed.total, timed.duration = 0, time.Minute
	check("a duration", timed, 0, `10 requests, \d+/s, .*, ETA 59s`)
	timed.total, timed.duration = 1000, 20*time.Second
	check("the first of two limits", timed, 0, `10 of 1000 requests, .*, ETA 19s`)

	unknown := metered(t, plain)
	unknown.observer = &diagnose.Observer{}
	unknown.observe(probe.Answer{Version: 0})
	check("nothing to compare with", unknown, 0, `1 of 1000 requests, \d/s, "v1" 100\.0%, ETA \S+`)
}

// The meter passes on what the observer says, and shows its p-value.
func TestMeterSaysWhetherToGoOn(t *testing.T) {
	m := metered(t, diagnose.Stopping{Early: true, Alpha: 0.01})
	for i := range 1000 {
		if !m.observe(probe.Answer{Seq: int64(i), Version: 1, Conn: int64(i), First: true, Session: -1}) {
			if p := m.observer.AnytimeP(); p > 0.01 {
				t.Errorf("stopped at p %v", p)
			}
			return
		}
	}
	t.Error("a thousand answers of the wrong version, and the run goes on")
}

func TestWatchMeterLine(t *testing.T) {
	m := &watchMeter{names: []string{"v1", "v2"}, started: time.Now().Add(-10 * time.Second), duration: time.Minute}
	check := func(columns int, want string) {
		t.Helper()
		if got := m.line(columns); !regexp.MustCompile("^" + want + "$").MatchString(got) {
			t.Errorf("%d columns: got %s, want %s", columns, got, want)
		}
	}
	check(0, `0 requests, 0/s, 50s left`)
	m.set([]int64{90, 10}, 0.5)
	check(0, `100 requests, 10/s, "v1" 90\.0%, "v2" 10\.0%, p 0\.5, 50s left`)
	check(45, `100 requests, 10/s, p 0\.5, 50s left`)
	if m.done() < 10_000 || m.done() > m.whole() {
		t.Errorf("%d of %d ms are over", m.done(), m.whole())
	}
}
