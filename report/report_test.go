package report_test

import (
	"bytes"
	"errors"
	"regexp"
	"strings"
	"testing"

	"github.com/jedib0t/go-pretty/v6/text"

	"respy/diagnose"
	"respy/report"
)

// The word says what the colour says. A run with nothing to compare has no verdict to tell.
func TestVerdictWordIsInEveryHumanFormat(t *testing.T) {
	for name, c := range conclusions() {
		for _, format := range human() {
			first, _, _ := strings.Cut(render(t, format, c), "\n")
			word := strings.ToUpper(string(c.Verdict))
			if c.Verdict != diagnose.None && !strings.HasPrefix(first, word+"  ") {
				t.Errorf("%s: %s begins with %q, want the word %s", name, format, first, word)
			}
			if format == report.FormatQuiet && render(t, format, c) != first+"\n" {
				t.Errorf("%s: quiet has more than one line", name)
			}
		}
	}
}

// The sequences that set colours, and those alone, tell a coloured report from a plain one.
func TestColorAddsNothingButColor(t *testing.T) {
	sequences := regexp.MustCompile(`\x1b\[[0-9;]*m`)
	for name, c := range conclusions() {
		for _, format := range human() {
			var b bytes.Buffer
			if err := report.Write(&b, format, c, report.Options{Color: true}); err != nil {
				t.Fatal(err)
			}
			plain := render(t, format, c)
			if got := sequences.ReplaceAllString(b.String(), ""); got != plain {
				t.Errorf("%s: %s without its colours is\n%s\nwant\n%s", name, format, got, plain)
			}
			if hasColor := b.String() != plain; hasColor != (c.Verdict != diagnose.None) {
				t.Errorf("%s: %s: coloured is %t", name, format, hasColor)
			}
		}
	}
}

// A terminal of 100 columns shows the table and the sentences around it without wrapping. The verdict may take more: it
// is one line, and may quote an answer.
func TestTableFitsAHundredColumns(t *testing.T) {
	for name, c := range conclusions() {
		if name == "hostile-names" {
			continue
		}
		_, rest, _ := strings.Cut(render(t, report.FormatTable, c), "\n")
		for line := range strings.Lines(rest) {
			if w := text.StringWidth(strings.TrimSuffix(line, "\n")); w > 100 {
				t.Errorf("%s: a line has %d columns:\n%s", name, w, line)
			}
		}
	}
}

func TestNumbersOfTheTable(t *testing.T) {
	check := func(name string, change func(*diagnose.Conclusion), want string) {
		t.Helper()
		c := match()
		change(c)
		if got := render(t, report.FormatTable, c); !strings.Contains(got, want) {
			t.Errorf("%s: %q is not in\n%s", name, want, got)
		}
	}
	weight := func(w diagnose.Number) func(*diagnose.Conclusion) {
		return func(c *diagnose.Conclusion) { c.Versions[0].Weight = w }
	}
	check("a weight", weight(90), " 90 ")
	check("a weight of five digits", weight(10000), " 10000 ")
	check("a weight that rounding would change", weight(99999), " 99999 ")
	check("a fraction as a weight", weight(0.5), " 0.5 ")
	check("a very small p", func(c *diagnose.Conclusion) { c.Test.PValue = 0 }, "p < 1e-300")
	check("a small p", func(c *diagnose.Conclusion) { c.Test.PValue = 0.00000123 }, "p = 1.2e-06")
	check("a usual p", func(c *diagnose.Conclusion) { c.Test.PValue = 0.0456 }, "p = 0.046")
	check("a usual alpha", func(c *diagnose.Conclusion) {}, "99% INTERVAL")
	check("a small alpha", func(c *diagnose.Conclusion) { c.Test.Alpha = 0.00001 }, "99.999% INTERVAL")
	check("a statistic of five digits", func(c *diagnose.Conclusion) { c.Test.Statistic = 17248 }, "Chi-square 17248")
	check("connections as the unit", func(c *diagnose.Conclusion) { c.Test.Unit = "connection" }, "test of 1000 connections")
	check("slow answers", func(c *diagnose.Conclusion) { c.Versions[0].Latency.P50 = 1.2345 }, " 1.23s ")
	check("fast answers", func(c *diagnose.Conclusion) { c.Versions[0].Latency.P50 = 0.000123 }, " 123µs ")
	check("requests sent twice", func(c *diagnose.Conclusion) { c.Resent = 3 }, "3 sent again")
	check("one request", func(c *diagnose.Conclusion) { c.Requests = 1 }, "1 request in")
}

func TestOneErrorIsNotPlural(t *testing.T) {
	if got := render(t, report.FormatTable, none()); strings.Contains(got, "1 times") {
		t.Errorf("got %q for one error", "1 times")
	}
}

// A report without a single row, error or answer is written all the same.
func TestEmptyConclusion(t *testing.T) {
	for _, verdict := range []diagnose.Verdict{diagnose.Inconclusive, diagnose.None} {
		c := &diagnose.Conclusion{Verdict: verdict, Message: "no answer from http://weather-backend:5000"}
		for _, format := range human() {
			if got := render(t, format, c); !strings.Contains(got, c.Message) {
				t.Errorf("%s of %s: %q lacks the message", format, verdict, got)
			}
		}
	}
}

// failingWriter takes so many bytes and then fails.
type failingWriter struct{ left int }

var errFull = errors.New("no space left on device")

func (w *failingWriter) Write(p []byte) (int, error) {
	if len(p) > w.left {
		n := w.left
		w.left = 0
		return n, errFull
	}
	w.left -= len(p)
	return len(p), nil
}

func TestWriteErrorsAreReturned(t *testing.T) {
	for _, format := range append(ofConclusions(), report.FormatQuiet) {
		for name, c := range conclusions() {
			size := len(render(t, format, c))
			for _, fits := range []int{0, 1, size / 2, size - 1} {
				if err := report.Write(&failingWriter{fits}, format, c, report.Options{}); !errors.Is(err, errFull) {
					t.Errorf("%s of %s: %d of %d bytes were written, and the error is %v", format, name, fits, size, err)
				}
			}
			if err := report.Write(&failingWriter{size}, format, c, report.Options{}); err != nil {
				t.Errorf("%s of %s: %v", format, name, err)
			}
		}
	}
}

func TestParseFormat(t *testing.T) {
	for _, want := range report.Formats() {
		if got, err := report.ParseFormat(string(want)); got != want || err != nil {
			t.Errorf("%s: got %q, %v", want, got, err)
		}
	}
	_, err := report.ParseFormat("yaml")
	if err == nil || !strings.Contains(err.Error(), `"yaml"`) || !strings.Contains(err.Error(), report.FormatNames()) {
		t.Errorf("got error %v, want one that names yaml and what there is", err)
	}
}
