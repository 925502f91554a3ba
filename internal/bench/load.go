//go:build linux

package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// The cores that server and client are pinned to.
const (
	serverCore = "0"
	clientCore = "1"
)

// usage is what one run cost.
type usage struct {
	requests int64
	wall     time.Duration
	cpu      time.Duration // user and system, of the whole process
	peak     int64         // bytes of memory
}

// load is what the tools cost at a number of connections.
type load struct {
	connections int
	tools       []string
	runs        map[string][]usage // by tool, a round each
	missing     []string
}

// compareLoad lets the tools take turns at each number of connections.
func compareLoad(ctx context.Context, o options) ([]load, error) {
	s, err := startServer(ctx, 900)
	if err != nil {
		return nil, err
	}
	defer s.stop()
	all, missing := tools(o.respy)
	if len(all) == 0 || all[0].name != "respy" {
		return nil, fmt.Errorf("%s is no program: build it first", o.respy)
	}
	var loads []load
	for _, connections := range []int{1, 10, 100, 1000} {
		l := load{connections: connections, runs: map[string][]usage{}, missing: missing}
		for _, t := range all {
			l.tools = append(l.tools, t.name)
		}
		for round := range o.rounds {
			for _, t := range all {
				u, err := t.measure(ctx, s, o.requests, connections)
				if err != nil {
					return nil, fmt.Errorf("%s with %d connections: %w", t.name, connections, err)
				}
				fmt.Fprintf(os.Stderr, "%d connections, round %d: %s\n", connections, round+1, u.line(t.name))
				l.runs[t.name] = append(l.runs[t.name], u)
			}
		}
		loads = append(loads, l)
	}
	return loads, nil
}

// measure runs a tool once.
func (t tool) measure(ctx context.Context, s *server, requests, connections int) (usage, error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Minute)
	defer cancel()
	before, err := s.served()
	if err != nil {
		return usage{}, err
	}
	c := exec.CommandContext(ctx, "taskset", append([]string{"-c", clientCore, t.path}, t.args(s.url, requests, connections)...)...)
	c.Stdin = strings.NewReader("GET " + s.url + "\n")
	var output bytes.Buffer
	c.Stdout, c.Stderr = &output, &output
	started := time.Now()
	if err := c.Start(); err != nil {
		return usage{}, err
	}
	peak := watchMemory(c.Process.Pid)
	if err := c.Wait(); err != nil {
		return usage{}, fmt.Errorf("%w: %s", err, output.String())
	}
	u := usage{wall: time.Since(started), peak: <-peak}
	spent := c.ProcessState.SysUsage().(*syscall.Rusage)
	u.cpu = time.Duration(spent.Utime.Nano() + spent.Stime.Nano())
	after, err := s.served()
	u.requests = after - before
	return u, err
}

var highWater = regexp.MustCompile(`VmHWM:\s+(\d+) kB`)

// watchMemory sends the peak of a process's memory once the process has ended. The system's own account of that starts
// with the memory of the parent.
func watchMemory(pid int) <-chan int64 {
	peak := make(chan int64, 1)
	go func() {
		var last int64
		for {
			status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
			found := highWater.FindSubmatch(status)
			if err != nil || found == nil {
				peak <- last
				return
			}
			last, _ = strconv.ParseInt(string(found[1]), 10, 64)
			last *= 1024
			time.Sleep(20 * time.Millisecond)
		}
	}()
	return peak
}

func (u usage) rate() float64 { return float64(u.requests) / u.wall.Seconds() }

// perRequest is the CPU time of a request in microseconds.
func (u usage) perRequest() float64 { return u.cpu.Seconds() * 1e6 / float64(u.requests) }

func (u usage) megabytes() float64 { return float64(u.peak) / 1e6 }

func (u usage) line(tool string) string {
	return fmt.Sprintf("%-6s %7d requests, %6.0f a second, %5.2f µs of CPU each, %.0f MB", tool, u.requests, u.rate(), u.perRequest(), u.megabytes())
}
