package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"respy/diagnose"
	"respy/internal/envoytest"
	"respy/k8s"
)

// rare is the probability of a false alarm in these tests, so that a real Envoy's random draws do not make them flake.
const rare = "1e-6"

// weather is a real Envoy before two versions of a service.
type weather struct {
	*envoytest.Proxy
	backends map[string]*envoytest.Backend
}

// newWeather starts an Envoy whose clusters are named by their versions; empty has no host, and tcp is a TCP proxy.
func newWeather(t *testing.T, single, multiple int) weather {
	t.Helper()
	w := weather{backends: map[string]*envoytest.Backend{
		"single": envoytest.NewBackend(t, "single"), "multiple": envoytest.NewBackend(t, "multiple"),
	}}
	clusters := map[string][]string{"empty": nil}
	for name, b := range w.backends {
		clusters[name] = []string{b.Address()}
	}
	shares := []envoytest.Share{{Cluster: "single", Weight: single}, {Cluster: "multiple", Weight: multiple}}
	split := func(match string) []envoytest.VirtualHost {
		return []envoytest.VirtualHost{{Name: "weather", Routes: []string{envoytest.Split(match, shares...)}}}
	}
	w.Proxy = envoytest.Start(t, envoytest.Config{
		NodeID: "plain", Clusters: clusters,
		Listeners: []envoytest.Listener{
			{Name: "http", VirtualHosts: split("")},
			{Name: "tls", VirtualHosts: split(""), TLS: true},
			{Name: "narrow", VirtualHosts: split(`{"path": "/elsewhere"}`)},
			{Name: "hollow", VirtualHosts: []envoytest.VirtualHost{{Name: "weather", Routes: []string{envoytest.Split("",
				envoytest.Share{Cluster: "single", Weight: 90}, envoytest.Share{Cluster: "empty", Weight: 10})}}}},
			{Name: "tcp", TCP: shares},
			{Name: "rds", RDS: "5000", VirtualHosts: split("")},
		},
	})
	return w
}

// check runs respy against a listener of the Envoy and returns its report and exit code.
func (w weather) check(t *testing.T, listener string, args ...string) (*diagnose.Conclusion, int) {
	t.Helper()
	scheme := "http"
	if listener == "tls" {
		scheme = "https"
	}
	url := fmt.Sprintf("%s://%s/version", scheme, w.Address(listener))
	var stdout, stderr bytes.Buffer
	args = append([]string{"--alpha", rare, "-o", "json", url}, args...)
	if !slices.Contains(args, "--envoy") {
		args = append(args, "--envoy", w.Admin())
	}
	code := run(context.Background(), args,
		strings.NewReader(""), &stdout, &stderr)
	c := new(diagnose.Conclusion)
	if err := json.Unmarshal(stdout.Bytes(), c); err != nil {
		t.Fatalf("%v: exit %d, %v in %q, stderr %q", args, code, err, stdout.String(), stderr.String())
	}
	if c.ExitCode != code {
		t.Errorf("%v: the report says exit code %d, the run %d", args, c.ExitCode, code)
	}
	return c, code
}

func TestEnvoyWeightsAreReadAndJudged(t *testing.T) {
	w := newWeather(t, 90, 10)
	for _, test := range []struct {
		args []string
		code int
		want diagnose.Reason
	}{
		{nil, 0, diagnose.ReasonTest},
		{[]string{"--expect", "single=90,multiple=10"}, 0, diagnose.ReasonTest},
		{[]string{"--expect", "single=50,multiple=50"}, 1, diagnose.ReasonProgrammedDiffers},
		{[]string{"--expect", "single=50,multiple=50", "--envoy", "off"}, 1, diagnose.ReasonTest},
		{[]string{"--expect", "single=90,multiple=5,ghost=5"}, 1, diagnose.ReasonProgrammedDiffers},
		{[]string{"--expect", "single=90,ghost=10"}, 1, diagnose.ReasonImpossibleVersion},
		{[]string{"--version-from", "envoy"}, 0, diagnose.ReasonTest},
		{[]string{"--version-from", "header:x-version", "--early-stop", "--tolerance", "8"}, 0, diagnose.ReasonTest},
	} {
		c, code := w.check(t, "http", test.args...)
		if code != test.code || c.Reason != test.want {
			t.Errorf("%v: exit %d for %s (%s), want %d for %s", test.args, code, c.Reason, c.Message, test.code, test.want)
		}
	}
}

func TestEnvoyChoiceEqualsWhatIsObserved(t *testing.T) {
	w := newWeather(t, 70, 30)
	for _, test := range []struct{ listener, protocol string }{
		{"http", "-k"}, {"tls", "-k"}, {"rds", "-k"}, {"http", "--h2c"}, {"rds", "--h2c"},
	} {
		listener := test.listener + " " + test.protocol
		before := w.backends["single"].Hits() + w.backends["multiple"].Hits()
		c, code := w.check(t, test.listener, "-n", "2000", "-c", "17", test.protocol)
		if code != 0 || c.Requests != 2000 {
			t.Fatalf("%s: exit %d after %d requests: %s", listener, code, c.Requests, c.Message)
		}
		for _, v := range c.Versions {
			if v.Chosen == nil || *v.Chosen != v.Count {
				t.Errorf("%s: %s was chosen %v times and answered %d", listener, v.Name, v.Chosen, v.Count)
			}
		}
		if served := w.backends["single"].Hits() + w.backends["multiple"].Hits() - before; served != 2000 {
			t.Errorf("%s: the backends served %d requests, want 2000", listener, served)
		}
	}
}

func TestEnvoyWithoutARouteForTheRequest(t *testing.T) {
	w := newWeather(t, 90, 10)
	c, code := w.check(t, "narrow", "-n", "200")
	if code != 1 || !has(c, "no-rule-matches") {
		t.Errorf("exit %d, findings %v, want 1 and no-rule-matches", code, c.Findings)
	}
}

// A cluster without hosts answers 503, and its share of the requests is missing among the versions.
func TestEnvoyClusterWithoutHosts(t *testing.T) {
	w := newWeather(t, 90, 10)
	c, code := w.check(t, "hollow", "-n", "500")
	if code != 1 || c.Reason != diagnose.ReasonErrors {
		t.Errorf("exit %d for %s, want 1 for errors", code, c.Reason)
	}
	if !strings.Contains(c.Message, "no healthy upstream") {
		t.Errorf("the message does not show the answer: %s", c.Message)
	}
}

// Under a TCP proxy the version belongs to the connection, and Envoy counts connections.
func TestEnvoyTCPProxy(t *testing.T) {
	w := newWeather(t, 50, 50)
	file := filepath.Join(t.TempDir(), "vs.yaml")
	rule := `{apiVersion: networking.istio.io/v1, kind: VirtualService, metadata: {name: weather}, spec: {hosts: [weather], http: [{route: [
  {destination: {host: single}, weight: 50}, {destination: {host: multiple}, weight: 50}]}]}}`
	if err := os.WriteFile(file, []byte(rule), 0o600); err != nil {
		t.Fatal(err)
	}
	c, _ := w.check(t, "tcp", "-f", file, "--host", "weather", "--wait-programmed", "0s", "-n", "1000")
	if !has(c, "port-not-http") || !has(c, "per-connection") {
		t.Errorf("findings %v, want port-not-http and per-connection", c.Findings)
	}
	if c.Test.Unit != "connection" {
		t.Errorf("unit %s, want connection", c.Test.Unit)
	}
}

func TestEnvoyWeightsChangeDuringTheRun(t *testing.T) {
	w := newWeather(t, 90, 10)
	done := make(chan struct{})
	go func() {
		defer close(done)
		time.Sleep(700 * time.Millisecond)
		w.SetRoutes(t, "5000", []envoytest.VirtualHost{{Name: "weather", Routes: []string{envoytest.Split("",
			envoytest.Share{Cluster: "single", Weight: 50}, envoytest.Share{Cluster: "multiple", Weight: 50})}}})
	}()
	c, code := w.check(t, "rds", "-z", "2s", "-q", "500")
	<-done
	if code != 3 || c.Reason != diagnose.ReasonChanged || !has(c, "weights-changed") {
		t.Errorf("exit %d for %s, findings %v, want 3 for changed", code, c.Reason, c.Findings)
	}
}

// Before and after the run the weights are the same, so that only a look in between tells why the counts are not theirs.
func TestEnvoyWeightsChangeAndReturn(t *testing.T) {
	w := newWeather(t, 90, 10)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for _, single := range []int{50, 90} {
			time.Sleep(1500 * time.Millisecond)
			w.SetRoutes(t, "5000", []envoytest.VirtualHost{{Name: "weather", Routes: []string{envoytest.Split("",
				envoytest.Share{Cluster: "single", Weight: single}, envoytest.Share{Cluster: "multiple", Weight: 100 - single})}}})
		}
	}()
	c, code := w.check(t, "rds", "-z", "5s", "-q", "500")
	<-done
	if code != 3 || c.Reason != diagnose.ReasonChanged || !strings.Contains(c.Message, "after the start") || !has(c, "weights-changed") {
		t.Errorf("exit %d for %s (%s), findings %v, want 3 for changed, with when", code, c.Reason, c.Message, c.Findings)
	}
}

func TestEnvoyRestartDuringTheRun(t *testing.T) {
	w := newWeather(t, 90, 10)
	time.Sleep(2500 * time.Millisecond) // uptime counts in seconds
	done := make(chan struct{})
	go func() {
		defer close(done)
		time.Sleep(500 * time.Millisecond)
		w.Restart(t)
	}()
	c, code := w.check(t, "http", "-z", "3s", "-q", "200", "--max-errors", "100%")
	<-done
	if code != 3 || c.Reason != diagnose.ReasonProxyRestarted {
		t.Errorf("exit %d for %s (%s), want 3 for proxy-restarted", code, c.Reason, c.Message)
	}
}

func has(c *diagnose.Conclusion, id string) bool {
	for _, f := range c.Findings {
		if f.ID == id && f.Severity != k8s.SeverityInfo {
			return true
		}
	}
	return false
}
