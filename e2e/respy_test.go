package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"respy/e2e/mesh"
)

// runLimit is more than any run of respy here takes.
const runLimit = 90 * time.Second

// rare is the probability of a false alarm that the tests allow: they run often.
const rare = "1e-6"

// report is what the tests read of respy's JSON.
type report struct {
	Verdict  string `json:"verdict"`
	Reason   string `json:"reason"`
	Message  string `json:"message"`
	ExitCode int    `json:"exitCode"`
	Unseen   []struct {
		Stage string `json:"stage"`
		Why   string `json:"why"`
	} `json:"unseen"`
	Test *struct {
		Unit   string   `json:"unit"`
		PValue *float64 `json:"pValue"`
	} `json:"test"`
	Expectation *struct {
		Source string `json:"source"`
		Route  string `json:"route"`
	} `json:"expectation"`
	Requests int64 `json:"requests"`
	Answered int64 `json:"answered"`
	Versions []struct {
		Version         string   `json:"version"`
		ProgrammedShare *float64 `json:"programmedShare"`
		Chosen          *int64   `json:"chosen"`
		Count           int64    `json:"count"`
	} `json:"versions"`
	Findings []finding `json:"findings"`
}

type finding struct {
	ID       string   `json:"id"`
	Severity string   `json:"severity"`
	Summary  string   `json:"summary"`
	Evidence []string `json:"evidence"`
	Fix      string   `json:"fix"`
}

// result is a run of respy.
type result struct {
	mesh.Answer
	report
	args []string
}

func (r result) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "respy %s\nexit %d, verdict %s (%s): %s\n", strings.Join(r.args, " "), r.Code, r.Verdict, r.Reason, r.Message)
	for _, v := range r.Versions {
		fmt.Fprintf(&b, "  version %s: %d\n", v.Version, v.Count)
	}
	for _, f := range r.Findings {
		fmt.Fprintf(&b, "  %s %s: %s\n", f.Severity, f.ID, f.Summary)
	}
	for _, u := range r.Unseen {
		fmt.Fprintf(&b, "  unseen %s: %s\n", u.Stage, u.Why)
	}
	b.WriteString(r.Err)
	return b.String()
}

// has says whether the finding is there.
func (r result) has(id string) bool {
	return slices.ContainsFunc(r.Findings, func(f finding) bool { return f.ID == id })
}

// others are the findings besides id with one of the severities.
func (r result) others(id string, severities ...string) []string {
	var found []string
	for _, f := range r.Findings {
		if f.ID != id && slices.Contains(severities, f.Severity) {
			found = append(found, f.ID)
		}
	}
	return found
}

// respy runs the tool as the caller and reads its JSON report.
func respy(t *testing.T, c mesh.Caller, args ...string) result {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), runLimit)
	defer cancel()
	line := slices.Concat([]string{"--alpha", rare, "--no-progress", "-o", "json"}, args)
	a, err := shared.Run(ctx, c, shared.Program("respy"), line...)
	if err != nil {
		t.Fatal(err)
	}
	return read(t, a, args)
}

// read reads the report of a run. A run without one is a result with its exit code alone.
func read(t *testing.T, a mesh.Answer, args []string) result {
	t.Helper()
	r := result{Answer: a, args: args}
	if a.Out != "" {
		if err := json.Unmarshal([]byte(a.Out), &r.report); err != nil {
			t.Fatalf("respy %s: no JSON: %v\n%s%s", strings.Join(args, " "), err, a.Out, a.Err)
		}
	}
	return r
}

// enter puts the mesh into the scenario of the name.
func enter(t *testing.T, name string) *mesh.Scenario {
	t.Helper()
	s, err := mesh.ReadScenario("scenarios/" + name + ".yaml")
	if err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	if err := shared.Enter(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	t.Logf("entered %s in %v", name, time.Since(start).Round(time.Millisecond))
	return s
}
