package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"time"

	"respy/diagnose"
	"respy/k8s/envoy"
)

// lookTimeout is what a look at a proxy may take at most.
const lookTimeout = 10 * time.Second

// watched is a proxy under watch, with what is kept from one look to the next.
type watched struct {
	*proxy
	clusters   []string // whose counters are read; all of them at the first look
	version    string   // of the route table that others were found in
	others     []envoy.Route
	interested func(cluster string) bool
}

// follow looks at the proxies until the watch is decided, its time is over, or ctx ends.
func (c *config) follow(ctx context.Context, s *settings, w watchConfig, p *prepared, std streams) error {
	e := &p.evidence
	var proxies []*watched
	for i, one := range p.proxies {
		e.Proxies = append(e.Proxies, one.view)
		proxies = append(proxies, &watched{proxy: one, interested: func(cluster string) bool { return e.Watch.Concerns(i, cluster) }})
	}
	var err error
	if e.Watch, err = diagnose.NewWatch(e, s.judging(c), p.view.request.Port, w.duration); err != nil {
		return err
	}
	started := time.Now()
	if !c.followed(p) {
		e.Watch.Conclude(e, 0) // whatever the counts are going to be
		return nil
	}
	if errs := look(ctx, e.Watch, proxies, p.view, started); errs != nil {
		return fmt.Errorf("%w; is --envoy the admin port of a caller's proxy?", errs)
	}
	m := &watchMeter{names: e.Expectation.Names(), started: started, duration: w.duration}
	showing(ctx, m, !c.print.noProgress && !c.print.quiet, std, func() {
		for left := w.duration; left > 0; left = w.duration - time.Since(started) {
			if !tick(ctx, min(left, w.interval)) {
				return
			}
			_ = look(ctx, e.Watch, proxies, p.view, started) // the watch knows which proxy it missed
			goesOn := ctx.Err() == nil && e.Watch.GoesOn()
			m.set(e.Watch.Progress())
			if !goesOn {
				return
			}
		}
	})
	e.Watch.Conclude(e, time.Since(started))
	return nil
}

// look reads every proxy, all at once so that their counts are of one moment, and hands the readings over. The error is
// that of the first proxy that could not be read; one that the end of ctx caused is none.
func look(ctx context.Context, w *diagnose.Watch, proxies []*watched, view viewpoint, started time.Time) error {
	readings, errs := make([]diagnose.Reading, len(proxies)), make([]error, len(proxies))
	var reading sync.WaitGroup
	for i, p := range proxies {
		reading.Go(func() { readings[i], errs[i] = p.read(ctx, view, started) })
	}
	reading.Wait()
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	var first error
	for i, err := range errs {
		if err != nil {
			w.Miss(i, err)
			first = cmp.Or(first, err)
			continue
		}
		w.Look(i, readings[i])
	}
	return first
}

// read takes the counters first: the route read after them tells under which one they were counted.
func (p *watched) read(ctx context.Context, view viewpoint, started time.Time) (diagnose.Reading, error) {
	ctx, cancel := context.WithTimeout(ctx, lookTimeout)
	defer cancel()
	r := diagnose.Reading{After: time.Since(started)}
	var err error
	if r.Counters, err = p.admin.Counters(ctx, p.clusters...); err != nil {
		return r, err
	}
	p.narrow(r.Counters)
	if totals, err := p.admin.Totals(ctx, p.clusters...); err == nil { // else the counters of the hosts have to do
		r.Totals = totals
	}
	dump, route, err := p.dumped(ctx, view)
	if err != nil {
		return r, err
	}
	if version := route.Config + " " + route.Version; version != p.version {
		p.version, p.others = version, diagnose.OtherRoutes(dump, route, p.interested)
	}
	r.Route, r.Others, r.VirtualIPs = route, p.others, dump.VirtualIPs(*route)
	r.Server, err = p.admin.Server(ctx)
	return r, err
}

// narrow keeps the clusters that are of interest, so that a large mesh is read whole only once.
func (p *watched) narrow(all envoy.Counters) {
	if p.clusters != nil {
		return
	}
	if route := p.view.Before; route != nil {
		for _, c := range route.Clusters {
			p.clusters = append(p.clusters, c.Name)
		}
	}
	for _, c := range all.Clusters {
		if p.interested(c.Name) && !slices.Contains(p.clusters, c.Name) {
			p.clusters = append(p.clusters, c.Name)
		}
	}
}

// watchMeter is what is shown of a watch meanwhile.
type watchMeter struct {
	names    []string
	started  time.Time
	duration time.Duration

	mu     sync.Mutex // guards what follows: the watch writes, the display reads
	counts []int64
	p      float64
}

func (m *watchMeter) set(counts []int64, p float64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.counts, m.p = counts, p
}

// line says how far the watch is, as in: 1400 requests, 312/s, "v1" 90.1%, "v2" 9.9%, p 0.81, 42s left.
func (m *watchMeter) line(columns int) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	var total int64
	for _, n := range m.counts {
		total += n
	}
	elapsed := time.Since(m.started)
	return fitted(columns, func(shares int) []string {
		parts := []string{strconv.FormatInt(total, 10) + " requests", fmt.Sprintf("%.0f/s", float64(total)/elapsed.Seconds())}
		parts = append(parts, sharesOf(m.names, m.counts, total, shares)...)
		if total > 0 {
			parts = append(parts, pSoFar(m.p)...)
		}
		return append(parts, max(0, m.duration-elapsed).Round(time.Second).String()+" left")
	})
}

// done and whole are in milliseconds: it is the time that goes by.
func (m *watchMeter) done() int64 { return min(time.Since(m.started), m.duration).Milliseconds() }

func (m *watchMeter) whole() int64 { return m.duration.Milliseconds() }
