//go:build linux

package main

import (
	"bytes"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
)

// The marks between which the figures stand in a page.
const (
	startMark = "<!-- figures of make bench -->"
	endMark   = "<!-- end of the figures -->"
)

// page is the figures in Markdown.
func page(loads []load, verdicts []outcome) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Measured on %s on %s: one core for the server, one for the client, connections kept, the median of alternating runs.\n"+
		"In brackets respy's figure divided by the tool's.\n\n", time.Now().Format(time.DateOnly), machine())
	if missing := loads[0].missing; len(missing) > 0 {
		fmt.Fprintf(&b, "Not installed: %s.\n\n", strings.Join(missing, ", "))
	}
	for _, f := range figures() {
		b.WriteString(loadTable(loads, f) + "\n\n")
	}
	fmt.Fprintf(&b, "Requests and time to a verdict on loopback, means of %d runs, and how often the verdict was right:\n\n", repetitions)
	b.WriteString(verdictTable(verdicts) + "\n")
	return b.String()
}

// loadTable shows one figure of all tools at all numbers of connections.
func loadTable(loads []load, f figure) string {
	w := table.NewWriter()
	header := table.Row{f.name}
	for _, l := range loads {
		header = append(header, l.title())
	}
	w.AppendHeader(header)
	for _, tool := range loads[0].tools {
		row := table.Row{tool}
		for _, l := range loads {
			row = append(row, l.cell(tool, f))
		}
		w.AppendRow(row)
	}
	return w.RenderMarkdown()
}

func (l load) title() string {
	if l.connections == 1 {
		return "1 connection"
	}
	return fmt.Sprintf("%d connections", l.connections)
}

// figure is one of a run, and how it is written.
type figure struct {
	name   string
	of     func(usage) float64
	format string
}

func figures() []figure {
	return []figure{
		{"CPU µs a request", usage.perRequest, "%.2f"}, {"requests a second", usage.rate, "%.0f"}, {"peak MB of memory", usage.megabytes, "%.1f"},
	}
}

func (l load) cell(tool string, f figure) string {
	text := fmt.Sprintf(f.format, median(l.runs[tool], f.of))
	if tool == "respy" {
		return text
	}
	return text + fmt.Sprintf(" (%.2f)", l.ratio(tool, f.of))
}

// ratio is the median over the rounds of respy's figure divided by that of a tool in the same round.
func (l load) ratio(tool string, of func(usage) float64) float64 {
	ratios := make([]float64, len(l.runs[tool]))
	for round, u := range l.runs[tool] {
		ratios[round] = of(l.runs["respy"][round]) / of(u)
	}
	slices.Sort(ratios)
	return ratios[len(ratios)/2]
}

func median(runs []usage, of func(usage) float64) float64 {
	values := make([]float64, len(runs))
	for i, u := range runs {
		values[i] = of(u)
	}
	slices.Sort(values)
	return values[len(values)/2]
}

func verdictTable(outcomes []outcome) string {
	w := table.NewWriter()
	w.AppendHeader(table.Row{"configured", "procedure", "right", "requests", "time"})
	for _, o := range outcomes {
		right := "-"
		if o.judged {
			right = fmt.Sprintf("%.1f%%", 100*o.right)
		}
		w.AppendRow(table.Row{o.scenario, o.procedure, right, fmt.Sprintf("%.0f", o.requests), o.wall.Round(100 * time.Microsecond)})
	}
	return w.RenderMarkdown()
}

// machine names the processor and the system.
func machine() string {
	info, _ := os.ReadFile("/proc/cpuinfo")
	release, _ := os.ReadFile("/proc/sys/kernel/osrelease")
	model := regexp.MustCompile(`model name\s*:\s*(.*)`).FindSubmatch(info)
	if model == nil {
		model = [][]byte{nil, []byte("an unknown processor")}
	}
	version, _, _ := bytes.Cut(release, []byte("-"))
	return fmt.Sprintf("%s, Linux %s", model[1], bytes.TrimSpace(version))
}

// writeBetweenMarks replaces what stands between the marks of a file.
func writeBetweenMarks(name, text string) error {
	page, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	before, rest, found := strings.Cut(string(page), startMark)
	_, after, ended := strings.Cut(rest, endMark)
	if !found || !ended {
		return fmt.Errorf("%s has no %s … %s", name, startMark, endMark)
	}
	return os.WriteFile(name, []byte(before+startMark+"\n"+text+endMark+after), 0o666)
}
