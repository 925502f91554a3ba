package stats

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

// The table of the last two versions against the search that it replaces.
func TestLastTwo(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Int64Range(0, 2000).Draw(t, "n")
		b := newBinomial(n, rapid.Float64Range(.001, .999).Draw(t, "p"), nil)
		limit := rapid.Float64Range(-300, -1).Draw(t, "limit")
		l := lastTwo{binomial: b, limit: limit}
		l.deal(n)
		for range 200 { // the first few without a table
			asked := limit * rapid.Float64Range(0, 1).Draw(t, "part")
			got, want := l.unlikely(asked), b.unlikely(asked)
			if math.Abs(got-want) > 1e-9*want+1e-15*math.Exp(limit) {
				t.Fatalf("P(ln pmf ≤ %v) = %v, want %v", asked, got, want)
			}
		}
	})
}
