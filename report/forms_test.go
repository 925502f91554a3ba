package report_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"respy/diagnose"
	"respy/report"
)

// stated is what a form says of the outcome. Forms that people read have no exit code.
type stated struct {
	verdict string
	code    string
}

const unsaid = ""

// readings finds the outcome in each form.
func readings() map[report.Format]func(string) stated {
	firstWord := func(text string) stated {
		word, _, _ := strings.Cut(text, "  ")
		return stated{strings.ToLower(word), unsaid}
	}
	return map[report.Format]func(string) stated{
		report.FormatTable: firstWord,
		report.FormatWide:  firstWord,
		report.FormatQuiet: firstWord,
		report.FormatJSON: func(text string) stated {
			var c diagnose.Conclusion
			if json.Unmarshal([]byte(text), &c) != nil {
				return stated{}
			}
			return stated{string(c.Verdict), fmt.Sprint(c.ExitCode)}
		},
		report.FormatCSV:      statedInCSV,
		report.FormatMarkdown: matched(`(?m)^### respy: (\w+)$`),
		report.FormatGitHub:   matched(`(?m)^### respy: (\w+)$`),
		report.FormatJUnit:    statedInJUnit,
		report.FormatTAP:      matched(`(?m)^  verdict: "(\w+)"$`, `(?m)^  exit-code: "(\d+)"$`),
		report.FormatHTML:     matched(`<div class="verdict (\w+)">`, `Exit code</\w+><\w+>(\d+)<`),
		report.FormatProm:     matched(`(?m)^respy_verdict\{verdict="(\w+)",.*\} 1$`, `(?m)^respy_exit_code\{.*\} (\d+)$`),
	}
}

// matched takes the verdict and the exit code from the groups of patterns.
func matched(patterns ...string) func(string) stated {
	return func(text string) stated {
		var found [2]string
		for i, pattern := range patterns {
			if match := regexp.MustCompile(pattern).FindStringSubmatch(text); match != nil {
				found[i] = match[1]
			}
		}
		return stated{found[0], found[1]}
	}
}

func statedInCSV(text string) stated {
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil || len(rows) < 2 {
		return stated{}
	}
	cell := map[string]string{}
	for i, column := range rows[0] {
		cell[column] = rows[1][i]
	}
	return stated{cell["verdict"], cell["exit_code"]}
}

func statedInJUnit(text string) stated {
	var suites struct {
		Properties []struct {
			Name  string `xml:"name,attr"`
			Value string `xml:"value,attr"`
		} `xml:"testsuite>properties>property"`
	}
	if xml.NewDecoder(bytes.NewReader([]byte(text))).Decode(&suites) != nil {
		return stated{}
	}
	value := map[string]string{}
	for _, p := range suites.Properties {
		value[p.Name] = p.Value
	}
	return stated{value["verdict"], value["exit-code"]}
}

// One conclusion, many forms: none of them says another verdict or another exit code.
func TestOutcomeIsTheSameInEveryForm(t *testing.T) {
	all := conclusions()
	all["passed"], all["unreachable"] = passedInconclusive(), unreachable()
	for name, c := range all {
		for _, format := range append(ofConclusions(), report.FormatQuiet) {
			read, known := readings()[format]
			if !known {
				t.Fatalf("%s: say in readings how the outcome is read from it", format)
			}
			got := read(render(t, format, c))
			if c.Verdict == diagnose.None && strings.Contains(got.verdict, "nothing to compare") {
				got.verdict = string(diagnose.None) // a table of answers, which has no verdict to tell
			}
			if got.verdict != string(c.Verdict) {
				t.Errorf("%s: %s says %q, want %q", name, format, got.verdict, c.Verdict)
			}
			if got.code != unsaid && got.code != fmt.Sprint(c.ExitCode) {
				t.Errorf("%s: %s says exit code %s, want %d", name, format, got.code, c.ExitCode)
			}
		}
	}
}
