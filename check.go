package main

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"respy/diagnose"
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
	c.send.reuseGiven = command.changed("connection-reuse")
	if c.decide.earlyStop && !c.send.reuseGiven {
		c.send.reuse = 1 // the answers of one connection may belong together
	}
	switch {
	case len(positional) > 1 && targetName.MatchString(positional[0]) && !slices.Contains(commands(), positional[0]):
		return usagef("%s is no command: respy --help lists them", positional[0])
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
	return c.carryOut(ctx, std, c.validate, c.conclude)
}

// carryOut does what conclude does with the validated settings, writes the report, and leaves the pod in order.
func (c *config) carryOut(ctx context.Context, std streams, validate func() (*settings, error),
	conclude func(context.Context, *settings, streams) (*diagnose.Conclusion, error)) (code int, err error) {
	var conclusion *diagnose.Conclusion
	defer func() {
		if p := recover(); p != nil {
			c.leave(ctx, nil, 0, fmt.Errorf("the program broke: %v", p), std)
			panic(p)
		}
		code = c.leave(ctx, conclusion, code, err, std)
	}()
	s, err := validate()
	if err != nil {
		return 0, err
	}
	defer discardAnswers(s.outputs)
	conclusion, err = conclude(ctx, s, std)
	if err != nil {
		return 0, err
	}
	return writeOutputs(s.outputs, conclusion, c.print.color, std), nil
}

// conclude looks at the stages, sends the requests, and has the evidence judged.
func (c *config) conclude(ctx context.Context, s *settings, std streams) (*diagnose.Conclusion, error) {
	p, err := c.prepare(ctx, s, true, std)
	if err != nil {
		return nil, err
	}
	if err := c.measure(ctx, s, p, std); err != nil {
		return nil, err
	}
	c.lookAgain(ctx, &p.evidence, p.view, p.declarations, p.proxies)
	if p.evidence.Expectation == nil {
		note(std.err, "no expectation: %s", p.evidence.WhyNone)
	}
	return diagnose.Judge(p.evidence, s.judging(c))
}

// prepared is what is known before the first request.
type prepared struct {
	evidence diagnose.Evidence
	*survey
}

// prepare finds out what is expected and what the proxies have, and waits until they have it. Where nothing is going to be
// sent, the target is not dialled and its name not looked up either.
func (c *config) prepare(ctx context.Context, s *settings, sending bool, std streams) (*prepared, error) {
	e := diagnose.Evidence{Target: c.target, Explicit: c.expect.explicit(), ByProxy: s.source.String() == "envoy"}
	v, err := c.survey(ctx, s, &e, sending, std)
	if err != nil {
		return nil, err
	}
	if err := c.checkExpectation(&e, v.proxies); err != nil {
		return nil, err
	}
	if v.view.assumed {
		e.Unseen = append(e.Unseen, diagnose.Unseen{Stage: "declared",
			Why: "nothing says whether the caller has a sidecar: it is taken to be in the mesh, as it calls the Service and no gateway"})
	}
	if !c.send.reuseGiven && drawsConnections(e.Declared, v.proxies) {
		c.send.reuse = 1
	}
	c.awaitProgrammed(ctx, &e, v.view, v.proxies)
	return &prepared{e, v}, nil
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

// measure sends the requests, after a reading of the proxies' counters, and looks at their routes meanwhile.
func (c *config) measure(ctx context.Context, s *settings, prepared *prepared, std streams) error {
	e, judging := &prepared.evidence, s.judging(c)
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
	for _, p := range prepared.proxies {
		p.countBefore(ctx, e.Declared)
	}
	e.Requests = n
	record = openAnswers(s.outputs, recognizer.Names, std.out)
	lookMeanwhile(ctx, prepared.view, prepared.proxies, func() {
		e.Observed = runShown(ctx, prober, m, !c.print.noProgress && !c.print.quiet, std)
	})
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
		Requests: int(n), Duration: c.send.limit(), Concurrency: c.send.concurrency, Rate: c.send.rate,
		Timeout: c.send.timeout, Reuse: c.send.reuse, ConnectTo: c.send.connectTo, UnixSocket: c.send.unixSocket,
		Ahead: c.ahead(), TLS: c.send.tls, Protocol: c.send.protocol(), Session: c.send.sessions(), Recognizer: r, Observe: observe,
	}
}

// limit is how long requests are sent, 0 for no limit.
func (s *sendConfig) limit() time.Duration {
	if s.duration == 0 || s.within == 0 {
		return max(s.duration, s.within)
	}
	return min(s.duration, s.within)
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
	var result probe.Result
	showing(ctx, m, shown, std, func() { result = prober.Run(ctx) })
	return result
}

// showing shows a gauge while work goes on.
func showing(ctx context.Context, g gauge, shown bool, std streams, work func()) {
	ctx, stop := context.WithCancel(ctx)
	var display sync.WaitGroup
	if shown {
		display.Go(func() { show(ctx, g, std.err) })
	}
	work()
	stop()
	display.Wait()
}
