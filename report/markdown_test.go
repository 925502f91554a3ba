package report_test

import (
	"html"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"respy/report"
)

// Markdown is read by cmark-gfm, with all extensions and raw HTML let through: one table as it was meant, and no element
// but those of the report.
func TestCmarkReadsMarkdown(t *testing.T) {
	cmark := tool(t, "cmark-gfm")
	all, names, files := samplesOf(t, report.FormatMarkdown)
	element := regexp.MustCompile(`</?([a-zA-Z0-9]+)`)
	name := regexp.MustCompile(`<td><code>(.*)</code></td>|<td align="left"><code>(.*)</code></td>`)
	allowed := strings.Fields("h3 h4 p br code table thead tbody tr th td ul li strong")
	for i, sample := range names {
		c := all[sample]
		out, err := exec.Command(cmark, "--unsafe", "-e", "table", "-e", "autolink", "-e", "strikethrough", "-e", "tasklist", files[i]).CombinedOutput()
		if err != nil {
			t.Fatalf("%s: %v: %s", sample, err, out)
		}
		for _, match := range element.FindAllSubmatch(out, -1) {
			if !slices.Contains(allowed, string(match[1])) {
				t.Errorf("%s: an element %s", sample, match[0])
			}
		}
		rows, tables := len(c.Versions)+len(c.Errors), 1
		if rows == 0 {
			tables, rows = 0, -1
		}
		if n := strings.Count(string(out), "<table>"); n != tables {
			t.Errorf("%s: %d tables, want %d", sample, n, tables)
		}
		if n := strings.Count(string(out), "<tr>") - 1; n != rows {
			t.Errorf("%s: %d rows, want %d", sample, n, rows)
		}
		for k, match := range name.FindAllSubmatch(out, -1) {
			got := html.UnescapeString(strings.ReplaceAll(string(match[1])+string(match[2]), "<!-- -->", ""))
			if want := c.Versions[k].Name; got != want && isPrintable(want) {
				t.Errorf("%s: the name %q reads %q", sample, want, got)
			}
		}
	}
}

func isPrintable(s string) bool {
	return len(s) < 60 && !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r > '~' })
}

// A comment holds at most 65,536 characters, a step's summary a mebibyte.
func TestMarkdownIsBounded(t *testing.T) {
	for name, s := range hostile() {
		if n := len(render(t, report.FormatMarkdown, everywhere(s, "mismatch"))); n > 40_000 {
			t.Errorf("%s: %d bytes", name, n)
		}
	}
}
