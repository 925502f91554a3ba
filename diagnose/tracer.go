package diagnose

import (
	"math"
	"slices"

	"respy/probe"
)

// How much of a run is kept for its pictures. None of it grows with the run but the points of a path, by as many for each
// factor of ten.
const (
	tracedVersions    = 8 // the rest is added up
	tracedAnswers     = 300
	tracedConnections = 60
	pointsPerDecade   = 32
)

// tracedCounts are counts by version index, the last being those of all the rest.
type tracedCounts [tracedVersions + 1]int64

func (c *tracedCounts) add(version int) { c[min(version, tracedVersions)]++ }

// tracer keeps what the pictures of a run show. The zero value is ready.
type tracer struct {
	all         path   // of the answers that named a version
	first       path   // of the first one of each connection, or of each session
	strip       []int8 // version by request; lost for one without a version
	connections [tracedConnections]tracedCounts
	dialed      int // connections that are in use so far
}

// lost marks a request without a version.
const lost = -1

// path is how counts grew, kept at numbers of answers that are evenly apart on a logarithmic scale.
type path struct {
	counts tracedCounts
	total  int64
	last   int64 // the last number that needs no point
	points []tracedCounts
}

func (p *path) add(version int) {
	p.counts.add(version)
	if p.total++; p.total > p.last {
		p.points = append(p.points, p.counts)
		p.last = int64(float64(p.total) * math.Pow(10, 1.0/pointsPerDecade))
	}
}

// whole is the path up to its end.
func (p *path) whole() []tracedCounts {
	if n := len(p.points); n == 0 || p.points[n-1] == p.counts {
		return p.points
	}
	return append(slices.Clone(p.points), p.counts)
}

// answer takes in one more request, in send order.
func (t *tracer) answer(a probe.Answer) {
	if len(t.strip) < tracedAnswers {
		t.strip = append(t.strip, int8(min(a.Version, tracedVersions)))
	}
	if a.Version < 0 {
		return
	}
	t.all.add(a.Version)
	if a.Conn >= 0 && a.Conn < tracedConnections {
		t.connections[a.Conn].add(a.Version)
		t.dialed = max(t.dialed, int(a.Conn)+1)
	}
}
