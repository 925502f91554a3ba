package e2e

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"text/template"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/yaml"
)

// TestExamplesAreAccepted gives every object of examples/ to the API server, in a dry run that refuses unknown fields: those
// of Kubernetes, Istio and the Gateway API as they are, of the others the Pods and Jobs that they would make.
func TestExamplesAreAccepted(t *testing.T) {
	accepted := 0
	for path, objects := range exampleObjects(t) {
		for _, u := range objects {
			if u = understood(t, u); u == nil {
				continue
			}
			accepted++
			if err := shared.API.DryRun(t.Context(), u); err != nil {
				t.Errorf("%s: %s %s: %v", path, u.GetKind(), u.GetName(), err)
			}
		}
	}
	if accepted < 30 {
		t.Errorf("%d objects, want more", accepted)
	}
	unknown := route(90, 10)
	unknown.Object["spec"].(map[string]any)["wieghts"] = int64(1)
	if err := shared.API.DryRun(t.Context(), unknown); err == nil {
		t.Error("the API server takes a field that does not exist")
	}
}

// understood is what of an object the API server knows the kind of: the object, what it holds, or nothing.
func understood(t *testing.T, u *unstructured.Unstructured) *unstructured.Unstructured {
	t.Helper()
	held := map[string]any{}
	switch u.GetKind() {
	case "Rollout":
		held, _, _ = unstructured.NestedMap(u.Object, "spec", "template")
		return made("v1", "Pod", u.GetName(), held["metadata"], held["spec"])
	case "AnalysisTemplate":
		metrics, _, _ := unstructured.NestedSlice(u.Object, "spec", "metrics")
		held, _, _ = unstructured.NestedMap(metrics[0].(map[string]any), "provider", "job")
		if held == nil {
			return nil
		}
		return made("batch/v1", "Job", u.GetName(), held["metadata"], held["spec"])
	case "Canary", "Task", "TaskRun", "":
		return nil
	}
	return u
}

func made(version, kind, name string, metadata, spec any) *unstructured.Unstructured {
	u := &unstructured.Unstructured{Object: map[string]any{"apiVersion": version, "kind": kind, "metadata": metadata, "spec": spec}}
	u.SetName(name)
	return u
}

// exampleObjects are the objects by their files, a chart's template rendered.
func exampleObjects(t *testing.T) map[string][]*unstructured.Unstructured {
	t.Helper()
	all := map[string][]*unstructured.Unstructured{}
	must(t, filepath.WalkDir("../examples", func(path string, d fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".yaml" {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if filepath.Base(filepath.Dir(path)) == "templates" {
			data := map[string]any{"Release": map[string]any{"Name": "weather"}, "Values": map[string]any{"image": "respy:latest", "url": "http://a"}}
			var out bytes.Buffer
			must(t, template.Must(template.New(path).Option("missingkey=error").Parse(string(text))).Execute(&out, data))
			text = out.Bytes()
		}
		for _, document := range strings.Split("\n"+string(text), "\n---\n") {
			u := &unstructured.Unstructured{}
			must(t, yaml.Unmarshal([]byte(document), &u.Object))
			if u.GetAPIVersion() != "v2" { // Chart.yaml
				all[path] = append(all[path], u)
			}
		}
		return nil
	}))
	return all
}
