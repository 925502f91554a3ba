package stats

// clusterKinds is the number of components of a clusterMixture.
const clusterKinds = 4

const (
	// unexpectedShare is the share that components around the declared shares
	// leave for unexpected versions, once such have answered.
	unexpectedShare = 0.01

	// tabulated is up to how many answers of a cluster the logarithms are
	// looked up: more than a connection has, unless the user asks for more.
	tabulated = 16
)

// clusterMixture is the alternative of [Clustering]: each cluster has shares of
// its own, drawn from Dir(s·u), with s 0.1 or 1 and u the declared shares or
// equal ones. The last of its categories is for unexpected versions.
type clusterMixture struct {
	shares []float64
	sizes  []clusterLogs   // by number of answers
	rises  [][]clusterLogs // by category, then by number of answers
}

// clusterLogs is a factor of a cluster's ln likelihood, by component: over the
// versions alone, and with a category for unexpected ones.
type clusterLogs struct {
	known, extra [clusterKinds]float64
}

func (l *clusterLogs) add(m *clusterLogs) {
	for j := range clusterKinds {
		l.known[j] += m.known[j]
		l.extra[j] += m.extra[j]
	}
}

func newClusterMixture(pi []float64) *clusterMixture {
	m := &clusterMixture{shares: pi, rises: make([][]clusterLogs, len(pi)+1)}
	for n := range int64(tabulated + 1) {
		m.sizes = append(m.sizes, sizeLogs(n))
		for category := range m.rises {
			m.rises[category] = append(m.rises[category], m.riseLogs(category, n))
		}
	}
	return m
}

// weigh adds the ln likelihood of a cluster with these counts by category.
func (m *clusterMixture) weigh(likelihood *clusterLogs, counts []int64) {
	if n := sum(counts); n <= tabulated {
		likelihood.add(&m.sizes[n])
	} else {
		logs := sizeLogs(n)
		likelihood.add(&logs)
	}
	unexpected := len(m.shares)
	intruders := counts[unexpected]
	for k, p := range m.shares {
		if p > 0 {
			m.rise(likelihood, k, counts[k])
		} else {
			intruders += counts[k]
		}
	}
	m.rise(likelihood, unexpected, intruders)
}

// rise adds the factor of n answers of a category.
func (m *clusterMixture) rise(likelihood *clusterLogs, category int, n int64) {
	switch {
	case n == 0:
	case n <= tabulated:
		likelihood.add(&m.rises[category][n])
	default:
		logs := m.riseLogs(category, n)
		likelihood.add(&logs)
	}
}

// strength returns s of a component.
func strength(component int) float64 { return [2]float64{0.1, 1}[component%2] }

// sizeLogs is the factor that depends on the number of answers alone.
func sizeLogs(n int64) (logs clusterLogs) {
	for j := range clusterKinds {
		logs.known[j] = -risingLog(strength(j), n)
	}
	logs.extra = logs.known
	return logs
}

// riseLogs is the factor of n answers of a category.
func (m *clusterMixture) riseLogs(category int, n int64) (logs clusterLogs) {
	versions := float64(positive(m.shares))
	for j := range clusterKinds {
		if category == len(m.shares) {
			extra := [2]float64{unexpectedShare, 1 / (versions + 1)}[j/2]
			logs.extra[j] = risingLog(strength(j)*extra, n)
			continue
		}
		p := m.shares[category]
		known, extra := [2]float64{p, 1 / versions}[j/2], [2]float64{(1 - unexpectedShare) * p, 1 / (versions + 1)}[j/2]
		logs.known[j], logs.extra[j] = risingLog(strength(j)*known, n), risingLog(strength(j)*extra, n)
	}
	return logs
}

// risingLog returns ln a(a+1)…(a+n−1).
func risingLog(a float64, n int64) float64 {
	if n == 0 {
		return 0
	}
	return lgamma(a+float64(n)) - lgamma(a)
}
