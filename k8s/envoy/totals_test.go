package envoy

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"respy/internal/envoytest"
)

func TestParseTotals(t *testing.T) {
	stat := func(cluster, end string, value int) string {
		return fmt.Sprintf(`{"name":"cluster.%s.upstream_%s","value":%d}`, cluster, end, value)
	}
	all := func(cluster string) []string {
		return []string{stat(cluster, "rq_total", 70), stat(cluster, "rq_retry", 20), stat(cluster, "rq_pending_failure_eject", 3),
			stat(cluster, "rq_pending_overflow", 2), stat(cluster, "cx_none_healthy", 1)}
	}
	body := `{"stats":[` + strings.Join(append(append(all(single+";"), all("plain.name")...), all(multiple)[1:]...), ",") + `,{"histograms":{}}]}`
	got, err := parseTotals([]byte(body), []string{single, "plain.name", multiple, "absent"})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]Totals{single: {70, 20, 6}, "plain.name": {70, 20, 6}} // of the third, one counter is missing
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if drawn := got[single].Drawn(); drawn != 56 {
		t.Errorf("%d requests drawn, want 56", drawn)
	}
	if _, err := parseTotals([]byte("cluster.a.upstream_rq_total: 7"), nil); err == nil {
		t.Error("text is taken for JSON")
	}
}

func TestTotalsOfAProxyThatHasNone(t *testing.T) {
	s := httptest.NewServer(http.NotFoundHandler())
	defer s.Close()
	a, err := New(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.Totals(context.Background(), single); err == nil || !strings.Contains(err.Error(), "404") {
		t.Errorf("error %v, want one with the status", err)
	}
}

// Every request is counted once, whether its attempts fail at the application, at a closed port, or for want of a host;
// the counters of hosts have each attempt that was sent.
func TestTotalsCountRequestsOnce(t *testing.T) {
	const n = 50
	failing := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) }))
	defer failing.Close()
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	fine := envoytest.NewBackend(t, "fine")
	clusters := map[string][]string{
		"fine": {fine.Address()}, "failing": {strings.TrimPrefix(failing.URL, "http://")}, "closed": {strings.TrimPrefix(closed.URL, "http://")}, "none": nil,
	}
	config := envoytest.Config{Clusters: clusters}
	for name := range clusters {
		route := fmt.Sprintf(`{"match":{"prefix":"/"},"route":{"cluster":%q,"retry_policy":{"retry_on":"5xx,connect-failure","num_retries":2,
			"retry_back_off":{"base_interval":"0.001s"}}}}`, name)
		config.Listeners = append(config.Listeners, envoytest.Listener{Name: name, VirtualHosts: []envoytest.VirtualHost{{Name: "all", Routes: []string{route}}}})
	}
	proxy := envoytest.Start(t, config)
	for name := range clusters {
		for range n {
			response, err := http.Get("http://" + proxy.Address(name) + "/")
			if err != nil {
				t.Fatal(err)
			}
			response.Body.Close()
		}
	}
	a := adminOf(t, proxy)
	totals, err := a.Totals(context.Background(), "fine", "failing", "closed", "none")
	if err != nil {
		t.Fatal(err)
	}
	for name := range clusters {
		if drawn := totals[name].Drawn(); drawn != n {
			t.Errorf("%s: %d requests drawn of %+v, want %d", name, drawn, totals[name], n)
		}
	}
	counters, err := a.Counters(context.Background(), "failing")
	if err != nil {
		t.Fatal(err)
	}
	if c, _ := counters.Cluster("failing"); c.Total.Requests != 3*n || c.Total.Errors < 2*n {
		t.Errorf("the host counts %+v, want each of %d attempts, and the failed ones as errors", c.Total, 3*n)
	}
}
