package probe

import (
	"net"
	"time"
)

// wire is a connection below HTTP and TLS. The deadline that the system knows is moved only when it has passed and a
// later one counts: a request does not pay for a timer.
type wire struct {
	net.Conn
	deadline time.Time // that counts
	armed    time.Time // that the system knows
	turn     *turn     // nil if there is none
	failed   error     // of sending what was asked last
	full     bool      // the last read filled its buffer: there may be more
}

func newWire(c net.Conn) *wire {
	w := &wire{Conn: c}
	w.turn = newTurn(w)
	return w
}

// SetDeadline sets the time at which reading and writing end.
func (w *wire) SetDeadline(t time.Time) error {
	w.deadline = t
	if w.armed.IsZero() || t.Before(w.armed) {
		return w.arm()
	}
	return nil
}

func (w *wire) arm() error {
	w.armed = w.deadline
	return w.Conn.SetDeadline(w.deadline)
}

// over reports whether err is the end: it is no timeout, or that of the deadline which counts.
func (w *wire) over(err error) bool {
	return !isTimeout(err) || !w.armed.Before(w.deadline) || w.arm() != nil
}

// ask sends a request whose answer is read next. It may be that reading which sends it: then failed is set.
func (w *wire) ask(request []byte) {
	if w.turn == nil {
		_, w.failed = w.Write(request)
		return
	}
	w.failed, w.turn.request = nil, request
}

// calm reports whether there is nothing to read, not even the end; true where that cannot be told.
func (w *wire) calm() bool { return w.turn == nil || w.turn.calm() }

func (w *wire) Read(p []byte) (n int, err error) {
	for {
		if w.turn != nil && w.turn.request != nil {
			n, err = w.turn.take(p)
		} else {
			n, err = w.Conn.Read(p)
		}
		w.full = n == len(p)
		if err == nil || n > 0 || w.over(err) {
			return n, err
		}
	}
}

func (w *wire) Write(p []byte) (int, error) {
	for written := 0; ; {
		n, err := w.Conn.Write(p[written:])
		written += n
		if err == nil || w.over(err) {
			return written, err
		}
	}
}
