package diagnose_test

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"respy/diagnose"
)

// What a pool says does not depend on the order of its reports, and its p-value not on how the answers are divided among
// them.
func TestPoolIsTheSameHoweverItIsDivided(t *testing.T) {
	report := reports(t, answered(expecting(90, 10), 90, 10))
	rapid.Check(t, func(rt *rapid.T) {
		count := rapid.Int64Range(20, 200) // a small one would be compared by many permutations
		var list []*diagnose.Conclusion
		for range rapid.IntRange(2, 5).Draw(rt, "reports") {
			list = append(list, report(count.Draw(rt, "v1"), count.Draw(rt, "v2")))
		}
		whole := pool(t, nil, list...)
		check := func(name string, list []*diagnose.Conclusion, verdict bool) {
			c := pool(t, nil, list...)
			if math.Abs(float64(c.Test.PValue-whole.Test.PValue)) > 1e-9*float64(whole.Test.PValue) || c.Requests != whole.Requests {
				rt.Errorf("%s: got p %v of %d requests, want %v of %d", name, c.Test.PValue, c.Requests, whole.Test.PValue, whole.Requests)
			}
			if verdict && (c.Verdict != whole.Verdict || c.Reason != whole.Reason) {
				rt.Errorf("%s: got %s %s, want %s %s", name, c.Verdict, c.Reason, whole.Verdict, whole.Reason)
			}
		}
		check("another order", rapid.Permutation(list).Draw(rt, "order"), true)

		// Two that differ from each other by chance alone disagree no more than one; only a verdict that the reports
		// disagree may be another one among more of them.
		i := rapid.IntRange(0, len(list)-1).Draw(rt, "split")
		split := slices.Delete(slices.Clone(list), i, i+1)
		half, rest := halves(list[i])
		split = append(split, report(half...), report(rest...))
		both := pool(t, nil, split...)
		disagree := finding(whole, "proxies-disagree") != nil || finding(both, "proxies-disagree") != nil
		check("one of them in two", split, !disagree)
	})
}

// halves divides the counts of a report as evenly as they can be.
func halves(c *diagnose.Conclusion) (half, rest []int64) {
	for _, v := range c.Versions {
		half, rest = append(half, v.Count/2), append(rest, v.Count-v.Count/2)
	}
	return half, rest
}
