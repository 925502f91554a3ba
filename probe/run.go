package probe

import (
	"context"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"
)

// Prober sends the requests that its Options describe.
type Prober struct {
	options    Options
	recognizer *Recognizer
	template   template
	visits     visits
	endpoint   endpoint
	resendable bool
}

// New checks the options and prepares the request. Its errors are about the
// options: a sentence that names the one at fault.
func New(o Options) (*Prober, error) {
	target, err := validate(&o)
	if err != nil {
		return nil, err
	}
	p := &Prober{
		options:    o,
		recognizer: o.Recognizer,
		visits:     visits{Session: o.Session},
		resendable: resendable(o.Method),
	}
	if p.recognizer == nil {
		if p.recognizer, err = NewRecognizer(Source{}, nil); err != nil {
			return nil, err
		}
	}
	if o.Session.Cookie != "" {
		p.visits.cookies = strings.Join(o.Header.Values("Cookie"), "; ")
	}
	p.template = newTemplate(o, target, p.visits.omitted()...)
	p.endpoint, err = newEndpoint(o, target)
	return p, err
}

// newEndpoint returns where the requests for target are sent.
func newEndpoint(o Options, target *url.URL) (endpoint, error) {
	e := endpoint{host: target.Hostname(), port: target.Port(), socket: o.UnixSocket}
	if e.port == "" {
		e.port = map[string]string{"http": "80", "https": "443"}[target.Scheme]
	}
	var entries []redirect
	for _, text := range o.ConnectTo {
		entry, err := parseRedirect(text)
		if err != nil {
			return endpoint{}, err
		}
		entries = append(entries, entry)
	}
	e.host, e.port = redirected(entries, e.host, e.port)
	if target.Scheme == "http" {
		return e, nil
	}
	protocol := "http/1.1"
	if o.Protocol == HTTP2 {
		protocol = "h2"
	}
	var err error
	e.tls, err = newTLS(o.TLS, hostOnly(hostHeader(o, target)), protocol)
	return e, err
}

// run is what the workers of one run share. Nothing in it is written while they
// work, but for the counters.
type run struct {
	*Prober
	addresses   []string // to dial
	started     time.Time
	quota       *quota
	ring        *ring
	failures    failures
	streams     *streams // HTTP/2 connections; nil with HTTP/1.1
	connections atomic.Int64
	answered    flag // there was an HTTP answer
}

// Run sends the requests and returns when all have ended. When ctx ends, so do
// those that are under way: the result is partial and Interrupted. Run may be
// called again, also at the same time.
func (p *Prober) Run(ctx context.Context) Result {
	addresses, err := p.endpoint.resolve(ctx, p.options.Timeout)
	if err != nil {
		return unresolved(ctx, err)
	}
	r := &run{
		Prober:    p,
		addresses: p.endpoint.targets(addresses),
		started:   time.Now(),
		quota:     newQuota(p.options),
		ring:      newRing(p.options.Requests, p.options.Ahead),
	}
	if r.streams = newStreams(r); r.streams != nil {
		defer r.streams.close()
	}
	result := r.do(ctx)
	result.Addresses = addresses
	return result
}

// unresolved is the result of a run without an address to dial.
func unresolved(ctx context.Context, err error) Result {
	result := Result{Started: time.Now(), Interrupted: ctx.Err() != nil}
	if !result.Interrupted {
		result.GaveUp = true
		result.Failures = []Failure{{Kind: KindDNS, Count: 1, Sample: err.Error()}}
	}
	return result
}

// do runs the workers and the tally until both are through.
func (r *run) do(ctx context.Context) Result {
	sending, stop := context.WithCancel(ctx)
	defer stop()
	if r.options.Duration > 0 {
		defer time.AfterFunc(r.options.Duration, stop).Stop()
	}
	var workers errgroup.Group
	for range r.workers() {
		workers.Go(func() error { return newWorker(r).work(ctx, sending) })
	}
	through := make(chan error, 1)
	go func() { through <- workers.Wait() }()

	t := newTally(r, stop)
	interrupted := t.watch(r.ring, through)
	return Result{
		Started:     r.started,
		Elapsed:     t.last,
		Sent:        t.sent,
		Answered:    t.answered,
		Resent:      t.resent,
		Connections: r.connections.Load(),
		Interrupted: interrupted != nil,
		GaveUp:      t.gaveUp,
		Versions:    t.named(),
		Failures:    r.failures.counted(t.groups),
	}
}

// workers returns how many workers have something to do.
func (r *run) workers() int {
	if r.options.Requests == 0 {
		return r.options.Concurrency
	}
	return min(r.options.Concurrency, r.options.Requests)
}
