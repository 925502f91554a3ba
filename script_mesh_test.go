package main

import (
	"flag"
	"net"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"respy/internal/fakemesh"
)

// meshCommand starts a mesh behind a sidecar: mesh [-weights 90,10] [-versions v1,v2] [-fault NAME] [-seed N]
// [-latency D] [-programmed-right]. Beside URL and ADDR it sets HOST (the service's name), PORT, ADMIN (the sidecar's
// admin address) and ROUTES (a file with the VirtualService and the DestinationRule).
func meshCommand(ts *testscript.TestScript, neg bool, args []string) {
	m, err := fakemesh.Start(meshOptions(ts, neg, args))
	ts.Check(err)
	ts.Defer(func() { ts.Check(m.Close()) })
	routes := ts.MkAbs("routes.yaml")
	ts.Check(os.WriteFile(routes, []byte(m.VirtualService()), 0o600))
	address := strings.TrimSuffix(strings.TrimPrefix(m.URL(), "http://"), "/version")
	_, port, err := net.SplitHostPort(address)
	ts.Check(err)
	ts.Setenv("URL", m.URL())
	ts.Setenv("ADDR", address)
	ts.Setenv("PORT", port)
	ts.Setenv("HOST", m.Host())
	ts.Setenv("ADMIN", m.AdminAddr())
	ts.Setenv("ROUTES", routes)
	sceneOf(ts).received = m.Requests
}

func meshOptions(ts *testscript.TestScript, neg bool, args []string) fakemesh.Options {
	var o fakemesh.Options
	flags := flag.NewFlagSet("mesh", flag.ContinueOnError)
	flags.Func("weights", "", func(s string) (err error) {
		o.Weights, err = numbers(s)
		return err
	})
	flags.Func("versions", "", func(s string) error {
		o.Versions = strings.Split(s, ",")
		return nil
	})
	flags.Func("fault", "", func(s string) (err error) {
		o.Fault, err = fakemesh.ParseFault(s)
		return err
	})
	flags.Uint64Var(&o.Seed, "seed", 1, "")
	flags.BoolVar(&o.ProgrammedRight, "programmed-right", false, "")
	latency := flags.Duration("latency", 0, "")
	if neg || flags.Parse(args) != nil || flags.NArg() > 0 {
		ts.Fatalf("usage: mesh [flags]")
	}
	versions := max(len(o.Weights), 2)
	for range versions {
		o.Latency = append(o.Latency, *latency)
	}
	return o
}

func numbers(list string) ([]float64, error) {
	var values []float64
	for part := range strings.SplitSeq(list, ",") {
		v, err := strconv.ParseFloat(part, 64)
		if err != nil {
			return nil, err
		}
		values = append(values, v)
	}
	return values, nil
}

// silentCommand starts a server that takes connections, counts them as requests, and never says a word.
func silentCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) > 0 {
		ts.Fatalf("usage: silent")
	}
	l := listen(ts)
	ts.Setenv("URL", "http://"+l.Addr().String()+"/version")
	ts.Setenv("ADDR", l.Addr().String())
	var taken atomic.Int64
	sceneOf(ts).received = taken.Load
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			taken.Add(1)
			time.AfterFunc(time.Minute, func() { c.Close() })
		}
	}()
}

// refusedCommand finds a port that refuses connections for as long as the script runs: the near end of an open
// connection, on which nobody listens and which nobody else can get.
func refusedCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) > 0 {
		ts.Fatalf("usage: refused")
	}
	c, err := net.Dial("tcp", listen(ts).Addr().String())
	ts.Check(err)
	ts.Defer(func() { c.Close() })
	ts.Setenv("URL", "http://"+c.LocalAddr().String()+"/version")
	ts.Setenv("ADDR", c.LocalAddr().String())
}

func listen(ts *testscript.TestScript) net.Listener {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	ts.Defer(func() { l.Close() })
	return l
}

// acceptEach serves each connection by itself, until the listener is closed.
func acceptEach(l net.Listener, serve func(net.Conn)) {
	for {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		go serve(conn)
	}
}
