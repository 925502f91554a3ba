package e2e

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"respy/e2e/mesh"
)

var update = flag.Bool("update", false, "write what the walk-through's commands print into it")

const walkthrough = "../doc/walkthrough.md"

// inPod is how the walk-through's reader runs respy.
const inPod = "$ kubectl exec deploy/respy -- ./respy "

// TestWalkthrough follows the page: it applies its objects, runs its commands, and compares what they print, numbers aside.
// Each section begins with the app as it should be.
func TestWalkthrough(t *testing.T) {
	text, err := os.ReadFile(walkthrough)
	must(t, err)
	ran := 0
	var page strings.Builder
	for i, section := range strings.SplitAfter(string(text), "\n## ") {
		enter(t, "base")
		rest := section
		for {
			block := regexp.MustCompile("(?s)```(yaml|console)\n(.*?)```").FindStringSubmatchIndex(rest)
			if block == nil {
				break
			}
			page.WriteString(rest[:block[4]])
			body := rest[block[4]:block[5]]
			if rest[block[2]:block[3]] == "yaml" {
				must(t, shared.Apply(t.Context(), written(t, body)...))
				page.WriteString(body)
			} else {
				ran++
				page.WriteString(printed(t, i, body))
			}
			rest = rest[block[5]:]
		}
		page.WriteString(rest)
	}
	if ran < 8 {
		t.Errorf("the page has %d commands, want more", ran)
	}
	if *update {
		must(t, os.WriteFile(walkthrough, []byte(page.String()), 0o644))
	}
}

// written are the objects of a YAML block.
func written(t *testing.T, text string) []*unstructured.Unstructured {
	t.Helper()
	file := filepath.Join(t.TempDir(), "block.yaml")
	must(t, os.WriteFile(file, []byte(text), 0o644))
	objects, err := mesh.ReadObjects(file)
	must(t, err)
	return objects
}

// printed runs the command of a console block and is the block with what it prints now.
func printed(t *testing.T, section int, block string) string {
	t.Helper()
	line, want, _ := strings.Cut(block, "\n")
	command, found := strings.CutPrefix(line, inPod)
	if !found {
		t.Fatalf("section %d: %q is no command of respy", section, line)
	}
	args := strings.Fields(command)
	if args[0] != "explain" && !*update {
		args = append([]string{"--alpha", rare}, args...)
	}
	a, err := shared.Run(t.Context(), shared.InPod(), shared.Program("respy"), args...)
	must(t, err)
	if got, want := lasting(a.Out), lasting(want); got != want && !*update {
		t.Errorf("section %d: %s prints\n%s\nwant\n%s\n%s", section, line, got, want, a.Err)
	}
	return line + "\n" + a.Out
}

// lasting is what a report says in every run: the verdict, the tree of explain, and the errors with their places and
// fixes. Numbers are left out.
func lasting(text string) string {
	verdict, rest, _ := strings.Cut(text, " ")
	kept := []string{verdict}
	inError := false
	for line := range strings.Lines(rest) {
		tree := strings.ContainsAny(line, "├└│")
		switch {
		case strings.HasPrefix(line, "error "):
			inError = true
		case strings.TrimSpace(line) == "" || !strings.HasPrefix(line, " "):
			inError = false
		}
		if tree || inError && !strings.HasPrefix(line, "  seen:") {
			kept = append(kept, strings.TrimSpace(line))
		}
	}
	return regexp.MustCompile(`\d[\d.]*`).ReplaceAllString(strings.Join(kept, "\n"), "#")
}
