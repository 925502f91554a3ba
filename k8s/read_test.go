package k8s

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const minimal = "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: a}\n"

// names lists what was read.
func (o *Objects) testNames() []string {
	var names []string
	for _, r := range o.routeObjects() {
		names = append(names, r.ref())
	}
	for i := range o.Services {
		names = append(names, object{"Service", &o.Services[i].Meta}.ref())
	}
	return names
}

func TestRead(t *testing.T) {
	const jsonA = `{"apiVersion":"networking.istio.io/v1alpha3","kind":"VirtualService","metadata":{"name":"a","namespace":"x"}}`
	for _, c := range []struct {
		name string
		text string
		want []string
	}{
		{"nothing", "", nil},
		{"comments", "# nothing\n---\n# here\n...\n", nil},
		{"one", minimal, []string{"virtualservice/ns/a"}},
		{"byte order mark", "\ufeff" + minimal, []string{"virtualservice/ns/a"}},
		{"CRLF", strings.ReplaceAll("---\n"+minimal+"---\n"+strings.Replace(minimal, "name: a", "name: b", 1), "\n", "\r\n"), []string{"virtualservice/ns/a", "virtualservice/ns/b"}},
		{"directive", "%YAML 1.2\n---\n" + minimal, []string{"virtualservice/ns/a"}},
		{"separators with comments", "--- # first\n" + minimal + "--- # second\n", []string{"virtualservice/ns/a"}},
		{"document on the separator's line", "--- " + jsonA + "\n", []string{"virtualservice/x/a"}},
		{"dashes inside", minimal + "spec: {hosts: [\"---a\"]}\n----: x\n", []string{"virtualservice/ns/a"}},
		{"JSON", jsonA, []string{"virtualservice/x/a"}},
		{"JSON values", jsonA + "\n" + strings.Replace(jsonA, `"a"`, `"b"`, 1), []string{"virtualservice/x/a", "virtualservice/x/b"}},
		{"flow YAML", "{apiVersion: v1, kind: Service, metadata: {name: s}}", []string{"service/ns/s"}},
		{"list", "apiVersion: v1\nkind: List\nitems:\n- " + jsonA + "\n- {apiVersion: v1, kind: Service, metadata: {name: s}}", []string{"virtualservice/x/a", "service/ns/s"}},
		{"typed list", `{"apiVersion":"gateway.networking.k8s.io/v1","kind":"HTTPRouteList","items":[{"metadata":{"name":"r"}}]}`, []string{"httproute/ns/r"}},
		{"the same twice", minimal + "---\n" + minimal, []string{"virtualservice/ns/a"}},
		{"other kinds and groups", minimal + "---\n{apiVersion: serving.knative.dev/v1, kind: Service, metadata: {name: s}}\n---\n{apiVersion: v1, kind: Secret}", []string{"virtualservice/ns/a"}},
		{"old versions", "{apiVersion: gateway.networking.k8s.io/v1beta1, kind: HTTPRoute, metadata: {name: r}}", []string{"httproute/ns/r"}},
		{"unknown fields", minimal + "spec: {nonsense: 1, http: [{retries: {attempts: 3}}]}", []string{"virtualservice/ns/a"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			o, err := Read(strings.NewReader(c.text), "f.yaml", "ns")
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(o.testNames(), c.want); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestReadErrors(t *testing.T) {
	for text, want := range map[string]string{
		"a: b: c": "f.yaml: document 1: not YAML (mapping values are not allowed in this context)",
		minimal + "---\na: [\n# {{ if .Values.x }}\n": "f.yaml: document 2: not YAML (line 6: did not find expected node content): a template is rendered first, as by helm template",
		"just text":  "f.yaml: document 1: the document is a string where an object is needed",
		"- a\n- b":   "f.yaml: document 1: the document is a list where an object is needed",
		"hosts: [a]": "f.yaml: document 1: no kind: every document needs apiVersion and kind",
		"kind: VirtualService\nmetadata: {name: a}":                                                                       `f.yaml: document 1: VirtualService with the apiVersion "": give its group and version`,
		"apiVersion: networking.istio.io/v1\nkind: VirtualService":                                                        "f.yaml: document 1: VirtualService without a name: add metadata.name",
		minimal + "spec: {http: [{route: [{destination: {host: a}, weight: abc}]}]}":                                      "f.yaml: document 1: VirtualService default/a: spec.http[0].route[0].weight is a string where an integer is needed",
		minimal + "spec: {http: [{route: [{destination: {host: a}, weight: '90'}]}]}":                                     "f.yaml: document 1: VirtualService default/a: spec.http[0].route[0].weight is a string where an integer is needed",
		minimal + "spec: {http: [{route: [{destination: {host: a}, weight: 1}, {destination: {host: b}, weight: 1.5}]}]}": "f.yaml: document 1: VirtualService default/a: spec.http[0].route[1].weight is the number 1.5 where an integer is needed",
		minimal + "spec: {http: [{route: [{destination: {host: a}, weight: 3000000000}]}]}":                               "f.yaml: document 1: VirtualService default/a: spec.http[0].route[0].weight is the number 3000000000 where an integer is needed",
		minimal + "spec: {http: [{route: [{destination: {host: a}, weight: -1}]}]}":                                       "f.yaml: document 1: VirtualService default/a: spec.http[0].route[0].weight is -1: a weight is 0 or more",
		minimal + "spec: {hosts: reviews}":                                                                                "f.yaml: document 1: VirtualService default/a: spec.hosts is a string where a list is needed",
		minimal + "spec: {http: [{match: [{uri: /a}]}]}":                                                                  "f.yaml: document 1: VirtualService default/a: spec.http[0].match[0].uri is a string where an object is needed",
		"apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: \"a\\nb\"}":                           `f.yaml: document 1: VirtualService "default/a\nb": a name is made of lower case letters, digits, . and -`,
		"apiVersion: v1\nkind: \"a\\eb\"":                                                                                 `f.yaml: document 1: kind "a\x1bb": a kind is made of letters and digits`,
		"kind: List\napiVersion: v1\nitems: [{apiVersion: v1, kind: Service}]":                                            "f.yaml: document 1: item 1: Service without a name: add metadata.name",
	} {
		_, err := Read(strings.NewReader(text), "f.yaml", "")
		if err == nil || err.Error() != want {
			t.Errorf("%q:\n got %v\nwant %s", text, err, want)
		}
	}
}

// An object that no API server takes is as good as none, but for a rule, which somebody means to be in effect.
func TestReadRefused(t *testing.T) {
	o := mustRead(t, "apiVersion: v1\nkind: Service\nmetadata: {name: \"A\\nb\"}\n---\n"+
		"{apiVersion: v1, kind: List, items: [{apiVersion: v1, kind: Service, metadata: {name: b, namespace: B}}]}\n---\n"+minimal)
	want := []string{`Service "default/A\nb": a name is made of lower case letters, digits, . and -`, `Service "B/b": a name is made of lower case letters, digits, . and -`}
	if diff := cmp.Diff(o.Refused, want); diff != "" || len(o.Services) != 0 || len(o.VirtualServices) != 1 {
		t.Errorf("%d Services, %d VirtualServices\n%s", len(o.Services), len(o.VirtualServices), diff)
	}
}

// A Namespace is in no namespace, whatever the files' own is.
func TestReadNamespaces(t *testing.T) {
	const text = "{apiVersion: v1, kind: Namespace, metadata: {name: client, labels: {istio.io/dataplane-mode: ambient}}}"
	o, err := Read(strings.NewReader(text), "f.yaml", "shop")
	if err != nil {
		t.Fatal(err)
	}
	of := &Objects{}
	for _, document := range []string{`{"metadata":{"name":"client"}}`, `{"metadata":{"name":"Client"}}`} {
		if err := of.AddAs("v1", "Namespace", []byte(document)); (err != nil) != strings.Contains(document, "Client") {
			t.Error(err)
		} else if err != nil && err.Error() != `Namespace "Client": a name is made of lower case letters, digits, . and -` {
			t.Error(err)
		}
	}
	of.Overlay(o)
	if len(of.Namespaces) != 1 || of.ambient("client", nil) != yes {
		t.Errorf("%+v", of.Namespaces)
	}
}

func TestLoad(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	named := func(name string) string { return strings.Replace(minimal, "name: a", "name: "+name, 1) }
	write("m/b.yml", named("b"))
	write("m/a.yaml", named("a")+"---\n"+named("z"))
	write("m/c.json", `{"apiVersion":"networking.istio.io/v1","kind":"VirtualService","metadata":{"name":"c"}}`)
	write("m/.hidden.yaml", "{")
	write("m/notes.txt", "{")
	write("m/kustomization.yaml", "resources: [a.yaml]")
	write("m/empty.yaml", "")
	write("m/sub/d.yaml", "{")
	empty := write("empty.yaml", "# nothing\n")
	other := write("other.yaml", "{apiVersion: v1, kind: Service, metadata: {name: s}}\n---\n{apiVersion: apps/v1, kind: Deployment, metadata: {name: d}}")
	write("none/readme.md", "")

	check := func(stdin string, want []string, wantErr string, paths ...string) {
		t.Helper()
		o, err := Load(paths, strings.NewReader(stdin), "")
		got := ""
		if err != nil {
			got = strings.ReplaceAll(err.Error(), dir+"/", "")
		}
		if got != wantErr {
			t.Errorf("%v:\n got %s\nwant %s", paths, got, wantErr)
		}
		if err == nil {
			if diff := cmp.Diff(o.testNames(), want); diff != "" {
				t.Errorf("%v: %s", paths, diff)
			}
		}
	}
	vs := func(names ...string) (refs []string) {
		for _, name := range names {
			refs = append(refs, "virtualservice/default/"+name)
		}
		return refs
	}
	check("", vs("a", "z", "b", "c"), "", filepath.Join(dir, "m"))
	check(named("i"), vs("i"), "", "-")
	check(named("i"), vs("b", "i"), "", filepath.Join(dir, "m/b.yml"), "-")
	check("", append(vs("b"), "service/default/s"), "", filepath.Join(dir, "m/b.yml"), other)
	check("", nil, "missing.yaml: file does not exist: give a manifest, a directory of manifests, or - for standard input", filepath.Join(dir, "missing.yaml"))
	check("", nil, "empty.yaml is empty: it needs a VirtualService or an HTTPRoute", empty)
	check("", nil, "standard input is empty: pipe a manifest into it, as from kubectl get -o yaml", "-")
	check("", nil, "none holds no manifest: it needs files named .yaml, .yml or .json", filepath.Join(dir, "none"))
	check("", nil, "no VirtualService or HTTPRoute in other.yaml, only Deployment, Service", other)

	if _, err := Load([]string{filepath.Join(dir, "missing.yaml")}, nil, ""); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v, want fs.ErrNotExist in it", err)
	}
	if o, err := Load([]string{other}, nil, ""); !errors.Is(err, ErrNoRoutes) || len(o.Services) != 1 || o.Kinds["Deployment"] != 1 {
		t.Errorf("got %+v, %v, want the objects and ErrNoRoutes", o, err)
	}
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func TestReadBroken(t *testing.T) {
	if _, err := Read(brokenReader{}, "f.yaml", ""); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("got %v, want %v in it", err, io.ErrUnexpectedEOF)
	}
}
