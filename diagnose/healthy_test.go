package diagnose_test

import (
	"math/rand/v2"
	"testing"

	"respy/diagnose"
	"respy/k8s"
	"respy/k8s/envoy"
)

// healthyMesh draws the answers of requests that the proxy divides by the weights; every stage agrees.
type healthyMesh struct {
	weights []int64
	seen    string // which of the stages are seen
}

func (m healthyMesh) run(rng *rand.Rand, requests int) *run {
	destinations := make([]k8s.Destination, len(m.weights))
	clusters := make([]envoy.WeightedCluster, len(m.weights))
	for i, w := range m.weights {
		name := string(rune('a' + i))
		destinations[i], clusters[i] = subset(name, w), to(name, uint64(w))
	}
	counts := draw(rng, m.weights, requests)
	route, meant := weighted(clusters...), rule(destinations...)
	if m.seen == "declared" {
		return declared(meant, counts...)
	}
	deltas := make([]envoy.ClusterDelta, len(counts))
	for i, n := range counts {
		deltas[i] = took(clusters[i].Name, uint64(n))
	}
	if m.seen == "programmed" {
		return answered(diagnose.FromRoute(route, nil), counts...).through(route).counting(deltas...)
	}
	r := declared(meant, counts...).through(route).counting(deltas...)
	if m.seen == "shared" {
		r.counting(append(deltas, took(clusters[0].Name, 7))...)
	}
	return r
}

// draw gives each request to a version with the probability of its weight.
func draw(rng *rand.Rand, weights []int64, requests int) []int64 {
	var total int64
	for _, w := range weights {
		total += w
	}
	counts := make([]int64, len(weights))
	for range requests {
		u := rng.Int64N(total)
		i := 0
		for ; u >= weights[i]; i++ {
			u -= weights[i]
		}
		counts[i]++
	}
	return counts
}

// A finding never fires on a healthy mesh, whatever the test makes of the draws. With an alpha of .01 the test rejects 4
// of 400 on average; that it rejects more than 17 has a probability below 1e-6.
func TestHealthyMeshHasNoFindings(t *testing.T) {
	const runs, most = 400, 17
	rng := rand.New(rand.NewPCG(1, 2))
	splits := [][]int64{{90, 10}, {50, 50}, {99, 1}, {50, 30, 20}, {100}, {100, 0}, {1, 1, 1, 1}}
	stages := []string{"declared", "programmed", "all", "shared"}
	rejected := 0
	for i := range runs {
		m := healthyMesh{weights: splits[i%len(splits)], seen: stages[i%len(stages)]}
		c := m.run(rng, 2000).judge(t)
		for _, f := range c.Findings {
			if f.Severity != k8s.SeverityInfo {
				t.Errorf("%+v: %s %s: %s", m, f.Severity, f.ID, f.Summary)
			}
		}
		switch c.Verdict {
		case diagnose.Match:
		case diagnose.Mismatch:
			rejected++
		default:
			t.Errorf("%+v: got %s: %s", m, c.Verdict, c.Message)
		}
	}
	if rejected > most {
		t.Errorf("%d of %d healthy runs were called a mismatch, which should be at most %d", rejected, runs, most)
	}
}

// Judging the same evidence twice gives the same conclusion, and leaves the evidence as it was.
func TestJudgeIsRepeatable(t *testing.T) {
	r := healthyMesh{weights: []int64{5, 3, 2}, seen: "all"}.run(rand.New(rand.NewPCG(3, 4)), 1000)
	first, second := r.judge(t), r.judge(t)
	if first.Message != second.Message || first.Test.PValue != second.Test.PValue || len(first.Unseen) != len(second.Unseen) {
		t.Errorf("got %q (p %v), then %q (p %v)", first.Message, first.Test.PValue, second.Message, second.Test.PValue)
	}
}
