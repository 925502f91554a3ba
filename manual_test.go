package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/pflag"
)

// The manual page and the completions lie in the tree, made from the flags: make docs writes them.

// checkMade compares a file in the tree with what it is to hold.
func checkMade(t *testing.T, file, want string) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(want), 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("%s is not what the flags say; write it with make docs\n%s", file, diff)
	}
}

func TestManualIsMadeFromTheFlags(t *testing.T) {
	checkMade(t, "doc/respy.1", manual())
}

// Every word that may stand first is documented and completed; the last two take no flags.
func TestEveryCommandIsInTheManual(t *testing.T) {
	want := []string{""} // the main job
	for _, name := range commands() {
		if name != "version" && name != "help" {
			want = append(want, name)
		}
	}
	var got []string
	for _, s := range subcommands() {
		got = append(got, s.name)
		if name := strings.TrimSpace("respy " + s.name); !strings.Contains(mainCommand(new(config)).synopsis, name) {
			t.Errorf("the synopsis lacks %s", name)
		}
	}
	if !slices.Equal(slices.Sorted(slices.Values(got)), slices.Sorted(slices.Values(want))) {
		t.Errorf("subcommands are %q, commands %q", got, want)
	}
}

func TestMandocReadsTheManual(t *testing.T) {
	command := exec.Command(tool(t, "mandoc"), "-T", "lint", "-W", "warning")
	command.Stdin = strings.NewReader(manual())
	out, err := command.Output()
	for line := range strings.Lines(string(out)) {
		if !strings.Contains(line, "missing date") { // it would change whenever the page is made
			t.Errorf("%s(%v)", line, err)
		}
	}
	command = exec.Command(tool(t, "mandoc"), "-T", "utf8", "-O", "width=1000")
	command.Stdin = strings.NewReader(manual())
	if out, err = command.Output(); err != nil {
		t.Fatal(err)
	}
	page := strings.Join(strings.Fields(overstruck(string(out))), " ")
	for _, s := range subcommands() {
		for _, g := range s.groups {
			g.flags.VisitAll(func(f *pflag.Flag) {
				if _, usage := pflag.UnquoteUsage(f); !strings.Contains(page, usage) {
					t.Errorf("the manual page lacks %q", usage)
				}
			})
		}
	}
}

// overstruck removes what makes letters bold or underlined on paper.
func overstruck(s string) string {
	var out []rune
	for _, r := range s {
		if r == '\b' {
			out = out[:len(out)-1]
			continue
		}
		out = append(out, r)
	}
	return string(out)
}

// manual is the page in the man macros.
func manual() string {
	var b strings.Builder
	fmt.Fprintf(&b, ".TH RESPY 1 \"\" respy \"User Commands\"\n.SH NAME\nrespy %s check that traffic splits as a route says\n", roff("–"))
	all := subcommands()
	b.WriteString(".SH SYNOPSIS\n.nf\n")
	for line := range strings.Lines(all[0].synopsis) {
		fmt.Fprintln(&b, roff(strings.TrimSpace(line)))
	}
	b.WriteString(".fi\n.SH DESCRIPTION\n")
	writeProse(&b, all[0].about)
	for _, s := range all {
		title := "OPTIONS"
		if s.name != "" {
			title = "RESPY " + strings.ToUpper(s.name)
		}
		fmt.Fprintf(&b, ".SH %s\n", title)
		if s.name != "" {
			writeProse(&b, s.about)
		}
		writeGroups(&b, s)
	}
	b.WriteString(".SH EXIT STATUS\n")
	writeProse(&b, strings.TrimPrefix(exitCodes, "Exit codes: "))
	b.WriteString(".SH ENVIRONMENT\n.TP\n.B NO_COLOR\nIf not empty, no colours.\n.TP\n.B CLICOLOR_FORCE\nIf neither empty nor 0, colours also where there is no terminal.\n")
	b.WriteString(".TP\n.BR GITHUB_STEP_SUMMARY \", \" GITHUB_OUTPUT\nFiles to which\n.B \\-o github\nappends.\n")
	return b.String()
}

// writeGroups writes the flags of a command. Some have those of the main job too, which are not repeated.
func writeGroups(b *strings.Builder, s subcommand) {
	for _, g := range s.groups {
		if (s.name == "demo" || s.name == "serve") && !strings.EqualFold(s.name, g.title) {
			continue
		}
		fmt.Fprintf(b, ".SS %s\n", roff(g.title))
		g.flags.VisitAll(func(f *pflag.Flag) {
			value, usage := pflag.UnquoteUsage(f)
			flag := "--" + f.Name
			if f.Shorthand != "" {
				flag = "-" + f.Shorthand + ", " + flag
			}
			fmt.Fprintf(b, ".TP\n.BI \"%s\" \" %s\"\n%s", roff(flag), roff(strings.Trim(value, "'")), roff(usage))
			if f.DefValue != "" && f.DefValue != "[]" && f.DefValue != "false" && f.DefValue != "0" && f.DefValue != "0s" {
				fmt.Fprintf(b, " (default %s)", roff(f.DefValue))
			}
			b.WriteByte('\n')
		})
	}
}

// writeProse writes paragraphs; indented lines stay as they are.
func writeProse(b *strings.Builder, text string) {
	for paragraph := range strings.SplitSeq(text, "\n\n") {
		if strings.HasPrefix(paragraph, " ") {
			fmt.Fprintf(b, ".nf\n%s\n.fi\n", roff(paragraph))
			continue
		}
		fmt.Fprintln(b, roff(strings.Join(strings.Fields(paragraph), " ")))
	}
}

// roff escapes text: hyphens that are typed, what would be a request at the start of a line, and other than ASCII.
func roff(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '\\':
			b.WriteString(`\e`)
		case r == '-':
			b.WriteString(`\-`)
		case r == '"':
			b.WriteString(`\(dq`)
		case r == '\'':
			b.WriteString(`\(aq`)
		case r > '~':
			fmt.Fprintf(&b, `\[u%04X]`, r)
		default:
			b.WriteRune(r)
		}
	}
	if text := b.String(); strings.HasPrefix(text, ".") {
		return `\&` + text
	}
	return b.String()
}

// tool returns the path of a program. A machine without it skips the test, CI must not.
func tool(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil && os.Getenv("CI") != "" {
		t.Fatalf("no %s for this test: run make tools", name)
	}
	if err != nil {
		t.Skipf("no %s for this test: run make tools", name)
	}
	return path
}

func script(t *testing.T, shell string) string {
	t.Helper()
	var out, stderr bytes.Buffer
	if code := run(t.Context(), []string{"completion", shell}, strings.NewReader(""), &out, &stderr); code != 0 {
		t.Fatalf("exit code %d: %s", code, stderr.String())
	}
	return out.String()
}
