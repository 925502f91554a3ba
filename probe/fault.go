package probe

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"time"
)

// fault is a failure on the way to a complete HTTP answer.
type fault struct {
	kind Kind
	text string
	err  error
	// stale is set if the connection was closed before the first byte of an
	// answer.
	stale bool
}

func (f *fault) Error() string { return f.text }
func (f *fault) Unwrap() error { return f.err }

// isTimeout reports whether err comes from a deadline.
func isTimeout(err error) bool {
	e, ok := errors.AsType[net.Error](err)
	return ok && e.Timeout()
}

// reason returns err without the addresses of this end, which differ from
// connection to connection.
func reason(err error) string {
	if op, ok := errors.AsType[*net.OpError](err); ok {
		err = op.Err
	}
	if call, ok := errors.AsType[*os.SyscallError](err); ok {
		err = call.Err
	}
	return err.Error()
}

func dnsFault(host string, err error) *fault {
	text := err.Error()
	if e, ok := errors.AsType[*net.DNSError](err); ok {
		text = e.Err
	}
	return &fault{kind: KindDNS, text: fmt.Sprintf("look up %s: %s", host, text), err: err}
}

func dialFault(address string, timeout time.Duration, err error) *fault {
	if isTimeout(err) {
		return &fault{kind: KindTimeout, text: fmt.Sprintf("dial %s: no connection within %v", address, timeout), err: err}
	}
	return &fault{kind: KindRefused, text: fmt.Sprintf("dial %s: %s", address, reason(err)), err: err}
}

// exchangeFault describes an error after the connection was made; begun says
// that a part of the answer had come.
func exchangeFault(err error, begun bool, timeout time.Duration) *fault {
	op, broken := errors.AsType[*net.OpError](err)
	switch {
	case isTimeout(err) && begun:
		return &fault{kind: KindTimeout, text: fmt.Sprintf("the answer did not end within %v", timeout), err: err}
	case isTimeout(err):
		return &fault{kind: KindTimeout, text: fmt.Sprintf("no answer within %v", timeout), err: err}
	case broken && strings.HasSuffix(op.Op, " error"):
		return &fault{kind: KindTLS, text: "TLS ended with the alert: " + reason(err), err: err}
	case broken && begun:
		return &fault{kind: KindReset, text: "the connection broke within the answer: " + reason(err), err: err}
	case begun && errors.Is(err, io.EOF):
		return &fault{kind: KindProtocol, text: "the connection was closed within the answer", err: err}
	case begun:
		return &fault{kind: KindProtocol, text: "the answer is not proper HTTP: " + clip(err.Error(), maxExcerpt), err: err}
	case errors.Is(err, io.EOF):
		return &fault{kind: KindReset, text: "the server closed the connection without an answer", err: err, stale: true}
	}
	return &fault{kind: KindReset, text: "the connection broke before an answer: " + reason(err), err: err, stale: true}
}

// statusText describes an answer that has no version, with the next step where there is one.
func statusText(r reply, excerpt string) string {
	status := clip(r.head.statusLine(), maxExcerpt)
	location, coding := r.first("Location"), r.coding()
	switch {
	case r.status/100 == 3 && len(location) > 0:
		return status + " to " + clip(string(location), maxExcerpt) + ": redirects are not followed, call the final URL"
	case coding != "":
		return status + ": the body is in Content-Encoding " + clip(coding, maxExcerpt) + ", which is not decoded; " +
			"ask for -H 'Accept-Encoding: identity', or for a version in a header"
	case excerpt == "":
		return status + ", empty body"
	}
	return status + ": " + excerpt
}
