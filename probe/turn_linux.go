package probe

import (
	"io"
	"net"
	"os"
	"syscall"
)

// turn makes an exchange of one write and one read. [net.Conn.Read] reads before it waits, which right after a request
// finds nothing. Here the poller is told first, the request is written then, and the read comes when there is something.
type turn struct {
	wire    *wire
	raw     syscall.RawConn
	step    func(fd uintptr) bool // the method, bound once
	request []byte                // to be written before the next read

	into []byte // where to read to, and what came of it
	n    int
	err  error
}

// newTurn returns nil for a connection that has no file descriptor.
func newTurn(w *wire) *turn {
	s, ok := w.Conn.(syscall.Conn)
	if !ok {
		return nil
	}
	raw, err := s.SyscallConn()
	if err != nil {
		return nil
	}
	t := &turn{wire: w, raw: raw}
	t.step = t.exchange
	return t
}

// take writes the request and reads the start of what comes next.
func (t *turn) take(p []byte) (int, error) {
	t.into, t.n, t.err = p, 0, nil
	if err := t.raw.Read(t.step); err != nil {
		return 0, err
	}
	return t.n, t.err
}

// exchange is called before the wait and after it. It returns false to wait.
func (t *turn) exchange(fd uintptr) bool {
	if request := t.request; request != nil {
		t.request = nil
		if t.wire.failed = t.write(fd, request); t.wire.failed == nil {
			return false
		}
	}
	return t.read(fd)
}

func (t *turn) write(fd uintptr, request []byte) error {
	n, err := directWrite(fd, request)
	switch {
	case err == nil && n == len(request):
		return nil
	case err != nil && err != syscall.EAGAIN && err != syscall.EINTR:
		return &net.OpError{Op: "write", Err: os.NewSyscallError("write", err)}
	}
	_, failed := t.wire.Write(request[n:])
	return failed
}

func (t *turn) read(fd uintptr) bool {
	n, err := directRead(fd, t.into)
	switch {
	case err == syscall.EAGAIN, err == syscall.EINTR:
		return false
	case err != nil:
		t.err = &net.OpError{Op: "read", Err: os.NewSyscallError("read", err)}
	case n == 0:
		t.err = io.EOF
	}
	t.n = n
	return true
}

// calm looks at what there is to read and leaves it there.
func (t *turn) calm() bool {
	var next [1]byte
	var found error
	err := t.raw.Control(func(fd uintptr) {
		_, _, found = syscall.Recvfrom(int(fd), next[:], syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
	})
	return err == nil && found == syscall.EAGAIN
}
