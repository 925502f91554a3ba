package main

import (
	"io"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"syscall"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// signalled is a process in the background that got a signal.
type signalled struct {
	cmd *exec.Cmd
	at  time.Time
}

// signalCommand sends INT or TERM to the process that the script started last in the background: signal NAME.
func signalCommand(ts *testscript.TestScript, neg bool, args []string) {
	signals := map[string]syscall.Signal{"INT": syscall.SIGINT, "TERM": syscall.SIGTERM}
	background := ts.BackgroundCmds()
	if neg || len(args) != 1 || signals[args[0]] == 0 || len(background) == 0 {
		ts.Fatalf("usage: signal INT|TERM, with a process in the background")
	}
	s := &sceneOf(ts).signal
	s.cmd, s.at = background[len(background)-1], time.Now()
	ts.Check(s.cmd.Process.Signal(signals[args[0]]))
	process := s.cmd.Process
	watchdog := time.AfterFunc(hangs, func() { _ = process.Kill() }) // it has mostly ended by itself
	ts.Defer(func() { watchdog.Stop() })
}

// hangs is when a process that does not heed its signal is killed, so that the script goes on and says so.
const hangs = 10 * time.Second

// endedCommand checks the exit code of the process that was signalled, once wait has awaited it, and that it ended soon
// after the signal: ended CODE WITHIN.
func endedCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: ended CODE WITHIN")
	}
	s := &sceneOf(ts).signal
	took := time.Since(s.at)
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	within, err := time.ParseDuration(args[1])
	ts.Check(err)
	if got := s.cmd.ProcessState.ExitCode(); got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
	if took > within {
		ts.Fatalf("ended %v after the signal, want at most %v", took, within)
	}
}

// requestsCommand checks how many requests the server started last has received: requests N.
func requestsCommand(ts *testscript.TestScript, neg bool, args []string) {
	if want, got := countArgument(ts, neg, args), sceneOf(ts).received(); got != want {
		ts.Fatalf("the server received %d requests, want %d", got, want)
	}
}

// awaitCommand waits until the server started last has received at least that many requests: await N.
func awaitCommand(ts *testscript.TestScript, neg bool, args []string) {
	want := countArgument(ts, neg, args)
	for end := time.Now().Add(20 * time.Second); sceneOf(ts).received() < want; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			ts.Fatalf("the server received %d requests, want %d", sceneOf(ts).received(), want)
		}
	}
}

func countArgument(ts *testscript.TestScript, neg bool, args []string) int64 {
	if neg || len(args) != 1 || sceneOf(ts).received == nil {
		ts.Fatalf("usage: requests N or await N, after a server was started")
	}
	n, err := strconv.ParseInt(args[0], 10, 64)
	ts.Check(err)
	return n
}

// fetchCommand saves what a server answers: fetch URL FILE.
func fetchCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: fetch URL FILE")
	}
	response, err := http.Get(args[0])
	ts.Check(err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), body, 0o600))
}
