package report

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"respy/diagnose"
	"respy/k8s"
)

// mostAnnotations is how many findings become annotations: a step of GitHub Actions shows ten of each kind, and one of
// them is the verdict's.
const mostAnnotations = 9

// WorkflowCommands writes the verdict and the findings as workflow commands, which GitHub Actions shows as annotations
// (https://docs.github.com/actions/reference/workflow-commands-for-github-actions). What fails the step is an error.
func WorkflowCommands(w io.Writer, c *diagnose.Conclusion) error {
	out := bufio.NewWriter(w)
	command := "notice"
	switch {
	case c.ExitCode != 0:
		command = "error"
	case c.Verdict == diagnose.Inconclusive:
		command = "warning"
	}
	annotate(out, command, "respy: "+string(c.Verdict), c.Message)
	for i, f := range c.Findings {
		if i == mostAnnotations {
			break
		}
		lines := []string{f.Summary}
		if f.Fix != "" {
			lines = append(lines, "fix: "+f.Fix)
		}
		annotate(out, findingCommand(c, f), "respy: "+f.ID, lines...)
	}
	return out.Flush()
}

// findingCommand keeps a finding from showing an error in a step that passes.
func findingCommand(c *diagnose.Conclusion, f diagnose.Finding) string {
	switch {
	case f.Severity == k8s.SeverityInfo:
		return "notice"
	case f.Severity == k8s.SeverityError && c.ExitCode != 0:
		return "error"
	default:
		return "warning"
	}
}

func annotate(w io.Writer, command, title string, lines ...string) {
	for i := range lines {
		lines[i] = cut(escape(lines[i]), longestMessage)
	}
	data := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	property := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
	fmt.Fprintf(w, "::%s title=%s::%s\n", command, property.Replace(printable(title)), data.Replace(strings.Join(lines, "\n")))
}

// StepOutputs writes the values that later steps read as steps.ID.outputs.NAME, a line for each.
func StepOutputs(w io.Writer, c *diagnose.Conclusion) error {
	out := bufio.NewWriter(w)
	for _, f := range figures(c) {
		fmt.Fprintf(out, "%s=%s\n", f.name, f.value)
	}
	return out.Flush()
}
