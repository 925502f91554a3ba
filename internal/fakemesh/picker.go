package fakemesh

import (
	"hash/fnv"
	"math/rand/v2"
	"slices"
)

// strayShare is how many of all answers the stray pod gives, where its subset
// takes all of the traffic.
const strayShare = 0.02

// sequence is the second half of every generator's seed; any constant serves.
const sequence = 0x9e3779b97f4a7c15

// picker draws the host that takes each request.
type picker struct {
	options Options
	service *service
	weights []uint64
	random  *rand.Rand
	picked  int // requests so far
}

func newPicker(o Options, s *service, weights []uint64) *picker {
	return &picker{options: o, service: s, weights: weights, random: rand.New(rand.NewPCG(o.Seed, sequence))}
}

// request returns the host for the next request of a session, which is empty
// for a request that belongs to none.
func (p *picker) request(session string) *host {
	n := p.picked
	p.picked++
	switch f := p.options.Fault; {
	case f == RoundRobin:
		hosts := p.service.whole.hosts
		return p.seen(hosts[n%len(hosts)])
	case f == Ignored:
		return p.seen(p.anyOf(p.service.whole.hosts))
	case f == Lagging && n < p.options.Lag:
		return p.in(draw(replicas(p.weights), p.random.Uint64()))
	case f == Sticky && session != "":
		return p.in(p.versionOf(session))
	}
	return p.in(draw(p.weights, p.random.Uint64()))
}

// connection returns the host for a new connection where connections are what
// is balanced.
func (p *picker) connection() *host {
	return p.seen(p.anyOf(p.service.whole.hosts))
}

// in returns a host of the version's subset.
func (p *picker) in(version int) *host {
	hosts, stray := p.service.subsets[version].hosts, p.service.stray
	if stray == nil || !slices.Contains(hosts, stray) {
		return p.anyOf(hosts)
	}
	if p.random.Float64() < strayShare {
		return stray
	}
	return p.anyOf(hosts[:len(hosts)-1])
}

func (p *picker) anyOf(hosts []*host) *host {
	return hosts[p.random.IntN(len(hosts))]
}

// seen returns the same pod in the cluster that the admin endpoint shall show
// for it.
func (p *picker) seen(h *host) *host {
	if !p.options.ProgrammedRight {
		return h
	}
	hosts := p.service.subsets[h.pod.version].hosts
	return hosts[slices.IndexFunc(hosts, func(other *host) bool { return other.pod == h.pod })]
}

// versionOf returns the version of a session: the one that it names, as the
// cookie of an earlier answer does, else a draw by weight that is a function
// of the session alone, so that nothing has to be remembered.
func (p *picker) versionOf(session string) int {
	if i := slices.Index(p.options.Versions, session); i >= 0 {
		return i
	}
	digest := fnv.New64a()
	digest.Write([]byte(session))
	return draw(p.weights, rand.NewPCG(p.options.Seed, digest.Sum64()).Uint64())
}

// draw picks an index by weight as Envoy does: the random number modulo the
// total weight lies in the interval of one entry.
func draw(weights []uint64, random uint64) int {
	at := random % sum(weights)
	for i, w := range weights {
		if at < w {
			return i
		}
		at -= w
	}
	panic("fakemesh: draw beyond the total weight")
}
