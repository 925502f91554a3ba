package probe

import (
	"context"
	"errors"
	"net/http"
	"time"
)

// single sends requests by HTTP/1.1, one after the other over a connection of its own.
type single struct {
	*run
	*transcript
	conn    *connection // nil if there is none
	wire    []byte      // the request
	session int64       // -1 without sessions
	cookie  string      // line that the session adds to the request
}

func newSingle(r *run) *single {
	w := &single{
		run: r, transcript: newTranscript(r.options.Method, r.options.Timeout),
		wire: r.template.with(""), session: -1,
	}
	w.parse = w.parse || r.options.Session.Cookie != ""
	return w
}

// send sends the request, a second time if the kept connection was closed, and
// judges the answer.
func (w *single) send(ctx context.Context) (outcome, state) {
	o := outcome{version: none, conn: none, session: w.session, sent: time.Since(w.started)}
	deadline := w.started.Add(o.sent + w.options.Timeout)
	a, err := w.attempt(ctx, deadline)
	if err != nil && ctx.Err() == nil && w.stale(err) {
		w.abandon()
		o.resent = true
		a, err = w.attempt(ctx, deadline)
	}
	if w.conn != nil {
		o.conn = w.conn.number
		w.conn.used++
	}
	if err != nil {
		w.abandon()
		return w.failed(ctx, o, err)
	}
	if w.options.Session.Cookie != "" {
		w.remember(a.response)
	}
	if w.judge(&o, a.reply) {
		o.first, w.conn.named = !w.conn.named, true
	}
	w.keep(a)
	return o, ended
}

// stale reports whether the request may be sent again after err: the server had
// closed the connection while it was idle, as far as can be told.
func (w *single) stale(err error) bool {
	f, ok := errors.AsType[*fault](err)
	return ok && f.stale && w.conn != nil && w.conn.used > 0 && w.resendable
}

// attempt makes a connection if there is none, and one exchange over it.
func (w *single) attempt(ctx context.Context, deadline time.Time) (answer, error) {
	if w.conn != nil && !w.calm() {
		w.abandon()
	}
	if w.conn == nil {
		if err := w.connect(ctx, deadline); err != nil {
			return answer{}, err
		}
	} else if err := w.conn.SetDeadline(deadline); err != nil {
		return answer{}, exchangeFault(err, false, w.timeout)
	}
	return w.exchange(w.wire, w.quick())
}

// calm reports whether nothing has come over the kept connection since the last answer: a surplus one, or the end, is not
// for the next request. Where that follows at once and the last answer was read to its end, there is no need to look. Below
// TLS there may be what is none of ours.
func (w *single) calm() bool {
	follows := w.options.Rate == 0 && w.options.Ahead == 0
	return w.endpoint.tls != nil || follows && !w.conn.raw.full || w.conn.raw.calm()
}

// quick returns the connection if it is calm, kept, and without TLS.
func (w *single) quick() *wire {
	if w.conn.used == 0 || w.endpoint.tls != nil {
		return nil
	}
	return w.conn.raw
}

// connect dials. Closing is what ends a blocked read when ctx ends: a deadline
// could be overwritten by that of the next request.
func (w *single) connect(ctx context.Context, deadline time.Time) error {
	dialled, err := w.endpoint.dial(ctx, w.addresses, deadline, w.timeout)
	if err != nil {
		return err
	}
	raw := newWire(dialled)
	release := context.AfterFunc(ctx, func() { raw.Close() })
	conn, err := w.endpoint.secure(raw, deadline, w.timeout)
	if err != nil {
		release()
		raw.Close()
		return err
	}
	w.conn = &connection{Conn: conn, raw: raw, number: w.connections.Add(1) - 1, release: release}
	w.on(conn)
	return nil
}

// abandon closes a connection that is of no use any more, without a farewell
// that could block.
func (w *single) abandon() {
	if w.conn != nil {
		w.conn.raw.Close()
	}
	w.drop()
}

// drop closes the connection.
func (w *single) drop() {
	if w.conn == nil {
		return
	}
	w.conn.release()
	w.conn.Close()
	w.conn = nil
}

// keep drops the connection if it cannot or shall not be used again.
func (w *single) keep(a answer) {
	if !a.keep || w.options.Reuse > 0 && w.conn.used >= w.options.Reuse {
		w.drop()
	}
}

// begin starts a session: a new user comes over a new connection.
func (w *single) begin(session int64) {
	w.drop()
	w.session = session
	w.wire = w.template.with(w.visits.first(session))
	w.cookie = ""
}

// remember makes the session send the cookie that the server has set.
func (w *single) remember(resp *http.Response) {
	line, set := w.visits.next(resp)
	if !set || line == w.cookie {
		return
	}
	w.cookie = line
	w.wire = w.template.with(line)
}
