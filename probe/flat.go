package probe

import (
	"bytes"
	"net/http"
	"strings"
)

// flat is the head of an answer where it stands in the buffer of the connection, without a copy. It takes plain answers
// alone: HTTP/1.1, a final status, no field twice or folded that frames the answer, a length and no coding of transfer.
// net/http reads all others, and what it makes of a plain one is the same (FuzzReadPlain).
type flat struct {
	line   []byte // status and reason
	fields []field
}

type field struct{ name, value []byte }

// maxFields is how many fields a plain head may have.
const maxFields = 64

// read takes the plain answer at the start of b. It returns the sizes of head and body; ok says that both are whole.
func (f *flat) read(b []byte) (head, body int, ok bool) {
	line, size, ok := cutLine(b)
	if !ok || !f.status(line) {
		return 0, 0, false
	}
	f.fields = f.fields[:0]
	for head = size; ; head += size {
		if line, size, ok = cutLine(b[head:]); !ok {
			return 0, 0, false
		}
		if len(line) == 0 {
			head += size
			break
		}
		if !f.field(line) {
			return 0, 0, false
		}
	}
	body, ok = f.length()
	return head, body, ok && body <= len(b)-head
}

// cutLine returns the line at the start of b and its size with the CRLF. Bare line feeds and control characters are not
// plain.
func cutLine(b []byte) (line []byte, size int, ok bool) {
	end := bytes.IndexByte(b, '\n')
	if end < 1 || b[end-1] != '\r' {
		return nil, 0, false
	}
	line = b[:end-1]
	for _, c := range line {
		if c < ' ' && c != '\t' || c == 0x7f {
			return nil, 0, false
		}
	}
	return line, end + 1, true
}

// status takes a status line. Interim answers, and those that never have a body, are not plain.
func (f *flat) status(line []byte) bool {
	const version = "HTTP/1.1 "
	if len(line) < len(version)+4 || string(line[:len(version)]) != version || line[len(version)+3] != ' ' {
		return false
	}
	f.line = line[len(version):]
	for _, c := range f.line[:3] {
		if c < '0' || c > '9' {
			return false
		}
	}
	code := f.code()
	return code >= 200 && code != http.StatusNoContent && code != http.StatusNotModified
}

// code is the status as a number.
func (f *flat) code() int {
	return int(f.line[0]-'0')*100 + int(f.line[1]-'0')*10 + int(f.line[2]-'0')
}

// field takes the line of a field.
func (f *flat) field(line []byte) bool {
	colon := bytes.IndexByte(line, ':')
	if colon < 1 || len(f.fields) == maxFields || !isPlainName(line[:colon]) {
		return false
	}
	f.fields = append(f.fields, field{line[:colon], trimmed(line[colon+1:])})
	return true
}

// trimmed returns the value without the white space around it (RFC 9110, section 5.6.3).
func trimmed(value []byte) []byte {
	for len(value) > 0 && (value[0] == ' ' || value[0] == '\t') {
		value = value[1:]
	}
	for len(value) > 0 && (value[len(value)-1] == ' ' || value[len(value)-1] == '\t') {
		value = value[:len(value)-1]
	}
	return value
}

// isPlainName reports whether name is made of what names of fields are made of.
func isPlainName(name []byte) bool {
	for _, c := range name {
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '-', c == '_':
		default:
			return false
		}
	}
	return true
}

// length returns the length of the body, and false if the fields that frame an answer are not plain.
func (f *flat) length() (n int, ok bool) {
	for _, field := range f.fields {
		switch {
		case field.is("Content-Length"):
			if ok {
				return 0, false
			}
			if n, ok = decimal(field.value); !ok {
				return 0, false
			}
		case field.is("Transfer-Encoding"), field.is("Connection") && !strings.EqualFold(string(field.value), "keep-alive"):
			return 0, false
		}
	}
	return n, ok
}

// decimal reads a number of at most seven digits.
func decimal(text []byte) (n int, ok bool) {
	if len(text) == 0 || len(text) > 7 {
		return 0, false
	}
	for _, c := range text {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = 10*n + int(c-'0')
	}
	return n, true
}

func (f field) is(name string) bool {
	return len(f.name) == len(name) && strings.EqualFold(string(f.name), name)
}

func (f *flat) statusLine() string { return string(f.line) }

func (f *flat) first(name string) []byte {
	for _, field := range f.fields {
		if field.is(name) {
			return field.value
		}
	}
	return nil
}
