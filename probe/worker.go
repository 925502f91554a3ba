package probe

import (
	"context"
	"time"
)

// worker sends one request after the other.
type worker struct {
	*run
	sender
	timer *time.Timer
}

// sender speaks one version of HTTP.
type sender interface {
	// begin starts a session: a new user comes over a new connection.
	begin(session int64)
	// send sends a request, a second time if the connection that it went over was closed before, and judges the answer.
	send(ctx context.Context) (outcome, state)
	// drop closes the connection.
	drop()
}

func newWorker(r *run) *worker {
	w := &worker{run: r, timer: time.NewTimer(0)}
	if w.sender = newSingle(r); r.streams != nil {
		w.sender = newStream(r)
	}
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
