package report_test

import (
	"bytes"
	"regexp"
	"strings"
	"testing"

	"github.com/jedib0t/go-pretty/v6/text"

	"respy/diagnose"
	"respy/report"
)

// sized renders the table for a terminal of so many columns.
func sized(t *testing.T, c *diagnose.Conclusion, o report.Options) string {
	t.Helper()
	var b bytes.Buffer
	if err := report.Write(&b, report.FormatTable, c, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// sketch is what the table shows of the course of a run.
func sketch(t *testing.T, c *diagnose.Conclusion) string {
	t.Helper()
	var lines []string
	for line := range strings.Lines(sized(t, c, report.Options{Width: 40})) {
		if strings.ContainsAny(line, "▁▂▃▄▅▆▇█░") || strings.Contains(line, "no version") {
			lines = append(lines, strings.TrimRight(line, " \n"))
		}
	}
	return strings.Join(lines, "\n")
}

func small() *diagnose.Conclusion {
	c := match()
	c.Trace = &diagnose.Trace{
		Unit: "request", Alpha: 0.01,
		Versions: []diagnose.Traced{{Row: 0, Name: "single", Share: 0.9}, {Row: 1, Name: "multiple", Share: 0.1}},
		Points: []diagnose.Point{{N: 1, Counts: []int64{1, 0}}, {N: 10, Counts: []int64{9, 1}}, {N: 100, Counts: []int64{93, 7}},
			{N: 1000, Counts: []int64{500, 500}}},
		First: []int{0, 0, 1, -1, 0},
	}
	return c
}

func TestCourseInATerminal(t *testing.T) {
	want := "" +
		"single         ▇▇▇▇▇▇▄▄▄▄▄▄▆▆▆▆▆▁ 50.0%\n" +
		"multiple       ▂▂▂▂▂▂▄▄▄▄▄▄▃▃▃▃▃█ 50.0%\n" +
		"▄ at the weight, ▁ █ out of the 99% band\n" +
		"first 5        ██░×█\n" +
		"               █ single  ░ multiple  × no version"
	if got := sketch(t, small()); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if got := sketch(t, match()); got != "" {
		t.Errorf("without a trace:\n%s", got)
	}
}

func TestCourseWithoutAnExpectation(t *testing.T) {
	c := small()
	for i := range c.Trace.Versions {
		c.Trace.Versions[i].Share = nan
	}
	if got := sized(t, c, report.Options{}); !strings.Contains(got, "from 0 to 100%") || !strings.Contains(got, "███▅ 50.0%") {
		t.Errorf("got\n%s", got)
	}
}

// In a terminal of 80 columns nothing but sentences is wider; a narrower one loses the latencies first.
func TestTableFitsTheTerminal(t *testing.T) {
	check := func(width int, want, unwanted string) {
		t.Helper()
		got := sized(t, drawn(1000, 60, 30, 10), report.Options{Width: width})
		for _, line := range gridLines(got) {
			if w := text.StringWidth(line); w > width {
				t.Errorf("at %d columns a line has %d:\n%s", width, w, line)
			}
		}
		header := gridLines(got)[1]
		for _, name := range strings.Fields(want) {
			if !strings.Contains(header, name) {
				t.Errorf("at %d columns %s is missing in %s", width, name, header)
			}
		}
		for _, name := range strings.Fields(unwanted) {
			if strings.Contains(header, name) {
				t.Errorf("at %d columns %s is in %s", width, name, header)
			}
		}
	}
	check(120, "EXPECTED INTERVAL DIFF P50 P95", "")
	check(80, "EXPECTED INTERVAL DIFF", "P95")
	check(72, "EXPECTED INTERVAL DIFF", "P50 P95")
	check(60, "VERSION WEIGHT SEEN SHARE INTERVAL", "P50 P95 DIFF")
	check(45, "VERSION WEIGHT SEEN SHARE", "INTERVAL")
}

func TestCourseFitsTheTerminal(t *testing.T) {
	pictures := regexp.MustCompile("[▁▂▃▄▅▆▇█░▒▓]{5}|at the weight")
	for _, width := range []int{0, 40, 60, 80, 200} {
		for name, s := range hostile() {
			for line := range strings.Lines(sized(t, drawnEverywhere(s), report.Options{Width: width})) {
				limit := width
				if limit == 0 {
					limit = 80
				}
				if w := text.StringWidth(strings.TrimSuffix(line, "\n")); pictures.MatchString(line) && w > limit {
					t.Errorf("%s: at %d columns a line has %d: %s", name, width, w, line)
				}
			}
		}
	}
	if got := sized(t, small(), report.Options{Width: 30}); strings.Contains(got, "▇") {
		t.Errorf("at 30 columns:\n%s", got)
	}
}

func TestCourseInColour(t *testing.T) {
	sequences := regexp.MustCompile(`\x1b\[[0-9;]*m`)
	plain, colored := sized(t, drawnEverywhere("x"), report.Options{}), sized(t, drawnEverywhere("x"), report.Options{Color: true})
	if sequences.ReplaceAllString(colored, "") != plain {
		t.Errorf("without its colours the report is\n%s\nwant\n%s", sequences.ReplaceAllString(colored, ""), plain)
	}
	if !strings.Contains(sized(t, small(), report.Options{Color: true}), "\x1b[31m▁") {
		t.Error("what is out of the band is not red")
	}
}
