package report_test

import (
	"encoding/csv"
	"encoding/xml"
	"fmt"
	"math"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/jedib0t/go-pretty/v6/text"

	"respy/diagnose"
	"respy/k8s"
	"respy/report"
)

// hostile are texts that a server may answer with.
func hostile() map[string]string {
	return map[string]string{
		"ansi":            "\x1b[2J\x1b[31mMATCH\x1b[0m",
		"c1":              "a\u009b31mb",
		"link":            "\x1b]8;;http://evil.example\x07click\x1b]8;;\x07",
		"newline":         "v1\nMATCH  all is well\r\nmore",
		"separators":      "v1\u2028v2\u2029v3\vv4\fv5",
		"tab":             "v1\tv2",
		"right to left":   "v1\u202egnp.\u202c\u2066x\u2069\u200f",
		"invisible":       "v\u200b1\ufeff\u00ad",
		"mark":            "\u302f\u0301v1",
		"skin tone":       "\U0001f3fbv1",
		"not UTF-8":       "v1\xff\xfe",
		"null":            "v1\x00",
		"bar":             "v1 | 90 | 900 |",
		"script":          "<script>alert(1)</script><img src=x onerror=alert(1)>&lt;",
		"quotes":          "a,b\"c'd`e``f\\|g\\",
		"formula":         "=cmd()|' /C calc'!A0",
		"formula inside":  "@SUM(1+1)*cmd|' /C calc'!A0",
		"command":         "%0A::error title=x::y",
		"cdata":           "]]><failure/>",
		"list":            "- [ ] # 1. x",
		"number":          "1. x",
		"directive":       "v1 # TODO later\\# SKIP",
		"mention":         "@all #1 www.evil.example http://evil.example me@evil.example :smile: $x$ ~~x~~ [a](b)",
		"assignment":      "verdict=match<<EOF",
		"wide":            "天気のバックエンド",
		"emoji":           "🌤 sunny",
		"long":            strings.Repeat("v", 10_000),
		"long of escapes": strings.Repeat("\x1b", 10_000),
	}
}

func hostileNames() *diagnose.Conclusion {
	c := conclusion(diagnose.Mismatch, diagnose.ReasonImpossibleVersion, 1,
		"\x1b[31mMATCH\x1b[0m answered once, and single 90%, multiple|x 10% does not name it\nMATCH  all is well")
	c.Expectation = &diagnose.Source{Kind: "flag"}
	c.Versions = []diagnose.Version{row("single", 90, 0.9, 896, 0.896, 0.87, 0.92), row("multiple|x", 10, 0.1, 96, 0.096, 0.07, 0.12)}
	for _, name := range []string{"\x1b[31mMATCH\x1b[0m", "v1\nv2", "v1\u202e2v", strings.Repeat("v", 10_000), "<b>&amp;", "\xff"} {
		c.Versions = append(c.Versions, row(name, math.NaN(), 0, 1, 0.001, 0, 0.006))
	}
	c.Errors = []diagnose.Failure{{Kind: "status", Count: 2, Sample: "500 Internal Server Error: \x1b]0;title\x07\n" + strings.Repeat("x", 10_000)}}
	c.Test = binomial(0, math.Inf(1), 0)
	return c
}

// everywhere is a conclusion with the text in every place that text from outside can come to.
func everywhere(s string, verdict diagnose.Verdict) *diagnose.Conclusion {
	c := match()
	c.Verdict, c.Target, c.Message, c.Expectation.Route = verdict, s, s, s
	c.Versions[0].Name = s
	c.Versions = append(c.Versions, row(s, math.NaN(), 0, 1, 0.001, 0, 0.006))
	c.Errors = []diagnose.Failure{{Kind: "status", Count: 1, Sample: s}}
	c.Findings = []diagnose.Finding{{ID: "not-on-mesh", Severity: k8s.SeverityError, Object: s, Field: s, Summary: s, Evidence: []string{s}, Fix: s}}
	c.Unseen = []diagnose.Unseen{{Stage: "declared", Why: s}}
	return c
}

// Whatever the text, it adds no line, no control or invisible character, and no broken encoding; and the verdict stays a
// line that can be read.
func TestHostileTextIsInert(t *testing.T) {
	for name, s := range hostile() {
		t.Run(name, func(t *testing.T) { checkInert(t, s) })
	}
}

func checkInert(t *testing.T, s string) {
	t.Helper()
	for _, verdict := range []diagnose.Verdict{diagnose.Mismatch, diagnose.None} {
		for _, format := range human() {
			want := strings.Count(render(t, format, everywhere("plain", verdict)), "\n")
			got := render(t, format, everywhere(s, verdict))
			if lines := strings.Count(got, "\n"); lines != want {
				t.Errorf("%s of %s: %d lines, want %d", format, verdict, lines, want)
			}
			if !utf8.ValidString(got) {
				t.Errorf("%s of %s: not UTF-8", format, verdict)
			}
			if i := strings.IndexFunc(got, func(r rune) bool { return r != '\n' && !unicode.IsPrint(r) }); i >= 0 {
				t.Errorf("%s of %s: holds %.4q", format, verdict, got[i:])
			}
		}
	}
	line := render(t, report.FormatQuiet, everywhere(s, diagnose.Mismatch))
	if n := utf8.RuneCountInString(line); n > 1000 {
		t.Errorf("the verdict line has %d characters", n)
	}
}

// The grid keeps its form: every line of the table is as wide as its first, and a name takes no more than a part of it.
func TestHostileNamesKeepTheGrid(t *testing.T) {
	for name, s := range hostile() {
		t.Run(name, func(t *testing.T) { checkGrid(t, s) })
	}
}

func checkGrid(t *testing.T, name string) {
	t.Helper()
	c := match()
	c.Versions[0].Name = name
	grid := gridLines(render(t, report.FormatTable, c))
	if len(grid) != 6 {
		t.Errorf("the table has %d lines, want 6: a frame, a header and two rows", len(grid))
	}
	for _, line := range grid {
		if w, want := text.StringWidth(line), text.StringWidth(grid[0]); w != want || w > 160 {
			t.Errorf("a line is %d columns wide, the first %d; at most 160 are wanted:\n%s", w, want, line)
		}
	}
}

// FuzzText shows text from outside in every form. How wide it is stays out of it: of the marks of some scripts a text's
// width is not the sum of its parts'.
func FuzzText(f *testing.F) {
	for _, s := range hostile() {
		f.Add(s)
	}
	forms := map[report.Format]string{report.FormatJUnit: "", report.FormatHTML: "", report.FormatCSV: "", report.FormatProm: ""}
	for format := range forms {
		var plain strings.Builder
		if err := report.Write(&plain, format, everywhere("plain", diagnose.Mismatch), report.Options{}); err != nil {
			f.Fatal(err)
		}
		forms[format] = plain.String()
	}
	f.Fuzz(func(t *testing.T, s string) {
		if strings.TrimSpace(s) == "" {
			return // what says nothing may have no line
		}
		checkInert(t, s)
		for format, plain := range forms {
			checkForm(t, format, render(t, format, everywhere(s, diagnose.Mismatch)), plain)
		}
	})
}

// checkForm holds that a form for programs has the same parts with a text as with a plain one.
func checkForm(t *testing.T, format report.Format, got, plain string) {
	t.Helper()
	if !utf8.ValidString(got) {
		t.Errorf("%s: not UTF-8", format)
	}
	switch format {
	case report.FormatHTML:
		if g, w := strings.Count(got, "<"), strings.Count(plain, "<"); g != w {
			t.Errorf("%s: %d elements, want %d", format, g, w)
		}
	case report.FormatProm:
		if g, w := strings.Count(got, "\n"), strings.Count(plain, "\n"); g != w {
			t.Errorf("%s: %d lines, want %d", format, g, w)
		}
	case report.FormatCSV:
		g, err := csv.NewReader(strings.NewReader(got)).ReadAll()
		w, _ := csv.NewReader(strings.NewReader(plain)).ReadAll()
		if err != nil || len(g) != len(w) {
			t.Errorf("%s: %d records, want %d, %v", format, len(g), len(w), err)
		}
	case report.FormatJUnit:
		var g, w struct {
			Cases []struct {
				Failure *struct{} `xml:"failure"`
			} `xml:"testsuite>testcase"`
		}
		if err := xml.Unmarshal([]byte(got), &g); err != nil {
			t.Errorf("%s: %v", format, err)
		}
		if err := xml.Unmarshal([]byte(plain), &w); err != nil || len(w.Cases) == 0 || len(g.Cases) != len(w.Cases) {
			t.Errorf("%s: %d tests, want %d, %v", format, len(g.Cases), len(w.Cases), err)
		}
	}
}

func TestHostileTextSurvivesInJSON(t *testing.T) {
	for name, s := range hostile() {
		if name == "not UTF-8" {
			continue // JSON cannot hold it
		}
		var c diagnose.Conclusion
		decode(t, render(t, report.FormatJSON, everywhere(s, diagnose.Mismatch)), &c)
		if c.Versions[0].Name != s || c.Errors[0].Sample != s || c.Findings[0].Fix != s {
			t.Errorf("%s: read back as %q", name, fmt.Sprintf("%.100s", c.Versions[0].Name))
		}
	}
}

// gridLines are the lines of the table proper.
func gridLines(out string) []string {
	var grid []string
	for line := range strings.Lines(out) {
		if strings.HasPrefix(line, "+") || strings.HasPrefix(line, "|") {
			grid = append(grid, strings.TrimSuffix(line, "\n"))
		}
	}
	return grid
}
