package probe

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"strings"
	"time"
)

// stream sends requests by HTTP/2, one after the other, over connections that it shares with others. A session has its
// own.
type stream struct {
	*run
	connections *streams // of the run, or of the session
	asked       *http.Request
	session     int64  // -1 without sessions
	cookie      string // line that the session adds to the request
	body        bodyReader
}

func newStream(r *run) *stream {
	return &stream{run: r, connections: r.streams, asked: r.template.request(), session: -1}
}

// send sends the request, a second time if a connection that was ending turned it down, and judges the answer.
func (s *stream) send(ctx context.Context) (outcome, state) {
	o := outcome{version: none, conn: none, session: s.session, sent: time.Since(s.started)}
	limited, cancel := context.WithDeadline(ctx, s.started.Add(o.sent+s.options.Timeout))
	defer cancel()
	err := s.attempt(limited, &o)
	for tries := 1; limited.Err() == nil && again(err, tries); tries++ {
		err = s.attempt(limited, &o)
	}
	if err != nil {
		return s.failed(ctx, o, err)
	}
	return o, ended
}

// maxRefused is how often a request is sent again after REFUSED_STREAM. The first time may be for more streams than the
// settings allow, which had not come by then.
const maxRefused = 3

// again reports whether to send a request again that was turned down so often. It was not looked at, so that no method
// forbids it. Connections that end come to an end: each has served the request that it was made for, or failed it.
func again(err error, times int) bool {
	f, ok := errors.AsType[*fault](err)
	switch {
	case !ok || !f.stale:
		return false
	case refused(f.err):
		return times <= maxRefused
	}
	return times <= atOnce
}

// attempt makes one exchange and judges its answer. An error is stale where another connection may do better.
func (s *stream) attempt(ctx context.Context, o *outcome) error {
	c, fresh, err := s.connections.lease(ctx)
	if err != nil {
		s.connections.release(c, true)
		return connectFault(err, s.options.Timeout)
	}
	o.conn = c.number
	resp, err := s.roundTrip(ctx, c, fresh)
	if err != nil {
		f := streamFault(err, false, s.options.Timeout)
		s.connections.release(c, f.stale && !refused(err) || f.kind == KindProtocol || f.kind == KindTimeout)
		f.stale = f.stale && !fresh
		o.resent = o.resent || f.stale && !unwritten(err)
		return f
	}
	r, err := s.read(c, resp)
	if err != nil {
		f := streamFault(err, true, s.options.Timeout)
		s.connections.release(c, f.kind == KindTimeout)
		f.stale = false
		return f
	}
	s.connections.release(c, false)
	s.remember(resp)
	if s.judge(o, r) {
		o.first = c.named.CompareAndSwap(false, true)
	}
	return nil
}

// roundTrip sends the request over c, and shares c if it is fresh.
func (s *stream) roundTrip(ctx context.Context, c *streamedConn, fresh bool) (*http.Response, error) {
	if fresh {
		ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteHeaders: c.share})
		defer c.share()
	}
	return c.RoundTrip(s.request(ctx))
}

// read reads the body of an answer over c.
func (s *stream) read(c *streamedConn, resp *http.Response) (reply, error) {
	defer resp.Body.Close()
	r, _, err := s.body.read(resp)
	if errors.Is(err, io.ErrUnexpectedEOF) && c.Err() == nil {
		err = errShort
	}
	return r, err
}

// errShort stands for the end of a stream in place of io.ErrUnexpectedEOF, which is the end of the connection too.
var errShort = errors.New("the body is shorter than its Content-Length")

func (s *stream) request(ctx context.Context) *http.Request {
	r := s.asked.WithContext(ctx)
	if body := s.options.Body; len(body) > 0 {
		r.Body = io.NopCloser(bytes.NewReader(body))
	}
	return r
}

// begin starts a session.
func (s *stream) begin(session int64) {
	s.drop()
	s.session = session
	s.connections = newStreams(s.run)
	s.cookie = ""
	s.set(s.visits.first(session))
}

// remember makes the session send the cookie that the server has set.
func (s *stream) remember(resp *http.Response) {
	if s.options.Session.Cookie == "" {
		return
	}
	if line, set := s.visits.next(resp); set && line != s.cookie {
		s.cookie = line
		s.set(line)
	}
}

// set makes the request carry the line that the session adds.
func (s *stream) set(line string) {
	s.asked = s.template.request()
	if name, value, ok := strings.Cut(strings.TrimSpace(line), ": "); ok {
		s.asked.Header.Set(name, value)
	}
}

// drop closes the connection of a session.
func (s *stream) drop() {
	if s.connections != s.streams {
		s.connections.close()
	}
}

// refused and drained report whether the server got the request and said that it has not looked at it (RFC 9113,
// section 8.7): there was no room for it, or the connection was ending. Texts are compared where no server can write.
func refused(err error) bool { return ends(err, "; REFUSED_STREAM; received from peer") }
func drained(err error) bool { return ends(err, "graceful shutdown GOAWAY") }

// unwritten reports whether the connection had ended before the request was written to it.
func unwritten(err error) bool { return begins(err, "http2: client conn ") }

func begins(err error, text string) bool { return strings.HasPrefix(err.Error(), text) }
func ends(err error, text string) bool   { return strings.HasSuffix(err.Error(), text) }

// connectFault describes why there is no connection.
func connectFault(err error, timeout time.Duration) error {
	if _, known := errors.AsType[*fault](err); known || !isTimeout(err) {
		return err
	}
	return &fault{kind: KindTimeout, text: fmt.Sprintf("no connection within %v", timeout), err: err}
}

// streamFault describes an error of an exchange. Not all of them have types: their texts tell them apart. It is
// stale if the server has not looked at the request.
func streamFault(err error, begun bool, timeout time.Duration) *fault {
	text := clip(strings.TrimPrefix(err.Error(), "http2: "), maxExcerpt)
	f := &fault{kind: KindReset, err: err, stale: refused(err) || drained(err) || unwritten(err)}
	op, broken := errors.AsType[*net.OpError](err)
	switch {
	case isTimeout(err):
		return exchangeFault(context.DeadlineExceeded, begun, timeout)
	case broken && strings.HasSuffix(op.Op, " error"): // an alert of TLS
		return exchangeFault(err, begun, timeout)
	case ends(err, "looked like an HTTP/1.1 header"):
		f.kind, f.text = KindProtocol, "the port speaks HTTP/1.1: leave --h2c out"
	case begins(err, "stream error: ") && ends(err, "; received from peer"):
		_, code, _ := strings.Cut(strings.TrimSuffix(text, "; received from peer"), "; ")
		f.text = "the server reset the stream: " + code
	case drained(err), begins(err, "http2: Transport received GOAWAY"), begins(err, "http2: server sent GOAWAY"):
		f.text = "the server ended the connection: " + withoutStream(text)
	case f.stale:
		f.text = "the server closed the connection: it may not speak HTTP/2 here"
	case broken, errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), begins(err, "http2: client connection "):
		f.text = "the connection broke before an answer"
		if begun {
			f.text = "the connection broke within the answer"
		}
	default:
		f.kind, f.text = KindProtocol, "the answer is not proper HTTP/2: "+withoutStream(text)
	}
	return f
}

// withoutStream leaves the number of a stream out, which would make each of them another failure.
func withoutStream(text string) string {
	for _, name := range []string{"LastStreamID=", "stream ID "} {
		if before, after, found := strings.Cut(text, name); found {
			text = before + strings.TrimLeft(after, "0123456789,; ")
		}
	}
	return text
}
