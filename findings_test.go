package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestReadmeListsTheFindings compares the README's table with the ids that the code gives to findings.
func TestReadmeListsTheFindings(t *testing.T) {
	_, section, _ := strings.Cut(readme(t), "\n## Findings\n")
	section, _, _ = strings.Cut(section, "\n## ")
	listed := map[string]bool{}
	for _, row := range regexp.MustCompile("(?m)^\\| (`.*?) \\|").FindAllStringSubmatch(section, -1) {
		for _, id := range strings.Split(row[1], ", ") {
			listed[strings.Trim(id, "`")] = true
		}
	}
	given := map[string]bool{}
	for _, folder := range []string{".", "k8s", "k8s/envoy", "k8s/cluster", "diagnose"} {
		for _, id := range findingIDs(t, folder) {
			given[id] = true
		}
	}
	if diff := cmp.Diff(slices.Sorted(maps.Keys(listed)), slices.Sorted(maps.Keys(given))); diff != "" {
		t.Errorf("(-README +code)\n%s", diff)
	}
}

// findingIDs are the ids in a package's composite literals of findings, and those that are assigned to one later.
func findingIDs(t *testing.T, folder string) []string {
	t.Helper()
	constants, files := map[string]string{}, parsed(t, folder)
	for _, file := range files {
		ast.Inspect(file, func(n ast.Node) bool {
			if spec, ok := n.(*ast.ValueSpec); ok && len(spec.Values) == len(spec.Names) {
				for i, name := range spec.Names {
					constants[name.Name] = literal(spec.Values[i])
				}
			}
			return true
		})
	}
	var ids []string
	add := func(value ast.Expr) {
		id := literal(value)
		if name, ok := value.(*ast.Ident); ok {
			id = constants[name.Name]
		}
		if id == "" {
			t.Errorf("%s: the id of a finding is neither a text nor a constant of the package", folder)
		}
		ids = append(ids, id)
	}
	for _, file := range files {
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CompositeLit:
				if id := field(n, "ID"); id != nil && field(n, "Severity") != nil {
					add(id)
				}
			case *ast.AssignStmt:
				for i, to := range n.Lhs {
					if s, ok := to.(*ast.SelectorExpr); ok && s.Sel.Name == "ID" && len(n.Rhs) == len(n.Lhs) {
						add(n.Rhs[i])
					}
				}
			}
			return true
		})
	}
	return ids
}

func parsed(t *testing.T, folder string) []*ast.File {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	var files []*ast.File
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, text, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	return files
}

// literal is the text of a string literal, "" of anything else.
func literal(e ast.Expr) string {
	basic, ok := e.(*ast.BasicLit)
	if !ok {
		return ""
	}
	text, err := strconv.Unquote(basic.Value)
	if err != nil {
		return ""
	}
	return text
}

// field is the value of a composite literal's field, nil when it is not given.
func field(l *ast.CompositeLit, name string) ast.Expr {
	for _, e := range l.Elts {
		if pair, ok := e.(*ast.KeyValueExpr); ok {
			if key, ok := pair.Key.(*ast.Ident); ok && key.Name == name {
				return pair.Value
			}
		}
	}
	return nil
}
