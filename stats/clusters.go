package stats

import (
	"maps"
	"math"
	"slices"
)

// Clusters collects the answers of connections, or of sessions, to tell
// whether the version belongs to them instead of being drawn for each answer.
// Answers are collected one by one until Close, or handed over as counts by
// Fold; what is closed takes no memory. It must be made by [NewClusters].
type Clusters struct {
	shares []float64
	open   map[int64][]int64
	sums   clusterSums
}

// clusterSums is what remains of closed clusters.
type clusterSums struct {
	known  [4]float64 // ln likelihood of the four components over the versions
	extra  [4]float64 // the same with a category for unexpected versions
	counts []int64    // by version, the last being the unexpected ones

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
	return &Clusters{
		shares: pi,
		open:   map[int64][]int64{},
		sums:   clusterSums{counts: make([]int64, len(pi)+1)},
	}, nil
}

// Answer adds an answer to the open cluster of this id, a new one if there is
// none. An index outside the weights stands for an unexpected version.
// Requests without an identified answer are not to be added.
func (c *Clusters) Answer(id int64, version int) {
	counts := c.open[id]
	if counts == nil {
		counts = make([]int64, len(c.shares)+1)
		c.open[id] = counts
	}
	if version < 0 || version >= len(c.shares) {
		version = len(c.shares)
	}
	counts[version]++
}

// Close folds the open cluster of this id in and forgets it.
func (c *Clusters) Close(id int64) {
	if counts, ok := c.open[id]; ok {
		c.sums.fold(counts, c.shares)
		delete(c.open, id)
	}
}

// Fold adds a whole cluster: its counts, one for each weight, and its answers
// of unexpected versions. Missing counts are 0, and what is counted beyond the
// weights is unexpected, too.
func (c *Clusters) Fold(counts []int64, intruders int64) {
	known := min(len(counts), len(c.shares))
	full := make([]int64, len(c.shares)+1)
	copy(full, counts[:known])
	full[len(c.shares)] = intruders + sum(counts[known:])
	c.sums.fold(full, c.shares)
}

// Test judges the clusters so far, the open ones included, which stay open.
func (c *Clusters) Test() Clustering {
	s := c.sums
	s.counts = slices.Clone(s.counts)
	for _, id := range slices.Sorted(maps.Keys(c.open)) {
		s.fold(c.open[id], c.shares)
	}
	return s.test()
}

// fold adds the counts of one cluster, the last being unexpected versions.
func (s *clusterSums) fold(counts []int64, pi []float64) {
	size := float64(sum(counts))
	if size == 0 {
		return
	}
	seen := 0
	for k, n := range counts {
		if n > 0 {
			seen++
		}
		s.same += float64(n) * float64(n-1)
		if k < len(pi) && pi[k] > 0 {
			s.counts[k] += n
		} else {
			s.counts[len(pi)] += n
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
	s.weigh(counts, size, pi)
}

// unexpectedShare is the share that components around the declared shares
// leave for unexpected versions, once such have answered.
const unexpectedShare = 0.01

// weigh adds the cluster's likelihood under the four components Dir(s·u): s
// 0.1 or 1, u the declared shares or equal ones.
func (s *clusterSums) weigh(counts []int64, size float64, pi []float64) {
	intruders := counts[len(pi)]
	versions := float64(positive(pi))
	for k, p := range pi {
		if p == 0 {
			intruders += counts[k]
		}
	}
	for j := range s.known {
		strength := [2]float64{0.1, 1}[j%2]
		base := lgamma(strength) - lgamma(strength+size)
		s.known[j] += base
		s.extra[j] += base
		share, rest := unexpectedShare, 1-unexpectedShare
		for k, p := range pi {
			if p == 0 || counts[k] == 0 {
				continue
			}
			known, extra := p, rest*p
			if j >= 2 {
				known, extra = 1/versions, 1/(versions+1)
			}
			s.known[j] += risingLog(strength*known, counts[k])
			s.extra[j] += risingLog(strength*extra, counts[k])
		}
		if j >= 2 {
			share = 1 / (versions + 1)
		}
		s.extra[j] += risingLog(strength*share, intruders)
	}
}

// risingLog returns ln a(a+1)…(a+n−1).
func risingLog(a float64, n int64) float64 {
	if n == 0 {
		return 0
	}
	return lgamma(a+float64(n)) - lgamma(a)
}

// likelihoodRatio returns ln E: the mixture of the components over the best
// likelihood of independent answers.
func (s *clusterSums) likelihoodRatio() float64 {
	logs := s.known
	if s.counts[len(s.counts)-1] > 0 {
		logs = s.extra
	}
	best := 0.0
	total := float64(sum(s.counts))
	for _, n := range s.counts {
		best += entropyTerm(float64(n), total)
	}
	return logSumExp(logs[:]...) - math.Log(float64(len(logs))) - best
}
