package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/term"

	"respy/diagnose"
	"respy/report"
)

// output is one -o FORMAT[=FILE]; without a file it goes to standard output.
type output struct {
	format report.Format
	file   string
}

// parseOutputs reads the -o flags. Standard output takes one format: the table unless another is named.
func parseOutputs(flags []string, quiet bool) ([]output, error) {
	var outputs []output
	var onStdout []string
	for _, flag := range flags {
		name, file, hasFile := strings.Cut(flag, "=")
		format, err := report.ParseFormat(name)
		if err != nil {
			return nil, usagef("-o %s: %v", flag, err)
		}
		if hasFile && file == "" {
			return nil, usagef("-o %s names no file after the =", flag)
		}
		if !hasFile {
			onStdout = append(onStdout, name)
		}
		outputs = append(outputs, output{format, file})
	}
	if quiet {
		onStdout = append(onStdout, "--quiet")
	}
	if len(onStdout) > 1 {
		return nil, usagef("%s cannot share standard output: give all but one a file, as in -o %s=FILE", strings.Join(onStdout, " and "), onStdout[0])
	}
	if quiet || len(onStdout) == 0 {
		outputs = append(outputs, output{format: formatOf(quiet)})
	}
	return outputs, nil
}

// writeOutputs renders c in every format that was asked for. One that cannot be written does not keep the others from it;
// it turns exit code 0 into trouble and leaves every other code.
func writeOutputs(outputs []output, c *diagnose.Conclusion, color string, std streams) int {
	code := c.ExitCode
	for _, o := range outputs {
		if err := o.write(c, color, std.out); err != nil {
			note(std.err, "writing %s: %v", o.format, err)
			if code == 0 {
				code = exitTrouble
			}
		}
	}
	return code
}

func (o output) write(c *diagnose.Conclusion, color string, stdout io.Writer) error {
	if o.file == "" {
		return report.Write(stdout, o.format, c, report.Options{Color: useColor(color, stdout), Width: widthOf(stdout)})
	}
	return writeFile(o.file, func(w io.Writer) error {
		return report.Write(w, o.format, c, report.Options{Color: color == "always"})
	})
}

// writeFile writes a file whole or not at all: beside its place first, then renamed into it.
func writeFile(path string, render func(io.Writer) error) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
	if err != nil {
		return fmt.Errorf("creating a file beside %s: %w", path, err)
	}
	defer func() {
		if err != nil {
			os.Remove(f.Name())
		}
	}()
	if err := render(f); err != nil {
		f.Close()
		return err
	}
	if err := f.Chmod(0o644); err != nil {
		f.Close()
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

// useColor follows --color, then NO_COLOR and CLICOLOR_FORCE, then whether w is a terminal.
func useColor(color string, w io.Writer) bool {
	switch {
	case color == "always":
		return true
	case color == "never" || os.Getenv("NO_COLOR") != "":
		return false
	case os.Getenv("CLICOLOR_FORCE") != "" && os.Getenv("CLICOLOR_FORCE") != "0":
		return true
	}
	return isTerminal(w)
}

// widthOf is how many columns a terminal has, 0 for what is none.
func widthOf(w io.Writer) int {
	f, ok := w.(*os.File)
	if !ok {
		return 0
	}
	width, _, err := term.GetSize(int(f.Fd()))
	if err != nil {
		return 0
	}
	return width
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}
