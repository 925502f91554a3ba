package report_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"respy/diagnose"
	"respy/report"
)

// Programs of others read every form here. A machine without them skips the test, CI must not.

// tool returns the path of a program, or ends the test.
func tool(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		without(t, name, "make tools")
	}
	return path
}

// without ends a test that lacks something.
func without(t *testing.T, what, remedy string) {
	t.Helper()
	if os.Getenv("CI") != "" {
		t.Fatalf("no %s for this test: run %s", what, remedy)
	}
	t.Skipf("no %s for this test: run %s", what, remedy)
}

// samplesOf renders the conclusions that readers are shown, into files, and returns their names in the order of the files.
func samplesOf(t *testing.T, format report.Format) (all map[string]*diagnose.Conclusion, names, files []string) {
	t.Helper()
	all = conclusions()
	for name, s := range hostile() {
		all["hostile "+name] = everywhere(s, diagnose.Mismatch)
		all["hostile inconclusive "+name] = everywhere(s, diagnose.Inconclusive)
	}
	all["passed"] = passedInconclusive()
	all["unreachable"] = unreachable()
	all["empty"] = &diagnose.Conclusion{Schema: diagnose.Schema, Verdict: diagnose.None, Reason: diagnose.ReasonNoExpectation,
		Unseen: []diagnose.Unseen{}, Errors: []diagnose.Failure{}, Versions: []diagnose.Version{}, Findings: []diagnose.Finding{}}
	names = slices.Sorted(maps.Keys(all))
	dir := t.TempDir()
	for i, name := range names {
		file := filepath.Join(dir, fmt.Sprintf("%03d.%s", i, format))
		if err := os.WriteFile(file, []byte(render(t, format, all[name])), 0o666); err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	return all, names, files
}

// readWithPython has testdata/read.py read the files of a form.
func readWithPython(t *testing.T, format report.Format, files []string, into any) {
	t.Helper()
	python := filepath.Join("..", ".venv", "bin", "python")
	if err := exec.Command(python, "-c", "import jsonschema, junitparser, yaml").Run(); err != nil {
		without(t, "Python with junitparser, jsonschema and PyYAML", "make readers")
	}
	command := exec.Command(python, append([]string{filepath.Join("testdata", "read.py"), string(format)}, files...)...)
	var stderr bytes.Buffer
	command.Stderr = &stderr
	out, err := command.Output()
	if err != nil {
		t.Fatalf("reading %s with Python: %v\n%s", format, err, stderr.String())
	}
	if err := json.Unmarshal(out, into); err != nil {
		t.Fatal(err)
	}
}

// JUnit is read by junitparser: as many cases as there are claims, and one that fails exactly if the exit code is not 0.
func TestJUnitParserReadsJUnit(t *testing.T) {
	all, names, files := samplesOf(t, report.FormatJUnit)
	var read []struct {
		Cases []struct {
			Name    string
			Results []string
			Texts   []string
		}
		Counts     []int
		Properties map[string]string
	}
	readWithPython(t, report.FormatJUnit, files, &read)
	for i, name := range names {
		c, got := all[name], read[i]
		counted := map[string]int{}
		seen := map[string]bool{}
		for _, test := range got.Cases {
			for k, result := range test.Results {
				counted[result]++
				if result != "Skipped" && test.Texts[k] == "" {
					t.Errorf("%s: %s has no text", name, test.Name)
				}
			}
			if seen[test.Name] {
				t.Errorf("%s: two cases are called %.40q", name, test.Name)
			}
			seen[test.Name] = true
		}
		want := []int{len(got.Cases), counted["Failure"], counted["Error"], counted["Skipped"]}
		if !slices.Equal(got.Counts, want) {
			t.Errorf("%s: it says %v tests, failures, errors and skipped ones, and holds %v", name, got.Counts, want)
		}
		if red := got.Counts[1]+got.Counts[2] > 0; red != (c.ExitCode != 0) {
			t.Errorf("%s: a case fails is %t with exit code %d", name, red, c.ExitCode)
		}
		if got.Properties["verdict"] != string(c.Verdict) {
			t.Errorf("%s: the verdict reads %q", name, got.Properties["verdict"])
		}
	}
}

// CSV is read by Python's module: a row for each version, of which none is a formula.
func TestPythonReadsCSV(t *testing.T) {
	all, names, files := samplesOf(t, report.FormatCSV)
	var read [][]map[string]any
	readWithPython(t, report.FormatCSV, files, &read)
	for i, name := range names {
		c := all[name]
		if want := max(1, len(c.Versions)); len(read[i]) != want {
			t.Errorf("%s: %d rows, want %d", name, len(read[i]), want)
		}
		for _, row := range read[i] {
			for column, value := range row {
				text, ok := value.(string)
				if !ok {
					t.Errorf("%s: column %s is %v: the rows are not as wide as the header", name, column, value)
				}
				if column == "version" && strings.ContainsAny(text[:min(1, len(text))], "=+-@\t\r") {
					t.Errorf("%s: %.40q is a formula", name, text)
				}
			}
			if row["verdict"] != string(c.Verdict) || row["exit_code"] != fmt.Sprint(c.ExitCode) {
				t.Errorf("%s: the row says %v and exit code %v", name, row["verdict"], row["exit_code"])
			}
		}
	}
}

func TestJSONIsValidAgainstTheSchema(t *testing.T) {
	_, names, files := samplesOf(t, report.FormatJSON)
	var read [][]string
	readWithPython(t, report.FormatJSON, files, &read)
	for i, name := range names {
		for _, problem := range read[i] {
			t.Errorf("%s: %.200s", name, problem)
		}
	}
}

// TAP is read by prove, which passes exactly if the exit code is 0; its diagnostics are read by PyYAML.
func TestProveReadsTAP(t *testing.T) {
	prove := tool(t, "prove")
	all, names, files := samplesOf(t, report.FormatTAP)
	for i, name := range names {
		out, err := exec.Command(prove, "--exec", "cat", files[i]).CombinedOutput()
		if bytes.Contains(out, []byte("Parse errors")) {
			t.Errorf("%s: %s", name, out)
		}
		if passes := err == nil; passes != (all[name].ExitCode == 0) {
			t.Errorf("%s: prove passes is %t with exit code %d: %s", name, passes, all[name].ExitCode, out)
		}
	}
	var blocks [][]map[string]any
	readWithPython(t, report.FormatTAP, files, &blocks)
	for i, name := range names {
		if all[name].Verdict != diagnose.None && all[name].ExitCode != 0 && blocks[i][0]["verdict"] != string(all[name].Verdict) {
			t.Errorf("%s: the diagnostics begin with %v", name, blocks[i][0])
		}
	}
}

func TestPromtoolReadsProm(t *testing.T) {
	promtool := tool(t, "promtool")
	_, names, files := samplesOf(t, report.FormatProm)
	for i, name := range names {
		in, err := os.Open(files[i])
		if err != nil {
			t.Fatal(err)
		}
		command := exec.Command(promtool, "check", "metrics")
		command.Stdin = in
		if out, err := command.CombinedOutput(); err != nil || len(out) > 0 {
			t.Errorf("%s: %v: %.300s", name, err, out)
		}
		in.Close()
	}
}
