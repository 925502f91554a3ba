package report

import (
	"bufio"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	"respy/diagnose"
)

// Table writes the report that people read: the verdict first, then a row for each version, then what the statistics
// mean, then the findings with their fixes.
func Table(w io.Writer, c *diagnose.Conclusion, o Options) error { return page(w, c, o, false) }

// Wide is Table with the programmed shares, the chosen clusters, the units of the test and the figures behind it.
func Wide(w io.Writer, c *diagnose.Conclusion, o Options) error { return page(w, c, o, true) }

func page(w io.Writer, c *diagnose.Conclusion, o Options, wide bool) error {
	out := bufio.NewWriter(w)
	fmt.Fprintln(out, verdictLine(c, o))
	if c.Verdict == diagnose.None {
		histogram(out, c)
	} else {
		fmt.Fprintln(out, subject(c))
		versions(out, c, o, wide)
	}
	course(out, c, o)
	samples(out, c)
	placed(out, c)
	statistics(out, c, wide)
	findings(out, c.Findings, o)
	unseen(out, c.Unseen)
	return out.Flush()
}

// subject says what was asked, of whom, by which rule, and how long it took.
func subject(c *diagnose.Conclusion) string {
	s := escape(c.Target)
	if e := c.Expectation; e != nil {
		s += ", " + origin(e)
	}
	s += "\n" + plural(c.Requests, "request")
	if c.ElapsedSeconds > 0 {
		s += " in " + seconds(c.ElapsedSeconds)
	}
	if c.Resent > 0 {
		s += fmt.Sprintf(" (%d sent again on a new connection)", c.Resent)
	}
	return s
}

func origin(e *diagnose.Source) string {
	if e.Kind == "flag" {
		return "weights from --expect"
	}
	s := "weights from the proxy"
	if e.Route != "" {
		s = escape(e.Route)
	}
	if e.Rule > 0 {
		s += " rule " + strconv.Itoa(e.Rule)
	}
	return s
}

func seconds(s float64) string {
	d := time.Duration(s * float64(time.Second))
	if d < time.Second {
		return d.Round(time.Millisecond).String()
	}
	return d.Round(10 * time.Millisecond).String()
}

// versions writes the table of a run that had an expectation. In a narrow terminal it leaves columns out, the latencies
// first; wide is what it is asked to be.
func versions(w io.Writer, c *diagnose.Conclusion, o Options, wide bool) {
	t := newTable(w)
	header := table.Row{"VERSION", "WEIGHT", "EXPECTED", seenName(c), "SHARE", intervalName(c), "DIFF", "P50", "P95"}
	if wide {
		header = append(header, "P99", "PROGRAMMED", "CHOSEN", "ANSWERS")
	}
	t.AppendHeader(header)
	for _, v := range c.Versions {
		t.AppendRow(versionRow(c, v, wide))
	}
	errorRows(t, c)
	t.SetOutputMirror(nil)
	for dropped := 0; ; dropped++ {
		t.SetColumnConfigs(columns(len(header), dropped))
		grid := t.Render()
		if wide || dropped == len(leastNeeded) || o.Width == 0 || lineWidth(grid) <= o.Width {
			fmt.Fprintln(w, grid)
			return
		}
	}
}

// leastNeeded are the columns that a narrow terminal can do without, by number, in this order.
var leastNeeded = [...]int{9, 8, 7, 3, 6}

// columns aligns the columns as alignRight does, and hides the first few of those that are least needed.
func columns(n, dropped int) []table.ColumnConfig {
	configs := rightAligned(n)
	for _, number := range leastNeeded[:dropped] {
		configs[number-2].Hidden = true
	}
	return configs
}

func lineWidth(s string) int {
	line, _, _ := strings.Cut(s, "\n")
	return text.StringWidth(line)
}

// seenName says what was counted, where that is not the answers.
func seenName(c *diagnose.Conclusion) string {
	if c.Test == nil || c.Test.Unit == "request" {
		return "SEEN"
	}
	return strings.ToUpper(c.Test.Unit) + "S"
}

func intervalName(c *diagnose.Conclusion) string {
	if c.Test == nil || !c.Test.Alpha.Exists() {
		return "INTERVAL"
	}
	return whole(diagnose.Number(math.Round(1e8*(100-100*float64(c.Test.Alpha)))/1e8)) + "% INTERVAL"
}

func versionRow(c *diagnose.Conclusion, v diagnose.Version, wide bool) table.Row {
	expected := absent
	if v.ExpectedShare.Exists() {
		expected = whole(diagnose.Number(math.Round(10*float64(v.ExpectedShare)*float64(draws(c))) / 10))
	}
	seen := strconv.FormatInt(v.Count, 10)
	switch placed := v.Draws - v.Count; {
	case c.Test != nil && c.Test.Unit != "request":
		seen = strconv.FormatInt(v.Draws, 10)
	case placed > 0:
		seen += fmt.Sprintf(" +%d", placed)
	}
	row := table.Row{
		printable(v.Name), whole(v.Weight), expected, seen, percent(v.Share), interval(v.Low, v.High),
		points(v.Share - v.ExpectedShare), latency(v.Latency.P50), latency(v.Latency.P95),
	}
	if !wide {
		return row
	}
	chosen := absent
	if v.Chosen != nil {
		chosen = strconv.FormatInt(*v.Chosen, 10)
	}
	return append(row, latency(v.Latency.P99), percent(v.ProgrammedShare), chosen, v.Count)
}

func errorRows(t table.Writer, c *diagnose.Conclusion) {
	if len(c.Errors) == 0 {
		return
	}
	t.AppendSeparator()
	for _, e := range c.Errors {
		t.AppendRow(table.Row{"error: " + escape(e.Kind), "", "", e.Count})
	}
}

// histogram writes what the tool's predecessor wrote: the share of each response.
func histogram(w io.Writer, c *diagnose.Conclusion) {
	t := newTable(w)
	t.AppendHeader(table.Row{"RESPONSE", fmt.Sprintf("%% OF %d REQUESTS", c.Requests)})
	for _, v := range c.Versions {
		t.AppendRow(table.Row{printable(v.Name), ofRequests(v.Count, c.Requests)})
	}
	for _, e := range c.Errors {
		t.AppendRow(table.Row{"error: " + escape(e.Kind), ofRequests(e.Count, c.Requests)})
	}
	t.Render()
}

func ofRequests(count, requests int64) string {
	if requests == 0 {
		return absent
	}
	return strconv.FormatFloat(100*float64(count)/float64(requests), 'g', 3, 64) + "%"
}

func newTable(w io.Writer) table.Writer {
	t := table.NewWriter()
	t.SetOutputMirror(w)
	t.Style().Format.Header = text.FormatDefault
	return t
}

// alignRight aligns every column but the first as numbers are.
func alignRight(t table.Writer, columns int) { t.SetColumnConfigs(rightAligned(columns)) }

func rightAligned(columns int) []table.ColumnConfig {
	configs := make([]table.ColumnConfig, 0, columns)
	for i := 2; i <= columns; i++ {
		configs = append(configs, table.ColumnConfig{Number: i, Align: text.AlignRight, AlignHeader: text.AlignRight})
	}
	return configs
}
