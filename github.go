package main

import (
	"bytes"
	"fmt"
	"io"
	"os"

	"respy/diagnose"
	"respy/report"
)

// writeGitHub tells a step of GitHub Actions the conclusion: annotations by commands on standard output, the summary of
// the step, and its outputs for later steps.
func writeGitHub(c *diagnose.Conclusion, std streams) []error {
	var all []error
	for _, err := range []error{
		report.WorkflowCommands(std.out, c),
		appendNamed("GITHUB_STEP_SUMMARY", std.err, func(w io.Writer) error { return report.Markdown(w, c) }),
		appendNamed("GITHUB_OUTPUT", std.err, func(w io.Writer) error { return report.StepOutputs(w, c) }),
	} {
		if err != nil {
			all = append(all, err)
		}
	}
	return all
}

// appendNamed appends to the file that a variable of the environment names, in one piece: other steps write it too.
func appendNamed(variable string, stderr io.Writer, render func(io.Writer) error) (err error) {
	path := os.Getenv(variable)
	if path == "" {
		note(stderr, "%s is not set: that part of -o github is left out", variable)
		return nil
	}
	var text bytes.Buffer
	if err := render(&text); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o644)
	if err != nil {
		return fmt.Errorf("opening $%s: %w", variable, err)
	}
	if _, err := f.Write(text.Bytes()); err != nil {
		f.Close()
		return fmt.Errorf("appending to $%s: %w", variable, err)
	}
	return f.Close()
}
