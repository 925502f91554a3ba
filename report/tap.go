package report

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"respy/diagnose"
)

// TAP writes a test point for each claim, with YAML diagnostics, in a form that versions 13 and 14 of the Test Anything
// Protocol share (https://testanything.org/tap-version-14-specification.html). It calls itself 13, as prove refuses 14.
// An inconclusive run that passes is skipped.
func TAP(w io.Writer, c *diagnose.Conclusion) error {
	out := bufio.NewWriter(w)
	all := claims(c)
	fmt.Fprintf(out, "TAP version 13\n1..%d\n", len(all))
	for i, claim := range all {
		line := fmt.Sprintf("ok %d - %s", i+1, tapText(claim.name))
		switch claim.state {
		case failed, errored:
			line = "not " + line
		case skipped:
			line += " # SKIP " + tapText(claim.message)
		}
		fmt.Fprintln(out, line)
		if claim.state != skipped || i == 0 {
			tapDiagnostics(out, c, claim, i == 0)
		}
	}
	return out.Flush()
}

// tapDiagnostics writes the YAML block of a test point. Its texts are JSON strings, which YAML contains.
func tapDiagnostics(w io.Writer, c *diagnose.Conclusion, claim claim, isVerdict bool) {
	if claim.message == "" {
		return
	}
	fmt.Fprintf(w, "  ---\n  message: %s\n", quoted(claim.message))
	switch claim.state {
	case failed:
		fmt.Fprintln(w, "  severity: fail")
	case errored:
		fmt.Fprintln(w, "  severity: error")
	}
	if isVerdict {
		for _, f := range figures(c) {
			if f.name != "message" {
				fmt.Fprintf(w, "  %s: %s\n", f.name, quoted(f.value))
			}
		}
		tapFindings(w, c)
	}
	fmt.Fprintln(w, "  ...")
}

func tapFindings(w io.Writer, c *diagnose.Conclusion) {
	if len(c.Findings) == 0 {
		return
	}
	fmt.Fprintln(w, "  findings:")
	for _, f := range c.Findings {
		fmt.Fprintf(w, "    - id: %s\n      summary: %s\n", quoted(escape(f.ID)), quoted(escape(f.Summary)))
		if f.Fix != "" {
			fmt.Fprintf(w, "      fix: %s\n", quoted(escape(f.Fix)))
		}
	}
}

// tapText escapes what would begin a directive in a description.
func tapText(s string) string {
	return strings.NewReplacer(`\`, `\\`, `#`, `\#`).Replace(s)
}

// quoted writes printable text as a JSON string.
func quoted(s string) string {
	text, err := json.Marshal(s)
	if err != nil { // a string has a JSON form
		return `""`
	}
	return string(text)
}
