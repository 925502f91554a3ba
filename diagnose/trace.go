package diagnose

import (
	"math"

	"respy/probe"
	"respy/stats"
)

// Trace is what pictures of a run show: how the shares settled, how the first answers followed each other, what each
// connection saw and how long the answers took. Its size does not depend on the number of requests.
type Trace struct {
	Unit        string // what Points count: answers of requests, or the first ones of connections or sessions
	Alpha       float64
	Tolerance   float64 // 0 to 1
	Versions    []Traced
	Points      []Point   // in the order of their N, closer together at the start
	First       []int     // of the first 300 requests in send order: an index of Versions, or -1 without a version
	Connections [][]int64 // of the first 60 connections: answers by version
}

// Traced is a version of a trace.
type Traced struct {
	Row   int // of Conclusion.Versions; -1 for all that have no place of their own
	Name  string
	Share Number     // as expected, null when nothing is
	Curve []Quantile // of the latency; none for versions that are added up
}

// Quantile says which share of the answers took no longer than so many seconds.
type Quantile struct{ Share, Seconds float64 }

// Point is how often each version had answered after N units.
type Point struct {
	N      int64
	Counts []int64
}

// Band returns the limits that the running share of a version keeps under a working split, whatever the number of units,
// with probability at least 1−Alpha for all versions together: see stats.Band. With a tolerance the limits are those of
// its two ends. They do not depend on the answers. Where nothing is expected, ok is false.
func (t *Trace) Band(version int, units int64) (low, high float64, ok bool) {
	share := float64(t.Versions[version].Share)
	if math.IsNaN(share) {
		return 0, 1, false
	}
	possible := 0
	for _, v := range t.Versions {
		if v.Share > 0 {
			possible++
		}
	}
	low = stats.Band(units, max(0, share-t.Tolerance), possible, t.Alpha).Low
	high = stats.Band(units, min(1, share+t.Tolerance), possible, t.Alpha).High
	return low, high, true
}

// trace arranges what the observer kept in the order of the rows; nil when no run was observed, or one whose answers name
// no version.
func (j *judge) trace(rows []Version) *Trace {
	kept := &j.Observer.trace
	if j.ByProxy || len(kept.strip) == 0 {
		return nil
	}
	t := &Trace{Unit: j.unit, Alpha: j.Alpha, Tolerance: j.Tolerance}
	columns := j.columns(t, rows, kept)
	followed := &kept.all
	if t.Unit == unitConnection || t.Unit == unitSession {
		followed = &kept.first
	} else {
		t.Unit = unitRequest
	}
	for _, counts := range followed.whole() {
		t.Points = append(t.Points, pointOf(counts.arranged(columns, len(t.Versions))))
	}
	for _, version := range kept.strip {
		if version != lost {
			version = int8(columns[version])
		}
		t.First = append(t.First, int(version))
	}
	for _, counts := range kept.connections[:kept.dialed] {
		t.Connections = append(t.Connections, counts.arranged(columns, len(t.Versions)))
	}
	return t
}

// columns fills in the versions of t and returns which of them each index of the tracer is.
func (j *judge) columns(t *Trace, rows []Version, kept *tracer) [tracedVersions + 1]int {
	var columns [tracedVersions + 1]int
	others := Traced{Row: -1, Name: "others", Share: Number(math.NaN())}
	if j.Expectation != nil {
		others.Share = 0
	}
	for i, row := range rows {
		index := i
		if j.Expectation == nil || i >= len(j.Expectation.Versions) {
			index = j.Observed.Versions[i].Index
		}
		if index >= tracedVersions {
			others.Share += row.ExpectedShare
			continue
		}
		columns[index] = len(t.Versions)
		t.Versions = append(t.Versions, Traced{Row: i, Name: row.Name, Share: row.ExpectedShare, Curve: curve(j.Observed.Versions[i])})
	}
	if others.Share > 0 || kept.all.counts[tracedVersions] > 0 {
		columns[tracedVersions] = len(t.Versions)
		t.Versions = append(t.Versions, others)
	}
	return columns
}

func (c tracedCounts) arranged(columns [tracedVersions + 1]int, versions int) []int64 {
	counts := make([]int64, versions)
	for index, n := range c {
		if n > 0 {
			counts[columns[index]] += n
		}
	}
	return counts
}

func pointOf(counts []int64) Point { return Point{N: sum(counts), Counts: counts} }

func curve(v probe.Version) []Quantile {
	var points []Quantile
	for _, q := range v.Curve {
		points = append(points, Quantile{q.Share, q.Latency.Seconds()})
	}
	return points
}
