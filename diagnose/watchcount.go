package diagnose

import (
	"fmt"
	"maps"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"

	"respy/k8s/envoy"
)

// watchedProxy is one caller's proxy under watch.
type watchedProxy struct {
	view   ProxyView
	last   Reading
	began  bool                   // a reading has come
	sums   map[string]*clusterSum // by cluster
	passed map[string]int64       // requests that no service took, by the service's own address
	cuts   []cut
	missed error // the last look failed
}

// cut is an interval whose counts are incomplete.
type cut struct {
	from, to time.Duration
	why      string
}

// clusterSum is what a cluster counted over the intervals that are complete.
type clusterSum struct {
	low, high int64 // requests: at least, and at most
	answered  int64
	seen      int64 // attempts, also in intervals that are not complete
	byHosts   bool  // some were counted by the hosts, for want of counters of the cluster's own
}

// look counts what has happened since the last reading. Counters are read before the route: what they hold was sent under
// the old one as long as the route is still the old one.
func (p *watchedProxy) look(w *Watch, r Reading) {
	p.missed = nil
	if p.view.Before == nil {
		p.view.Before = r.Route
	}
	p.view.After = r.Route
	switch {
	case !r.Route.Equal(*p.view.Before):
		p.view.ChangedAfter = r.After
		return
	case !p.began:
		p.began, p.last, p.passed = true, r, map[string]int64{}
		return
	}
	clusters := p.clusters(w, r)
	why := p.cutBy(clusters, r)
	for _, name := range clusters {
		p.add(name, r, why == "")
	}
	p.addPassed(w, r)
	if why != "" {
		p.cuts = append(p.cuts, cut{p.last.After, r.After, why})
	}
	p.last = r
}

// clusters are those of interest in a reading or the one before.
func (p *watchedProxy) clusters(w *Watch, r Reading) []string {
	names := map[string]bool{}
	for _, counters := range []envoy.Counters{p.last.Counters, r.Counters} {
		for _, c := range counters.Clusters {
			if p.concerns(w.expectation, c.Name) {
				names[c.Name] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(names))
}

// cutBy says what makes the interval up to a reading incomplete, "" if nothing does. It is left out for all clusters then:
// a loss on one side alone would bend the shares.
func (p *watchedProxy) cutBy(clusters []string, r Reading) string {
	if r.Server.Restarted(p.last.Server) {
		return "the proxy was restarted"
	}
	for _, name := range clusters {
		if t, old, ok := p.totals(name, r); ok {
			if t.Requests < old.Requests || t.Retries < old.Retries || t.Unsent < old.Unsent {
				return fmt.Sprintf("the counters of %s began anew", name)
			}
			continue
		}
		switch d := p.difference(name, r); {
		case d.Left:
			return fmt.Sprintf("a host of %s was removed, and its last counts with it", name)
		case d.Reset:
			return fmt.Sprintf("the counters of %s began anew", name)
		}
	}
	return ""
}

// totals are a cluster's own counters now and at the last look, ok where the proxy keeps them.
func (p *watchedProxy) totals(name string, r Reading) (now, old envoy.Totals, ok bool) {
	now, kept := r.Totals[name]
	old, keptBefore := p.last.Totals[name]
	return now, old, kept && keptBefore
}

// difference is what the hosts of one cluster counted since the last look.
func (p *watchedProxy) difference(name string, r Reading) envoy.Delta {
	var before, after envoy.Counters
	if c, ok := p.last.Counters.Cluster(name); ok {
		before.Clusters = []envoy.Cluster{c}
	}
	if c, ok := r.Counters.Cluster(name); ok {
		after.Clusters = []envoy.Cluster{c}
	}
	return envoy.Difference(before, after)
}

// add counts a cluster's requests. The first attempts among its hosts' attempts are known within limits: each that failed
// may be one that was repeated, and the repetition is counted as well.
func (p *watchedProxy) add(name string, r Reading, complete bool) {
	s := p.sums[name]
	if s == nil {
		s = new(clusterSum)
		p.sums[name] = s
	}
	delta := p.difference(name, r).Cluster(name).Total
	s.seen += int64(delta.Requests)
	if !complete {
		return
	}
	s.answered += int64(delta.Successes + delta.Errors)
	if now, old, ok := p.totals(name, r); ok {
		drawn := int64(now.Drawn()) - int64(old.Drawn())
		s.low, s.high = s.low+drawn, s.high+drawn
		return
	}
	s.byHosts = true
	s.high += int64(delta.Requests)
	s.low += int64(delta.Requests - min(delta.Requests, delta.Errors))
}

// addPassed counts the requests to the service's own addresses that the proxy took for those of no service.
func (p *watchedProxy) addPassed(w *Watch, r Reading) {
	for _, h := range p.difference(envoy.PassthroughCluster, r).Cluster(envoy.PassthroughCluster).Hosts {
		for _, ip := range p.last.VirtualIPs {
			if h.Address == net.JoinHostPort(ip.String(), strconv.Itoa(w.port)) && h.Stats.Requests > 0 {
				p.passed[h.Address] += int64(h.Stats.Requests)
			}
		}
	}
}

// concerns reports whether a cluster is one of the route's, of a version's, or another of the same service and port.
func (p *watchedProxy) concerns(e *Expectation, cluster string) bool {
	name := envoy.ParseClusterName(cluster)
	sameService := func(c envoy.WeightedCluster) bool {
		own := envoy.ParseClusterName(c.Name)
		return c.Name == cluster || name.Direction != "" && own.Direction == name.Direction && own.Port == name.Port && own.Host == name.Host
	}
	if p.view.Before != nil && slices.ContainsFunc(p.view.Before.Clusters, sameService) {
		return true
	}
	i := e.index(cluster)
	if i < 0 || name.Direction == "" {
		return i >= 0
	}
	for _, d := range e.Versions[i].Destinations {
		if d.Port == name.Port && strings.EqualFold(d.Host, name.Host) {
			return strings.HasPrefix(name.Direction, "outbound") || name.Direction == "inbound-vip"
		}
	}
	return false
}

// shared reports whether other requests than those of the route may have reached a cluster that the route does not draw.
func (p *watchedProxy) shared(cluster string) bool {
	if p.view.Before != nil && p.view.Before.Share(cluster) > 0 {
		return false
	}
	leads := func(r envoy.Route) bool { return slices.Contains(targets(r), cluster) }
	return slices.ContainsFunc(p.last.Others, leads) || p.view.Before != nil && slices.Contains(p.view.Before.Mirrors, cluster)
}

// delta is what the clusters counted that the route's requests, and no others, went to.
func (p *watchedProxy) delta(e *Expectation) envoy.Delta {
	var d envoy.Delta
	for _, name := range slices.Sorted(maps.Keys(p.sums)) {
		if n := p.requests(e, name); n > 0 {
			d.Clusters = append(d.Clusters, envoy.ClusterDelta{Name: name, Total: envoy.Stats{Requests: uint64(n)}})
		}
	}
	for _, address := range slices.Sorted(maps.Keys(p.passed)) {
		d.Clusters = append(d.Clusters, envoy.ClusterDelta{Name: envoy.PassthroughCluster + " to " + address,
			Total: envoy.Stats{Requests: uint64(p.passed[address])}})
	}
	return d
}

// requests is how many requests a cluster got. To one that is to get none, those of incomplete intervals count as well.
func (p *watchedProxy) requests(e *Expectation, name string) int64 {
	s := p.sums[name]
	switch i := e.index(name); {
	case p.shared(name):
		return 0
	case i < 0 || e.Versions[i].Weight == 0:
		return max(s.seen, s.high)
	}
	return max(0, s.high)
}

// counted is what all proxies counted together.
type counted struct {
	low, high []int64 // by version
	intruders []string
}

func (c counted) zero(weights []float64) int64 { return tally{counts: c.high}.zero(weights) }

// uncertain reports whether some attempts may be repetitions.
func (c counted) uncertain() bool { return !slices.Equal(c.low, c.high) }

func (w *Watch) counted() counted {
	c := counted{low: make([]int64, len(w.fed)), high: make([]int64, len(w.fed))}
	for _, p := range w.proxies {
		low, high := p.byVersion(w.expectation)
		for i := range high {
			c.low[i], c.high[i] = c.low[i]+low[i], c.high[i]+high[i]
		}
		for _, cluster := range p.delta(w.expectation).Clusters {
			if w.expectation.index(cluster.Name) < 0 {
				c.intruders = append(c.intruders, cluster.Name)
			}
		}
	}
	return c
}

// byVersion are the requests that each version got, at least and at most.
func (p *watchedProxy) byVersion(e *Expectation) (low, high []int64) {
	low, high = make([]int64, len(e.Versions)), make([]int64, len(e.Versions))
	for name, s := range p.sums {
		if i := e.index(name); i >= 0 {
			n := p.requests(e, name)
			low[i], high[i] = low[i]+min(n, max(0, s.low)), high[i]+n
		}
	}
	return low, high
}
