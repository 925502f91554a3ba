package diagnose

import (
	"fmt"
	"math"
	"net/netip"
	"slices"
	"time"

	"respy/k8s/envoy"
	"respy/probe"
	"respy/stats"
)

// Watch follows what the proxies of one or more callers count of requests that others send, look by look, and tells when
// it is decided. H0 is that each request takes a version by the weights; the evidence is that of stats.EProcess, fed with
// what the counters grew by. A counter grows when the proxy sends a request, so that the counts at a look are a beginning
// of the requests in send order.
//
// What keeps counts from being that is left out or allowed for: an interval in which a proxy started anew or a host went
// counts for no version, and attempts that may repeat a failed one are placed in the way worst for the outcome.
type Watch struct {
	expectation *Expectation
	alpha       float64
	duration    time.Duration // planned, for sentences
	started     time.Time
	port        int // of the request

	proxies []*watchedProxy
	process *stats.EProcess
	fed     []int64
	decided bool
}

// Reading is what one look at a proxy showed.
type Reading struct {
	After      time.Duration // since the start of the watch
	Counters   envoy.Counters
	Totals     map[string]envoy.Totals // by cluster, of those whose proxy keeps them
	Route      *envoy.Route
	Others     []envoy.Route // as OtherRoutes has them
	VirtualIPs []netip.Addr  // of the request's service
	Server     envoy.Server
}

// NewWatch returns a watch of the evidence's proxies, whose routes were read. It is an error when no test accepts the
// weights.
func NewWatch(e *Evidence, s Settings, port int, duration time.Duration) (*Watch, error) {
	w := &Watch{expectation: e.Expectation, alpha: s.Alpha, port: port, duration: duration, started: time.Now()}
	for _, p := range e.Proxies {
		w.proxies = append(w.proxies, &watchedProxy{view: p, sums: map[string]*clusterSum{}})
	}
	if len(w.proxies) > 1 {
		w.alpha /= 2 // the other half is for their agreement
	}
	w.fed = make([]int64, len(e.Expectation.Versions))
	if !e.Expectation.possible() {
		return w, nil
	}
	var err error
	if w.process, err = stats.NewEProcess(e.Expectation.Weights()); err != nil {
		return nil, fmt.Errorf("following the counters: %w", err)
	}
	return w, nil
}

// Look takes the next reading of a proxy, the first of which is where its counting begins.
func (w *Watch) Look(proxy int, r Reading) { w.proxies[proxy].look(w, r) }

// Miss says that a proxy could not be read.
func (w *Watch) Miss(proxy int, err error) { w.proxies[proxy].missed = err }

// Concerns reports whether a cluster's counters are of interest at a proxy.
func (w *Watch) Concerns(proxy int, cluster string) bool {
	return cluster == envoy.PassthroughCluster || w.proxies[proxy].concerns(w.expectation, cluster)
}

// GoesOn weighs the looks so far and reports whether more are needed: not once a route has changed, something that is
// impossible under the weights was counted, or the evidence against them is sure.
func (w *Watch) GoesOn() bool {
	for _, p := range w.proxies {
		if p.changed() {
			return false
		}
	}
	counted := w.counted()
	if len(counted.intruders) > 0 || counted.zero(w.expectation.Weights()) > 0 {
		return false
	}
	if w.process == nil {
		return true
	}
	if err := w.feed(counted.high); err != nil {
		return false // so many requests that nothing can be added
	}
	threshold := -math.Log(stats.StopLevel(w.alpha))
	w.decided = w.process.MaxLogE() >= threshold && !w.mixes() && w.evenWithout(counted, threshold)
	return !w.decided
}

// changed reports whether a route other than that of the start was seen.
func (p *watchedProxy) changed() bool {
	return p.view.After != nil && !p.view.After.Equal(*p.view.Before)
}

// feed gives the process what was counted since the last look. Retries are counted before the attempts that they repeat,
// so that a count may stand still for a look.
func (w *Watch) feed(counts []int64) error {
	batch := make([]int64, len(counts))
	for i, n := range counts {
		batch[i] = max(0, n-w.fed[i])
		w.fed[i] += batch[i]
	}
	return w.process.AddBatch(batch, 0)
}

// evenWithout reports whether the evidence stands whichever of the attempts that failed were repeated.
func (w *Watch) evenWithout(c counted, threshold float64) bool {
	if !c.uncertain() {
		return true
	}
	nearest, err := stats.Nearest(c.low, c.high, w.expectation.Weights())
	if err != nil {
		return false
	}
	logE, err := stats.LogE(nearest, w.expectation.Weights(), 0)
	return err == nil && logE >= threshold
}

// Progress is how many requests each version got so far, and a p-value that holds whenever one looks, NaN without a test.
func (w *Watch) Progress() (counts []int64, p float64) {
	if w.process == nil {
		return w.counted().high, math.NaN()
	}
	return w.counted().high, w.process.P()
}

// Conclude hands over what was seen to the evidence that Judge takes.
func (w *Watch) Conclude(e *Evidence, elapsed time.Duration) {
	e.Watch, e.ByProxy, e.Proxies = w, true, nil
	e.Observed = probe.Result{Started: w.started, Elapsed: elapsed}
	e.Observer = &Observer{decided: w.decided, outcome: stats.Outside}
	if w.process != nil {
		e.Observer.process = w.process
	}
	for _, p := range w.proxies {
		delta := p.delta(w.expectation)
		p.view.Delta, p.view.Restarted = &delta, p.missed != nil
		if p.began {
			p.view.Hosts = healthyHosts(p.last.Counters)
		}
		e.Observed.Sent += int64(delta.Requests())
		e.Proxies = append(e.Proxies, p.view)
	}
	e.Observed.Answered = min(e.Observed.Sent, w.answered())
	e.Unseen = append(e.Unseen, w.notes()...)
}

func healthyHosts(c envoy.Counters) map[string]int {
	hosts := map[string]int{}
	for _, cluster := range c.Clusters {
		hosts[cluster.Name] = 0
		for _, h := range cluster.Hosts {
			if h.Healthy() {
				hosts[cluster.Name]++
			}
		}
	}
	return hosts
}

// answered is how many attempts were answered or given up.
func (w *Watch) answered() int64 {
	var n int64
	for _, p := range w.proxies {
		for _, s := range p.sums {
			n += s.answered
		}
	}
	return n
}

// OtherRoutes are the routes of a dump, besides the one that the request takes, that lead to clusters of interest or send
// them copies. Two with the same shares are one: a route often stands in several tables.
func OtherRoutes(d *envoy.Dump, own *envoy.Route, interesting func(cluster string) bool) []envoy.Route {
	var others []envoy.Route
	for r := range d.Routes() {
		same := func(o envoy.Route) bool { return sameSplit(o, r) }
		leads := slices.ContainsFunc(targets(r), interesting)
		if leads && !sameSplit(*own, r) && !slices.ContainsFunc(others, same) {
			others = append(others, r)
		}
	}
	return others
}

// sameSplit reports whether two routes give every cluster the same share, and send no copies.
func sameSplit(a, b envoy.Route) bool {
	if len(a.Mirrors)+len(b.Mirrors) > 0 {
		return a.Config == b.Config && a.VirtualHost == b.VirtualHost && a.Index == b.Index
	}
	return !slices.ContainsFunc(append(targets(a), targets(b)...), func(cluster string) bool {
		return math.Abs(a.Share(cluster)-b.Share(cluster)) > shareSlack
	})
}

// targets are the clusters that get requests of a route, or copies.
func targets(r envoy.Route) []string {
	names := slices.Clone(r.Mirrors)
	for _, c := range r.Clusters {
		if c.Weight > 0 && c.Name != envoy.PassthroughCluster {
			names = append(names, c.Name)
		}
	}
	return names
}
