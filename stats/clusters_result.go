package stats

import "math"

const (
	// clusteringLevel is the level of E from which Clustering fires: 1e-6.
	clusteringLevel = 1e-6
	// clusteringStrength is the ρ from which the version is said to belong to
	// the connection.
	clusteringStrength = 0.5
	// suspicion is by how many standard deviations equal pairs exceed their
	// mean when a dependence is to be allowed for: a level of .05.
	suspicion = 1.645
)

// Clustering says whether the version belongs to the connection, or to the
// session: the cluster. H0: the answers are independent draws with some
// shares, which need not be those of the weights, whatever their cluster.
//
// The alternative is a mixture in which each cluster has shares of its own,
// drawn from Dir(s·u), with s 0.1 or 1 and u the declared shares or equal
// ones. E divides its likelihood by the largest that H0 allows (universal
// inference [1]), so P(E ≥ 1/α) ≤ α under H0 for any shares and any sizes of
// the clusters, without any approximation. Unexpected versions count as one
// more category; as E is then chosen among two, the bound doubles.
//
// Rho is the excess of equal pairs of answers within a cluster over chance: 0
// when answers are independent, 1 when all answers of a cluster agree. It is
// the intraclass correlation from join counts [2], whose moments are exact
// given the counts and sizes.
//
// Without a cluster of two answers, or with a single version, nothing can be
// told: E is at most 1, Rho is 0 and Decidable is false.
//
//  1. Wasserman, L., Ramdas, A. and Balakrishnan, S. (2020), Universal
//     inference, PNAS 117.
//  2. Moran, P. A. P. (1948), The interpretation of statistical maps, Journal
//     of the Royal Statistical Society B 10.
type Clustering struct {
	Clusters int64 // with at least one answer
	Repeated int64 // of these, with at least two
	Mixed    int64 // of these, with more than one version

	Decidable bool
	LogE      float64 // ln E
	Rho       float64

	// EqualPairs is the number of ordered pairs of answers that share their
	// cluster and their version; the next two are its moments under H0.
	EqualPairs         float64
	EqualPairsMean     float64
	EqualPairsVariance float64

	// DesignEffect is by how much clustering inflates the variance of the
	// counts, at least 1. Pearson's statistic divided by it is a fair test
	// when the dependence is partial (Rao & Scott 1981).
	DesignEffect float64
}

// Fires reports whether the version belongs to the cluster: E ≥ 10⁶ and
// Rho ≥ 0.5. Then the first answer of each cluster is a draw, and the others
// repeat it.
func (c Clustering) Fires() bool { return c.Dependent() && c.Rho >= clusteringStrength }

// Dependent reports whether answers of a cluster depend on each other, however
// weakly: E ≥ 10⁶. Mixed causes and a change of the weights in mid-run do that
// as well; the design effect then tells what it costs.
func (c Clustering) Dependent() bool { return c.LogE >= -math.Log(clusteringLevel) }

// Suspicious reports whether answers of a cluster agree more often than chance
// has it in 95 of 100 runs of independent answers, by the normal distribution
// of EqualPairs, which is rough. It is no proof, and too little to judge by: it
// is there to ask whether a rejection also holds with the statistic divided by
// the design effect. A test that has to reject both ways keeps its level under
// H0, and loses little power, as the design effect of the few suspicious runs
// is near 1.
func (c Clustering) Suspicious() bool {
	return c.Decidable && c.DesignEffect > 1 && c.EqualPairs-c.EqualPairsMean >= suspicion*math.Sqrt(c.EqualPairsVariance)
}

// test computes the result from the sums.
func (s *clusterSums) test() Clustering {
	c := Clustering{
		Clusters:     s.clusters,
		Repeated:     s.repeated,
		Mixed:        s.mixed,
		EqualPairs:   s.same,
		DesignEffect: 1,
	}
	if s.clusters == 0 {
		return c
	}
	c.LogE = s.likelihoodRatio()
	q := s.equalShare(2)
	c.EqualPairsMean = s.pairs * q
	c.EqualPairsVariance = s.variance(q)
	c.Decidable = s.pairs > 0 && q < 1
	if c.Decidable {
		c.Rho = (s.same/s.pairs - q) / (1 - q)
		total := float64(sum(s.counts))
		c.DesignEffect = max(1, 1+(s.squares/total-1)*c.Rho)
	}
	return c
}

// equalShare returns the chance that r answers drawn without replacement are
// of one version: Σ(n_k)ᵣ/(N)ᵣ with falling factorials.
func (s *clusterSums) equalShare(r int) float64 {
	total := falling(float64(sum(s.counts)), r)
	if total == 0 {
		return 0
	}
	var equal float64
	for _, n := range s.counts {
		equal += falling(float64(n), r)
	}
	return equal / total
}

// variance returns the variance of the number of equal ordered pairs over all
// orders of the answers, from the numbers of pairs of pairs that share an
// answer, and that do not.
func (s *clusterSums) variance(q float64) float64 {
	edges := s.pairs / 2
	touching := s.triples / 2
	apart := edges*(edges-1)/2 - touching
	var square, squares, fours float64
	for _, n := range s.counts {
		pairs := falling(float64(n), 2)
		square += pairs
		squares += pairs * pairs
		fours += falling(float64(n), 4)
	}
	var both float64 // two pairs without a common answer are both equal
	if all := falling(float64(sum(s.counts)), 4); all > 0 {
		both = (fours + square*square - squares) / all
	}
	return max(0, 4*(edges*q+2*touching*s.equalShare(3)+2*apart*both-edges*edges*q*q))
}

// falling returns x(x−1)…(x−r+1).
func falling(x float64, r int) float64 {
	product := 1.0
	for i := range r {
		product *= x - float64(i)
	}
	return max(0, product)
}
