package envoytest

import (
	"context"
	"net/http"
	"testing"
)

func version(t *testing.T, url string) string {
	t.Helper()
	res, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	return res.Header.Get("X-Version")
}

func TestProxyServesItsRoutesAndTheirReplacement(t *testing.T) {
	a, b := NewBackend(t, "a"), NewBackend(t, "b")
	p := Start(t, Config{
		Clusters: map[string][]string{"a": {a.Address()}, "b": {b.Address()}},
		Listeners: []Listener{{Name: "http", RDS: "80", VirtualHosts: []VirtualHost{
			{Name: "all", Routes: []string{Split("", Share{"a", 1})}},
		}}},
	})
	if got := version(t, "http://"+p.Address("http")); got != "a" {
		t.Errorf("got version %q, want a", got)
	}
	p.SetRoutes(t, "80", []VirtualHost{{Name: "all", Routes: []string{Split("", Share{"b", 1})}}})
	if got := version(t, "http://"+p.Address("http")); got != "b" {
		t.Errorf("after SetRoutes: got version %q, want b", got)
	}
	p.Restart(t)
	if got := version(t, "http://"+p.Address("http")); got != "b" {
		t.Errorf("after Restart: got version %q, want b", got)
	}
	if a.Hits() != 1 || b.Hits() != 2 {
		t.Errorf("got %d and %d hits, want 1 and 2", a.Hits(), b.Hits())
	}
}

func TestStopLeavesNoProcess(t *testing.T) {
	p := Start(t, Config{})
	admin := p.Admin()
	p.Stop()
	if ready(context.Background(), admin) {
		t.Error("still ready after Stop")
	}
	p.Stop() // again does nothing
}
