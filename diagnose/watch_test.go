package diagnose_test

import (
	"math/rand/v2"
	"net/netip"
	"strings"
	"testing"
	"time"

	"respy/diagnose"
	"respy/k8s/envoy"
)

// production is a watch of proxies whose counters a test moves, look by look.
type production struct {
	*run
	watch   *diagnose.Watch
	callers []*caller
	every   time.Duration
	elapsed time.Duration
	goesOn  bool
}

// caller is one proxy's counters: by cluster and host.
type caller struct {
	reading diagnose.Reading
	hosts   map[string]map[string]envoy.Stats
}

// produce starts a watch of a 90/10 split at so many callers.
func produce(t *testing.T, callers int) *production { return produceWith(t, ninetyTen(0, 0), callers) }

func produceWith(t *testing.T, r *run, callers int) *production {
	t.Helper()
	r.EarlyStop, r.MaxErrors = true, 1
	p := &production{run: r, every: time.Second, goesOn: true}
	for range callers {
		r.through(programmed(90, 10))
	}
	var err error
	if p.watch, err = diagnose.NewWatch(&r.Evidence, r.Settings, 5000, time.Minute); err != nil {
		t.Fatalf("NewWatch: %v", err)
	}
	for range callers {
		c := &caller{hosts: map[string]map[string]envoy.Stats{}}
		c.reading.Route = programmed(90, 10)
		c.reading.VirtualIPs = []netip.Addr{netip.MustParseAddr("10.96.0.5")}
		c.took("single", "10.0.0.1", 1000, 0) // from before the watch
		c.took("multiple", "10.0.0.2", 5000, 0)
		p.callers = append(p.callers, c)
	}
	return p.look()
}

// took adds attempts, of which some failed, to a host's counters. Names without a bar are those of subsets.
func (c *caller) took(name, host string, attempts, failed uint64) {
	if !strings.Contains(name, "|") && name != envoy.PassthroughCluster {
		name = cluster(name)
	}
	if c.hosts[name] == nil {
		c.hosts[name] = map[string]envoy.Stats{}
	}
	s := c.hosts[name][host]
	c.hosts[name][host] = envoy.Stats{Requests: s.Requests + attempts, Successes: s.Successes + attempts - failed, Errors: s.Errors + failed}
}

// drop removes a host with its counters.
func (c *caller) drop(name, host string) { delete(c.hosts[cluster(name)], host) }

func (c *caller) counters() envoy.Counters {
	var all envoy.Counters
	for _, name := range sortedKeys(c.hosts) {
		one := envoy.Cluster{Name: name}
		for _, address := range sortedKeys(c.hosts[name]) {
			one.Hosts = append(one.Hosts, envoy.Host{Address: address, Stats: c.hosts[name][address], EDSHealth: "HEALTHY"})
		}
		all.Clusters = append(all.Clusters, one)
	}
	return all
}

// look reads all callers once more.
func (p *production) look() *production {
	for i, c := range p.callers {
		c.reading.After, c.reading.Counters = p.elapsed, c.counters()
		p.watch.Look(i, c.reading)
	}
	p.goesOn = p.watch.GoesOn()
	p.elapsed += p.every
	return p
}

// serve draws so many requests with a share for the second version, at the first caller, and looks.
func (p *production) serve(rng *rand.Rand, requests int, share float64) *production {
	for range requests {
		if rng.Float64() < share {
			p.callers[0].took("multiple", "10.0.0.2", 1, 0)
		} else {
			p.callers[0].took("single", "10.0.0.1", 1, 0)
		}
	}
	return p.look()
}

func (p *production) conclude(t *testing.T) *diagnose.Conclusion {
	t.Helper()
	p.watch.Conclude(&p.Evidence, p.elapsed)
	return p.judge(t)
}

// wants checks the verdict, and that the report says each of the texts.
func (p *production) wants(t *testing.T, verdict string, texts ...string) *diagnose.Conclusion {
	t.Helper()
	c := p.conclude(t)
	if got := string(c.Verdict) + " " + string(c.Reason); got != verdict {
		t.Errorf("%s (%s), want %s", got, c.Message, verdict)
	}
	all := c.Message
	for _, u := range c.Unseen {
		all += "\n" + u.Why
	}
	for _, text := range texts {
		if !strings.Contains(all, text) {
			t.Errorf("the report does not say %q: %s", text, all)
		}
	}
	return c
}

func TestWatchMatches(t *testing.T) {
	p, rng := produce(t, 1), seeded(1)
	for range 60 {
		p.serve(rng, 20, .1)
	}
	c := p.wants(t, "match test", "no request was sent", "503")
	if c.Requests != 1200 || c.Test.Unit != "request" || c.ExitCode != 0 || !p.goesOn {
		t.Errorf("%d requests in the unit %s, exit code %d, goes on %v", c.Requests, c.Test.Unit, c.ExitCode, p.goesOn)
	}
	if single := version(t, c, "single"); single.Chosen == nil || *single.Chosen != single.Draws || !single.Low.Exists() {
		t.Errorf("row %+v", single)
	}
}

func TestWatchStopsAtAMismatch(t *testing.T) {
	p, rng := produce(t, 1), seeded(2)
	looks := 0
	for ; p.goesOn && looks < 60; looks++ {
		p.serve(rng, 10, .5)
	}
	c := p.wants(t, "mismatch test")
	if c.Test.Name != "e-process" || looks > 10 {
		t.Errorf("%s after %d looks, want the e-process after a few", c.Test.Name, looks)
	}
}

func TestWatchOfTooFew(t *testing.T) {
	p := produce(t, 1)
	p.callers[0].took("single", "10.0.0.1", 27, 0)
	p.callers[0].took("multiple", "10.0.0.2", 3, 0)
	p.look().wants(t, "inconclusive too-small", "30 requests are too few", "--for")
	produce(t, 1).look().wants(t, "inconclusive too-small", "no request")
}

// Over a hundred healthy watches, in each of which hosts go with counts that nobody has read, no more are called wrong
// than alpha allows. Leaving out the lost counts of one version alone would bend nearly each.
func TestWatchKeepsAlphaWhileHostsComeAndGo(t *testing.T) {
	runs := repetitions(300)
	wrong := 0
	for i := range runs {
		p, rng := produce(t, 1), seeded(uint64(100+i))
		for look := 0; look < 40 && p.goesOn; look++ {
			if look%4 == 3 {
				p.callers[0].took("single", "10.0.0.1", 45, 0) // and 5 of the other version, gone with its host
				p.callers[0].drop("multiple", "10.0.0.2")
				p.look()
			}
			p.serve(rng, 50, .1)
		}
		if p.conclude(t).Verdict == diagnose.Mismatch {
			wrong++
		}
	}
	if limit := 3 + runs/50; wrong > limit {
		t.Errorf("%d of %d healthy watches are mismatches", wrong, runs)
	}
}

func TestWatchLeavesOutLostIntervals(t *testing.T) {
	p, rng := produce(t, 1), seeded(3)
	p.serve(rng, 500, .1)
	p.callers[0].took("single", "10.0.0.1", 500, 0)
	p.callers[0].drop("multiple", "10.0.0.2")
	p.look().serve(rng, 500, .1)
	if c := p.wants(t, "match test", "1s of the watch are left out", "removed"); c.Requests != 1000 {
		t.Errorf("%d requests, want the 1000 of complete intervals", c.Requests)
	}
}

func TestWatchRecognisesARestart(t *testing.T) {
	p, rng := produce(t, 1), seeded(4)
	p.callers[0].reading.Server = envoy.Server{Uptime: time.Hour, ReadAt: time.Unix(1e9, 0)}
	p.look().serve(rng, 500, .1)
	p.callers[0].hosts = map[string]map[string]envoy.Stats{}
	p.callers[0].took("single", "10.0.0.1", 3, 0)
	p.callers[0].reading.Server = envoy.Server{Uptime: time.Second, ReadAt: time.Unix(1e9+10, 0)}
	p.look().serve(rng, 500, .1)
	if c := p.wants(t, "match test", "restarted"); c.Requests != 1000 {
		t.Errorf("%d requests, want 1000", c.Requests)
	}
}

func TestWatchSeesAChange(t *testing.T) {
	p, rng := produce(t, 1), seeded(5)
	p.serve(rng, 500, .1)
	p.callers[0].reading.Route = programmed(50, 50)
	p.serve(rng, 500, .5)
	if p.goesOn {
		t.Error("the watch goes on after a change of the route")
	}
	p.wants(t, "inconclusive changed", "seen 2s after the start")
}
