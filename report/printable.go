package report

import (
	"strconv"
	"strings"
	"unicode"
)

// longest is how many runes of a text from outside a terminal line shows.
const longest = 60

// printable makes text from outside safe for a terminal: control, format and other invisible characters are written as
// Go escapes, so that neither an ANSI sequence nor a right-to-left mark can change what the reader sees, and a long text
// is cut.
func printable(s string) string { return cut(escape(s), longest) }

func escape(s string) string {
	if isPlain(s) {
		return s
	}
	var b strings.Builder
	for i, r := range s {
		if isShown(r, i == 0) {
			b.WriteRune(r)
			continue
		}
		b.WriteString(strings.Trim(strconv.QuoteRuneToASCII(r), "'"))
	}
	return b.String()
}

func isPlain(s string) bool {
	for i, r := range s {
		if !isShown(r, i == 0) {
			return false
		}
	}
	return true
}

// isShown reports whether a character may stand as it is. What joins the character before it, as accents do, may not
// come first: it would change what the line has there.
func isShown(r rune, first bool) bool {
	joins := unicode.In(r, unicode.M, unicode.Other_Grapheme_Extend) || r >= 0x1f3fb && r <= 0x1f3ff // skin tones
	return unicode.IsPrint(r) && r != unicode.ReplacementChar && !(first && joins)
}

func cut(s string, limit int) string {
	runes := []rune(s)
	if len(runes) <= limit {
		return s
	}
	return string(runes[:limit-1]) + "…"
}
