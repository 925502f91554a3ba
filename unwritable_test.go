package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"respy/diagnose"
	"respy/report"
)

// fullDisk is a standard output that takes nothing.
type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errors.New("no space left on device") }

// Whatever the form and whatever the verdict, an output that cannot be written is a sentence, turns 0 into 2, leaves every
// other code, and does not keep another output from its file.
func TestUnwritableOutputIsASentenceInEveryForm(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("needs /dev/full and /proc")
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "v1") }))
	t.Cleanup(server.Close)
	for _, verdict := range []struct {
		verdict diagnose.Verdict
		code    int
		args    string
	}{
		{diagnose.Match, exitTrouble, "-n 100 --expect v1=100 " + server.URL},
		{diagnose.Mismatch, 1, "-n 20 --expect v1=0,v2=100 " + server.URL},
		{diagnose.Inconclusive, 3, "-n 20 --expect v1=90,v2=10 " + server.URL},
		{diagnose.Inconclusive, 4, "-n 2 --expect v1=90,v2=10 http://127.0.0.1:1/"},
	} {
		for _, format := range report.Formats() {
			for _, place := range []string{"", "/dev/full", "/proc/report"} {
				name := fmt.Sprintf("%s with %d to %q as %s", verdict.verdict, verdict.code, place, format)
				good := filepath.Join(t.TempDir(), "good.json")
				output := string(format)
				if place != "" {
					output += "=" + place
				}
				args := append([]string{"--envoy", "off", "--no-progress", "-o", "json=" + good, "-o", output}, strings.Fields(verdict.args)...)
				var stdout io.Writer = new(bytes.Buffer)
				if place == "" {
					stdout = fullDisk{}
				}
				checkUnwritable(t, name, string(format), good, verdict.code, args, stdout)
			}
		}
	}
}

func checkUnwritable(t *testing.T, name, format, good string, code int, args []string, stdout io.Writer) {
	t.Helper()
	t.Setenv("GITHUB_STEP_SUMMARY", filepath.Join(filepath.Dir(good), "summary"))
	t.Setenv("GITHUB_OUTPUT", filepath.Join(filepath.Dir(good), "output"))
	var stderr bytes.Buffer
	if got := run(t.Context(), args, strings.NewReader(""), stdout, &stderr); got != code {
		t.Errorf("%s: exit code %d, want %d\n%s", name, got, code, stderr.String())
	}
	if n := strings.Count(stderr.String(), "respy: writing "+format+": "); n != 1 {
		t.Errorf("%s: said %d times, want once:\n%s", name, n, stderr.String())
	}
	text, err := os.ReadFile(good)
	if err != nil || !bytes.HasSuffix(text, []byte("}\n")) {
		t.Errorf("%s: the other output was not written: %v", name, err)
	}
}
