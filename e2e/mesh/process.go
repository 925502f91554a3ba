package mesh

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"syscall"
	"time"
)

// The users of the node's processes.
const (
	uidRoot    = 0
	uidClient  = 1000 // an application of the client pod: its connections are intercepted by the sidecar
	uidOutside = 1002 // a pod without a sidecar, which does not see another's loopback device either
	uidProxy   = 1337 // the proxies
)

// A Process is a program in the mesh's network namespace and, with what it starts, a process group of its own.
type Process struct {
	name string
	cmd  *exec.Cmd
	done chan struct{} // closed when it has ended
	once sync.Once
}

// command prepares a program in the namespace. Neither it nor the mesh outlives this process.
func (n *namespace) command(ctx context.Context, by Caller, program string, args ...string) *exec.Cmd {
	line := slices.Concat([]string{"netns", "exec", n.name}, by.root)
	if by.uid != uidRoot {
		id := strconv.Itoa(by.uid)
		line = append(line, "setpriv", "--reuid", id, "--regid", id, "--clear-groups", "--pdeathsig", "KILL")
	}
	c := exec.CommandContext(ctx, "ip", slices.Concat(line, []string{program}, args)...)
	c.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=/tmp"}, by.env...)
	c.Dir = "/tmp"
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	return c
}

// start starts a program that runs until it is stopped; what it prints is in the log of its name.
func (m *Mesh) start(name string, uid int, env []string, program string, args ...string) (*Process, error) {
	log, err := os.OpenFile(filepath.Join(m.logs, name+".log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, fmt.Errorf("opening the log of %s: %w", name, err)
	}
	defer log.Close()
	p := &Process{name: name, cmd: m.net.command(context.Background(), Caller{uid: uid, env: env}, program, args...), done: make(chan struct{})}
	p.cmd.Stdout, p.cmd.Stderr = log, log
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting %s: %w", name, err)
	}
	go func() {
		p.cmd.Wait()
		close(p.done)
	}()
	m.processes = append(m.processes, p)
	return p, nil
}

// Signal sends the signal to the process and to what it has started.
func (p *Process) Signal(s syscall.Signal) error {
	if err := syscall.Kill(-p.cmd.Process.Pid, s); err != nil {
		return fmt.Errorf("sending %v to %s: %w", s, p.name, err)
	}
	return nil
}

// Stop asks the process to end, makes it after three seconds, and waits until it has.
func (p *Process) Stop() {
	p.once.Do(func() {
		p.Signal(syscall.SIGCONT) // a paused process does not hear
		p.Signal(syscall.SIGTERM)
		select {
		case <-p.done:
		case <-time.After(3 * time.Second):
		}
		p.Signal(syscall.SIGKILL)
		<-p.done
	})
}

// Kill ends the process and what it has started without a chance to clean up.
func (p *Process) Kill() {
	p.once.Do(func() {
		p.Signal(syscall.SIGKILL)
		<-p.done
	})
}

// ended is an error once the process is gone.
func (p *Process) ended() error {
	select {
	case <-p.done:
		return fmt.Errorf("%s has %w: its log says why", p.name, errEnded)
	default:
		return nil
	}
}

var errEnded = errors.New("ended")

// await calls condition until it returns nil, and returns its last error when time is up. A program that has ended is not
// waited for.
func await(ctx context.Context, limit time.Duration, condition func() error) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	for {
		err := condition()
		if err == nil || errors.Is(err, errEnded) {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("waited %v: %w", limit, err)
		case <-time.After(50 * time.Millisecond):
		}
	}
}
