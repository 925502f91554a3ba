// Package report renders a conclusion: one format a file, each a function of an io.Writer and plain data.
//
// Nothing here decides anything. Text that came from outside (versions, error samples, object names) is escaped for the
// format that shows it.
package report

import (
	"fmt"
	"io"
	"strings"

	"respy/diagnose"
)

// Format is the name of an output format, as in -o json.
type Format string

// The formats.
const (
	FormatTable    Format = "table"
	FormatWide     Format = "wide"
	FormatJSON     Format = "json"
	FormatJSONL    Format = "jsonl" // the answers instead of a conclusion: see Answers
	FormatCSV      Format = "csv"
	FormatMarkdown Format = "markdown"
	FormatJUnit    Format = "junit"
	FormatTAP      Format = "tap"
	FormatHTML     Format = "html"
	FormatGitHub   Format = "github" // markdown in a file: see WorkflowCommands and StepOutputs for the rest
	FormatProm     Format = "prom"
	FormatQuiet    Format = "quiet" // the verdict line alone
)

// Formats lists what -o accepts, in the order in which help shows it.
func Formats() []Format {
	return []Format{
		FormatTable, FormatWide, FormatJSON, FormatJSONL, FormatCSV, FormatMarkdown, FormatJUnit, FormatTAP, FormatHTML, FormatGitHub, FormatProm,
	}
}

// ParseFormat reads the name of a format.
func ParseFormat(name string) (Format, error) {
	for _, f := range Formats() {
		if string(f) == name {
			return f, nil
		}
	}
	return "", fmt.Errorf("%q is not an output format; use %s", name, FormatNames())
}

// FormatNames lists what -o accepts for a sentence.
func FormatNames() string {
	formats := Formats()
	names := make([]string, len(formats))
	for i, f := range formats {
		names[i] = string(f)
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " or " + names[last]
}

// Options says how a report looks. The zero value is plain text.
type Options struct {
	Color bool // ANSI colours in table, wide and quiet
	Width int  // columns of the terminal, to which table and its pictures are fitted; 0: the table is whole
}

// Write renders c in the given format. Only FormatJSONL is none of a conclusion.
func Write(w io.Writer, format Format, c *diagnose.Conclusion, o Options) error {
	switch format {
	case FormatTable:
		return Table(w, c, o)
	case FormatWide:
		return Wide(w, c, o)
	case FormatQuiet:
		return Quiet(w, c, o)
	case FormatJSON:
		return JSON(w, c)
	case FormatCSV:
		return CSV(w, c)
	case FormatMarkdown, FormatGitHub:
		return Markdown(w, c)
	case FormatJUnit:
		return JUnit(w, c)
	case FormatTAP:
		return TAP(w, c)
	case FormatHTML:
		return HTML(w, c)
	case FormatProm:
		return Prom(w, c)
	}
	return fmt.Errorf("%s is not the form of a conclusion", format)
}
