package k8s

import (
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"
)

// manifests are what the scenarios and the examples of this repository apply, a file each.
func manifests(f testing.TB) []string {
	f.Helper()
	var texts []string
	for _, pattern := range []string{"../e2e/scenarios/*.yaml", "../e2e/scenarios/*/*.yaml", "testdata/*/*.yaml"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			f.Fatalf("no files %s: %v", pattern, err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				f.Fatal(err)
			}
			texts = append(texts, string(text))
		}
	}
	return texts
}

func FuzzRead(f *testing.F) {
	seeds := append(manifests(f),
		"", minimal, weather+virtualService("vs", "  hosts: [weather-backend]\n  http:\n  - route:"+ninetyTen),
		weatherServices+httpRoute("weather", "default", "  rules:\n  - "+seventyThirty),
		`{"kind":"List","apiVersion":"v1","items":[{"kind":"Service","apiVersion":"v1","metadata":{"name":"s"}}]}`,
		"--- {a: b}\n...\n---\n&a [*a]", "apiVersion: v1\nkind: List\nitems: [[], 1, null]",
		minimal+"spec: {hosts: ['*'], http: [{match: [{uri: {regex: '('}}], delegate: {name: a}}]}",
	)
	for _, seed := range seeds {
		f.Add(seed, "http://weather-backend:5000/version")
	}
	f.Add(seeds[0], "https://shop.example.com/cart?user=a")
	f.Fuzz(func(t *testing.T, text, url string) {
		request, err := NewRequest("", url, "", nil)
		if err != nil {
			return
		}
		o, err := Read(strings.NewReader(text), "f.yaml", "")
		if err != nil {
			if strings.ContainsFunc(err.Error(), unicode.IsControl) {
				t.Errorf("an error that is no sentence: %q", err)
			}
			return
		}
		checkObjects(t, text, o, request)
	})
}

// checkObjects holds what everything is that is read without an error.
func checkObjects(t *testing.T, text string, o *Objects, request Request) {
	t.Helper()
	for _, r := range o.routeObjects() {
		if r.meta.Name == "" || r.meta.Namespace == "" {
			t.Errorf("%s without a name or a namespace", r)
		}
	}
	checkReadAgain(t, text, o)
	checkReversed(t, text, o, request)
	for _, caller := range fuzzCallers() {
		checkLookup(t, o, request, caller)
	}
}

func fuzzCallers() []Caller {
	return []Caller{
		{}, {Entry: EntryMesh, Namespace: "default", Labels: map[string]string{"app": "client"}, Sidecar: Present},
		{Entry: EntryGateway}, {Entry: EntryWaypoint, Namespace: "default"},
	}
}

// checkReadAgain holds that the documents say the same as JSON.
func checkReadAgain(t *testing.T, text string, o *Objects) {
	t.Helper()
	var values [][]byte
	for _, d := range split([]byte(text)) {
		value, err := d.json()
		if err != nil {
			t.Fatalf("read once, and then: %v", err)
		}
		if value != nil {
			values = append(values, value)
		}
	}
	again, err := Read(bytes.NewReader(bytes.Join(values, []byte("\n"))), "f.json", "")
	if err != nil {
		t.Fatalf("as JSON: %v", err)
	}
	if !reflect.DeepEqual(o, again) {
		t.Errorf("as JSON it is something else: %+v, not %+v", again, o)
	}
}

// checkReversed holds that it does not matter in which order objects are read, as long as each is there once.
func checkReversed(t *testing.T, text string, o *Objects, request Request) {
	t.Helper()
	if len(o.Replaced) > 0 {
		return
	}
	documents := split([]byte(text))
	slices.Reverse(documents)
	reversed := &Objects{}
	for _, d := range documents {
		value, err := d.json()
		if err == nil && value != nil {
			err = reversed.Add(value, defaultNamespace)
		}
		if err != nil {
			t.Fatalf("the other way round: %v", err)
		}
	}
	for _, caller := range fuzzCallers() {
		if diff := cmp.Diff(meant(o, request, caller), meant(reversed, request, caller)); diff != "" {
			t.Errorf("%+v: the other way round another rule is meant (-want +got):\n%s", caller, diff)
		}
	}
}

// meant is what a lookup finds, apart from the words that it finds for it.
func meant(o *Objects, request Request, caller Caller) []string {
	l, err := o.Lookup(request, caller, "")
	if err != nil {
		return []string{"an error"}
	}
	var found []string
	for _, f := range l.Findings {
		found = append(found, f.ID+" "+f.Severity)
	}
	slices.Sort(found)
	if l.Rule != nil {
		found = append(found, l.Rule.Ref(), l.Rule.Field, l.Rule.Hash())
	}
	return found
}

// checkLookup holds what every rule is that is found, and asks for all that is asked of it.
func checkLookup(t *testing.T, o *Objects, request Request, caller Caller) {
	t.Helper()
	l, err := o.Lookup(request, caller, "")
	if err != nil {
		if strings.ContainsFunc(err.Error(), unicode.IsControl) {
			t.Errorf("an error that is no sentence: %q", err)
		}
		return
	}
	o.Called(request, caller)
	o.Reach(request, caller, l)
	rules, err := o.Rules(caller)
	if err == nil {
		rules = append(rules, l)
	}
	for _, one := range rules {
		for _, f := range one.Findings {
			if f.ID == "" || f.Severity == "" || f.Summary == "" {
				t.Errorf("a finding that says nothing: %+v", f)
			}
		}
		if one.Rule != nil {
			checkFoundRule(t, o, one.Rule, caller)
		}
	}
}

func checkFoundRule(t *testing.T, o *Objects, r *Rule, caller Caller) {
	t.Helper()
	if len(r.Hash()) != 32 || r.Kind == "" || r.Name == "" || r.Field == "" || !o.HasRoute(r.Ref()) {
		t.Errorf("got the rule %+v", r)
	}
	versions := map[string]bool{}
	for _, d := range r.Destinations {
		if d.Weight < 0 || versions[d.Version] {
			t.Errorf("a weight of %d for %q, among %+v", d.Weight, d.Version, r.Destinations)
		}
		versions[d.Version] = true
	}
	if backends := o.Backends(r, caller); len(backends) != len(r.Destinations) {
		t.Errorf("%d backends for %d destinations", len(backends), len(r.Destinations))
	}
}
