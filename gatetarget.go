package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"respy/diagnose"
)

// maxWaiting is how many requests wait for their turn at one target.
const maxWaiting = 8

// checker looks at a target once. It returns soon after its context has ended.
type checker func(context.Context) (*diagnose.Conclusion, error)

// target is what a request may have checked. It is checked once at a time: two runs at once would each see the requests
// of the other in the proxy's counters.
type target struct {
	name  string
	url   string
	check checker
	turn  chan struct{} // held by the check that runs
	queue chan struct{} // held by all that wait or run

	mu      sync.Mutex // guards what follows
	last    *diagnose.Conclusion
	counts  map[string]int64 // by verdict, or "error"
	refused int64
}

func newTarget(name, url string, c checker) *target {
	return &target{
		name: name, url: url, check: c, counts: map[string]int64{},
		turn: make(chan struct{}, 1), queue: make(chan struct{}, maxWaiting+1),
	}
}

// ask waits for its turn and checks, within a limit of time. A check that is not through by then is undecided; it goes on
// to its end by itself, counted by running, and keeps the turn.
func (t *target) ask(ctx context.Context, limit time.Duration, running *sync.WaitGroup) (*diagnose.Conclusion, error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	select {
	case t.queue <- struct{}{}:
		defer func() { <-t.queue }()
	default:
		t.refuse()
		return nil, refuse(http.StatusTooManyRequests, "%d requests wait for %s already", maxWaiting, t.name)
	}
	select {
	case t.turn <- struct{}{}:
	case <-ctx.Done():
		t.refuse()
		return nil, refuse(http.StatusServiceUnavailable, "other checks of %s took all of %s", t.name, limit)
	}
	done := make(chan result, 1)
	running.Go(func() {
		defer func() { <-t.turn }()
		// A tenth of the time is for the judging, and for the answer.
		inner, cancel := context.WithTimeout(ctx, time.Until(deadline(ctx))*9/10)
		defer cancel()
		c, err := t.check(inner)
		done <- result{c, err}
	})
	select {
	case r := <-done:
		return r.conclusion, t.record(r)
	case <-ctx.Done():
		r := result{diagnose.Undecided(t.url, fmt.Sprintf("not decided within %s", limit)), nil}
		return r.conclusion, t.record(r)
	}
}

type result struct {
	conclusion *diagnose.Conclusion
	err        error
}

func deadline(ctx context.Context) time.Time {
	d, _ := ctx.Deadline()
	return d
}

func (t *target) refuse() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.refused++
}

// record counts what came of a check, and returns its error in words for the one who asked.
func (t *target) record(r result) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if r.err != nil {
		t.counts["error"]++
		if errors.Is(r.err, context.DeadlineExceeded) {
			return refuse(http.StatusGatewayTimeout, "the check of %s could not begin in time: %v", t.name, r.err)
		}
		return r.err
	}
	t.last = r.conclusion
	t.counts[string(r.conclusion.Verdict)]++
	return nil
}

// outcomes are the keys of the counts.
func outcomes() []string {
	verdicts := []string{string(diagnose.Match), string(diagnose.Mismatch), string(diagnose.Inconclusive), string(diagnose.None)}
	return slices.Concat(verdicts, []string{"error"})
}
