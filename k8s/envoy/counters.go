package envoy

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// Counters are those of a proxy's clusters at one moment, sorted by name.
type Counters struct {
	Clusters []Cluster
}

// A Cluster is a group of hosts, of one Envoy cluster.
type Cluster struct {
	Name  string
	Total Stats  // over the hosts that there are now
	Hosts []Host // sorted by address; none: the proxy answers 503 `no healthy upstream`
}

// A Host is one address of a cluster.
type Host struct {
	Address string // IP:port, [IP]:port, or the path of a Unix socket
	Stats   Stats

	EDSHealth         string // HEALTHY, UNHEALTHY, DRAINING, TIMEOUT, DEGRADED or UNKNOWN, as the control plane says
	FailedOutlier     bool   // ejected by outlier detection
	FailedActiveCheck bool   // ejected by an active health check

	// Repeated tells that the cluster lists the address several times, which count together: it takes its hosts from the
	// connections (ORIGINAL_DST), and forgets them when these are gone.
	Repeated bool
}

// Healthy tells whether the proxy sends requests to the host (apart from its panic mode, which sends to every host).
func (h Host) Healthy() bool {
	switch h.EDSHealth {
	case "UNHEALTHY", "DRAINING", "TIMEOUT":
		return false
	}
	return !h.FailedOutlier && !h.FailedActiveCheck
}

// Stats are Envoy's counters since the host was added to the cluster. A TCP proxy counts each connection as a request too.
type Stats struct {
	Requests        uint64 // rq_total
	Successes       uint64 // rq_success: not 5xx
	Errors          uint64 // rq_error: 5xx, resets, timeouts
	Connections     uint64 // cx_total
	ConnectFailures uint64 // cx_connect_fail
}

// Cluster finds a cluster by its name.
func (c Counters) Cluster(name string) (Cluster, bool) {
	i, ok := slices.BinarySearchFunc(c.Clusters, name, func(c Cluster, name string) int { return strings.Compare(c.Name, name) })
	if !ok {
		return Cluster{}, false
	}
	return c.Clusters[i], true
}

// filterLimit is how many bytes of a regular expression go into the URL; the answer is filtered again anyway.
const filterLimit = 4000

// Counters reads the counters of the named clusters, or of all if there are no names. A cluster that does not exist is
// missing from the result.
func (a *Admin) Counters(ctx context.Context, clusters ...string) (Counters, error) {
	c, err := a.counters(ctx, nameFilter(clusters))
	if len(clusters) > 0 {
		c.Clusters = slices.DeleteFunc(c.Clusters, func(c Cluster) bool { return !slices.Contains(clusters, c.Name) })
	}
	return c, err
}

// CountersOf reads the counters of the hosts' clusters, of whatever port and subset, and of those for requests to no host
// that is known. A cluster whose name is not of Istio's form goes by its name.
func (a *Admin) CountersOf(ctx context.Context, hosts ...string) (Counters, error) {
	all := append([]string{PassthroughCluster, BlackHoleCluster}, hosts...)
	c, err := a.counters(ctx, `^(.*\|)?(`+strings.Join(quoted(all), "|")+`)$`)
	c.Clusters = slices.DeleteFunc(c.Clusters, func(c Cluster) bool {
		return !slices.ContainsFunc(all, func(host string) bool { return strings.EqualFold(host, ParseClusterName(c.Name).Host) })
	})
	return c, err
}

// counters reads those of the clusters whose names the regular expression matches, or of more.
func (a *Admin) counters(ctx context.Context, filter string) (Counters, error) {
	query := url.Values{"format": {"json"}}
	if filter != "" && len(filter) <= filterLimit {
		query.Set("filter", filter)
	}
	res, err := a.get(ctx, "/clusters", query, longTimeout, longLimit)
	if err != nil {
		return Counters{}, err
	}
	if res.status != http.StatusOK {
		return Counters{}, fmt.Errorf("asking Envoy at %s for /clusters: status %d", a, res.status)
	}
	c, err := ParseCounters(res.body)
	if err != nil {
		return Counters{}, fmt.Errorf("reading /clusters of Envoy at %s: %w", a, err)
	}
	return c, nil
}

// nameFilter is a regular expression for exactly these names.
func nameFilter(names []string) string {
	if len(names) == 0 {
		return ""
	}
	return "^(" + strings.Join(quoted(names), "|") + ")$"
}

// ParseCounters reads what GET /clusters?format=json answers.
func ParseCounters(body []byte) (Counters, error) {
	m, err := parseMessage(body)
	if err != nil {
		return Counters{}, err
	}
	if !m.IsObject() {
		return Counters{}, fmt.Errorf("not the JSON of /clusters?format=json")
	}
	var c Counters
	for _, one := range m.list("cluster_statuses") {
		c.Clusters = append(c.Clusters, parseCluster(one))
	}
	slices.SortStableFunc(c.Clusters, func(a, b Cluster) int { return strings.Compare(a.Name, b.Name) })
	return c, nil
}

func parseCluster(m message) Cluster {
	c := Cluster{Name: m.text("name")}
	for _, one := range m.list("host_statuses") {
		h := parseHost(one)
		c.Total = c.Total.plus(h.Stats)
		c.Hosts = append(c.Hosts, h)
	}
	slices.SortStableFunc(c.Hosts, func(a, b Host) int { return strings.Compare(a.Address, b.Address) })
	c.Hosts = joinRepeated(c.Hosts)
	return c
}

// joinRepeated makes one host of those with the same address. It is healthy if one of them is.
func joinRepeated(sorted []Host) []Host {
	var hosts []Host
	for _, h := range sorted {
		last := len(hosts) - 1
		if last < 0 || hosts[last].Address != h.Address {
			hosts = append(hosts, h)
			continue
		}
		h.Stats = h.Stats.plus(hosts[last].Stats)
		if hosts[last].Healthy() {
			h.EDSHealth, h.FailedOutlier, h.FailedActiveCheck = hosts[last].EDSHealth, false, false
		}
		h.Repeated = true
		hosts[last] = h
	}
	return hosts
}

func parseHost(m message) Host {
	health := m.field("health_status")
	return Host{
		Address:           hostAddress(m.field("address")),
		Stats:             parseStats(m.list("stats")),
		EDSHealth:         cmp.Or(health.text("eds_health_status"), "UNKNOWN"),
		FailedOutlier:     health.boolean("failed_outlier_check"),
		FailedActiveCheck: health.boolean("failed_active_health_check"),
	}
}

func hostAddress(m message) string {
	if socket := m.field("socket_address"); socket.present() {
		return net.JoinHostPort(socket.text("address"), fmt.Sprint(socket.number("port_value")))
	}
	if path := m.field("pipe").text("path"); path != "" {
		return path
	}
	internal := m.field("envoy_internal_address") // to a listener of the same proxy, as in ambient mode
	return internal.text("server_listener_name") + "/" + internal.text("endpoint_id")
}

func parseStats(list []message) Stats {
	var s Stats
	for _, m := range list {
		value := m.number("value")
		switch m.field("name").String() {
		case "rq_total":
			s.Requests = value
		case "rq_success":
			s.Successes = value
		case "rq_error":
			s.Errors = value
		case "cx_total":
			s.Connections = value
		case "cx_connect_fail":
			s.ConnectFailures = value
		}
	}
	return s
}
