package probe

import (
	"context"
	"errors"
	"time"
)

// worker sends one request after the other over a connection of its own.
type worker struct {
	*run
	*transcript
	conn    *connection // nil if there is none
	wire    []byte      // the request
	session int64       // -1 without sessions
	cookie  string      // line that the session adds to the request
	timer   *time.Timer
}

func newWorker(r *run) *worker {
	w := &worker{run: r, transcript: newTranscript(r.options.Method, r.options.Timeout), session: -1}
	w.wire = r.template.with("")
	w.timer = time.NewTimer(0)
	return w
}

// work sends until the quota is used up or sending ends. Requests under way end
// with ctx only. It returns ctx's error if that was the reason.
func (w *worker) work(ctx, sending context.Context) error {
	defer w.drop()
	defer w.timer.Stop()
	for {
		visit, requests := w.quota.take()
		if requests == 0 {
			return nil
		}
		if w.options.Session.on() {
			w.begin(visit)
		}
		for range requests {
			if !w.one(ctx, sending) {
				return ctx.Err()
			}
		}
	}
}

// one sends one request. It returns false if sending has ended.
func (w *worker) one(ctx, sending context.Context) bool {
	ticket := w.ring.take()
	for !w.ring.room(ticket) {
		// The window is full only while an answer is late: then nothing is lost by
		// looking again now and then. A ticket without a slot is not accounted for.
		if !w.wait(sending, 2*time.Millisecond) && !w.ring.room(ticket) {
			return false
		}
	}
	due, ok := w.pace(sending, ticket)
	if !ok || sending.Err() != nil {
		w.ring.done(ticket, unsent, outcome{})
		return false
	}
	o, s := w.send(ctx)
	o.finished = time.Since(w.started)
	o.latency = o.finished - min(due, o.sent)
	w.ring.done(ticket, s, o)
	return s == ended
}

// pace waits until a request is due. It returns when that was, and false if
// sending ended before.
func (w *worker) pace(sending context.Context, ticket int64) (time.Duration, bool) {
	now := time.Since(w.started)
	if w.options.Rate == 0 {
		return now, true
	}
	due := time.Duration(float64(ticket) / w.options.Rate * float64(time.Second))
	if due <= now {
		return due, true
	}
	ok := w.wait(sending, due-now)
	// This worker was free in time. What its timer is late is not the server's.
	return time.Since(w.started), ok
}

// wait returns false if sending ends before d has passed.
func (w *worker) wait(sending context.Context, d time.Duration) bool {
	w.timer.Reset(d)
	select {
	case <-w.timer.C:
		return true
	case <-sending.Done():
		return false
	}
}

// send sends the request, a second time if the kept connection was closed, and
// judges the answer.
func (w *worker) send(ctx context.Context) (outcome, state) {
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
	w.judge(&o, a)
	w.keep(a)
	return o, ended
}

// stale reports whether the request may be sent again after err: the server had
// closed the connection while it was idle, as far as can be told.
func (w *worker) stale(err error) bool {
	f, ok := errors.AsType[*fault](err)
	return ok && f.stale && w.conn != nil && w.conn.used > 0 && w.resendable
}

// attempt makes a connection if there is none, and one exchange over it.
func (w *worker) attempt(ctx context.Context, deadline time.Time) (answer, error) {
	if w.conn == nil {
		if err := w.connect(ctx, deadline); err != nil {
			return answer{}, err
		}
	} else if err := w.conn.SetDeadline(deadline); err != nil {
		return answer{}, exchangeFault(err, false, w.timeout)
	}
	return w.exchange(w.wire)
}

// connect dials. Closing is what ends a blocked read when ctx ends: a deadline
// could be overwritten by that of the next request.
func (w *worker) connect(ctx context.Context, deadline time.Time) error {
	raw, err := w.endpoint.dial(ctx, w.addresses, deadline, w.timeout)
	if err != nil {
		return err
	}
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
func (w *worker) abandon() {
	if w.conn != nil {
		w.conn.raw.Close()
	}
	w.drop()
}

// drop closes the connection.
func (w *worker) drop() {
	if w.conn == nil {
		return
	}
	w.conn.release()
	w.conn.Close()
	w.conn = nil
}

// keep drops the connection if it cannot or shall not be used again.
func (w *worker) keep(a answer) {
	if !a.keep || w.options.Reuse > 0 && w.conn.used >= w.options.Reuse {
		w.drop()
	}
}
