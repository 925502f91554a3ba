package report_test

import (
	"bytes"
	"regexp"
	"strings"
	"testing"

	"respy/diagnose"
	"respy/report"
)

// decodeCommand undoes what the runner of GitHub Actions undoes in the data of a command.
func decodeCommand(s string) string {
	return strings.NewReplacer("%0D", "\r", "%0A", "\n", "%25", "%").Replace(s)
}

// Whatever the text, there is one command for the verdict and one for each finding, and it says what was meant.
func TestWorkflowCommandsStayTheirs(t *testing.T) {
	form := regexp.MustCompile(`^::(error|warning|notice) title=([^:,\r\n]*)::([^\r\n]*)$`)
	for name, s := range hostile() {
		var b bytes.Buffer
		if err := report.WorkflowCommands(&b, everywhere(s, diagnose.Mismatch)); err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n")
		if len(lines) != 2 {
			t.Errorf("%s: %d commands, want 2", name, len(lines))
		}
		for _, line := range lines {
			match := form.FindStringSubmatch(line)
			if match == nil {
				t.Errorf("%s: %.100q is no command", name, line)
				continue
			}
			if decoded := decodeCommand(match[3]); isPrintable(s) && !strings.Contains(decoded, s) {
				t.Errorf("%s: %q reads %q", name, s, decoded)
			}
		}
	}
}

func TestWorkflowCommandsByVerdict(t *testing.T) {
	check := func(c *diagnose.Conclusion, want string) {
		t.Helper()
		var b bytes.Buffer
		if err := report.WorkflowCommands(&b, c); err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(b.String(), want) {
			t.Errorf("got %q, want it to begin with %q", b.String(), want)
		}
	}
	check(match(), "::notice title=respy%3A match::1000 requests agree with single 90%25, ")
	check(mismatch(), "::error title=respy%3A mismatch::single got 50.6%25 ")
	check(inconclusive(), "::error title=respy%3A inconclusive::20 requests ")
	check(passedInconclusive(), "::warning title=respy%3A inconclusive::20 requests ")
	check(unreachable(), "::error title=respy%3A inconclusive::no answer from http://")
	c := match()
	c.Findings = mismatch().Findings
	var b bytes.Buffer
	if err := report.WorkflowCommands(&b, c); err != nil || strings.Contains(b.String(), "::error") {
		t.Errorf("a match shows an error: %s (%v)", b.String(), err)
	}
}

// Every output is a line of its own, whatever its value.
func TestStepOutputsAreLines(t *testing.T) {
	for name, s := range hostile() {
		var b bytes.Buffer
		if err := report.StepOutputs(&b, everywhere(s, diagnose.Mismatch)); err != nil {
			t.Fatal(err)
		}
		got := map[string]string{}
		for line := range strings.Lines(b.String()) {
			key, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "=")
			got[key] = value
		}
		if got["verdict"] != "mismatch" || got["p-value"] != "0.7926" || len(got) != 10 {
			t.Errorf("%s: read %.200v", name, got)
		}
	}
}
