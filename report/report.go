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
	FormatTable Format = "table"
	FormatWide  Format = "wide"
	FormatJSON  Format = "json"
	FormatHTML  Format = "html"
	FormatQuiet Format = "quiet" // the verdict line alone
)

// Formats lists what -o accepts, in the order in which help shows it.
func Formats() []Format { return []Format{FormatTable, FormatWide, FormatJSON, FormatHTML} }

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
}

// Write renders c in the given format.
func Write(w io.Writer, format Format, c *diagnose.Conclusion, o Options) error {
	switch format {
	case FormatJSON:
		return JSON(w, c)
	case FormatHTML:
		return HTML(w, c)
	case FormatQuiet:
		return Quiet(w, c, o)
	case FormatWide:
		return Wide(w, c, o)
	default:
		return Table(w, c, o)
	}
}
