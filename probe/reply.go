package probe

import (
	"net/http"
	"strings"
)

// reply is the part of an answer that versions are recognised from.
type reply struct {
	status int
	head   head
	body   []byte
	whole  bool // body is all of it, not just its start
}

// head is what stands before a body.
type head interface {
	// statusLine is the status with its reason, as in "200 OK".
	statusLine() string
	// first returns the value of the first field of a name in canonical form, nil if there is none.
	first(name string) []byte
}

// parsed is the head of an answer that net/http has read.
type parsed struct{ *http.Response }

func (p parsed) statusLine() string { return p.Status }

func (p parsed) first(name string) []byte {
	if values := p.Header[name]; len(values) > 0 {
		return []byte(strings.TrimSpace(values[0]))
	}
	return nil
}

// first returns the value of a header field; a line of text has none.
func (r reply) first(name string) []byte {
	if r.head == nil {
		return nil
	}
	return r.head.first(name)
}

func (r reply) ok() bool { return r.status >= 200 && r.status <= 299 }

// readable is the body, none where it is compressed: its bytes are no version.
func (r reply) readable() []byte {
	if r.coding() != "" {
		return nil
	}
	return r.body
}

// coding is the Content-Encoding of a body, empty if it is plain.
func (r reply) coding() string {
	if value := r.first("Content-Encoding"); len(value) > 0 && !strings.EqualFold(string(value), "identity") {
		return string(value)
	}
	return ""
}
