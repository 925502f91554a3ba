package report_test

import (
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

// Whatever the text, it adds no line, no control or invisible character, and no broken encoding.
func TestHostileTextIsInert(t *testing.T) {
	for _, verdict := range []diagnose.Verdict{diagnose.Mismatch, diagnose.None} {
		for _, format := range human() {
			want := strings.Count(render(t, format, everywhere("plain", verdict)), "\n")
			for name, s := range hostile() {
				got := render(t, format, everywhere(s, verdict))
				if lines := strings.Count(got, "\n"); lines != want {
					t.Errorf("%s in %s of %s: %d lines, want %d", name, format, verdict, lines, want)
				}
				if !utf8.ValidString(got) {
					t.Errorf("%s in %s of %s: not UTF-8", name, format, verdict)
				}
				for _, r := range got {
					if r != '\n' && !unicode.IsPrint(r) {
						t.Errorf("%s in %s of %s: holds %U", name, format, verdict, r)
						break
					}
				}
			}
		}
	}
}

// The grid keeps its form: every line of the table is as wide as its first, and a name takes no more than a part of it.
func TestHostileNamesKeepTheGrid(t *testing.T) {
	for name, s := range hostile() {
		c := match()
		c.Versions[0].Name = s
		grid := gridLines(render(t, report.FormatTable, c))
		if len(grid) != 6 {
			t.Errorf("%s: the table has %d lines, want 6: a frame, a header and two rows", name, len(grid))
		}
		for _, line := range grid {
			if w, want := text.StringWidth(line), text.StringWidth(grid[0]); w != want || w > 160 {
				t.Errorf("%s: a line is %d columns wide, the first %d; at most 160 are wanted:\n%s", name, w, want, line)
			}
		}
	}
}

// The verdict stays a line that can be read, whatever its sentence quotes.
func TestVerdictLineIsNeverEndless(t *testing.T) {
	for name, s := range hostile() {
		line := render(t, report.FormatQuiet, everywhere(s, diagnose.Mismatch))
		if n := utf8.RuneCountInString(line); n > 1000 {
			t.Errorf("%s: the verdict line has %d characters", name, n)
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
