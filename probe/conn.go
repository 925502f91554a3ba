package probe

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"
)

const maxHead = 1 << 20 // bytes of header fields, interim answers included

// connection is one connection and what is known about it.
type connection struct {
	net.Conn       // with TLS, if there is
	raw      *wire // without
	number   int64
	used     int
	named    bool // an answer on it had a version
	// release ends the watch over the context that closes the connection.
	release func() bool
}

// transcript reads answers. Its buffers serve all connections of a worker.
type transcript struct {
	in      limited
	r       *bufio.Reader
	flat    flat
	body    bodyReader
	asked   *http.Request // tells http.ReadResponse the method
	timeout time.Duration // of each request, for messages
	parse   bool          // every answer is for net/http, as its Response is needed
}

func newTranscript(method string, timeout time.Duration) *transcript {
	t := &transcript{asked: &http.Request{Method: method}, timeout: timeout, parse: method == http.MethodHead}
	t.r = bufio.NewReader(&t.in)
	return t
}

// limited stops reading after a number of bytes, so that the head of an answer
// cannot be endless. It remembers why reading ended: http.ReadResponse reports a
// line that was cut short as malformed.
type limited struct {
	net.Conn
	left   int
	failed error
}

var errHeadTooLarge = fmt.Errorf("more than %d bytes of header fields", maxHead)

func (l *limited) Read(p []byte) (int, error) {
	if l.left <= 0 {
		l.failed = errHeadTooLarge
		return 0, l.failed
	}
	n, err := l.Conn.Read(p)
	l.left -= n
	l.failed = err
	return n, err
}

// on makes t read from a new connection.
func (t *transcript) on(c net.Conn) {
	t.in = limited{Conn: c}
	t.r.Reset(&t.in)
}

// answer is a complete HTTP answer.
type answer struct {
	reply
	response *http.Response // nil of a plain answer
	keep     bool           // the connection can take another request
}

// exchange writes a request and reads its answer. The reply is valid until the next exchange. Through quick, if it is not
// nil, that takes one write and one read: it is the connection without TLS, and nothing has come over it since the last
// answer.
func (t *transcript) exchange(request []byte, quick *wire) (answer, error) {
	var failed error
	if quick != nil {
		quick.ask(request)
	} else {
		_, failed = t.in.Write(request)
	}
	// A server may answer before it has read the request, and close: so the
	// answer is read even if writing failed.
	t.in.left = maxHead
	start, err := t.r.Peek(1)
	if quick != nil {
		failed = quick.failed
	}
	if err != nil {
		return answer{}, exchangeFault(firstError(failed, err), false, t.timeout)
	}
	if start[0] != 'H' {
		return answer{}, t.foreign()
	}
	a, plain := t.plain()
	if !plain {
		if a, err = t.read(); err != nil {
			return answer{}, exchangeFault(cmp.Or(t.in.failed, err), true, t.timeout)
		}
	}
	a.keep = a.keep && failed == nil && t.r.Buffered() == 0
	return a, nil
}

// plain takes an answer that is plain and stands whole in the buffer.
func (t *transcript) plain() (answer, bool) {
	if t.parse {
		return answer{}, false
	}
	b, _ := t.r.Peek(t.r.Buffered())
	head, body, ok := t.flat.read(b)
	if !ok {
		return answer{}, false
	}
	t.r.Discard(head + body)
	r := reply{status: t.flat.code(), head: &t.flat, body: b[head : head+body], whole: true}
	return answer{reply: r, keep: true}, true
}

// firstError prefers the error of writing, unless reading says more.
func firstError(write, read error) error {
	if write != nil && errors.Is(read, io.EOF) {
		return write
	}
	return read
}

// read reads the final answer, past interim ones (RFC 9110, section 15.2).
func (t *transcript) read() (answer, error) {
	for {
		resp, err := http.ReadResponse(t.r, t.asked)
		switch {
		case err != nil:
			return answer{}, err
		case resp.ProtoMajor != 1 || resp.StatusCode < 100:
			return answer{}, fmt.Errorf("malformed status line %q", resp.Proto+" "+resp.Status)
		case resp.StatusCode == http.StatusSwitchingProtocols:
			return answer{}, errors.New("101 Switching Protocols, which nobody asked for")
		case resp.StatusCode >= 200:
			return t.readBody(resp)
		}
	}
}

// readBody reads the body. The connection can be kept if that came to its end.
func (t *transcript) readBody(resp *http.Response) (answer, error) {
	t.in.left = maxBody + maxDrain + maxHead
	r, ended, err := t.body.read(resp)
	return answer{reply: r, response: resp, keep: ended && !resp.Close}, err
}

// foreign explains bytes that do not begin an HTTP answer, as far as a client
// can tell what the port speaks.
func (t *transcript) foreign() *fault {
	start, _ := t.r.Peek(min(t.r.Buffered(), maxExcerpt))
	f := &fault{kind: KindProtocol, text: fmt.Sprintf("the server does not speak HTTP: its answer begins %q", start)}
	switch {
	case len(start) > 1 && start[0] == 0x15 && start[1] == 0x03: // a TLS alert (RFC 8446, section 5.1)
		f.kind, f.text = KindTLS, "the port speaks TLS: use an https:// URL"
	case len(start) > 3 && start[0] == 0 && start[3] == 4: // a SETTINGS frame (RFC 9113, section 3.4)
		f.text = "the port speaks HTTP/2 only"
	}
	return f
}
