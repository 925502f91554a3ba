//go:build linux

// Command bench measures respy beside other load tools, and the requests that it needs for a verdict beside published
// procedures. All of it runs on this machine's loopback, server and client pinned to a core each.
//
//	go run ./internal/bench [-respy FILE] [-readme FILE] [-rounds N] [-requests N]
//
// A tool that is not installed is left out, which is said. The figures go to standard output as Markdown, and with
// -readme between the marks of that file. The tools take turns, and what counts is the median of the rounds.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
)

func main() {
	if len(os.Args) == 3 && os.Args[1] == serveCommand {
		os.Exit(exitCode(serve(os.Args[2], os.Stdin, os.Stdout)))
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	code := exitCode(run(ctx, os.Args[1:], os.Stdout))
	stop()
	os.Exit(code)
}

func exitCode(err error) int {
	if err == nil {
		return 0
	}
	fmt.Fprintln(os.Stderr, "bench:", err)
	return 2
}

// options are the flags.
type options struct {
	respy    string // the program
	readme   string // to write to, if not ""
	rounds   int
	requests int // of each run
}

func run(ctx context.Context, args []string, out io.Writer) error {
	var o options
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.StringVar(&o.respy, "respy", "./respy", "the program to measure")
	flags.StringVar(&o.readme, "readme", "", "file that the figures are written to, between its marks")
	flags.IntVar(&o.rounds, "rounds", 5, "runs of each tool")
	flags.IntVar(&o.requests, "requests", 200_000, "requests of each run")
	if err := flags.Parse(args); err != nil {
		return err
	}
	load, err := compareLoad(ctx, o)
	if err != nil {
		return err
	}
	verdicts, err := compareVerdicts(ctx)
	if err != nil {
		return err
	}
	text := page(load, verdicts)
	if _, err := io.WriteString(out, text); err != nil {
		return err
	}
	if o.readme == "" {
		return nil
	}
	return writeBetweenMarks(o.readme, text)
}
