package report

import (
	"bufio"
	"fmt"
	"io"
	"slices"

	"respy/diagnose"
	"respy/k8s"
)

// Inventory writes every rule with its findings, compactly, then the findings of no single rule, and the sum in the last line. FormatWide adds what stands
// behind each destination, FormatQuiet is the last line alone.
func Inventory(w io.Writer, format Format, v *diagnose.Inventory, o Options) error {
	out := bufio.NewWriter(w)
	sum := soundness(v.ExitCode, o) + escape(v.Message)
	switch format {
	case FormatJSON:
		return indentedJSON(w, v)
	case FormatQuiet:
		fmt.Fprintln(out, sum)
	case FormatTable, FormatWide:
		for _, r := range v.Rules {
			listed(out, r, format == FormatWide, o)
		}
		if explained(out, v.Findings, o); len(v.Findings) > 0 {
			fmt.Fprintln(out)
		}
		if len(v.Unseen) > 0 {
			unseen(out, v.Unseen)
			fmt.Fprintln(out)
		}
		fmt.Fprintln(out, sum)
	default:
		return noExplanation(format)
	}
	return out.Flush()
}

func listed(w io.Writer, r diagnose.ListedRule, wide bool, o Options) {
	code := 0
	if slices.ContainsFunc(r.Findings, func(f diagnose.Finding) bool { return f.Severity == k8s.SeverityError }) {
		code = 1
	}
	line := escape(r.Rule.Object) + " " + escape(r.Rule.Field) + ": " + escape(r.Rule.Shares)
	fmt.Fprintln(w, headline(code, line, o))
	if wide {
		var n node
		for _, d := range r.Destinations {
			n.children = append(n.children, destination(d, nil, r.Findings, true))
		}
		fmt.Fprintln(w, tree(n))
	}
	explained(w, r.Findings, o)
	if len(r.Findings) > 0 {
		fmt.Fprintln(w)
	}
}
