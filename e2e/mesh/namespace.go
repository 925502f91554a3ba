package mesh

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// namespace is a network namespace with a name of its own, so that several meshes can run beside each other. It ends
// with the process that made it, however that process ends.
type namespace struct {
	name string
	fd   int // of the namespace
	host int // of the one that this process started in
	life io.Closer
	end  *exec.Cmd
}

// newNamespace makes a namespace whose files are in dir, which goes when the namespace does.
func newNamespace(dir string) (*namespace, error) {
	n := &namespace{name: fmt.Sprintf("respy-e2e-%d", os.Getpid())}
	if err := n.guard(dir); err != nil {
		return nil, err
	}
	if err := run("ip", "netns", "add", n.name); err != nil {
		n.Close()
		return nil, err
	}
	var err error
	if n.host, err = unix.Open("/proc/self/ns/net", unix.O_RDONLY|unix.O_CLOEXEC, 0); err == nil {
		n.fd, err = unix.Open(filepath.Join("/run/netns", n.name), unix.O_RDONLY|unix.O_CLOEXEC, 0)
	}
	if err == nil {
		err = n.configure()
	}
	if err != nil {
		n.Close()
		return nil, fmt.Errorf("opening the network namespace: %w", err)
	}
	return n, nil
}

// guard starts the process that removes the namespace when this one is gone: it waits for the end of a pipe that the
// kernel closes even after a panic or a SIGKILL.
func (n *namespace) guard(dir string) error {
	n.end = exec.Command("sh", "-c", `cat; ip netns delete "$1"; rm -rf "/etc/netns/$1" "$2"`, "guard", n.name, dir)
	n.end.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	life, err := n.end.StdinPipe()
	if err != nil {
		return fmt.Errorf("making the guard's pipe: %w", err)
	}
	n.life = life
	if err := n.end.Start(); err != nil {
		return fmt.Errorf("starting the guard of the network namespace: %w", err)
	}
	return nil
}

// configure makes every address of pods and Services local to the loopback device: the API server refuses loopback
// addresses in EndpointSlices, and one machine has no others.
func (n *namespace) configure() error {
	if err := n.writeHosts("127.0.0.1 localhost\n::1 localhost\n"); err != nil {
		return err
	}
	for _, command := range []string{
		"link set lo up",
		"addr add 10.244.0.1/32 dev lo", "addr add fd00:10:244::1/128 dev lo nodad",
		"route add local " + podRange + " dev lo", "route add local " + serviceRange + " dev lo",
		"-6 route add local " + podRange6 + " dev lo", "-6 route add local " + serviceRange6 + " dev lo",
	} {
		if err := run("ip", append([]string{"-n", n.name}, strings.Fields(command)...)...); err != nil {
			return err
		}
	}
	return n.do(func() error { return os.WriteFile("/proc/sys/net/ipv6/ip_nonlocal_bind", []byte("1"), 0) })
}

// writeHosts replaces what processes of the namespace see as /etc/hosts. The file stays the same, since they have it
// mounted.
func (n *namespace) writeHosts(text string) error {
	dir := filepath.Join("/etc/netns", n.name)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("making the hosts file: %w", err)
	}
	return os.WriteFile(filepath.Join(dir, "hosts"), []byte(text), 0o644)
}

// do calls f on a thread that is in the namespace: sockets that f opens stay there.
func (n *namespace) do(f func() error) error {
	runtime.LockOSThread()
	if err := unix.Setns(n.fd, unix.CLONE_NEWNET); err != nil {
		runtime.UnlockOSThread()
		return fmt.Errorf("entering the network namespace: %w", err)
	}
	err := f()
	if back := unix.Setns(n.host, unix.CLONE_NEWNET); back != nil {
		return fmt.Errorf("leaving the network namespace: %w", back) // the thread stays locked and ends with its goroutine
	}
	runtime.UnlockOSThread()
	return err
}

// dial connects from inside the namespace, to an address without a name to resolve.
func (n *namespace) dial(ctx context.Context, network, address string) (c net.Conn, err error) {
	err = n.do(func() error {
		c, err = (&net.Dialer{}).DialContext(ctx, network, address)
		return err
	})
	return c, err
}

// listen listens inside the namespace.
func (n *namespace) listen(address string) (l net.Listener, err error) {
	err = n.do(func() error {
		l, err = net.Listen("tcp", address)
		return err
	})
	return l, err
}

// Close removes the namespace and waits until it is gone.
func (n *namespace) Close() error {
	for _, fd := range []int{n.fd, n.host} {
		if fd > 0 {
			unix.Close(fd)
		}
	}
	n.life.Close()
	return n.end.Wait()
}

// run carries out a command of the system and returns what it complains about.
func run(name string, args ...string) error {
	if out, err := exec.Command(name, args...).CombinedOutput(); err != nil {
		return fmt.Errorf("%s %s: %w: %s", name, strings.Join(args, " "), err, strings.TrimSpace(string(out)))
	}
	return nil
}
