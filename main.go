// Respy checks that traffic really splits the way a VirtualService or HTTPRoute says, says why when it does not, and
// fails the pipeline.
//
//	respy [flags] URL             send requests, judge, exit
//	respy explain [flags] [URL]   the same chain without load
//	respy judge [flags] [ARG…]    judge counts measured elsewhere
//	respy watch [flags] URL       judge the traffic that is there, without sending any
//	respy plan [flags]            how many requests a claim needs
//	respy demo [flags]            the main job against an embedded mesh
//	respy serve [flags]           an HTTP gate for Argo Rollouts and Flagger
//	respy completion SHELL        complete command lines in bash, zsh or fish
//	respy version
//
// # What is compared
//
// A request passes four stages, and respy compares each with its neighbour: the weights that are declared (a
// VirtualService or HTTPRoute of the cluster or in files, or --expect), those that the caller's proxy is programmed with
// (Envoy's config dump), the cluster that the proxy chose for each request (its counters before and after), and the
// version that answered. A stage that cannot be seen is listed as not seen. In a pod of the mesh, respy URL without a
// flag reads the weights from the sidecar at 127.0.0.1:15000, and from the cluster's API where the service account may.
//
// # The verdict
//
// Envoy draws the cluster of each request independently, so under a working split the counts are multinomial, and an
// exact test holds them against the weights. A match says that they agree and that a shift of ten points, or of the
// smallest version's share, would have been noticed with probability 0.9. A mismatch is wrong with probability alpha. A
// run that can say neither, as it was too small, was cut short or saw the weights change, is inconclusive.
//
// # Exit codes
//
//	0    match, or nothing to compare with and nothing asked
//	1    mismatch
//	2    usage or trouble
//	3    inconclusive
//	4    target unreachable: not one answer
//	128+N  ended by signal N, after the partial report
//
// # Streams
//
// Standard output is the report alone. Progress, notes and errors go to standard error. Redirects are not followed,
// cookies are not kept and the environment's proxies are not used.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"os"

	"github.com/spf13/pflag"

	"respy/diagnose"
)

func main() {
	log.SetOutput(io.Discard) // net/http remarks there on each frame that it did not expect from a server
	ctx, stop := withSignals(context.Background())
	code := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// streams are the standard streams of a command.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

// run carries out a command line and returns the exit code.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	std := streams{interruptible{ctx, stdin}, stdout, stderr}
	code, err := dispatch(ctx, args, std)
	switch {
	case errors.Is(err, pflag.ErrHelp):
		return 0
	case signalOf(ctx) > 0 && err != nil:
		note(stderr, "%v", context.Cause(ctx))
		return diagnose.ExitSignal + signalOf(ctx)
	case err != nil:
		return trouble(stderr, err)
	}
	return code
}

func dispatch(ctx context.Context, args []string, std streams) (int, error) {
	if len(args) == 0 {
		return check(ctx, args, std)
	}
	switch args[0] {
	case "explain":
		return explain(ctx, args[1:], std)
	case "demo":
		return demo(ctx, args[1:], std)
	case "judge":
		return judge(ctx, args[1:], std)
	case "watch":
		return watch(ctx, args[1:], std)
	case "plan":
		return plan(args[1:], std)
	case "serve":
		return serve(ctx, args[1:], std)
	case "completion":
		return completion(args[1:], std)
	case "version", "--version":
		if len(args) > 1 {
			return 0, usagef("%s takes no arguments, and %q is one", args[0], args[1])
		}
		return 0, printVersion(std.out)
	case "help":
		return check(ctx, []string{"--help"}, std)
	default:
		return check(ctx, args, std)
	}
}

// commands are the words that may stand in the URL's place, but only first.
func commands() []string {
	return []string{"explain", "judge", "watch", "plan", "demo", "serve", "completion", "version", "help"}
}

func printVersion(w io.Writer) error {
	_, err := fmt.Fprintln(w, "respy", version())
	return err
}
