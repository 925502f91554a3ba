package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"testing"
	"time"

	"respy/diagnose"
	"respy/internal/fakemesh"
)

// onMesh runs respy against an embedded mesh and returns its report.
func onMesh(t *testing.T, o fakemesh.Options, args ...string) *diagnose.Conclusion {
	t.Helper()
	mesh, err := fakemesh.Start(o)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := mesh.Close(); err != nil {
			t.Error(err)
		}
	}()
	var stdout, stderr bytes.Buffer
	args = append([]string{"-o", "json", "--no-progress", "-f", "-", "--host", mesh.Host(), mesh.URL(), "--wait-programmed", "0s"}, args...)
	for i, arg := range args {
		if arg == "ADMIN" {
			args[i] = mesh.AdminAddr()
		}
	}
	run(context.Background(), args, strings.NewReader(mesh.VirtualService()), &stdout, &stderr)
	c := new(diagnose.Conclusion)
	if err := json.Unmarshal(stdout.Bytes(), c); err != nil {
		t.Fatal(errors.Join(err, errors.New(stderr.String())))
	}
	return c
}

// TestEveryFaultIsNamed looks for the finding of each fault in runs of 1000 requests.
func TestEveryFaultIsNamed(t *testing.T) {
	const runs, atLeast = 100, 99
	for fault, test := range map[fakemesh.Fault]struct {
		finding string
		args    []string
	}{
		fakemesh.RoundRobin:    {"round-robin", []string{"-c", "1", "--envoy", "off"}},
		fakemesh.PerConnection: {"per-connection", []string{"--envoy", "off"}},
		fakemesh.Swapped:       {"subset-wrong-pods", []string{"--envoy", "off"}},
		fakemesh.Lagging:       {"propagation-lag", []string{"--envoy", "off"}},
		fakemesh.Ignored:       {"follows-replicas", []string{"--envoy", "ADMIN"}},
		fakemesh.Failing:       {"version-failing", []string{"--envoy", "ADMIN"}},
		fakemesh.Sticky:        {"sticky", []string{"--envoy", "off", "--session-cookie", fakemesh.SessionCookie}},
	} {
		t.Run(string(fault), func(t *testing.T) {
			t.Parallel()
			found := 0
			for seed := range uint64(runs) {
				c := onMesh(t, fakemesh.Options{Fault: fault, Seed: seed}, append(test.args, "-n", "1000")...)
				for _, f := range c.Findings {
					if f.ID == test.finding {
						found++
					}
				}
				if healthy := fault == fakemesh.Sticky; healthy && c.Verdict == diagnose.Mismatch && float64(c.Test.PValue) < 1e-4 ||
					!healthy && c.Verdict == diagnose.Match {
					t.Errorf("seed %d: %s (%s)", seed, c.Verdict, c.Message)
				}
			}
			if found < atLeast {
				t.Errorf("%s was found in %d of %d runs, want %d", test.finding, found, runs, atLeast)
			}
		})
	}
}

// TestEarlyStopOnTheTutorialsCase checks 90/10 that is really 50/50 by the answers alone: the end comes soon, and a
// match never.
func TestEarlyStopOnTheTutorialsCase(t *testing.T) {
	const runs, soon, atLeast = 100, 60, 95
	early := 0
	for seed := range uint64(runs) {
		c := onMesh(t, fakemesh.Options{Fault: fakemesh.Ignored, Seed: seed}, "--early-stop", "--envoy", "off")
		if c.ExitCode != 1 {
			t.Errorf("seed %d: exit code %d (%s)", seed, c.ExitCode, c.Message)
		}
		if c.Requests < soon {
			early++
		}
	}
	if early < atLeast {
		t.Errorf("%d of %d runs ended before %d requests, want %d", early, runs, soon, atLeast)
	}
}

// TestEarlyStopWithASlowVersion has a healthy split whose rarer version takes 100 times as long. Judged in the order of
// completion, nearly every such run would be called wrong. More than 13 false alarms of 200 at alpha .01 have a
// probability below 1e-7.
func TestEarlyStopWithASlowVersion(t *testing.T) {
	const runs, most = 200, 13
	alarms := 0
	for seed := range uint64(runs) {
		c := onMesh(t, fakemesh.Options{Seed: 1000 + seed, Latency: []time.Duration{100 * time.Microsecond, 10 * time.Millisecond}},
			"--early-stop", "-c", "10", "-n", strconv.Itoa(400), "--envoy", "off")
		if c.Verdict == diagnose.Mismatch {
			alarms++
		}
	}
	if alarms > most {
		t.Errorf("%d false alarms in %d runs", alarms, runs)
	}
	t.Logf("%d false alarms in %d runs", alarms, runs)
}
