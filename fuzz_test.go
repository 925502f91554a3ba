package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// seedFiles are the files that a pattern names, of which a fuzz target has at least one to begin with.
func seedFiles(f *testing.F, pattern string) []string {
	f.Helper()
	paths, err := filepath.Glob(pattern)
	if err != nil || len(paths) == 0 {
		f.Fatalf("no files %s: %v", pattern, err)
	}
	var texts []string
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		texts = append(texts, string(text))
	}
	return texts
}

// checkTrouble holds that an error is printed as one sentence that does nothing to a terminal.
func checkTrouble(t *testing.T, err error) {
	t.Helper()
	var stderr bytes.Buffer
	trouble(&stderr, err)
	checkSentence(t, stderr.String())
}
