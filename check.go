package main

import (
	"context"
	"slices"
	"sync"
	"time"

	"respy/diagnose"
	"respy/k8s"
	"respy/probe"
)

// defaultRequests is -n when it is not given and the expectation needs no more.
const defaultRequests = 1000

// check is the main job: find out what is expected, send, look again, judge, print.
func check(ctx context.Context, args []string, std streams) (int, error) {
	var c config
	command := mainCommand(&c)
	positional, err := command.parse(args, std.out)
	if err != nil {
		return 0, err
	}
	if err := c.take(positional, command); err != nil {
		return 0, err
	}
	return c.run(ctx, std)
}

// take completes the configuration with what is not a flag.
func (c *config) take(positional []string, command command) error {
	c.send.given = command.changed("requests")
	if c.decide.earlyStop && !command.changed("connection-reuse") {
		c.send.reuse = 1 // the answers of one connection may belong together
	}
	switch {
	case len(positional) > 1 || len(positional) == 1 && c.target != "":
		return usagef("%q: one URL is checked at a time; quote it if it holds spaces", positional[len(positional)-1])
	case len(positional) == 1 && slices.Contains(commands(), positional[0]):
		return usagef("%s is a command: write it first, as in respy %s", positional[0], positional[0])
	case len(positional) == 1:
		c.target = positional[0]
	}
	return nil
}

// run validates the configuration and carries it out.
func (c *config) run(ctx context.Context, std streams) (int, error) {
	s, err := c.validate()
	if err != nil {
		return 0, err
	}
	defer discardAnswers(s.outputs)
	conclusion, err := c.conclude(ctx, s, std)
	if err != nil {
		return 0, err
	}
	return writeOutputs(s.outputs, conclusion, c.print.color, std), nil
}

// conclude looks at the stages, sends the requests, and has the evidence judged.
func (c *config) conclude(ctx context.Context, s *settings, std streams) (*diagnose.Conclusion, error) {
	request, err := k8s.NewRequest(s.method, c.target, c.send.host, s.header)
	if err != nil {
		return nil, usagef("%v", err)
	}
	e := diagnose.Evidence{Target: c.target, Explicit: c.expect.explicit(), ByProxy: s.source.String() == "envoy"}
	d, err := c.openDeclarations(std)
	if err != nil {
		return nil, err
	}
	proxies, err := c.openProxies(ctx, &e, std)
	if err != nil {
		return nil, err
	}
	view := viewpoint{request: request, dialed: hostOf(c.target)}
	if err := c.look(ctx, &e, &view, d, proxies); err != nil {
		return nil, err
	}
	for _, p := range proxies {
		p.look(ctx, view, &e)
	}
	e.Expectation = expectation(s, e.Declared, proxies)
	if err := c.checkExpectation(&e, proxies); err != nil {
		return nil, err
	}
	c.awaitProgrammed(ctx, &e, view, proxies)
	if err := c.measure(ctx, s, &e, proxies, std); err != nil {
		return nil, err
	}
	c.lookAgain(ctx, &e, view, d, proxies)
	if e.Expectation == nil {
		note(std.err, "no expectation: %s", e.WhyNone)
	}
	return diagnose.Judge(e, s.judging(c))
}

// look finds out who calls and what is declared, from the cluster only as long as its patience lasts.
func (c *config) look(ctx context.Context, e *diagnose.Evidence, view *viewpoint, d *declarations, proxies []*proxy) error {
	ctx, done := d.patience(ctx)
	defer done()
	pod, unseen := d.pod(ctx, proxies)
	e.Unseen = append(e.Unseen, unseen...)
	view.caller = c.caller(proxies, d.place, pod)
	return c.declare(ctx, e, *view, d)
}

func (s *settings) judging(c *config) diagnose.Settings {
	d := diagnose.Settings{
		Alpha: c.decide.alpha, Test: s.test, MaxErrors: s.maxErrors, Pass: c.decide.inconclusive == "pass",
		EarlyStop: c.decide.earlyStop, Tolerance: c.decide.tolerance / 100,
	}
	if d.Sessions = s.sessions; c.send.hasSessions() {
		d.Sessions = c.send.session.Requests
	}
	return d
}

// stopping is what the observer of a run is to know of how it is judged.
func stopping(d diagnose.Settings) diagnose.Stopping {
	return diagnose.Stopping{Early: d.EarlyStop, Alpha: d.Alpha, Tolerance: d.Tolerance, Sessions: d.Sessions > 0}
}

// measure sends the requests, between two readings of the proxies' counters.
func (c *config) measure(ctx context.Context, s *settings, e *diagnose.Evidence, proxies []*proxy, std streams) error {
	judging := s.judging(c)
	n, err := c.requests(e.Expectation, judging)
	if err != nil {
		return err
	}
	if e.Observer, err = diagnose.NewObserver(e.Expectation, stopping(judging)); err != nil {
		return err
	}
	recognizer, err := probe.NewRecognizer(s.source, e.Expectation.Recognise())
	if err != nil {
		return usagef("%v", err)
	}
	m := &meter{total: n, duration: c.send.duration, names: recognizer.Names, observer: e.Observer, started: time.Now()}
	var record func(probe.Answer)
	prober, err := probe.New(c.probeOptions(s, recognizer, n, func(a probe.Answer) bool {
		record(a)
		return m.observe(a)
	}))
	if err != nil {
		return usagef("%v", err)
	}
	for _, p := range proxies {
		p.countBefore(ctx)
	}
	e.Requests = n
	record = openAnswers(s.outputs, recognizer.Names, std.out)
	e.Observed = runShown(ctx, prober, m, !c.print.noProgress && !c.print.quiet, std)
	e.Signal = signalOf(ctx)
	return nil
}

// requests is how many requests to send, 0 when only a duration limits them.
func (c *config) requests(e *diagnose.Expectation, judging diagnose.Settings) (int64, error) {
	switch {
	case c.send.given:
		return int64(c.send.requests), nil
	case c.send.duration > 0:
		return 0, nil
	case e == nil:
		return defaultRequests, nil
	}
	n, err := diagnose.Requests(e.Weights(), judging)
	return max(n, defaultRequests), err
}

func (c *config) probeOptions(s *settings, r *probe.Recognizer, n int64, observe func(probe.Answer) bool) probe.Options {
	return probe.Options{
		URL: c.target, Method: s.method, Header: s.header, Host: c.send.host, Body: s.body,
		Requests: int(n), Duration: c.send.duration, Concurrency: c.send.concurrency, Rate: c.send.rate,
		Timeout: c.send.timeout, Reuse: c.send.reuse, ConnectTo: c.send.connectTo, UnixSocket: c.send.unixSocket,
		Ahead: c.ahead(), TLS: c.send.tls, Protocol: c.send.protocol(), Session: c.send.sessions(), Recognizer: r, Observe: observe,
	}
}

// protocol is the version of HTTP to speak.
func (s *sendConfig) protocol() probe.Protocol {
	switch {
	case s.http2:
		return probe.HTTP2
	case s.h2c:
		return probe.H2C
	}
	return probe.HTTP1
}

// ahead keeps a run that may end early from sending much more than it needs.
func (c *config) ahead() int {
	if !c.decide.earlyStop {
		return 0
	}
	return 2 * c.send.concurrency
}

// runShown runs the prober and shows its progress meanwhile.
func runShown(ctx context.Context, prober *probe.Prober, m *meter, shown bool, std streams) probe.Result {
	showing, stop := context.WithCancel(ctx)
	var display sync.WaitGroup
	if shown {
		display.Go(func() { m.show(showing, std.err) })
	}
	result := prober.Run(ctx)
	stop()
	display.Wait()
	return result
}
