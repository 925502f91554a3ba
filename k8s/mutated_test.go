package k8s

import (
	"bytes"
	"encoding/json"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"
)

// mutator makes other objects of those of the scenarios: it drops, repeats and exchanges their parts.
type mutator struct {
	*rand.Rand
	objects, parts []any
}

func newMutator(t testing.TB, seed uint64) *mutator {
	t.Helper()
	m := &mutator{Rand: rand.New(rand.NewPCG(seed, 0))}
	for _, text := range manifests(t) {
		for _, d := range split([]byte(text)) {
			var object any
			if value, err := d.json(); err != nil || value != nil && json.Unmarshal(value, &object) != nil {
				t.Fatalf("%s: %v", d.text, err)
			}
			if object != nil {
				m.objects = append(m.objects, object)
			}
		}
	}
	for _, object := range m.objects {
		m.collect(object)
	}
	m.parts = append(m.parts, "", nil, -1, 1e300, true, "*", "\x1b", 1<<31, "weather-backend", "weather-backend.default.svc.cluster.local", "mesh", "~", ".")
	return m
}

func (m *mutator) collect(part any) {
	m.parts = append(m.parts, part)
	switch part := part.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(part)) {
			m.collect(part[key])
		}
	case []any:
		for _, one := range part {
			m.collect(one)
		}
	}
}

// oneIn is true once in n times.
func (m *mutator) oneIn(n int) bool { return m.IntN(n) == 0 }

func (m *mutator) part() any { return m.parts[m.IntN(len(m.parts))] }

// mutated is a copy of a part with some changes.
func (m *mutator) mutated(part any) any {
	switch part := part.(type) {
	case map[string]any:
		other := map[string]any{}
		for _, key := range slices.Sorted(maps.Keys(part)) {
			switch {
			case key == "kind" || key == "apiVersion":
				other[key] = part[key]
			case m.oneIn(50):
				other[key] = m.part()
			case !m.oneIn(50):
				other[key] = m.mutated(part[key])
			}
		}
		return other
	case []any:
		other := []any{}
		for _, one := range part {
			for range 1 + boolInt(m.oneIn(30)) - boolInt(m.oneIn(40)) {
				other = append(other, m.mutated(one))
			}
		}
		return other
	}
	if m.oneIn(40) {
		return m.part()
	}
	return part
}

// manifest is a few objects, some of them as JSON.
func (m *mutator) manifest(t *testing.T) string {
	t.Helper()
	var b bytes.Buffer
	for range 2 + m.IntN(6) {
		text, err := json.Marshal(m.mutated(m.objects[m.IntN(len(m.objects))]))
		if err == nil && m.oneIn(2) {
			text, err = yaml.JSONToYAML(text)
		}
		if err != nil {
			t.Fatal(err)
		}
		b.WriteString("---\n" + string(text) + "\n")
	}
	return b.String()
}

// TestMutatedManifests holds of manifests that are nearly right what FuzzRead holds of any.
func TestMutatedManifests(t *testing.T) {
	m := newMutator(t, 1)
	request, err := NewRequest("", "http://weather-backend:5000/version", "", nil)
	if err != nil {
		t.Fatal(err)
	}
	read := 0
	for range 300 {
		text := m.manifest(t)
		if o, err := Read(strings.NewReader(text), "f.yaml", ""); err == nil {
			read++
			checkObjects(t, text, o, request)
		}
		if t.Failed() {
			t.Fatal(text)
		}
	}
	if read < 60 {
		t.Errorf("%d of 300 manifests could be read", read)
	}
}

// Of rules that are not in effect, the one that was meant does not depend on which file is read first.
func TestOrderOfManifests(t *testing.T) {
	const rule = "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: %s}\nspec: {gateways: [edge], hosts: ['*'], http: [{route: [{destination: {host: weather-backend}}]}]}\n"
	text := weatherServices + "---\n" + strings.Replace(rule, "%s", "b", 1) + "---\n" + strings.Replace(rule, "%s", "a", 1)
	o, err := Read(strings.NewReader(text), "f.yaml", "")
	if err != nil {
		t.Fatal(err)
	}
	request, err := NewRequest("", "http://weather-backend:5000/version", "", nil)
	if err != nil {
		t.Fatal(err)
	}
	checkReversed(t, text, o, request)
	if l, err := o.Lookup(request, Caller{Entry: EntryMesh}, ""); err != nil || l.Rule == nil || l.Rule.Name != "a" {
		t.Errorf("got %+v, %v, want the rule a", l.Rule, err)
	}
}
