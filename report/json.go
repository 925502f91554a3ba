package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"respy/diagnose"
)

// JSON writes c as one indented JSON object, the form whose field names are a contract. Characters that a terminal does
// not print as they are stand as \u escapes, which mean the same to a parser.
func JSON(w io.Writer, c *diagnose.Conclusion) error { return indentedJSON(w, c) }

func indentedJSON(w io.Writer, value any) error {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetIndent("", "  ")
	if err := enc.Encode(value); err != nil {
		return err
	}
	_, err := w.Write(asciiControls(b.Bytes()))
	return err
}

// asciiControls escapes what encoding/json leaves as it is: C1 controls, DEL, direction marks and other invisible
// characters. They can only stand inside of strings.
func asciiControls(text []byte) []byte {
	if !bytes.ContainsFunc(text, isHidden) {
		return text
	}
	var out []byte
	for len(text) > 0 {
		r, size := utf8.DecodeRune(text)
		switch {
		case !isHidden(r):
			out = append(out, text[:size]...)
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			out = fmt.Appendf(out, `\u%04x\u%04x`, high, low)
		default:
			out = fmt.Appendf(out, `\u%04x`, r)
		}
		text = text[size:]
	}
	return out
}

func isHidden(r rune) bool { return r != '\n' && !unicode.IsPrint(r) }
