package cluster

import (
	"os"
	"regexp"
	"slices"
	"testing"

	"sigs.k8s.io/yaml"
)

// TestReadmeRole compares the role that the README gives with what is read.
func TestReadmeRole(t *testing.T) {
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	block := regexp.MustCompile("(?s)```yaml\n(apiVersion: rbac.*?)```").FindSubmatch(text)
	if block == nil {
		t.Fatal("the README has no role")
	}
	var role struct {
		Rules []struct {
			APIGroups, Resources, Verbs []string
		}
	}
	if err := yaml.Unmarshal(block[1], &role); err != nil {
		t.Fatal(err)
	}
	granted := map[string]bool{}
	for _, rule := range role.Rules {
		if !slices.Equal(rule.Verbs, []string{"get", "list"}) {
			t.Errorf("verbs %v of %v: reading needs get and list", rule.Verbs, rule.Resources)
		}
		for _, resource := range rule.Resources {
			granted[rule.APIGroups[0]+"/"+resource] = true
		}
	}
	read := append(kinds(), pods(), endpointSlices())
	for _, k := range read {
		if !granted[k.group+"/"+k.plural] {
			t.Errorf("the README's role does not grant %s of %q", k.plural, k.group)
		}
	}
	if len(granted) != len(read) {
		t.Errorf("the README's role grants %d resources, and %d are read", len(granted), len(read))
	}
}
