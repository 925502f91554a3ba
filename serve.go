package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"maps"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"golang.org/x/net/netutil"
)

const serveAbout = `respy serve answers the gates of rollouts: POST /check for Argo Rollouts' web metric, POST /flagger for Flagger's webhooks. Each
request has one of the targets checked that are named here, and nothing else. Without targets it only stays alive, so
that kubectl exec finds a pod to run respy in.`

// serveConfig is the command line of serve.
type serveConfig struct {
	listen  string
	targets []string
	file    string
	limit   time.Duration
	check   config // of the targets on the command line
}

// Limits of the server. A check holds on to little memory, and the others wait outside.
const (
	maxConnections = 256
	maxHeaderBytes = 16 << 10
	shutdownGrace  = 5 * time.Second
)

func serveCommandLine(s *serveConfig) command {
	g := newGroup("Serve")
	g.flags.StringVar(&s.listen, "listen", "127.0.0.1:8080", "`address` to listen at")
	g.flags.StringArrayVar(&s.targets, "target", nil, "`NAME=URL` that requests may name, repeatable; the flags below are for all of these")
	g.flags.StringVar(&s.file, "config", "", "YAML `file` of targets with flags of their own")
	g.flags.DurationVar(&s.limit, "timeout-check", 8*time.Second, "`time` for a check, waiting for its turn included")
	c := &s.check
	return command{
		synopsis: "respy serve [flags]",
		about:    serveAbout,
		groups:   []group{g, sendFlags(c), expectFlags(c), recogniseFlags(c), decideFlags(c), podFlags(c)},
	}
}

// serve answers requests until a signal ends it, which is no failure.
func serve(ctx context.Context, args []string, std streams) (int, error) {
	var s serveConfig
	command := serveCommandLine(&s)
	positional, err := command.parse(args, std.out)
	if err != nil {
		return 0, err
	}
	if len(positional) > 0 {
		return 0, usagef("serve takes no arguments, and %q is one: name a target with --target NAME=URL", positional[0])
	}
	s.check.send.given = command.changed("requests")
	g, err := s.gate(std)
	if err != nil {
		return 0, err
	}
	listener, err := net.Listen("tcp", s.listen)
	if err != nil {
		return 0, fmt.Errorf("--listen %s: %w; choose another address", s.listen, err)
	}
	note(std.err, "listening at http://%s for %s", listener.Addr(), g.names())
	return 0, g.serve(ctx, netutil.LimitListener(listener, maxConnections))
}

// gate makes a gate of the targets.
func (s *serveConfig) gate(std streams) (*gate, error) {
	if s.limit < time.Second {
		return nil, usagef("--timeout-check %s is too short for a check: give 1s or more", s.limit)
	}
	configs, err := s.configs()
	if err != nil {
		return nil, err
	}
	g := &gate{limit: s.limit, targets: map[string]*target{}, log: std.err}
	for _, name := range slices.Sorted(maps.Keys(configs)) {
		c := configs[name]
		checked, err := c.gated(s.limit)
		if err != nil {
			return nil, fmt.Errorf("target %s: %w", name, err)
		}
		g.targets[name] = newTarget(name, c.target, checked)
	}
	return g, nil
}

func (g *gate) names() string {
	if len(g.targets) == 0 {
		return "no target: /check has nothing to check"
	}
	return strings.Join(slices.Sorted(maps.Keys(g.targets)), ", ")
}

// serve runs the server. Once ctx ends, the checks that are under way may end for a while.
func (g *gate) serve(ctx context.Context, listener net.Listener) error {
	checks, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	server := &http.Server{
		Handler: g.handler(), BaseContext: func(net.Listener) context.Context { return checks },
		ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second, WriteTimeout: g.limit + 10*time.Second,
		IdleTimeout: time.Minute, MaxHeaderBytes: maxHeaderBytes, ErrorLog: log.New(g.log, "respy: ", 0),
	}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	g.closing.Store(true)
	grace, done := context.WithTimeout(context.WithoutCancel(ctx), shutdownGrace)
	defer done()
	if err := server.Shutdown(grace); err != nil {
		server.Close()
	}
	cancel()
	g.running.Wait()
	if err := <-failed; !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
