package report_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"respy/probe"
	"respy/report"
)

func TestAnswersAreReadBack(t *testing.T) {
	names := []string{"single"}
	for _, s := range hostile() {
		names = append(names, s)
	}
	var b bytes.Buffer
	known := 1
	w := report.NewAnswers(&b, func() []string { return names[:known] })
	var want []report.Answer
	for i, name := range names {
		known = i + 1
		w.Write(probe.Answer{Seq: int64(i), Version: i, Status: 200, Conn: int64(i / 3), First: i%3 == 0, Session: -1,
			Sent: time.Duration(i) * 1500 * time.Microsecond, Latency: 2 * time.Millisecond, Resent: i == 1})
		name := strings.ToValidUTF8(name, "\ufffd\ufffd") // JSON has no other text
		want = append(want, report.Answer{Seq: int64(i), Version: &name, Status: 200, Conn: int64(i / 3), First: i%3 == 0,
			Session: -1, Sent: float64(i) * 0.0015, Latency: 0.002, Resent: i == 1})
	}
	w.Write(probe.Answer{Seq: int64(len(names)), Version: -1, Kind: probe.KindStatus, Status: 503, Conn: 7, Session: 4})
	want = append(want, report.Answer{Seq: int64(len(names)), Kind: "status", Status: 503, Conn: 7, Session: 4})
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	var got []report.Answer
	for line := range bytes.Lines(b.Bytes()) {
		a, err := report.ParseAnswer(line)
		if err != nil {
			t.Fatalf("%.100q: %v", line, err)
		}
		got = append(got, a)
	}
	near := cmp.Comparer(func(a, b float64) bool { return a-b < 1e-6 && b-a < 1e-6 })
	if diff := cmp.Diff(want, got, near); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// A disk that is full ends the list, not the run; the error comes at the end.
func TestAnswersKeepTheError(t *testing.T) {
	w := report.NewAnswers(&failingWriter{100}, func() []string { return []string{"v1"} })
	for i := range 2000 {
		w.Write(probe.Answer{Seq: int64(i)})
	}
	if err := w.Flush(); !errors.Is(err, errFull) {
		t.Errorf("got error %v, want %v", err, errFull)
	}
}

// A reader at the other end of a pipe need not wait for the end of the run.
func TestAnswersAreFlushedMeanwhile(t *testing.T) {
	var b bytes.Buffer
	w := report.NewAnswers(&b, func() []string { return []string{"v1"} })
	w.Write(probe.Answer{})
	if b.Len() > 0 {
		t.Error("each answer is written by itself, which is slow")
	}
	w.Write(probe.Answer{Seq: 1, Sent: 1100 * time.Millisecond})
	if n := strings.Count(b.String(), "\n"); n != 2 {
		t.Errorf("after a second %d answers are written, want 2", n)
	}
}

func TestParseAnswerRefusesOtherLines(t *testing.T) {
	for _, line := range []string{"", "v1", "{}", "null", "[]", `{"version":"v1"}`, `{"seq":-1}`, `{"seq":0`, `{"seq":"0"}`, `{"seq":0} x`} {
		if a, err := report.ParseAnswer([]byte(line)); err == nil {
			t.Errorf("%q reads %+v", line, a)
		}
	}
}

func TestParseAnswerOfNoSession(t *testing.T) {
	a, err := report.ParseAnswer([]byte(`{"seq":0,"version":"v1"}`))
	if err != nil || a.Session != -1 {
		t.Errorf("got %+v, %v, want no session", a, err)
	}
}

func FuzzParseAnswer(f *testing.F) {
	f.Add([]byte(`{"seq":0,"version":"v1","kind":"","status":200,"conn":0,"first":true,"session":-1,"sent":0.1,"latency":0.2,"resent":false}`))
	f.Add([]byte(`{"seq":1,"version":null,"kind":"timeout"}`))
	f.Fuzz(func(t *testing.T, line []byte) {
		a, err := report.ParseAnswer(line)
		if err != nil {
			return
		}
		text, err := json.Marshal(a)
		if err != nil {
			t.Fatal(err)
		}
		again, err := report.ParseAnswer(text)
		if diff := cmp.Diff(a, again); err != nil || diff != "" {
			t.Errorf("%q: written and read again it is another answer (%v)\n%s", line, err, diff)
		}
	})
}

func BenchmarkAnswers(b *testing.B) {
	w := report.NewAnswers(io.Discard, func() []string { return []string{"single", "multiple"} })
	b.ReportAllocs()
	for i := range b.N {
		w.Write(probe.Answer{Seq: int64(i), Version: i % 2, Status: 200, Conn: int64(i / 10), Session: -1, Sent: time.Duration(i), Latency: time.Millisecond})
	}
}

func BenchmarkParseAnswer(b *testing.B) {
	line := []byte(`{"seq":0,"version":"v1","kind":"","status":200,"conn":0,"first":true,"session":-1,"sent":0.1,"latency":0.2,"resent":false}`)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := report.ParseAnswer(line); err != nil {
			b.Fatal(err)
		}
	}
}
