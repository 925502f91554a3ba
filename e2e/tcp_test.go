package e2e

import "testing"

// TestConnectionIsTheUnit judges a split of connections, with connections of one request and of ten.
func TestConnectionIsTheUnit(t *testing.T) {
	s := enter(t, "tcp-split")
	for _, reuse := range []string{"1", "10"} {
		t.Run("reuse "+reuse, func(t *testing.T) {
			r := respy(t, shared.InPod(), "--connection-reuse", reuse, s.URL())
			check(t, r, "match", "", false)
			if r.Test == nil || r.Test.Unit != "connection" {
				t.Errorf("unit of the test: %+v, want the connection\n%s", r.Test, r)
			}
		})
	}
}
