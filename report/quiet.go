package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/jedib0t/go-pretty/v6/text"

	"respy/diagnose"
)

// Quiet writes the verdict line: the verdict as a word, then one sentence.
func Quiet(w io.Writer, c *diagnose.Conclusion, o Options) error {
	_, err := fmt.Fprintln(w, verdictLine(c, o))
	return err
}

// longestMessage is how many runes of the message the verdict line shows.
const longestMessage = 400

func verdictLine(c *diagnose.Conclusion, o Options) string {
	if c.Verdict == diagnose.None {
		return escape(c.Message)
	}
	return paint(strings.ToUpper(string(c.Verdict)), verdictColor(c.Verdict), o) + "  " + cut(escape(c.Message), longestMessage)
}

func verdictColor(v diagnose.Verdict) text.Color {
	switch v {
	case diagnose.Match:
		return text.FgGreen
	case diagnose.Mismatch:
		return text.FgRed
	default:
		return text.FgYellow
	}
}

// paint wraps s in a colour; the word itself always says what the colour says.
func paint(s string, color text.Color, o Options) string {
	if !o.Color {
		return s
	}
	return text.Bold.EscapeSeq() + color.EscapeSeq() + s + text.Reset.EscapeSeq()
}
