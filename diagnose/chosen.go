package diagnose

import (
	"slices"
	"strings"

	"respy/k8s"
	"respy/k8s/envoy"
)

// choice is which clusters the proxies sent the requests to.
type choice struct {
	known     bool    // the counters of every proxy were read, and the clusters of every version are known
	exclusive bool    // nobody else used these clusters meanwhile
	counts    []int64 // by expected version
	elsewhere int64   // to clusters of none of them
	clusters  []envoy.ClusterDelta
}

// usable reports whether the choices may be attributed to this run's requests.
func (c choice) usable() bool { return c.known && c.exclusive }

// followChosen adds up what the proxies counted for the clusters that may have served the request.
func (j *judge) followChosen() {
	if len(j.Proxies) == 0 {
		return
	}
	var total int64
	j.chosen.known = true
	if j.Expectation != nil {
		j.chosen.counts = make([]int64, len(j.Expectation.Versions))
	}
	for _, p := range j.Proxies {
		if p.Delta == nil {
			j.chosen.known = false
			return
		}
		for _, c := range p.Delta.Clusters {
			if c.Total.Requests == 0 || j.Watch == nil && !j.concerns(c.Name, p) {
				continue
			}
			total += int64(c.Total.Requests)
			j.chosen.clusters = append(j.chosen.clusters, c)
			j.assignCluster(c)
		}
	}
	j.chosen.exclusive = total <= j.Observed.Sent+j.Observed.Resent
	if answered := j.identifiedAnswers(); total < answered && !j.overTCP() {
		j.note("chosen", "the proxy's clusters counted %d requests where %d were answered: some went another way", total, answered)
	}
	if !j.chosen.exclusive {
		j.note("chosen", "the proxy's clusters counted %d requests where this run sent %d: shared with other traffic, or retried by the proxy", total, j.Observed.Sent+j.Observed.Resent)
	}
}

// overTCP reports whether a proxy treats the requests as a stream of bytes, and counts connections.
func (j *judge) overTCP() bool {
	return slices.ContainsFunc(j.Proxies, func(p ProxyView) bool { return p.Before != nil && p.Before.Protocol == envoy.TCP })
}

// drawsConnections reports whether the weights divide connections: those of a tcp or tls rule, or of a TCP route that has any.
func (j *judge) drawsConnections() bool {
	if r := j.Declared.Rule; r != nil {
		return r.Protocol == envoy.TCP || r.Protocol == "tls"
	}
	return slices.ContainsFunc(j.Proxies, func(p ProxyView) bool {
		return p.Before != nil && p.Before.Protocol == envoy.TCP && divides(p.Before)
	})
}

// assignCluster adds a cluster's requests to the version that it stands for.
func (j *judge) assignCluster(c envoy.ClusterDelta) {
	i := -1
	if j.Expectation != nil {
		i = j.Expectation.index(c.Name)
	}
	if i < 0 {
		j.chosen.elsewhere += int64(c.Total.Requests)
		return
	}
	j.chosen.counts[i] += int64(c.Total.Requests)
}

// concerns reports whether a cluster may have served the request: it is one of the route's or of the rule's, or another
// of the same service.
func (j *judge) concerns(cluster string, p ProxyView) bool {
	name := envoy.ParseClusterName(cluster)
	sameHost := func(d k8s.Destination) bool { return strings.EqualFold(d.Host, name.Host) }
	if j.Declared.Rule != nil && slices.ContainsFunc(j.Declared.Rule.Destinations, sameHost) {
		return true
	}
	for _, route := range []*envoy.Route{p.Before, p.Meanwhile, p.After} {
		if route == nil {
			continue
		}
		for _, c := range route.Clusters {
			if c.Name == cluster || name.Direction != "" && envoy.ParseClusterName(c.Name).Host == name.Host {
				return true
			}
		}
	}
	return false
}
