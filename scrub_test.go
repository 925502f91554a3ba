package main

import (
	"os"
	"regexp"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// scrubCommand makes a report comparable, in place: times become 0, the addresses of the script's servers get the name of
// their variable, and fractions lose the digits that depend on the processor: scrub FILE.
func scrubCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: scrub FILE")
	}
	text := ts.ReadFile(args[0])
	for _, volatile := range scrubbed() {
		text = volatile.pattern.ReplaceAllString(text, volatile.by)
	}
	text = regexp.MustCompile(`\d+\.\d+(e-?\d+)?\b`).ReplaceAllStringFunc(text, sixDigits)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(text), 0o600))
}

type replacement struct {
	pattern *regexp.Regexp
	by      string
}

func scrubbed() []replacement {
	return []replacement{
		{regexp.MustCompile(`("started": )"[^"]+"`), `$1"TIME"`},
		{regexp.MustCompile(`("(?:elapsedSeconds|p50|p95|p99)": )[0-9.e-]+`), `${1}0`},
		{regexp.MustCompile(`("routeVersion": )"[0-9TZ:-]+/1"`), `$1"VERSION"`},
		{regexp.MustCompile(`127\.0\.0\.1:\d+`), `ADDR`},
		{regexp.MustCompile(`outbound\|\d+\|`), `outbound|PORT|`},
	}
}

// sixDigits leaves what is no decimal fraction, such as a part of an address or a version, as it is.
func sixDigits(text string) string {
	v, err := strconv.ParseFloat(text, 64)
	if err != nil || len(text) < len("0.123456") || strings.Count(text, ".") > 1 {
		return text
	}
	return strconv.FormatFloat(v, 'g', 6, 64)
}
