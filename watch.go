package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"respy/diagnose"
)

const watchExitCodes = `Exit codes: 0 match, 1 mismatch, 2 usage or trouble, 3 inconclusive (also when there was no traffic), 128+N ended by
signal N.`

// watchConfig is the watch's own part of its command line.
type watchConfig struct {
	duration time.Duration
	interval time.Duration
}

// leastInterval keeps a watch from burdening the proxies that it looks at.
const leastInterval = 100 * time.Millisecond

// watch judges the traffic that is there by the counters of the callers' proxies. It sends no request to the target and
// does not look its name up.
func watch(ctx context.Context, args []string, std streams) (int, error) {
	c := config{versionFrom: "envoy"}
	var w watchConfig
	command := watchCommand(&c, &w)
	positional, err := command.parse(args, std.out)
	if err != nil {
		return 0, err
	}
	if err := c.take(positional, command); err != nil {
		return 0, err
	}
	return c.carryOut(ctx, std, func() (*settings, error) { return c.validateWatch(w) },
		func(ctx context.Context, s *settings, std streams) (*diagnose.Conclusion, error) {
			return c.watch(ctx, s, w, std)
		})
}

func watchCommand(c *config, w *watchConfig) command {
	return command{
		synopsis: "respy watch [flags] URL",
		about: `respy watch judges the traffic that is there, without sending any: it polls the counters of the callers' proxies (--envoy,
repeatable) and holds what they grow by against the weights, until decided or until --for is over. The URL says which
route is meant.`,
		groups:   []group{watchFlags(w), requestFlags(c, "Route"), expectFlags(c), watchDecideFlags(c), leaveFlags(waitFlag(c), c), printFlags(c)},
		epilogue: watchExitCodes,
	}
}

func watchFlags(w *watchConfig) group {
	g := newGroup("Watch")
	g.flags.DurationVar(&w.duration, "for", time.Minute, "how long to watch; a mismatch ends it as soon as it is sure")
	g.flags.DurationVar(&w.interval, "interval", time.Second, "`time` between two looks")
	return g
}

func watchDecideFlags(c *config) group {
	g, d := newGroup("Decide"), &c.decide
	f := g.flags
	f.Float64Var(&d.alpha, "alpha", 0.01, "probability of a false alarm, for each watch, however often it looks")
	f.StringVar(&d.test, "test", "auto", "of the test at the end: auto, exact or chi-square")
	f.StringVar(&d.inconclusive, "inconclusive", "fail", "fail (exit 3) or pass (exit 0); never for an interrupted watch")
	return g
}

// validateWatch checks what the flags say. Errors have no budget: what fails is not what is judged.
func (c *config) validateWatch(w watchConfig) (*settings, error) {
	switch {
	case w.interval < leastInterval:
		return nil, usagef("--interval %s asks the proxies too often: give %s or more, such as 1s", w.interval, leastInterval)
	case w.duration < w.interval:
		return nil, usagef("--for %s leaves no time for a second look after --interval %s: give a longer one, such as 60s", w.duration, w.interval)
	case c.expect.envoyDump != "" || slices.Contains(c.expect.envoy, "off"):
		return nil, usagef("watch reads the counters of live proxies, and neither --envoy-dump nor --envoy off has any: give --envoy ADDRESS")
	}
	if err := c.expect.validate(); err != nil {
		return nil, err
	}
	if err := checkTarget(c.target); err != nil {
		return nil, err
	}
	c.decide.maxErrors = "100%"
	if slices.ContainsFunc(c.print.outputs, func(o string) bool { return o == "jsonl" || strings.HasPrefix(o, "jsonl=") }) {
		return nil, usagef("-o jsonl lists the answers of a run, and watch sends nothing: leave it out")
	}
	var s settings
	for _, step := range []func(*config) error{s.readHeader, s.readBody, s.readSource, s.readExpect, s.readMapping, s.readDecide, s.readOutputs} {
		if err := step(c); err != nil {
			return nil, err
		}
	}
	c.decide.earlyStop = true // which the sequential test needs, and readSource would refuse
	return &s, nil
}

// watch looks at the stages, follows the counters, and has the evidence judged.
func (c *config) watch(ctx context.Context, s *settings, w watchConfig, std streams) (*diagnose.Conclusion, error) {
	p, err := c.prepare(ctx, s, false, std)
	if err != nil {
		return nil, err
	}
	e := &p.evidence
	e.Watch = new(diagnose.Watch)
	switch {
	case e.Expectation == nil && !isFault(e, p.proxies):
		return nil, fmt.Errorf("nothing to compare the counters with: %s; name the host with --host, the rule with --route, or the weights with --expect", e.WhyNone)
	case e.Expectation == nil: // the rules of the host are there, and none takes the request: no count says more
		for _, proxy := range p.proxies {
			e.Proxies = append(e.Proxies, proxy.view)
		}
		return diagnose.Judge(*e, s.judging(c))
	}
	if err := c.follow(ctx, s, w, p, std); err != nil {
		return nil, err
	}
	e.Signal = signalOf(ctx)
	after, cancel := context.WithTimeout(context.WithoutCancel(ctx), afterwards)
	defer cancel()
	e.Declared.Again = p.declarations.again(after, p.view, e.Declared)
	return diagnose.Judge(*e, s.judging(c))
}

// followed reports whether every proxy has the expected weights, as far as that can be told.
func (c *config) followed(p *prepared) bool {
	return !slices.ContainsFunc(p.proxies, func(one *proxy) bool {
		return one.view.Before != nil && !p.evidence.Expectation.FollowedBy(one.view.Before)
	})
}
