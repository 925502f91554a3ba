package main

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"unicode"
)

// What is wrong with an argument is said in one line that does nothing to a terminal, whatever the argument holds.
func TestUsageErrorsAreOneSentence(t *testing.T) {
	for name, args := range map[string][]string{
		"an unknown flag":       {"--\x1b[31mred", "http://a/"},
		"a single-letter flag":  {"-\x1b", "http://a/"},
		"a file of a judge":     {"judge", "--expect", "v1=1", "absent\x1b]0;title\x07"},
		"a format":              {"-o", "x\ny", "http://a/"},
		"a name that is a flag": {"explain", "--x\r\ny"},
		"a C1 control":          {"--\u009b31m", "http://a/"},
	} {
		var stdout, stderr bytes.Buffer
		if code := run(context.Background(), args, strings.NewReader(""), &stdout, &stderr); code != exitTrouble || stdout.Len() > 0 {
			t.Errorf("%s: exit code %d, %q", name, code, stdout.String())
		}
		checkSentence(t, stderr.String())
	}
}

// checkSentence holds that what the program says is one sentence.
func checkSentence(t *testing.T, stderr string) {
	t.Helper()
	line, rest, ended := strings.Cut(stderr, "\n")
	text, ours := strings.CutPrefix(line, "respy: ")
	if !ended || rest != "" || !ours || text == "" || strings.ContainsFunc(text, unicode.IsControl) {
		t.Errorf("no sentence: %q", stderr)
	}
}
