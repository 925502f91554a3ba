//go:build linux

package main

import (
	"context"
	"fmt"
	"math"
	"os"
	"time"

	"respy/diagnose"
	"respy/probe"
	"respy/stats"
)

// scenario is a split of two versions as it is configured, and as it really is.
type scenario struct {
	declared, real float64 // share of the first version
}

func scenarios() []scenario {
	return []scenario{{0.9, 0.9}, {0.9, 0.5}, {0.9, 0.8}, {0.7, 0.769}, {0.99, 0.95}}
}

// procedure comes to a verdict on a split.
type procedure struct {
	name string
	decide
}

// decide returns the verdict on a split, and how many requests it took.
type decide func(context.Context, check) (diagnose.Verdict, int64, error)

// procedures are respy's and the published ones: that of the Gateway API's conformance suite (conformance/utils/weight: 500
// requests, 5 points, up to ten tries until one passes), that of Istio's integration tests (tests/integration/pilot/common:
// 100 requests, 10 points), and what respy's predecessor did, which left the judging to the reader.
func procedures() []procedure {
	return []procedure{
		{"respy --early-stop", sequential},
		{"500 requests ±5 points, ten tries", within(500, 0.05, 10)},
		{"100 requests ±10 points", within(100, 0.1, 1)},
		{"1000 requests and a look", look},
	}
}

// check is one split to be judged.
type check struct {
	url      string
	declared float64
}

func (c check) expectation() *diagnose.Expectation {
	return diagnose.FromShares([]diagnose.Share{{Name: "single", Weight: 1000 * c.declared}, {Name: "multiple", Weight: 1000 * (1 - c.declared)}}, nil, nil)
}

// send sends requests, ten at a time.
func (c check) send(ctx context.Context, o probe.Options) (probe.Result, error) {
	recognizer, err := probe.NewRecognizer(probe.Source{}, c.expectation().Recognise())
	if err != nil {
		return probe.Result{}, err
	}
	o.URL, o.Concurrency, o.Recognizer = c.url, 10, recognizer
	p, err := probe.New(o)
	if err != nil {
		return probe.Result{}, err
	}
	r := p.Run(ctx)
	if len(r.Failures) > 0 || r.Interrupted {
		return r, fmt.Errorf("sending: %+v", r.Failures)
	}
	return r, nil
}

// sequential is the run with --early-stop.
func sequential(ctx context.Context, c check) (diagnose.Verdict, int64, error) {
	settings := diagnose.Settings{Alpha: 0.01, Test: stats.Auto, MaxErrors: 0.01, EarlyStop: true}
	e := diagnose.Evidence{Target: c.url, Expectation: c.expectation(), Explicit: true}
	required, err := diagnose.Requests(e.Expectation.Weights(), settings)
	if err != nil {
		return "", 0, err
	}
	e.Requests = max(1000, required)
	if e.Observer, err = diagnose.NewObserver(e.Expectation, diagnose.Stopping{Early: true, Alpha: settings.Alpha}); err != nil {
		return "", 0, err
	}
	e.Observed, err = c.send(ctx, probe.Options{Requests: int(e.Requests), Reuse: 1, Ahead: 20, Observe: e.Observer.Observe})
	if err != nil {
		return "", 0, err
	}
	conclusion, err := diagnose.Judge(e, settings)
	if err != nil {
		return "", 0, err
	}
	return conclusion.Verdict, e.Observed.Sent, nil
}

// within passes if one of the tries finds the share within the tolerance.
func within(requests int, tolerance float64, tries int) decide {
	return func(ctx context.Context, c check) (diagnose.Verdict, int64, error) {
		var sent int64
		for range tries {
			r, err := c.send(ctx, probe.Options{Requests: requests})
			if err != nil {
				return "", 0, err
			}
			sent += r.Sent
			if share := float64(r.Versions[0].Count) / float64(requests); math.Abs(share-c.declared) <= tolerance {
				return diagnose.Match, sent, nil
			}
		}
		return diagnose.Mismatch, sent, nil
	}
}

// look leaves the verdict to the reader.
func look(ctx context.Context, c check) (diagnose.Verdict, int64, error) {
	r, err := c.send(ctx, probe.Options{Requests: 1000})
	return diagnose.None, r.Sent, err
}

// outcome is how a procedure did on a scenario.
type outcome struct {
	scenario
	procedure string
	right     float64 // share of the runs with the right verdict
	requests  float64 // mean
	wall      time.Duration
	judged    bool
}

const repetitions = 200

// compareVerdicts lets each procedure judge each scenario often.
func compareVerdicts(ctx context.Context) ([]outcome, error) {
	var all []outcome
	for _, s := range scenarios() {
		fmt.Fprintf(os.Stderr, "configured %s\n", s)
		server, err := startServer(ctx, int(math.Round(1000*s.real)))
		if err != nil {
			return nil, err
		}
		for _, p := range procedures() {
			o, err := s.judge(ctx, server.url, p)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", p.name, err)
			}
			all = append(all, o)
		}
		if err := server.stop(); err != nil {
			return nil, err
		}
	}
	return all, nil
}

func (s scenario) judge(ctx context.Context, url string, p procedure) (outcome, error) {
	want := diagnose.Mismatch
	if s.declared == s.real {
		want = diagnose.Match
	}
	o := outcome{scenario: s, procedure: p.name}
	started := time.Now()
	for range repetitions {
		verdict, sent, err := p.decide(ctx, check{url, s.declared})
		if err != nil {
			return o, err
		}
		o.judged = verdict != diagnose.None
		o.requests += float64(sent) / repetitions
		if verdict == want {
			o.right += 1.0 / repetitions
		}
	}
	o.wall = time.Since(started) / repetitions
	return o, nil
}

func (s scenario) String() string {
	return fmt.Sprintf("%s, really %s", percents(s.declared), percents(s.real))
}

func percents(share float64) string { return fmt.Sprintf("%.3g/%.3g", 100*share, 100*(1-share)) }
