package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"testing"
	"time"

	"respy/diagnose"
)

// process is the built program at work, whose memory is its own and not that of the tests.
type process struct {
	cmd            *exec.Cmd
	stdout, stderr bytes.Buffer
	started        time.Time
	memory         []memory      // in the course of time; may be read only after done
	done           chan struct{} // closed when the process has ended
}

// memory is what the kernel counts for a process at one moment, in kB. The pages of the program's file are shared, and
// given back when memory is short; the anonymous ones are its own.
type memory struct {
	at                         time.Duration
	peak, resident, anon, file int
}

func (m memory) String() string {
	mb := func(kb int) float64 { return float64(kb) / 1024 }
	return fmt.Sprintf("peak %.1f MB, resident %.1f MB: anonymous %.1f MB, file %.1f MB", mb(m.peak), mb(m.resident), mb(m.anon), mb(m.file))
}

// betweenSamples is short, so that the last sample before the end has the peak.
const betweenSamples = 20 * time.Millisecond

// start runs the program with a JSON report, and kills it when it takes much longer than it should.
func start(t *testing.T, program string, longest time.Duration, args ...string) *process {
	t.Helper()
	if _, err := os.Stat("/proc/self/status"); err != nil {
		t.Skipf("nothing tells how much memory a process has: %v", err)
	}
	p := &process{started: time.Now(), done: make(chan struct{})}
	p.cmd = exec.Command(program, append([]string{"-o", "json", "--kube=false"}, args...)...)
	p.cmd.Stdout, p.cmd.Stderr = &p.stdout, &p.stderr
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	watchdog := time.AfterFunc(longest, func() { _ = p.cmd.Process.Kill() }) // it has mostly ended by itself
	t.Cleanup(func() {
		_ = p.cmd.Process.Kill()
		<-p.done
		watchdog.Stop()
	})
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = p.cmd.Wait() // the exit code is looked at later
	}()
	go p.sample(ended)
	return p
}

func (p *process) sample(ended <-chan struct{}) {
	defer close(p.done)
	tick := time.NewTicker(betweenSamples)
	defer tick.Stop()
	for {
		select {
		case <-ended:
			return
		case <-tick.C:
			if m, ok := memoryOf(p.cmd.Process.Pid); ok {
				m.at = time.Since(p.started)
				p.memory = append(p.memory, m)
			}
		}
	}
}

// memoryOf is not ok for a process that has ended.
func memoryOf(pid int) (m memory, ok bool) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return m, false
	}
	fields := map[string]*int{"VmHWM": &m.peak, "VmRSS": &m.resident, "RssAnon": &m.anon, "RssFile": &m.file}
	for _, line := range regexp.MustCompile(`(?m)^(\w+):\s+(\d+) kB$`).FindAllSubmatch(status, -1) {
		if field := fields[string(line[1])]; field != nil {
			*field, _ = strconv.Atoi(string(line[2])) // digits
		}
	}
	return m, m.resident > 0
}

// report is what the program said at its end.
func (p *process) report(t *testing.T) *diagnose.Conclusion {
	t.Helper()
	<-p.done
	c := new(diagnose.Conclusion)
	if err := json.Unmarshal(p.stdout.Bytes(), c); err != nil {
		t.Fatalf("%v: %v in %q, stderr %q", p.cmd.ProcessState, err, p.stdout.String(), p.stderr.String())
	}
	if got := p.cmd.ProcessState.ExitCode(); got != c.ExitCode {
		t.Errorf("exit code %d, and %d in the report", got, c.ExitCode)
	}
	return c
}

// last is the memory at the end, with the peak of all the time.
func (p *process) last(t *testing.T) memory {
	t.Helper()
	if len(p.memory) == 0 {
		t.Fatal("the process ended before its memory was looked at")
	}
	return p.memory[len(p.memory)-1]
}

// typical is the median of the resident memory within a stretch of time, in kB.
func (p *process) typical(from, to time.Duration) int {
	var resident []int
	for _, m := range p.memory {
		if m.at >= from && m.at < to {
			resident = append(resident, m.resident)
		}
	}
	if len(resident) == 0 {
		return 0
	}
	slices.Sort(resident)
	return resident[len(resident)/2]
}
