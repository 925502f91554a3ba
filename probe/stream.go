package probe

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
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
	for range maxTurnedDown {
		f, ok := errors.AsType[*fault](err)
		if !ok || !f.stale || limited.Err() != nil {
			break
		}
		err = s.attempt(limited, &o)
	}
	if err != nil {
		return s.failed(ctx, o, err)
	}
	return o, ended
}

// maxTurnedDown is how often a request is tried again. Each time it was not looked at, so that no method forbids it.
const maxTurnedDown = 3

// attempt makes one exchange and judges its answer. An error is stale where another connection may do better.
func (s *stream) attempt(ctx context.Context, o *outcome) error {
	c, fresh, err := s.connections.lease(ctx)
	if err != nil {
		s.connections.release(c, true)
		return connectFault(err, s.options.Timeout)
	}
	o.conn = c.number
	resp, err := c.RoundTrip(s.request(ctx))
	if err != nil {
		f := streamFault(err, false, s.options.Timeout)
		s.connections.release(c, f.stale || f.kind == KindProtocol)
		o.resent = o.resent || f.stale && !fresh && refused(err)
		f.stale = f.stale && !fresh
		return f
	}
	defer s.connections.release(c, false)
	defer resp.Body.Close()
	r, _, err := s.body.read(resp)
	if err != nil {
		f := streamFault(err, true, s.options.Timeout)
		f.stale = false
		return f
	}
	s.remember(resp)
	if s.judge(o, r) {
		o.first = c.named.CompareAndSwap(false, true)
	}
	return nil
}

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

// refused reports whether the server got the request and said that it has not looked at it (RFC 9113, sections 6.8 and
// 8.7).
func refused(err error) bool { return mentions(err, "graceful shutdown GOAWAY", "REFUSED_STREAM") }

// unwritten reports whether the connection had ended before the request was written to it.
func unwritten(err error) bool {
	return mentions(err, "client conn not usable", "client conn is closed", "client conn could not be established")
}

func mentions(err error, texts ...string) bool {
	for _, text := range texts {
		if strings.Contains(err.Error(), text) {
			return true
		}
	}
	return false
}

// connectFault describes why there is no connection.
func connectFault(err error, timeout time.Duration) error {
	if _, known := errors.AsType[*fault](err); known || !isTimeout(err) {
		return err
	}
	return &fault{kind: KindTimeout, text: fmt.Sprintf("no connection within %v", timeout), err: err}
}

// streamFault describes an error of an exchange. Those of net/http's HTTP/2 have no types: their texts tell them apart. It
// is stale if the server has not looked at the request.
func streamFault(err error, begun bool, timeout time.Duration) *fault {
	text := clip(strings.TrimPrefix(err.Error(), "http2: "), maxExcerpt)
	f := &fault{kind: KindReset, err: err, stale: refused(err) || unwritten(err)}
	switch _, code, own := strings.Cut(text, "; "); {
	case isTimeout(err):
		return exchangeFault(context.DeadlineExceeded, begun, timeout)
	case mentions(err, "looked like an HTTP/1.1 header"):
		f.kind, f.text = KindProtocol, "the port speaks HTTP/1.1: leave --h2c out"
	case own && mentions(err, "stream error: ") && mentions(err, "received from peer"):
		f.text = "the server reset the stream: " + strings.TrimSuffix(code, "; received from peer")
	case mentions(err, "GOAWAY"):
		f.text = "the server ended the connection: " + withoutStream(text)
	case f.stale:
		f.text = "the server closed the connection: it may not speak HTTP/2 here"
	case brokenOff(err):
		f.text = "the connection broke before an answer"
		if begun {
			f.text = "the connection broke within the answer"
		}
	default:
		f.kind, f.text = KindProtocol, "the answer is not proper HTTP/2: "+withoutStream(text)
	}
	return f
}

func brokenOff(err error) bool {
	_, broken := errors.AsType[*net.OpError](err)
	return broken || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || mentions(err, "client conn", "connection lost")
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
