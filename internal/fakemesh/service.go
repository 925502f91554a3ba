package fakemesh

import (
	"fmt"
	"slices"
	"time"
)

const (
	serviceName = "demo"
	namespace   = "default"
	serviceHost = serviceName + "." + namespace + ".svc.cluster.local"
	podPort     = 8080

	// passthrough is where Istio's proxy sends what it knows no service for.
	passthrough = "PassthroughCluster"
)

// pod is one endpoint of the service.
type pod struct {
	name    string
	ip      string
	version int    // whose label it bears, an index into Options.Versions
	answers string // the version that it names
	fails   bool
	latency time.Duration
}

// cluster is what Envoy calls a group of hosts that a route can name.
type cluster struct {
	name   string
	subset string // empty for the whole service
	hosts  []*host
}

// host is a pod in a cluster, with the counters that Envoy keeps for the pair.
type host struct {
	pod      *pod
	total    uint64
	success  uint64
	failure  uint64
	connects uint64
	active   uint64 // requests now under way
	open     uint64 // connections now open to the pod
}

// service is the service as the caller's proxy knows it.
type service struct {
	pods    []*pod
	whole   *cluster
	subsets []*cluster // one a version
	selects []int      // the version whose label each subset selects
	stray   *host      // the pod of a version that no rule knows; nil except under UnknownVersion
}

func newService(o Options, weights []uint64, port int) *service {
	s := &service{pods: newPods(o, weights)}
	s.whole = newCluster(port, "", s.pods)
	for i, name := range o.Versions {
		label := i
		if o.Fault == Swapped {
			label = len(o.Versions) - 1 - i
		}
		s.selects = append(s.selects, label)
		s.subsets = append(s.subsets, newCluster(port, name, labelled(s.pods, label)))
	}
	if o.Fault == UnknownVersion {
		behind := s.subsets[heaviest(weights)]
		s.stray = behind.hosts[len(behind.hosts)-1]
	}
	return s
}

// clusters returns what the proxy knows of the service.
func (s *service) clusters() []*cluster {
	return append([]*cluster{s.whole}, s.subsets...)
}

func newCluster(port int, subset string, pods []*pod) *cluster {
	c := &cluster{name: fmt.Sprintf("outbound|%d|%s|%s", port, subset, serviceHost), subset: subset}
	for _, p := range pods {
		c.hosts = append(c.hosts, &host{pod: p})
	}
	return c
}

func labelled(pods []*pod, version int) []*pod {
	return slices.DeleteFunc(slices.Clone(pods), func(p *pod) bool { return p.version != version })
}

// newPods returns the pods of all versions. Under UnknownVersion the last one
// bears the label of the heaviest version and answers with another.
func newPods(o Options, weights []uint64) []*pod {
	var pods []*pod
	add := func(version int, answers string) {
		n := len(pods) + 1
		pods = append(pods, &pod{
			name:    fmt.Sprintf("%s-%d", serviceName, n),
			ip:      fmt.Sprintf("10.244.%d.%d", n/250, n%250+1),
			version: version,
			answers: answers,
			fails:   o.Fault == Failing && version == lastPositive(weights),
			latency: o.Latency[version],
		})
	}
	for version, n := range replicas(weights) {
		for range n {
			add(version, o.Versions[version])
		}
	}
	if o.Fault == UnknownVersion {
		add(heaviest(weights), unknownName(o.Versions))
	}
	return pods
}

// replicas returns how many pods each version has: one, but three of the first
// where all weights are equal, so that a mesh that ignores them shows it.
func replicas(weights []uint64) []uint64 {
	n := make([]uint64, len(weights))
	for i := range n {
		n[i] = 1
	}
	if slices.Max(weights) == slices.Min(weights) {
		n[0] = 3
	}
	return n
}

func heaviest(weights []uint64) int {
	return slices.Index(weights, slices.Max(weights))
}

func lastPositive(weights []uint64) int {
	last := len(weights) - 1
	for weights[last] == 0 {
		last--
	}
	return last
}

// unknownName returns v0, or what is like it and no version's name.
func unknownName(versions []string) string {
	name := "v0"
	for slices.Contains(versions, name) {
		name += "0"
	}
	return name
}

// begin counts a request that goes to the pod on a connection of the proxy's
// pool: a kept one if there is an idle one, as with HTTP/1.1.
func (h *host) begin() {
	h.total++
	h.active++
	if h.active > h.open {
		h.connect()
	}
}

func (h *host) connect() {
	h.open++
	h.connects++
}

// end counts the answer; one that no client awaited any longer counts for neither.
func (h *host) end(answered bool) {
	h.active--
	switch {
	case !answered:
	case h.pod.fails:
		h.failure++
	default:
		h.success++
	}
}
