package diagnose

import (
	"math"
	"slices"

	"respy/stats"
)

// Reports that are pooled come from files. These checks refuse what respy has not written, before it is counted or shown.

// checkShards is the first thing that is wrong with any of the reports.
func checkShards(shards []Shard) error {
	for _, s := range shards {
		if err := checkVersions(s); err != nil {
			return err
		}
		if test := s.Report.Test; test != nil && !slices.Contains([]string{unitRequest, unitConnection, unitSession}, test.Unit) {
			return poolErrorf("%s counts in %.40q, which is none of %s, %s and %s", s.Name, test.Unit, unitRequest, unitConnection, unitSession)
		}
	}
	return checkFigures(shards)
}

// checkVersions holds that no version is expected twice, and that the weights have a sum. Those that nothing expects may
// have the same name, where it was no text.
func checkVersions(s Shard) error {
	total, seen := 0.0, map[string]bool{}
	for _, v := range s.Report.Versions {
		if !v.Weight.Exists() {
			continue
		}
		if seen[v.Name] {
			return poolErrorf("%s expects the version %.40q twice", s.Name, v.Name)
		}
		seen[v.Name] = true
		if total += float64(v.Weight); v.Weight < 0 || math.IsInf(total, 0) {
			return poolErrorf("%s gives the version %.40q the weight %g: weights are 0 or more, and have a sum", s.Name, v.Name, v.Weight)
		}
	}
	return nil
}

// checkFigures holds that no number is below 0 and that all together are no more than can be judged.
func checkFigures(shards []Shard) error {
	var total int64
	for _, s := range shards {
		for _, n := range figures(s.Report) {
			if n < 0 || n > stats.MaxAnswers-total {
				return poolErrorf("%s counts %d of something: that is more or less than can be", s.Name, n)
			}
			total += n
		}
	}
	return nil
}

// figures are the counts in a report.
func figures(c *Conclusion) []int64 {
	all := []int64{c.Requests, c.Answered, c.Resent}
	for _, v := range c.Versions {
		all = append(all, v.Draws, v.Count, v.ServerErrors)
	}
	for _, f := range c.Errors {
		all = append(all, f.Count)
	}
	if c.Test != nil {
		all = append(all, c.Test.Unplaced)
	}
	return all
}
