package e2e

import "testing"

// TestConnectionIsTheUnit judges a split of connections, with connections of one request and of ten.
func TestConnectionIsTheUnit(t *testing.T) {
	s := enter(t, "tcp-split")
	for _, c := range []struct{ reuse, requests string }{{"1", "1000"}, {"10", "6000"}} {
		t.Run("reuse "+c.reuse, func(t *testing.T) {
			r := respy(t, shared.InPod(), "--connection-reuse", c.reuse, "-n", c.requests, s.URL())
			check(t, r, "match", "", false)
			if r.Test == nil || r.Test.Unit != "connection" {
				t.Errorf("unit of the test: %+v, want the connection\n%s", r.Test, r)
			}
		})
	}
}
