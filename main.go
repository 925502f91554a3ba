// Respy checks that traffic really splits the way a VirtualService or HTTPRoute says, says why when it does not, and
// fails the pipeline.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/pflag"

	"respy/diagnose"
)

func main() {
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
	case "demo":
		return demo(ctx, args[1:], std)
	case "judge":
		return judge(ctx, args[1:], std)
	case "plan":
		return plan(args[1:], std)
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
func commands() []string { return []string{"judge", "plan", "demo", "version", "help"} }

func printVersion(w io.Writer) error {
	_, err := fmt.Fprintln(w, "respy", version())
	return err
}
