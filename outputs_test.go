package main

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"respy/report"
)

// The exit code is the verdict's, whatever the form, and whether it goes to standard output or to a file.
func TestExitCodeDoesNotDependOnTheForm(t *testing.T) {
	var random *rand.Rand // begins anew for each run, which sends one request at a time
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		version := "v1"
		if random.Float64() < 0.1 {
			version = "v2"
		}
		io.WriteString(w, version)
	}))
	t.Cleanup(server.Close)
	for _, verdict := range []struct {
		name string
		code int
		args string
	}{
		{"match", 0, "-n 400 --expect v1=90,v2=10 " + server.URL},
		{"mismatch", 1, "-n 400 --expect v1=50,v2=50 " + server.URL},
		{"impossible version", 1, "-n 400 --expect v1=90,v3=10 " + server.URL},
		{"inconclusive", 3, "-n 10 --expect v1=90,v2=10 " + server.URL},
		{"passed", 0, "-n 10 --inconclusive pass --expect v1=90,v2=10 " + server.URL},
		{"recognition", 3, "-n 400 --inconclusive pass --expect a=90,b=10 " + server.URL},
		{"unreachable", 4, "-n 10 --expect v1=90,v2=10 http://127.0.0.1:1/"},
		{"none", 0, "-n 10 " + server.URL},
	} {
		for _, format := range append(report.Formats(), report.FormatQuiet) {
			output := []string{"-o", string(format)}
			if format == report.FormatQuiet {
				output = []string{"--quiet"}
			}
			for _, output := range [][]string{output, {"-o", fmt.Sprintf("%s=%s", format, filepath.Join(t.TempDir(), "out"))}} {
				if output[0] == "-o" && strings.HasPrefix(output[1], "quiet") {
					continue
				}
				random = rand.New(rand.NewPCG(1, 1))
				args := append([]string{"--envoy", "off", "--no-progress", "-c", "1"}, strings.Fields(verdict.args)...)
				var stdout, stderr bytes.Buffer
				code := run(t.Context(), append(args, output...), strings.NewReader(""), &stdout, &stderr)
				if code != verdict.code {
					t.Errorf("%s: %v exits with %d, want %d\n%s", verdict.name, output, code, verdict.code, stderr.String())
				}
			}
		}
	}
}
