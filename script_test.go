package main

import (
	"errors"
	"flag"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

var update = flag.Bool("update", false, "rewrite the golden parts of testdata/script")

// TestMain lets the scripts run the real main as the command respy, in a process of its own.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"respy": main})
}

// TestScript runs testdata/script: one topic a file, against servers that the script starts. The servers' commands are
// described beside them; each sets the variables URL and ADDR (host:port).
func TestScript(t *testing.T) {
	seeds, err := filepath.Abs("testdata/seeds") // manifests of the applications that the tool was first used with
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		ContinueOnError:     true, // one run shows all that a change breaks
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		UpdateScripts:       *update,
		Setup: func(env *testscript.Env) error {
			env.Values[sceneKey{}] = &scene{}
			env.Setenv("SEEDS", seeds)
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exit":     exitCommand,
			"sentence": sentenceCommand,
			"scrub":    scrubCommand,
			"raw":      rawCommand,
			"mesh":     meshCommand,
			"api":      apiCommand,
			"serve":    serveCommand,
			"frames":   framesCommand,
			"silent":   silentCommand,
			"refused":  refusedCommand,
			"fetch":    fetchCommand,
			"requests": requestsCommand,
			"await":    awaitCommand,
			"signal":   signalCommand,
			"ended":    endedCommand,
		},
	})
}

// scene is what a script has started: the server that counts, and the process that was signalled.
type scene struct {
	received func() int64
	signal   signalled
}

type sceneKey struct{}

func sceneOf(ts *testscript.TestScript) *scene { return ts.Value(sceneKey{}).(*scene) }

// exitCommand runs a program like exec and checks its exit code: exit CODE PROGRAM [ARG…].
func exitCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exit CODE PROGRAM [ARG...]")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		failed, ok := errors.AsType[*exec.ExitError](err)
		if !ok {
			ts.Fatalf("running %s: %v", args[1], err)
		}
		got = failed.ExitCode()
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

// sentenceCommand checks what a usage error looks like: nothing on stdout, one line on stderr that the program's name
// begins and no period ends, and in it each of the texts: sentence TEXT….
func sentenceCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: sentence TEXT...")
	}
	if out := ts.ReadFile("stdout"); out != "" {
		ts.Fatalf("stdout is not empty: %q", out)
	}
	line, rest, ended := strings.Cut(ts.ReadFile("stderr"), "\n")
	switch {
	case !ended || rest != "":
		ts.Fatalf("stderr is not one line: %q", ts.ReadFile("stderr"))
	case !strings.HasPrefix(line, "respy: "):
		ts.Fatalf("%q does not begin with the program's name", line)
	case strings.HasSuffix(line, "."):
		ts.Fatalf("%q ends with a period", line)
	}
	for _, text := range args {
		if !strings.Contains(line, text) {
			ts.Fatalf("%q lacks %q", line, text)
		}
	}
}

// rawCommand checks that the last command wrote no byte to stdout or stderr that could change what a terminal shows:
// no control character but the line break, and no escape sequence.
func rawCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 || args[0] != "none" {
		ts.Fatalf("usage: raw none")
	}
	for _, stream := range []string{"stdout", "stderr"} {
		text := ts.ReadFile(stream)
		if i := strings.IndexFunc(text, func(r rune) bool { return r < ' ' && r != '\n' || r >= 0x7f && r <= 0x9f }); i >= 0 {
			ts.Fatalf("%s has %q at byte %d: %q", stream, text[i], i, text)
		}
	}
}
