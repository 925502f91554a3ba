package mesh

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

// A Caller is who runs a program in the mesh.
type Caller struct {
	uid  int
	env  []string
	root []string // what runs the program, as root
}

// InPod is an application of the client pod: its connections are intercepted by the sidecar. It has the administrator's
// access to the API.
func (m *Mesh) InPod() Caller {
	return Caller{uid: uidClient, env: []string{"KUBECONFIG=" + m.Kubeconfig()}}
}

// Outside is an application without a sidecar, with the administrator's access to the API.
func (m *Mesh) Outside() Caller {
	return Caller{uid: uidOutside, env: []string{"KUBECONFIG=" + m.Kubeconfig()}}
}

// OnNode is the administrator on the node, who reaches every proxy's admin and is in no pod.
func (m *Mesh) OnNode() Caller { return Caller{env: []string{"KUBECONFIG=" + m.Kubeconfig()}} }

// With is the caller with more environment.
func (c Caller) With(env ...string) Caller {
	c.env = append(c.env[:len(c.env):len(c.env)], env...)
	return c
}

// An Answer is what a program left.
type Answer struct {
	Out, Err string
	Code     int
	CPU      time.Duration
}

// Run runs a program to its end.
func (m *Mesh) Run(ctx context.Context, c Caller, program string, args ...string) (Answer, error) {
	r, err := m.Begin(ctx, c, program, args...)
	if err != nil {
		return Answer{}, err
	}
	return r.Wait()
}

// A Running is a program that was begun.
type Running struct {
	cmd      *exec.Cmd
	out, err bytes.Buffer
}

// Begin starts a program that ends by itself, or when ctx does.
func (m *Mesh) Begin(ctx context.Context, c Caller, program string, args ...string) (*Running, error) {
	r := &Running{cmd: m.net.command(ctx, c, program, args...)}
	r.cmd.Stdout, r.cmd.Stderr = &r.out, &r.err
	r.cmd.Cancel = func() error { return syscall.Kill(-r.cmd.Process.Pid, syscall.SIGKILL) }
	r.cmd.WaitDelay = time.Second
	if err := r.cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting %s: %w", program, err)
	}
	return r, nil
}

// Signal sends a signal to the program.
func (r *Running) Signal(s syscall.Signal) error { return r.cmd.Process.Signal(s) }

// Wait waits for the end. An exit code is an answer, not an error.
func (r *Running) Wait() (Answer, error) {
	err := r.cmd.Wait()
	if _, failed := errors.AsType[*exec.ExitError](err); err != nil && !failed {
		return Answer{}, fmt.Errorf("running %s: %w", r.cmd.Path, err)
	}
	state := r.cmd.ProcessState
	return Answer{Out: r.out.String(), Err: r.err.String(), Code: state.ExitCode(), CPU: state.UserTime() + state.SystemTime()}, nil
}

// Peak waits for the end and is the most memory, in bytes, that the program has had. The kernel's own count would begin
// with that of this process, which the program was forked from.
func (r *Running) Peak() int64 {
	var peak int64
	for {
		status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", r.cmd.Process.Pid))
		_, rest, found := strings.Cut(string(status), "VmHWM:")
		if err != nil || !found { // a program that has ended has no memory
			return peak
		}
		var kilobytes int64
		fmt.Sscan(rest, &kilobytes)
		peak = max(peak, kilobytes<<10)
		time.Sleep(time.Millisecond)
	}
}

// Entrance is the command of a shell in the client pod.
func (m *Mesh) Entrance() string {
	return fmt.Sprintf("ip netns exec %s setpriv --reuid %d --clear-groups env KUBECONFIG=%s sh", m.net.name, uidClient, m.Kubeconfig())
}
