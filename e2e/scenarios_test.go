package e2e

import (
	"cmp"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"respy/e2e/mesh"
)

// weights are the base's, for the views that cannot read them.
const weights = "single=90,multiple=10"

// A view is what a run may look at.
type view struct {
	name    string
	args    []string
	partial bool   // it may not see enough to name the cause
	finding string // that it must say instead of the scenario's
}

// TestScenarios holds each scenario against what its file promises, with all that there is to see, with the API alone,
// and with the sidecar alone.
func TestScenarios(t *testing.T) {
	files, err := filepath.Glob("scenarios/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scenarios: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".yaml"), func(t *testing.T) {
			s := enter(t, strings.TrimSuffix(filepath.Base(file), ".yaml"))
			for _, v := range views(s) {
				t.Run(v.name, func(t *testing.T) { s := *s; look(t, &s, v) })
			}
		})
	}
}

// views are those of a scenario. Where the sidecar does not hold the weights, --expect gives them.
func views(s *mesh.Scenario) []view {
	sidecar := view{"sidecar", []string{"--kube=false"}, true, s.SidecarFinding}
	if !slices.Contains(s.Args, "--expect") && s.SidecarBlind {
		sidecar.args = append(sidecar.args, "--expect", weights)
	}
	if s.WithoutSidecar {
		return []view{{"api", nil, false, ""}}
	}
	api := view{"api", []string{"--envoy", "off"}, true, ""}
	if !slices.Contains(s.Args, "--session-header") {
		api.args = append(api.args, "-n", "2000") // a connection may be all that one draw decides
	}
	return []view{{"all", nil, false, ""}, api, sidecar}
}

// look runs respy in one view and checks what it says.
func look(t *testing.T, s *mesh.Scenario, v view) {
	caller := shared.InPod()
	if s.WithoutSidecar {
		caller = shared.Outside()
	}
	r := respy(t, caller, slices.Concat(v.args, s.Args, []string{s.URL()})...)
	check(t, r, s.Verdict, cmp.Or(v.finding, s.Finding), v.partial)
}

// check holds a run against the verdict and the finding. A partial view may say instead that it could not see, but never
// name another cause.
func check(t *testing.T, r result, verdict, id string, partial bool) {
	t.Helper()
	if r.Verdict != verdict {
		t.Errorf("verdict %q, want %q", r.Verdict, verdict)
	}
	if want := exitCode(verdict); r.Code != want {
		t.Errorf("exit code %d, want %d", r.Code, want)
	}
	wrong := []string{"error"}
	if id == "" {
		wrong = append(wrong, "warning")
	}
	if found := r.others(id, wrong...); len(found) > 0 {
		t.Errorf("findings %v, want no others than %q", found, id)
	}
	if id != "" && !r.has(id) && !(partial && len(r.Unseen) > 0) {
		t.Errorf("no finding %s", id)
	}
	if t.Failed() {
		t.Log(r)
	}
}

func exitCode(verdict string) int {
	return map[string]int{"match": 0, "none": 0, "mismatch": 1, "inconclusive": 3}[verdict]
}
