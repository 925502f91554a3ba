package main

import (
	"bytes"
	"context"
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"respy/diagnose"
)

// TestReadmeCommands runs the commands of the README's console blocks and compares what they print: a block's line that
// starts with a dollar sign is a command, the lines below it are its output.
func TestReadmeCommands(t *testing.T) {
	ran, text := 0, readme(t)
	for _, block := range regexp.MustCompile("(?s)```console\n(.*?)```").FindAllStringSubmatch(text, -1) {
		for _, example := range strings.Split("\n"+block[1], "\n$ respy ")[1:] {
			line, want, _ := strings.Cut(example, "\n")
			var stdout, stderr bytes.Buffer
			run(context.Background(), strings.Fields(line), strings.NewReader(""), &stdout, &stderr)
			got := stdout.String() + stderr.String()
			want, got = strings.TrimSpace(want), strings.TrimSpace(got)
			if *update && want != "" {
				text = strings.Replace(text, want, got, 1)
			} else if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("respy %s (-README +now)\n%s", line, diff)
			}
			ran++
		}
	}
	if ran < 4 {
		t.Errorf("the README has %d commands with their output, want some more", ran)
	}
	if *update {
		if err := os.WriteFile("README.md", []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
}

// TestReadmeDocumentsTheReport looks for every field of the JSON report in the README.
func TestReadmeDocumentsTheReport(t *testing.T) {
	text := readme(t)
	var visit func(reflect.Type)
	visit = func(of reflect.Type) {
		for of.Kind() == reflect.Pointer || of.Kind() == reflect.Slice {
			of = of.Elem()
		}
		if of.Kind() != reflect.Struct || of.PkgPath() == "time" {
			return
		}
		for i := range of.NumField() {
			name, _, _ := strings.Cut(of.Field(i).Tag.Get("json"), ",")
			if name == "-" || name == "" && !of.Field(i).Anonymous {
				continue
			}
			if name != "" && !strings.Contains(text, "`"+name+"`") {
				t.Errorf("the README does not mention the field `%s` of the JSON report", name)
			}
			visit(of.Field(i).Type)
		}
	}
	visit(reflect.TypeFor[diagnose.Conclusion]())
	visit(reflect.TypeFor[diagnose.Explanation]())
	visit(reflect.TypeFor[diagnose.Inventory]())
}

func readme(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
