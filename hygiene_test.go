package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// The limits of a file and of a function, in lines. Tests may be longer where they are tables.
const (
	maxFile     = 300
	maxTestFile = 400
	maxFunction = 60
)

// importable says which packages of the module each package may import, tests aside. A new package has its line here.
func importable() map[string][]string {
	return map[string][]string{
		"probe":              {},
		"stats":              {},
		"k8s":                {},
		"k8s/envoy":          {"k8s"},
		"k8s/cluster":        {"k8s"},
		"diagnose":           {"stats", "probe", "k8s", "k8s/envoy"},
		"report":             {"diagnose", "probe", "k8s"},
		"internal/fakemesh":  {},
		"internal/envoytest": {},
		"internal/fakeapi":   {},
		"internal/bench":     {"diagnose", "probe", "stats"},
		"examples/server":    {},
	}
}

// TestImports holds the direction of the imports: the statistics know no network, the prober no weights, and what was
// made for demonstrations and tests is in no library.
func TestImports(t *testing.T) {
	for _, p := range packages(t) {
		name, inModule := strings.CutPrefix(p.ImportPath, "respy/")
		if !inModule {
			continue // the command, which imports all
		}
		allowed, known := importable()[name]
		if !known {
			t.Errorf("package %s: say in importable what it may import", name)
		}
		for _, path := range p.Imports {
			if sibling, ok := strings.CutPrefix(path, "respy/"); ok && !slices.Contains(allowed, sibling) {
				t.Errorf("package %s imports %s", name, sibling)
			}
		}
		for _, path := range p.Deps {
			if name == "stats" && (path == "net" || strings.HasPrefix(path, "net/")) {
				t.Errorf("package stats depends on %s", path)
			}
		}
	}
}

// listed is what go list says of a package; test files do not count.
type listed struct {
	ImportPath string
	Imports    []string // direct
	Deps       []string // all
}

func packages(t *testing.T) []listed {
	t.Helper()
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports,Deps", "./...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []listed
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listed
		err := d.Decode(&p)
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatalf("go list: %v", err)
		}
		all = append(all, p)
	}
}

// TestSource looks at every file: formatted, short, made of short functions, without hidden starts and ends.
func TestSource(t *testing.T) {
	for _, path := range sources(t) {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		checkText(t, path, text)
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, path, text, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		checkFunctions(t, set, file)
	}
}

// sources are the Go files of this module.
func sources(t *testing.T) []string {
	t.Helper()
	var paths []string
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case !d.IsDir():
			if filepath.Ext(path) == ".go" {
				paths = append(paths, path)
			}
			return nil
		case path != "." && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata" || isModule(path)):
			return fs.SkipDir
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return paths
}

func isModule(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, "go.mod"))
	return err == nil
}

func isTest(path string) bool { return strings.HasSuffix(path, "_test.go") }

func checkText(t *testing.T, path string, text []byte) {
	t.Helper()
	if formatted, err := format.Source(text); err != nil || !bytes.Equal(formatted, text) {
		t.Errorf("%s: not formatted as gofmt does it (%v)", path, err)
	}
	limit := maxFile
	if isTest(path) {
		limit = maxTestFile
	}
	if lines := bytes.Count(text, []byte("\n")); lines > limit {
		t.Errorf("%s: %d lines, more than %d", path, lines, limit)
	}
}

func checkFunctions(t *testing.T, set *token.FileSet, file *ast.File) {
	t.Helper()
	for _, declaration := range file.Decls {
		function, ok := declaration.(*ast.FuncDecl)
		if !ok {
			continue
		}
		at := set.Position(function.Pos())
		if lines := set.Position(function.End()).Line - at.Line + 1; lines > maxFunction && !isTest(at.Filename) {
			t.Errorf("%s: function %s has %d lines, more than %d", at, function.Name.Name, lines, maxFunction)
		}
		if function.Recv == nil && function.Name.Name == "init" {
			t.Errorf("%s: an init function: do it where it is needed", at)
		}
		if !isTest(at.Filename) && !(file.Name.Name == "main" && function.Name.Name == "main") {
			checkExits(t, set, function)
		}
	}
}

// checkExits finds what ends the program from its depths.
func checkExits(t *testing.T, set *token.FileSet, function *ast.FuncDecl) {
	t.Helper()
	ast.Inspect(function, func(n ast.Node) bool {
		selector, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		from, ok := selector.X.(*ast.Ident)
		if !ok {
			return true
		}
		name := from.Name + "." + selector.Sel.Name
		if name == "os.Exit" || strings.HasPrefix(name, "log.Fatal") || strings.HasPrefix(name, "log.Panic") {
			t.Errorf("%s: %s outside main: return an error", set.Position(n.Pos()), name)
		}
		return true
	})
}
