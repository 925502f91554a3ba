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
		for i, r := range v.Rules {
			listed(out, r, said(v.Rules[:i], r), format == FormatWide, o)
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

// said are the findings of a rule that stand at an earlier one of its object, which they are about.
func said(earlier []diagnose.ListedRule, r diagnose.ListedRule) []diagnose.Finding {
	var all []diagnose.Finding
	for _, e := range earlier {
		if e.Rule.Object != r.Rule.Object {
			continue
		}
		for _, f := range e.Findings {
			if f.Object == r.Rule.Object && slices.ContainsFunc(r.Findings, f.Is) && !slices.ContainsFunc(all, f.Is) {
				all = append(all, f)
			}
		}
	}
	return all
}

// listed writes a rule with its findings, those that are said already by their names alone.
func listed(w io.Writer, r diagnose.ListedRule, said []diagnose.Finding, wide bool, o Options) {
	code := 0
	if slices.ContainsFunc(r.Findings, func(f diagnose.Finding) bool { return f.Severity == k8s.SeverityError }) {
		code = 1
	}
	line := escape(r.Rule.Object) + " " + escape(r.Rule.Field) + ": " + escape(r.Rule.Shares)
	for _, f := range said {
		line += " <- " + escape(f.ID)
	}
	fmt.Fprintln(w, headline(code, line, o))
	if wide {
		var n node
		for _, d := range r.Destinations {
			n.children = append(n.children, destination(d, nil, r.Findings, true))
		}
		fmt.Fprintln(w, tree(n))
	}
	rest := slices.DeleteFunc(slices.Clone(r.Findings), func(f diagnose.Finding) bool { return slices.ContainsFunc(said, f.Is) })
	explained(w, rest, o)
	if len(rest) > 0 {
		fmt.Fprintln(w)
	}
}
