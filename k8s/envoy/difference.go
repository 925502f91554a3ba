package envoy

import (
	"cmp"
	"strings"
)

// A Delta is what a proxy's clusters counted between two readings.
type Delta struct {
	Clusters []ClusterDelta // sorted by name; every cluster of either reading

	// Reset tells that a counter went back: the proxy was restarted, or a host was removed and came again. What a counter
	// had before is lost; the counts are too low.
	Reset bool

	// Left tells that a host with traffic before was gone after, or some of those with the same address: what it took in
	// between is lost; the counts may be too low.
	Left bool
}

// A ClusterDelta is one cluster's part.
type ClusterDelta struct {
	Name  string
	Total Stats
	Hosts []HostDelta // sorted by address
}

// A HostDelta is one host's part.
type HostDelta struct {
	Address string
	Stats   Stats
}

// Cluster finds a cluster's part; the zero one if nothing is known of it.
func (d Delta) Cluster(name string) ClusterDelta {
	for _, c := range d.Clusters {
		if c.Name == name {
			return c
		}
	}
	return ClusterDelta{Name: name}
}

// Requests is the sum over all clusters.
func (d Delta) Requests() uint64 {
	var n uint64
	for _, c := range d.Clusters {
		n += c.Total.Requests
	}
	return n
}

// Difference is what was counted between the two readings of one proxy. A host that is new began at zero.
func Difference(before, after Counters) Delta {
	var d Delta
	merge(before.Clusters, after.Clusters, func(c Cluster) string { return c.Name }, func(old, now Cluster) {
		d.addCluster(old, now)
	})
	return d
}

// Plus is the sum with what another proxy counted.
func (d Delta) Plus(other Delta) Delta {
	sum := Delta{Reset: d.Reset || other.Reset, Left: d.Left || other.Left}
	merge(d.Clusters, other.Clusters, func(c ClusterDelta) string { return c.Name }, func(a, b ClusterDelta) {
		c := ClusterDelta{Name: cmp.Or(a.Name, b.Name), Total: a.Total.plus(b.Total)}
		merge(a.Hosts, b.Hosts, func(h HostDelta) string { return h.Address }, func(x, y HostDelta) {
			c.Hosts = append(c.Hosts, HostDelta{cmp.Or(x.Address, y.Address), x.Stats.plus(y.Stats)})
		})
		sum.Clusters = append(sum.Clusters, c)
	})
	return sum
}

func (d *Delta) addCluster(old, now Cluster) {
	c := ClusterDelta{Name: cmp.Or(now.Name, old.Name)}
	merge(old.Hosts, now.Hosts, func(h Host) string { return h.Address }, func(o, n Host) {
		if n.Address == "" {
			d.Left = d.Left || o.Stats != (Stats{})
			return
		}
		stats, back := n.Stats.minus(o.Stats)
		forgets := o.Repeated || n.Repeated || c.Name == PassthroughCluster
		d.Reset = d.Reset || back && !forgets
		d.Left = d.Left || back && forgets
		c.Hosts = append(c.Hosts, HostDelta{n.Address, stats})
		c.Total = c.Total.plus(stats)
	})
	d.Clusters = append(d.Clusters, c)
}

// merge walks through two sorted lists and pairs the entries of the same key; the zero value stands for a missing one.
func merge[T any](a, b []T, key func(T) string, pair func(a, b T)) {
	var none T
	for len(a) > 0 || len(b) > 0 {
		order := 0
		switch {
		case len(a) == 0:
			order = 1
		case len(b) == 0:
			order = -1
		default:
			order = strings.Compare(key(a[0]), key(b[0]))
		}
		switch order {
		case -1:
			pair(a[0], none)
			a = a[1:]
		case 1:
			pair(none, b[0])
			b = b[1:]
		default:
			pair(a[0], b[0])
			a, b = a[1:], b[1:]
		}
	}
}

func (s Stats) plus(o Stats) Stats {
	return Stats{
		s.Requests + o.Requests, s.Successes + o.Successes, s.Errors + o.Errors,
		s.Connections + o.Connections, s.ConnectFailures + o.ConnectFailures,
	}
}

// minus is the difference of each counter; one that went back counts from zero again, and back is true.
func (s Stats) minus(o Stats) (diff Stats, back bool) {
	sub := func(now, old uint64) uint64 {
		if now < old {
			back = true
			return now
		}
		return now - old
	}
	diff = Stats{
		sub(s.Requests, o.Requests), sub(s.Successes, o.Successes), sub(s.Errors, o.Errors),
		sub(s.Connections, o.Connections), sub(s.ConnectFailures, o.ConnectFailures),
	}
	return diff, back
}
