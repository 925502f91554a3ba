package report

import (
	"strings"
	"unicode"

	"github.com/jedib0t/go-pretty/v6/text"
)

// A picture cannot measure its text: the reader's fonts are not known. These widths are those of a wide common font, bold,
// in parts of the font size.
const (
	fontSize   = 13.0
	wideRune   = 1.02 // of two columns in a terminal, and the widest letters
	upperRune  = 0.8
	usualRune  = 0.68
	narrowRune = 0.4
)

// measure estimates how many pixels text takes.
func measure(s string) float64 {
	ems := 0.0
	for _, r := range s {
		switch {
		case text.RuneWidth(r) > 1 || strings.ContainsRune("mwMW@%…", r):
			ems += wideRune
		case unicode.IsUpper(r):
			ems += upperRune
		case strings.ContainsRune("iljtfrI.,:;'|!()[]/ ", r):
			ems += narrowRune
		default:
			ems += usualRune
		}
	}
	return ems * fontSize
}

// within makes text from outside safe and takes so much out of its middle that it fits so many pixels: names that begin
// alike are told apart by their ends.
func within(s string, pixels float64) string {
	s = escape(s)
	runes := []rune(s)
	for keep := min(len(runes)-1, int(pixels/(narrowRune*fontSize))); keep > 1 && measure(s) > pixels; keep-- {
		s = string(runes[:keep/2]) + "…" + string(runes[len(runes)-(keep-keep/2):])
	}
	return s
}

// wrap breaks text from outside into at most so many lines of so many pixels.
func wrap(s string, pixels float64, most int) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(escape(s)) {
		word = within(word, pixels)
		switch {
		case line == "":
			line = word
		case measure(line+" "+word) <= pixels:
			line += " " + word
		default:
			lines = append(lines, line)
			line = word
		}
	}
	if line != "" {
		lines = append(lines, line)
	}
	if len(lines) > most {
		lines = lines[:most]
		lines[most-1] += " …"
	}
	return lines
}
