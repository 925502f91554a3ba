package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"slices"
	"time"

	"respy/diagnose"
	"respy/k8s/envoy"
)

// afterwards limits the looks at a proxy once the run is over, also when a signal ended it.
const afterwards = 5 * time.Second

// proxy is one Envoy: live, with its admin port, or a saved dump.
type proxy struct {
	admin  *envoy.Admin // nil for a dump
	dump   *envoy.Dump  // nil for a live one
	server envoy.Server
	counts *envoy.Counters // before the run, nil when they could not be read
	view   diagnose.ProxyView
}

func (p *proxy) node() envoy.Node {
	if p.dump != nil {
		return p.dump.Node
	}
	return p.server.Node
}

// namesProxy reports whether the user named the proxy to read.
func (e *expectConfig) namesProxy() bool {
	return len(e.envoy) > 0 && !slices.Contains(e.envoy, "off")
}

// openProxies finds the proxies to read: those that the user names, else a sidecar at its usual place. One that the user
// names must be there.
func (c *config) openProxies(ctx context.Context, e *diagnose.Evidence, std streams) ([]*proxy, error) {
	switch {
	case c.expect.envoyDump != "":
		return openDump(c.expect.envoyDump, e)
	case c.expect.namesProxy():
		return openNamed(ctx, c.expect.envoy)
	case len(c.expect.envoy) > 0:
		e.Unseen = append(e.Unseen, diagnose.Unseen{Stage: "programmed", Why: "--envoy is off"})
		return nil, nil
	}
	return discover(ctx, e, std), nil
}

func openDump(file string, e *diagnose.Evidence) ([]*proxy, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, usagef("--envoy-dump: %v", err)
	}
	defer f.Close()
	dump, err := envoy.ParseDump(f)
	if err != nil {
		return nil, usagef("--envoy-dump %s: %v; save one with kubectl exec POD -c istio-proxy -- pilot-agent request GET config_dump", file, err)
	}
	e.Unseen = append(e.Unseen, diagnose.Unseen{Stage: "chosen", Why: "a saved dump has no counters"})
	return []*proxy{{dump: dump, server: envoy.Server{Node: dump.Node}}}, nil
}

func openNamed(ctx context.Context, addresses []string) ([]*proxy, error) {
	var proxies []*proxy
	for _, address := range addresses {
		admin, err := envoy.New(address)
		if err != nil {
			return nil, usagef("--envoy: %v", err)
		}
		p, err := openAdmin(ctx, admin)
		if err != nil {
			return nil, usagef("--envoy: %v; bring a sidecar's admin port here with kubectl port-forward POD 15000, or leave it out with --envoy off", err)
		}
		proxies = append(proxies, p)
	}
	return proxies, nil
}

func openProxy(ctx context.Context, address string) (*proxy, error) {
	admin, err := envoy.New(address)
	if err != nil {
		return nil, err
	}
	return openAdmin(ctx, admin)
}

func openAdmin(ctx context.Context, admin *envoy.Admin) (*proxy, error) {
	server, err := admin.Server(ctx)
	if err != nil {
		return nil, err
	}
	return &proxy{admin: admin, server: server}, nil
}

// discover looks for a sidecar on the loopback addresses.
func discover(ctx context.Context, e *diagnose.Evidence, std streams) []*proxy {
	for _, address := range []string{"127.0.0.1", "[::1]"} {
		p, err := openProxy(ctx, address)
		if err == nil {
			return []*proxy{p}
		}
		if foreign := new(envoy.NotEnvoyError); errors.As(err, &foreign) {
			note(std.err, "%v", err)
		}
	}
	e.Bare = refuses(ctx, net.JoinHostPort("127.0.0.1", sidecarsHealth)) && refuses(ctx, net.JoinHostPort("127.0.0.1", sidecarsTraffic))
	e.Unseen = append(e.Unseen, diagnose.Unseen{Stage: "programmed", Why: "no Envoy answers at 127.0.0.1:15000 or [::1]:15000: whether the requests pass a sidecar is not known"})
	return nil
}

// route reads what the proxy does with the request now.
func (p *proxy) route(ctx context.Context, view viewpoint) (*envoy.Route, error) {
	_, r, err := p.dumped(ctx, view)
	return r, err
}

// dumped is route with the dump that it was found in.
func (p *proxy) dumped(ctx context.Context, view viewpoint) (*envoy.Dump, *envoy.Route, error) {
	query := envoy.Query{
		Request: view.request, Dialed: view.dialed, Addresses: view.addresses(ctx), Namespace: view.caller.Namespace,
	}
	dump := p.dump
	if dump == nil {
		var err error
		if dump, err = p.admin.DumpFor(ctx, p.server.Node, query); err != nil {
			return nil, nil, err
		}
	}
	r := dump.Route(query)
	return dump, &r, nil
}

// addresses resolves the host of the URL; without an answer in a second it has none, which only makes the search for the
// route coarser.
func (v viewpoint) addresses(ctx context.Context) []netip.Addr {
	host := v.dialed
	if a, err := netip.ParseAddr(host); err == nil {
		return []netip.Addr{a}
	}
	if !v.resolving {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	found, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	if err != nil {
		return nil
	}
	for i := range found {
		found[i] = found[i].Unmap()
	}
	return found
}

// look reads the route before the run.
func (p *proxy) look(ctx context.Context, view viewpoint, e *diagnose.Evidence) {
	p.view.Server = p.server
	var err error
	if p.view.Before, err = p.route(ctx, view); err != nil {
		e.Unseen = append(e.Unseen, diagnose.Unseen{Stage: "programmed", Why: err.Error()})
	}
}

// lookBehind reads the clusters of the route and their hosts. What the proxy, or a dump, does not tell is left out.
func (p *proxy) lookBehind(ctx context.Context) {
	if p.view.Before == nil || len(p.view.Before.Clusters) == 0 {
		return
	}
	var names, hosts []string
	for _, c := range p.view.Before.Clusters {
		names, hosts = append(names, c.Name), append(hosts, envoy.ParseClusterName(c.Name).Host)
	}
	if p.admin == nil {
		p.view.Configs = p.dump.ClusterConfigs(hosts...)
		return
	}
	if configs, err := p.admin.ClusterConfigs(ctx, hosts...); err == nil {
		p.view.Configs = configs
	}
	if counters, err := p.admin.Counters(ctx, names...); err == nil {
		p.view.Clusters, p.view.Hosts = counters.Clusters, healthy(counters)
	}
}

// awaitProgrammed waits until every live proxy follows the expectation, unless what is declared says that it never will.
func (c *config) awaitProgrammed(ctx context.Context, e *diagnose.Evidence, view viewpoint, proxies []*proxy) {
	if e.Expectation == nil || !e.Expectation.Declared() || !e.Declared.InEffect {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, c.waitProgrammed)
	defer cancel()
	for _, p := range proxies {
		started := time.Now()
		for p.admin != nil && !e.Expectation.FollowedBy(p.view.Before) && tick(ctx, pollEvery) {
			if route, err := p.route(ctx, view); err == nil {
				p.view.Before = route
			}
		}
		p.view.Waited = time.Since(started)
	}
}

// pollEvery is how often a proxy is asked whether its route has come.
const pollEvery = 200 * time.Millisecond

// countBefore reads the counters right before the run.
func (p *proxy) countBefore(ctx context.Context, declared diagnose.Declared) {
	if p.admin == nil {
		return
	}
	if counters, err := p.admin.CountersOf(ctx, p.hosts(declared)...); err == nil {
		p.counts = &counters
	}
}

// lookAgain reads the counters, the routes, the proxies' ages and what is declared after the run, and hands the views over.
func (c *config) lookAgain(ctx context.Context, e *diagnose.Evidence, view viewpoint, d *declarations, proxies []*proxy) {
	short, cancel := context.WithTimeout(context.WithoutCancel(ctx), afterwards)
	defer cancel()
	for _, p := range proxies {
		if p.admin != nil {
			p.lookAgain(short, e, view)
		}
		e.Proxies = append(e.Proxies, p.view)
	}
	e.Declared.Again = d.again(ctx, view, e.Declared)
}

func (p *proxy) lookAgain(ctx context.Context, e *diagnose.Evidence, view viewpoint) {
	unseen := func(stage string, err error) {
		e.Unseen = append(e.Unseen, diagnose.Unseen{Stage: stage, Why: fmt.Sprintf("after the run: %v", err)})
	}
	hosts := p.hosts(e.Declared)
	counters, err := p.admin.CountersOf(ctx, hosts...)
	if err != nil {
		unseen("chosen", err)
	} else if p.counts != nil {
		delta := envoy.Difference(*p.counts, counters)
		p.view.Delta, p.view.Hosts, p.view.Clusters = &delta, healthy(counters), counters.Clusters
	}
	if p.view.After, err = p.route(ctx, view); err != nil {
		unseen("programmed", err)
	} else if p.view.Configs, err = p.admin.ClusterConfigs(ctx, hosts...); err != nil {
		unseen("programmed", err)
	}
	server, err := p.admin.Server(ctx)
	p.view.Restarted = err != nil || server.Restarted(p.server)
}

// hosts are the services that the request may go to by the proxy's route or by the declared rule.
func (p *proxy) hosts(declared diagnose.Declared) []string {
	var hosts []string
	if p.view.Before != nil {
		for _, c := range p.view.Before.Clusters {
			hosts = append(hosts, envoy.ParseClusterName(c.Name).Host)
		}
	}
	if declared.Rule != nil {
		for _, d := range declared.Rule.Destinations {
			hosts = append(hosts, d.Host)
		}
	}
	slices.Sort(hosts)
	return slices.Compact(hosts)
}

// healthy counts the hosts of each cluster that the proxy sends requests to.
func healthy(counters envoy.Counters) map[string]int {
	hosts := map[string]int{}
	for _, c := range counters.Clusters {
		for _, h := range c.Hosts {
			if h.Healthy() {
				hosts[c.Name]++
			}
		}
	}
	return hosts
}
