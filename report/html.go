package report

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"strconv"
	"strings"

	"respy/diagnose"
)

//go:embed page.html
var pageSource string

// HTML writes c as one page for a browser: the verdict, the chain of stages, the versions, the findings, and plots with
// the numbers behind them. The page asks nobody for anything and runs no script; it is light or dark as its reader likes.
func HTML(w io.Writer, c *diagnose.Conclusion) error {
	t, err := template.New("page").Parse(pageSource)
	if err != nil {
		return fmt.Errorf("parsing the page: %w", err)
	}
	var b bytes.Buffer
	if err := t.Execute(&b, pageOf(c)); err != nil {
		return fmt.Errorf("filling in the page: %w", err)
	}
	_, err = w.Write(b.Bytes())
	return err
}

// htmlPage is what the page shows, safe to print: the template escapes it for HTML.
type htmlPage struct {
	Title    string
	Class    string // of the verdict, for its colour
	Word     string // the verdict
	Sign     string
	Message  string
	Facts    []fact
	Chain    template.HTML
	Versions grid
	Findings []card
	Prose    []string
	Plots    []plot
	NoPlots  string // why there are none
	Unseen   []fact
}

type fact struct{ Name, Value string }

// grid is a table.
type grid struct {
	Head    []string
	Rows    [][]string
	Classes []string // of the rows' swatches; none for no swatch
}

// card is a finding.
type card struct {
	Severity, ID, Summary, Where, Fix string
	Evidence                          []string
}

// plot is a picture with its explanation and its numbers.
type plot struct {
	Title, Caption string
	Picture        template.HTML
	Table          grid
}

func pageOf(c *diagnose.Conclusion) htmlPage {
	p := htmlPage{
		Title: printable(c.Target), Class: string(c.Verdict), Word: strings.ToUpper(string(c.Verdict)), Sign: sign(c.Verdict),
		Message: cut(escape(c.Message), longestMessage), Facts: facts(c), Versions: versionGrid(c), Findings: cards(c),
	}
	if c.Verdict == diagnose.None {
		p.Word = "NO VERDICT"
	}
	if len(c.Chain) > 0 && len(c.Versions) > 0 {
		p.Chain = chain(c)
	}
	p.Prose = prose(c)
	p.Plots = plots(c)
	if c.Trace == nil {
		p.NoPlots = "The course of the run is not known here: these counts were measured elsewhere."
	}
	for _, u := range c.Unseen {
		p.Unseen = append(p.Unseen, fact{escape(u.Stage), cut(escape(u.Why), longestMessage)})
	}
	return p
}

func sign(v diagnose.Verdict) string {
	switch v {
	case diagnose.Match:
		return "✓"
	case diagnose.Mismatch:
		return "✗"
	case diagnose.Inconclusive:
		return "?"
	default:
		return "–"
	}
}

func facts(c *diagnose.Conclusion) []fact {
	list := []fact{{"Target", printable(c.Target)}}
	if c.Expectation != nil {
		list = append(list, fact{"Weights", printable(origin(c.Expectation))})
	}
	requests := grouped(c.Requests)
	if c.ElapsedSeconds > 0 {
		requests += " in " + seconds(c.ElapsedSeconds)
	}
	list = append(list, fact{"Requests", requests})
	if n := c.Requests - named(c); n > 0 {
		list = append(list, fact{"Without a version", grouped(n)})
	}
	if !c.Started.IsZero() {
		list = append(list, fact{"Started", c.Started.UTC().Format("2006-01-02 15:04:05 UTC")})
	}
	if c.Proxy != nil && c.Proxy.ID != "" {
		list = append(list, fact{"Proxy", printable(c.Proxy.ID)})
	}
	return append(list, fact{"Exit code", strconv.Itoa(c.ExitCode)})
}

// named is how many answers named a version.
func named(c *diagnose.Conclusion) int64 {
	var n int64
	for _, v := range c.Versions {
		n += v.Count
	}
	return n
}

// grouped writes a count with spaces between its thousands that do not break.
func grouped(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "\u202f" + s[i:]
	}
	return s
}

func versionGrid(c *diagnose.Conclusion) grid {
	g := grid{Head: []string{"Version", "Weight", "Expected", seenHead(c), "Share", intervalHead(c), "Off by", "p50", "p95", "p99"}}
	for i, v := range c.Versions {
		cells := versionRow(c, v, true)
		row := make([]string, 0, len(g.Head))
		for _, cell := range cells[:len(g.Head)] {
			row = append(row, fmt.Sprint(cell))
		}
		g.Rows = append(g.Rows, row)
		g.Classes = append(g.Classes, rowClass(c, i))
	}
	for _, e := range c.Errors {
		g.Rows = append(g.Rows, []string{"error: " + printable(e.Kind), "", "", strconv.FormatInt(e.Count, 10), "", "", "", "", "", ""})
		g.Classes = append(g.Classes, "bad")
	}
	return g
}

func seenHead(c *diagnose.Conclusion) string {
	s := strings.ToLower(seenName(c))
	return strings.ToUpper(s[:1]) + s[1:]
}

func intervalHead(c *diagnose.Conclusion) string { return strings.ToLower(intervalName(c)) }

func cards(c *diagnose.Conclusion) []card {
	var list []card
	for _, f := range c.Findings {
		k := card{
			Severity: escape(f.Severity), ID: printable(f.ID), Summary: cut(escape(f.Summary), longestMessage),
			Where: cut(strings.TrimSpace(escape(f.Object)+" "+escape(f.Field)), longestMessage), Fix: cut(escape(f.Fix), longestMessage),
		}
		for _, e := range f.Evidence {
			k.Evidence = append(k.Evidence, cut(escape(e), longestMessage))
		}
		list = append(list, k)
	}
	return list
}

// prose is what the statistics and the errors say, a sentence each.
func prose(c *diagnose.Conclusion) []string {
	var b bytes.Buffer
	statistics(&b, c, true)
	if c.Test != nil && c.Test.Alpha.Exists() && c.Test.Method != "sequential" && (c.Trace == nil || c.Trace.Tolerance == 0) {
		fmt.Fprintf(&b, "p is the probability that a working split shows counts that fit their weights no better than these; the shares are "+
			"called wrong when it is at most alpha, which happens to %s%% of the working splits at most.\n", whole(100*c.Test.Alpha))
	}
	placed(&b, c)
	samples(&b, c)
	text := strings.TrimSpace(b.String())
	if text == "" {
		return nil
	}
	return strings.Split(text, "\n")
}
