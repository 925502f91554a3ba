package main

import (
	"io"
	"os"
	"slices"
	"strings"

	"golang.org/x/term"

	"respy/diagnose"
	"respy/report"
)

// output is one -o FORMAT[=FILE]; without a file it goes to standard output.
type output struct {
	format  report.Format
	file    string
	answers *answerLog // of the format jsonl
}

// parseOutputs reads the -o flags. Standard output takes one format: the table unless another is named.
func parseOutputs(flags []string, quiet bool) ([]output, error) {
	var outputs []output
	var onStdout []string
	for _, flag := range flags {
		o, err := parseOutput(flag)
		if err != nil {
			return nil, err
		}
		if o.file == "" {
			onStdout = append(onStdout, string(o.format))
		}
		outputs = append(outputs, o)
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

func parseOutput(flag string) (output, error) {
	name, file, hasFile := strings.Cut(flag, "=")
	format, err := report.ParseFormat(name)
	if err != nil {
		return output{}, usagef("-o %s: %v", flag, err)
	}
	if hasFile && file == "" {
		return output{}, usagef("-o %s names no file after the =", flag)
	}
	if isStdout(file) {
		file = ""
		if format == report.FormatGitHub {
			format = report.FormatMarkdown // which is what a file of that format holds
		}
	}
	if err := checkPlace(file); err != nil {
		return output{}, usagef("-o %s: %v", flag, err)
	}
	o := output{format: format, file: file}
	if format == report.FormatJSONL {
		o.answers = new(answerLog)
	}
	return o, nil
}

// isStdout reports whether a file is standard output under another name. Opened by it, a file that the shell has
// redirected to would be written from its start.
func isStdout(file string) bool {
	return slices.Contains([]string{"/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"}, file)
}

// writeOutputs renders c in every format that was asked for. One that cannot be written does not keep the others from it;
// it turns exit code 0 into trouble and leaves every other code.
func writeOutputs(outputs []output, c *diagnose.Conclusion, color string, std streams) int {
	code := c.ExitCode
	for _, o := range outputs {
		for _, err := range o.write(c, color, std) {
			note(std.err, "writing %s: %v", o.format, err)
			if code == 0 {
				code = exitTrouble
			}
		}
	}
	return code
}

// write returns what went wrong, for each of the places that were to be written.
func (o output) write(c *diagnose.Conclusion, color string, std streams) []error {
	render := func(w io.Writer) error { return report.Write(w, o.format, c, report.Options{Color: color == "always"}) }
	var err error
	switch {
	case o.format == report.FormatJSONL:
		err = o.answers.close()
	case o.format == report.FormatGitHub && o.file == "":
		return writeGitHub(c, std)
	case o.file == "":
		err = report.Write(std.out, o.format, c, report.Options{Color: useColor(color, std.out), Width: widthOf(std.out)})
	default:
		err = writeFile(o.file, render)
	}
	if err != nil {
		return []error{err}
	}
	return nil
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
