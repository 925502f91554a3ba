package envoy

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// Totals are counters that belong to a cluster as a whole. Unlike those of its hosts they stay when a host goes, and they
// tell a request's retries from its first attempt. Istio's proxies keep them only where proxyStatsMatcher asks for them.
type Totals struct {
	Requests uint64 // upstream_rq_total: attempts that were sent to a host
	Retries  uint64 // upstream_rq_retry: attempts that repeat one
	Unsent   uint64 // attempts that reached no host: none was healthy, none could be connected to, or too many were waiting
}

// Drawn is how many requests were given to the cluster: every attempt but those that repeat one.
func (t Totals) Drawn() uint64 { return max(t.Requests+t.Unsent, t.Retries) - t.Retries }

// totalNames are the ends of the counters' names, each with the field that it adds to. One that is missing makes the rest
// of no use: requests would be counted twice, or not at all.
func totalNames(t *Totals) map[string]*uint64 {
	return map[string]*uint64{
		"upstream_rq_total": &t.Requests, "upstream_rq_retry": &t.Retries, "upstream_cx_none_healthy": &t.Unsent,
		"upstream_rq_pending_failure_eject": &t.Unsent, "upstream_rq_pending_overflow": &t.Unsent,
	}
}

// totalFilter finds these names; the rest of the filter is put before it.
const totalFilter = `\.upstream_(rq_(total|retry|pending_failure_eject|pending_overflow)|cx_none_healthy)$`

// Totals reads the counters of the named clusters. A cluster of which the proxy does not keep all of them is missing from
// the result.
func (a *Admin) Totals(ctx context.Context, clusters ...string) (map[string]Totals, error) {
	filter := "^cluster" + `\.(` + strings.Join(quoted(clusters), "|") + `);?` + totalFilter
	if len(filter) > filterLimit {
		filter = totalFilter
	}
	res, err := a.get(ctx, "/stats", url.Values{"format": {"json"}, "filter": {filter}}, longTimeout, longLimit)
	if err != nil {
		return nil, err
	}
	if res.status != http.StatusOK {
		return nil, fmt.Errorf("asking Envoy at %s for /stats: status %d", a, res.status)
	}
	totals, err := parseTotals(res.body, clusters)
	if err != nil {
		return nil, fmt.Errorf("reading /stats of Envoy at %s: %w", a, err)
	}
	return totals, nil
}

// parseTotals reads {"stats":[{"name":"cluster.NAME.upstream_rq_total","value":7},…]}. Istio ends the cluster's name with
// a semicolon there, so that its dots are no separators.
func parseTotals(body []byte, clusters []string) (map[string]Totals, error) {
	m, err := parseMessage(body)
	if err != nil {
		return nil, err
	}
	values := map[string]uint64{}
	for _, stat := range m.list("stats") {
		values[strings.Replace(stat.text("name"), ";.", ".", 1)] = stat.number("value")
	}
	all := map[string]Totals{}
	for _, cluster := range clusters {
		var t Totals
		complete := true
		for end, field := range totalNames(&t) {
			value, kept := values["cluster."+cluster+"."+end]
			complete = complete && kept
			*field += value
		}
		if complete {
			all[cluster] = t
		}
	}
	return all, nil
}
