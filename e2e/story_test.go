package e2e

import (
	"strings"
	"testing"
)

// TestTutorialsBug tells the story of the tutorial that the tool was made for: a port's name took the weights away, and
// its fix brings them back.
func TestTutorialsBug(t *testing.T) {
	s := enter(t, "tcp-port-name")
	r := respy(t, shared.InPod(), s.URL())
	check(t, r, "mismatch", "port-not-http", false)
	for _, f := range r.Findings {
		if f.ID == "port-not-http" && (!strings.Contains(f.Summary+strings.Join(f.Evidence, " "), "tcp-backend") || f.Fix == "" || strings.Contains(f.Fix, "\n")) {
			t.Errorf("the finding does not name the port and its fix in one line:\n%s\n%q\nfix: %s", f.Summary, f.Evidence, f.Fix)
		}
	}
	s = enter(t, "http-port-name")
	check(t, respy(t, shared.InPod(), s.URL()), "match", "", false)
}
