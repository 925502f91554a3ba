package main

import (
	"bytes"
	"encoding/json"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"text/template"

	"sigs.k8s.io/yaml"
)

// TestExamplesAreStrict decodes every document of the examples: none has a key twice, each Kubernetes object has a name, and
// kinds that the end-to-end tests have no API server for hold no field but documented ones. The others are given to one there.
func TestExamplesAreStrict(t *testing.T) {
	decoded := map[string]bool{}
	for _, d := range exampleDocuments(t) {
		var head struct {
			APIVersion string `json:"apiVersion"`
			Kind       string `json:"kind"`
			Metadata   struct {
				Name string `json:"name"`
			} `json:"metadata"`
		}
		var all map[string]any
		if err := yaml.UnmarshalStrict(d.text, &all); err != nil {
			t.Errorf("%s: %v", d.path, err)
			continue
		}
		if err := yaml.Unmarshal(d.text, &head); err != nil {
			t.Errorf("%s: %v", d.path, err)
		}
		if head.Kind != "" && head.Metadata.Name == "" {
			t.Errorf("%s: a %s without a name", d.path, head.Kind)
		}
		kind := foreignKind(d.path, head.APIVersion, head.Kind)
		if into := foreign(kind); into != nil {
			decoded[kind] = true
			if err := yaml.UnmarshalStrict(d.text, into); err != nil {
				t.Errorf("%s: %s: %v", d.path, kind, err)
			}
		}
	}
	for _, kind := range []string{"AnalysisTemplate", "Rollout", "Canary", "Task", "TaskRun", "Chart.yaml", "github-actions", "gitlab-ci"} {
		if !decoded[kind] {
			t.Errorf("no example of %s was decoded strictly", kind)
		}
	}
}

// foreignKind is the kind of an object, or what else the file is.
func foreignKind(path, version, kind string) string {
	switch {
	case kind != "" && (strings.HasPrefix(version, "argoproj.io/") || strings.HasPrefix(version, "flagger.app/") || strings.HasPrefix(version, "tekton.dev/")):
		return kind
	case filepath.Base(path) == "Chart.yaml":
		return "Chart.yaml"
	case kind == "":
		return filepath.Base(filepath.Dir(path))
	}
	return ""
}

// TestExamplesArgumentsAreRespys reads the arguments of every container of respy as respy does.
func TestExamplesArgumentsAreRespys(t *testing.T) {
	read := 0
	for _, d := range exampleDocuments(t) {
		var all any
		if err := yaml.Unmarshal(d.text, &all); err != nil {
			t.Fatalf("%s: %v", d.path, err)
		}
		for _, args := range respyArguments(all) {
			read++
			if err := understood(args); err != nil {
				t.Errorf("%s: %q: %v", d.path, args, err)
			}
		}
	}
	if read < 8 {
		t.Errorf("%d containers of respy were found, want more", read)
	}
}

// respyArguments are the arguments of the containers that run respy's image, however deep they are.
func respyArguments(node any) (found [][]string) {
	switch n := node.(type) {
	case []any:
		for _, child := range n {
			found = append(found, respyArguments(child)...)
		}
	case map[string]any:
		if args, ok := n["args"].([]any); ok && n["image"] == "respy:latest" {
			var line []string
			for _, a := range args {
				line = append(line, a.(string))
			}
			return [][]string{line}
		}
		for _, child := range n {
			found = append(found, respyArguments(child)...)
		}
	}
	return found
}

// placeholders are what Argo Rollouts and Tekton put a URL or a file in the place of.
var placeholders = regexp.MustCompile(`\{\{args\.\w+\}\}|\$\([\w.]+\)`)

// understood parses and validates a command line and sends nothing.
func understood(args []string) error {
	args = slices.Clone(args)
	for i := range args {
		args[i] = placeholders.ReplaceAllString(args[i], "http://weather-backend:5000/version")
	}
	if args[0] == "serve" {
		var s serveConfig
		command := serveCommandLine(&s)
		if _, err := command.parse(args[1:], io.Discard); err != nil {
			return err
		}
		_, err := s.gate(streams{strings.NewReader(""), io.Discard, io.Discard})
		return err
	}
	var c config
	command := mainCommand(&c)
	positional, err := command.parse(args, io.Discard)
	if err != nil {
		return err
	}
	if len(positional) > 0 {
		c.target = positional[0]
	}
	_, err = c.validate()
	return err
}

// TestExamplesHaveAReadme wants a few lines in each folder.
func TestExamplesHaveAReadme(t *testing.T) {
	entries, err := os.ReadDir("examples")
	if err != nil {
		t.Fatal(err)
	}
	overview, err := os.ReadFile("examples/README.md")
	if err != nil {
		t.Fatal(err)
	}
	folders := 0
	for _, entry := range entries {
		if !entry.IsDir() {
			continue
		}
		folders++
		folder := filepath.Join("examples", entry.Name())
		text, err := os.ReadFile(filepath.Join(folder, "README.md"))
		if lines := bytes.Count(text, []byte("\n")); err != nil || lines < 3 || lines > 40 {
			t.Errorf("%s: %d lines of README (%v)", folder, lines, err)
		}
		if name := filepath.Base(folder); !bytes.Contains(overview, []byte("]("+name+")")) {
			t.Errorf("examples/README.md does not name %s", name)
		}
	}
	if folders < 13 {
		t.Errorf("%d folders, want more", folders)
	}
}

type exampleDocument struct {
	path string
	text []byte // one YAML document
}

// exampleDocuments are the documents of the YAML files of examples/, the templates of the chart rendered.
func exampleDocuments(t *testing.T) []exampleDocument {
	t.Helper()
	var documents []exampleDocument
	err := filepath.WalkDir("examples", func(path string, d fs.DirEntry, err error) error {
		if extension := filepath.Ext(path); err != nil || extension != ".yaml" && extension != ".yml" {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if filepath.Base(filepath.Dir(path)) == "templates" {
			text = rendered(t, path, text)
		}
		for _, document := range strings.Split("\n"+string(text), "\n---\n") {
			documents = append(documents, exampleDocument{path, []byte(document)})
		}
		return nil
	})
	if err != nil || len(documents) < 30 {
		t.Fatalf("%d documents, %v", len(documents), err)
	}
	return documents
}

// rendered is a template of a chart with the chart's values.
func rendered(t *testing.T, path string, text []byte) []byte {
	t.Helper()
	values, err := os.ReadFile(filepath.Join(filepath.Dir(path), "..", "values.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	data := map[string]any{"Release": map[string]any{"Name": "weather"}}
	var v map[string]any
	if err := yaml.UnmarshalStrict(values, &v); err != nil {
		t.Fatal(err)
	}
	data["Values"] = v
	var out bytes.Buffer
	if err := template.Must(template.New(path).Option("missingkey=error").Parse(string(text))).Execute(&out, data); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// foreign is what a kind is decoded into: the fields that its project documents and the examples use. Pods and Jobs within
// are checked by the API server of the end-to-end tests.
func foreign(kind string) any {
	switch kind {
	case "AnalysisTemplate":
		return new(object[analysisSpec])
	case "Rollout":
		return new(object[rolloutSpec])
	case "Canary":
		return new(object[canarySpec])
	case "Task":
		return new(object[taskSpec])
	case "TaskRun":
		return new(object[taskRunSpec])
	case "Chart.yaml":
		return new(chart)
	case "github-actions":
		return new(workflow)
	case "gitlab-ci":
		return &map[string]pipelineJob{}
	}
	return nil
}

type object[Spec any] struct {
	APIVersion string          `json:"apiVersion"`
	Kind       string          `json:"kind"`
	Metadata   json.RawMessage `json:"metadata"`
	Spec       Spec            `json:"spec"`
}
