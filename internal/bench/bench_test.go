//go:build linux

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"respy/diagnose"
	"respy/probe"
)

func TestMain(m *testing.M) {
	if len(os.Args) == 3 && os.Args[1] == serveCommand {
		os.Exit(exitCode(serve(os.Args[2], os.Stdin, os.Stdout)))
	}
	os.Exit(m.Run())
}

func TestServerCountsWhatItServes(t *testing.T) {
	for perMille, version := range map[int]string{1000: "single", 0: "multiple"} {
		s, err := startServer(t.Context(), perMille)
		if err != nil {
			t.Fatal(err)
		}
		r, err := check{s.url, 0.9}.send(t.Context(), probe.Options{Requests: 123})
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range r.Versions {
			if (v.Name == version) != (v.Count == 123) {
				t.Errorf("%d per mille: %d answers of %s", perMille, v.Count, v.Name)
			}
		}
		if n, err := s.served(); n != 123 || err != nil {
			t.Errorf("%d requests were served, %v", n, err)
		}
		if err := s.stop(); err != nil {
			t.Error(err)
		}
	}
}

// The procedures are right where the answer is plain: every request goes to one version.
func TestProcedures(t *testing.T) {
	s, err := startServer(t.Context(), 1000)
	if err != nil {
		t.Fatal(err)
	}
	defer s.stop()
	for _, p := range procedures() {
		verdict, sent, err := p.decide(t.Context(), check{s.url, 0.5})
		if err != nil || sent == 0 || verdict != diagnose.Mismatch && verdict != diagnose.None {
			t.Errorf("%s: %s after %d requests, %v", p.name, verdict, sent, err)
		}
	}
}

func TestMeasure(t *testing.T) {
	s, err := startServer(t.Context(), 900)
	if err != nil {
		t.Fatal(err)
	}
	defer s.stop()
	sh := tool{name: "sh", path: "/bin/sh", args: func(url string, _, _ int) []string {
		return []string{"-c", "i=0; while [ $i -lt 50000 ]; do i=$((i+1)); done; sleep .1"}
	}}
	u, err := sh.measure(t.Context(), s, 10, 1)
	if err != nil || u.requests != 0 || u.wall < 100*time.Millisecond || u.cpu <= 0 || u.cpu > u.wall || u.peak < 100_000 {
		t.Errorf("usage %+v, %v", u, err)
	}
	sh.path = "/bin/false"
	if _, err := sh.measure(t.Context(), s, 10, 1); err == nil {
		t.Error("a tool that fails is measured")
	}
}

func TestPage(t *testing.T) {
	runs := func(cpu ...time.Duration) (all []usage) {
		for _, c := range cpu {
			all = append(all, usage{requests: 1000, wall: 100 * time.Millisecond, cpu: c, peak: 20e6})
		}
		return all
	}
	l := load{connections: 10, tools: []string{"respy", "wrk"}, missing: []string{"oha"}, runs: map[string][]usage{
		"respy": runs(6*time.Millisecond, 9*time.Millisecond, 7*time.Millisecond),
		"wrk":   runs(5*time.Millisecond, 9*time.Millisecond, 8*time.Millisecond),
	}}
	text := page([]load{l}, []outcome{{scenario{0.9, 0.5}, "respy --early-stop", 1, 16.4, 2 * time.Millisecond, true}})
	for _, want := range []string{"Not installed: oha", "| CPU µs a request | 10 connections |", "| respy | 7.00 |", "| wrk | 8.00 (1.00) |",
		"| wrk | 10000 (1.00) |", "| wrk | 20.0 (1.00) |",
		"| 90/10, really 50/50 | respy --early-stop | 100.0% | 16 | 2ms |"} {
		if !strings.Contains(text, want) {
			t.Errorf("the page lacks %q:\n%s", want, text)
		}
	}
	file := filepath.Join(t.TempDir(), "page.md")
	os.WriteFile(file, []byte("before\n"+startMark+"\nold\n"+endMark+"\nafter\n"), 0o666)
	if err := writeBetweenMarks(file, text); err != nil {
		t.Fatal(err)
	}
	got, _ := os.ReadFile(file)
	if want := "before\n" + startMark + "\n" + text + endMark + "\nafter\n"; string(got) != want {
		t.Errorf("written %q", got)
	}
	if err := writeBetweenMarks(os.DevNull, text); err == nil {
		t.Error("a file without marks is written to")
	}
}
