package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"

	"github.com/spf13/pflag"
)

// What goes where: stdout is the report alone. Progress, warnings, notes and errors go to stderr, each line with the
// program's name before it, in lower case, without a final period. A usage error says what is wrong and the next step.

// Exit codes that no verdict has: 2 for usage and trouble, as diff and grep have it.
const exitTrouble = 2

// usageError is a command line that cannot be carried out.
type usageError struct{ sentence string }

func (e *usageError) Error() string { return e.sentence }

func usagef(format string, args ...any) error {
	return &usageError{fmt.Sprintf(format, args...)}
}

// trouble prints err as the program's one sentence and returns the exit code for it.
func trouble(stderr io.Writer, err error) int {
	note(stderr, "%v", err)
	return exitTrouble
}

// note prints a remark that changes nothing about the verdict.
func note(stderr io.Writer, format string, args ...any) {
	fmt.Fprintf(stderr, "respy: %s\n", sentence(fmt.Sprintf(format, args...)))
}

// sentence puts a text on one line that does nothing to a terminal: it may hold what an argument, a file or a server says.
func sentence(text string) string {
	text = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, text)
	return strings.Join(strings.Fields(text), " ")
}

// group is a titled set of flags, shown together in the help.
type group struct {
	title string
	flags *pflag.FlagSet
}

func newGroup(title string) group {
	flags := pflag.NewFlagSet(title, pflag.ContinueOnError)
	flags.SortFlags = false
	return group{title, flags}
}

// command is a command line: its synopsis, its flags in groups, and what follows them in the help.
type command struct {
	synopsis string
	about    string
	groups   []group
	epilogue string
}

// parse reads args and returns the positional ones. Asked for help, it prints it to stdout and returns pflag.ErrHelp.
func (c command) parse(args []string, stdout io.Writer) ([]string, error) {
	all := pflag.NewFlagSet("respy", pflag.ContinueOnError)
	all.SetOutput(io.Discard)
	for _, g := range c.groups {
		all.AddFlagSet(g.flags)
	}
	if err := rejectSingleDash(args, all); err != nil {
		return nil, err
	}
	all.SetNormalizeFunc(oldNames(all))
	all.Usage = func() {}
	err := all.Parse(args)
	if errors.Is(err, pflag.ErrHelp) {
		c.help(stdout)
		return nil, err
	}
	if err != nil {
		return nil, usagef("%s; respy --help lists the flags", err)
	}
	return all.Args(), rejectEmpty(all)
}

// rejectEmpty refuses a flag that was given without a value, as by a variable of the shell that is not set: it would
// silently turn off what it asks for. A body may be empty.
func rejectEmpty(all *pflag.FlagSet) (err error) {
	all.Visit(func(f *pflag.Flag) {
		values := []string{f.Value.String()}
		if list, ok := f.Value.(pflag.SliceValue); ok {
			values = list.GetSlice()
		} else if f.Value.Type() != "string" || f.Name == "body" {
			return
		}
		if slices.Contains(values, "") {
			err = usagef("--%s is empty: give it a value, or leave it out", f.Name)
		}
	})
	return err
}

// changed reports whether a flag was given.
func (c command) changed(name string) bool {
	for _, g := range c.groups {
		if f := g.flags.Lookup(name); f != nil {
			return f.Changed
		}
	}
	return false
}

// help prints the synopsis and the flags by group.
func (c command) help(w io.Writer) {
	fmt.Fprintf(w, "%s\n\nusage: %s\n", c.about, c.synopsis)
	for _, g := range c.groups {
		fmt.Fprintf(w, "\n%s:\n%s", g.title, g.flags.FlagUsages())
	}
	if c.epilogue != "" {
		fmt.Fprintf(w, "\n%s\n", c.epilogue)
	}
}

// oldNames lets the one-letter flags of the tool's first version (--u --n --c) stand for today's names.
func oldNames(all *pflag.FlagSet) func(*pflag.FlagSet, string) pflag.NormalizedName {
	long := map[string]string{}
	all.VisitAll(func(f *pflag.Flag) {
		if f.Shorthand != "" {
			long[f.Shorthand] = f.Name
		}
	})
	return func(_ *pflag.FlagSet, name string) pflag.NormalizedName {
		if full, ok := long[name]; ok {
			name = full
		}
		return pflag.NormalizedName(name)
	}
}

// rejectSingleDash catches -host x, which pflag would read as -h -o -s -t.
func rejectSingleDash(args []string, all *pflag.FlagSet) error {
	for _, arg := range args {
		if arg == "--" {
			return nil
		}
		name, isShort := strings.CutPrefix(arg, "-")
		if !isShort || len(name) < 2 || name[0] == '-' {
			continue
		}
		name, _, _ = strings.Cut(name, "=")
		if all.Lookup(name) != nil {
			return usagef("-%s is a long flag: write --%s", name, name)
		}
	}
	return nil
}
