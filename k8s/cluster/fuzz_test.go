package cluster

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"

	"respy/k8s"
)

// listSeeds are the scenarios' objects as an API server lists them.
func listSeeds(f *testing.F) []string {
	f.Helper()
	files, err := filepath.Glob("../../e2e/scenarios/*.yaml")
	if err != nil || len(files) == 0 {
		f.Fatalf("no scenarios: %v", err)
	}
	var seeds []string
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		var items []string
		for _, document := range strings.Split(string(text), "\n---") {
			if item, err := yaml.YAMLToJSON([]byte(document)); err == nil && bytes.HasPrefix(item, []byte("{")) {
				items = append(items, string(item))
			}
		}
		seeds = append(seeds, `{"kind":"VirtualServiceList","apiVersion":"networking.istio.io/v1","metadata":{"continue":"a","resourceVersion":"1"},"items":[`+
			strings.Join(items, ",")+`]}`)
	}
	return seeds
}

// FuzzReadList reads what an API server answers, whole and cut off.
func FuzzReadList(f *testing.F) {
	for _, seed := range append(listSeeds(f),
		"", "{}", "[]", "null", `{"items":null,"kind":"VirtualServiceList"}`, `{"kind":"PodList","items":[]}`, `{"kind":"VirtualServiceList","items":{}}`,
		`{"kind":"VirtualServiceList","items":[null,1,"x",[],{}]}`, `{"kind":"VirtualServiceList","metadata":[]}`, `{"kind":1}`, "<html>\x1b",
		`{"items":[{"metadata":{"name":"a"}}],"kind":"VirtualServiceList","metadata":{"continue":"\u001b"},"items":[{}]}`, `{"kind":"VirtualServiceList"} x`,
	) {
		f.Add(seed, uint16(len(seed)/2))
	}
	f.Fuzz(func(t *testing.T, body string, cut uint16) {
		next, items, err := listOf(body)
		if err != nil {
			if !errors.Is(err, errNotAList) || strings.ContainsFunc(err.Error(), unicode.IsControl) {
				t.Errorf("got %q", err)
			}
			return
		}
		again, err := json.Marshal(map[string]any{"kind": "VirtualServiceList", "metadata": map[string]string{"continue": next}, "items": items})
		if err != nil {
			t.Fatalf("an item that is no JSON: %v", err)
		}
		nextAgain, itemsAgain, err := listOf(string(again))
		if err != nil || nextAgain != next || len(itemsAgain) != len(items) {
			t.Errorf("%d items and %q, written again %d and %q, %v", len(items), next, len(itemsAgain), nextAgain, err)
		}
		// Nothing of a list that is cut off may be taken for the whole of it.
		nextCut, itemsCut, err := listOf(body[:int(cut)%(len(body)+1)])
		if diff := cmp.Diff(items, itemsCut); err == nil && (next != nextCut || diff != "") {
			t.Errorf("cut off, it is another list (-want +got):\n%s", diff)
		}
		addAll(t, items)
	})
}

func listOf(body string) (next string, items []json.RawMessage, err error) {
	next, err = readList(strings.NewReader(body), "VirtualServiceList", func(item []byte) { items = append(items, bytes.Clone(item)) })
	return next, items, err
}

// addAll reads the items as objects of several kinds.
func addAll(t *testing.T, items []json.RawMessage) {
	t.Helper()
	for _, k := range []struct{ version, kind string }{{"networking.istio.io/v1", "VirtualService"}, {"v1", "Pod"}, {"discovery.k8s.io/v1", "EndpointSlice"}} {
		objects := &k8s.Objects{}
		for _, item := range items {
			if err := objects.AddAs(k.version, k.kind, item); err != nil && strings.ContainsFunc(err.Error(), unicode.IsControl) {
				t.Errorf("an error that is no sentence: %q", err)
			}
		}
		if objects.Kinds[k.kind] != len(items) {
			t.Errorf("%d of %d items are counted", objects.Kinds[k.kind], len(items))
		}
	}
}
