package main

import (
	"context"
	"sync"
	"time"
)

// How often the routes are read while requests are sent: not before so much time has passed, and so seldom that reading
// them, which is long where a proxy has many, takes only this part of the time.
const (
	betweenLooks = 2 * time.Second
	lookingPart  = 20
)

// lookMeanwhile reads the proxies' routes while work goes on. Weights that change and are back at its end look the same
// before and after, and the answers follow two sets of them all the same.
func lookMeanwhile(ctx context.Context, view viewpoint, proxies []*proxy, work func()) {
	ctx, stop := context.WithCancel(ctx)
	var looking sync.WaitGroup
	for _, p := range proxies {
		if p.admin != nil && p.view.Before != nil {
			looking.Go(func() { p.lookMeanwhile(ctx, view) })
		}
	}
	work()
	stop()
	looking.Wait()
}

// lookMeanwhile reads the route until it is another one or ctx ends. A reading that fails says nothing: that after the run
// counts.
func (p *proxy) lookMeanwhile(ctx context.Context, view viewpoint) {
	started := time.Now()
	for took := time.Duration(0); tick(ctx, max(betweenLooks, took*(lookingPart-1))); {
		asked := time.Now()
		route, err := p.route(ctx, view)
		took = time.Since(asked)
		if err == nil && !route.Equal(*p.view.Before) {
			p.view.Meanwhile, p.view.ChangedAfter = route, asked.Sub(started)
			return
		}
	}
}
