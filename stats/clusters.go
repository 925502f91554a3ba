package stats

import (
	"math"
	"slices"
)

// Clusters collects the answers of connections, or of sessions, to tell
// whether the version belongs to them instead of being drawn for each answer.
// Answers are collected one by one, or handed over as counts by Fold. Memory
// does not grow with either: about 4096 clusters are open at a time, and the
// one that was added to the longest ago gives way to a new one. One that goes on after
// that counts as another, which can only hide that its answers belong
// together. It must be made by [NewClusters].
type Clusters struct {
	mixture *clusterMixture
	open    []openCluster // sets of ways; an id is in that of its remainder
	counts  []int64       // of those, by version, the last being the unexpected ones
	answers int64
	sums    clusterSums
}

const (
	clusterSets = 1024
	clusterWays = 4
)

// openCluster is a cluster that answers may be added to.
type openCluster struct {
	id   int64
	last int64 // the number of its last answer, from 1; 0 when there is no cluster
}

// clusterSums is what remains of closed clusters.
type clusterSums struct {
	likelihood clusterLogs
	counts     []int64 // by version, the last being the unexpected ones

	clusters, repeated, mixed int64
	pairs, same               float64 // Σ m(m−1), Σ Σ n(n−1)
	triples                   float64 // Σ m(m−1)(m−2)
	squares                   float64 // Σ m²
}

// NewClusters returns an empty collection for a split with these weights. It
// is an error when they are no weights (see [NewEProcess]).
func NewClusters(weights []float64) (*Clusters, error) {
	pi, err := shares(weights)
	if err != nil {
		return nil, err
	}
	return newClusters(pi), nil
}

func newClusters(pi []float64) *Clusters {
	return &Clusters{mixture: newClusterMixture(pi), sums: clusterSums{counts: make([]int64, len(pi)+1)}}
}

// Answer adds an answer to the open cluster of this id and reports whether it
// is the first there. An index outside the weights stands for an unexpected
// version. Requests without an identified answer are not to be added.
func (c *Clusters) Answer(id int64, version int) (first bool) {
	if c.open == nil {
		c.open = make([]openCluster, clusterSets*clusterWays)
		c.counts = make([]int64, len(c.open)*len(c.sums.counts))
	}
	slot := c.slot(id)
	open, counts := &c.open[slot], c.of(slot)
	if first = open.last == 0 || open.id != id; first {
		c.sums.fold(counts, c.mixture)
		clear(counts)
	}
	c.answers++
	*open = openCluster{id, c.answers}
	if unexpected := len(counts) - 1; version < 0 || version > unexpected {
		version = unexpected
	}
	counts[version]++
	return first
}

// slot returns the place of an id: its own, or that of the oldest in its set.
func (c *Clusters) slot(id int64) int {
	set := int(uint64(id)%clusterSets) * clusterWays
	oldest := set
	for i := set; i < set+clusterWays; i++ {
		if c.open[i].id == id && c.open[i].last > 0 {
			return i
		}
		if c.open[i].last < c.open[oldest].last {
			oldest = i
		}
	}
	return oldest
}

// of returns the counts of the cluster in a slot.
func (c *Clusters) of(slot int) []int64 {
	versions := len(c.sums.counts)
	return c.counts[slot*versions : (slot+1)*versions]
}

// Fold adds a whole cluster: its counts, one for each weight, and its answers
// of unexpected versions. Missing counts are 0, and what is counted beyond the
// weights is unexpected, too.
func (c *Clusters) Fold(counts []int64, intruders int64) {
	full := make([]int64, len(c.sums.counts))
	known := min(len(counts), len(full)-1)
	copy(full, counts[:known])
	full[len(full)-1] = intruders + sum(counts[known:])
	c.sums.fold(full, c.mixture)
}

// Test judges the clusters so far, the open ones included, which stay open.
func (c *Clusters) Test() Clustering {
	s := c.sums
	s.counts = slices.Clone(s.counts)
	for slot := range c.open {
		s.fold(c.of(slot), c.mixture)
	}
	return s.test()
}

// fold adds the counts of one cluster, the last being unexpected versions.
func (s *clusterSums) fold(counts []int64, m *clusterMixture) {
	size := float64(sum(counts))
	if size == 0 {
		return
	}
	seen, unexpected := 0, len(m.shares)
	for k, n := range counts {
		if n == 0 {
			continue
		}
		seen++
		s.same += float64(n) * float64(n-1)
		if k < unexpected && m.shares[k] > 0 {
			s.counts[k] += n
		} else {
			s.counts[unexpected] += n
		}
	}
	s.clusters++
	if size > 1 {
		s.repeated++
	}
	if seen > 1 {
		s.mixed++
	}
	s.pairs += size * (size - 1)
	s.triples += size * (size - 1) * (size - 2)
	s.squares += size * size
	m.weigh(&s.likelihood, counts)
}

// likelihoodRatio returns ln E: the mixture of the components over the best
// likelihood of independent answers.
func (s *clusterSums) likelihoodRatio() float64 {
	logs := s.likelihood.known
	if s.counts[len(s.counts)-1] > 0 {
		logs = s.likelihood.extra
	}
	best := 0.0
	total := float64(sum(s.counts))
	for _, n := range s.counts {
		best += entropyTerm(float64(n), total)
	}
	return logSumExp(logs[:]...) - math.Log(float64(len(logs))) - best
}
