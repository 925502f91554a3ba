//go:build !race

package probe

import (
	"syscall"
	"unsafe"
)

// directRead and directWrite make a system call without a word to the scheduler of goroutines. The socket is one that
// does not block, so the call is short, and telling costs more: it wakes the scheduler's monitor each time that there was
// nothing to do before.
func directRead(fd uintptr, p []byte) (int, error)  { return direct(syscall.SYS_READ, fd, p) }
func directWrite(fd uintptr, p []byte) (int, error) { return direct(syscall.SYS_WRITE, fd, p) }

func direct(call, fd uintptr, p []byte) (int, error) {
	n, _, errno := syscall.RawSyscall(call, fd, uintptr(unsafe.Pointer(unsafe.SliceData(p))), uintptr(len(p)))
	if errno != 0 {
		return 0, errno
	}
	return int(n), nil
}
