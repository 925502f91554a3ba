package diagnose

// mostPooled bounds the sum of all figures, far above what anyone measures: sums stay whole numbers.
const mostPooled = 1 << 53

// checkFigures refuses reports that respy did not write: numbers below 0, or of which a sum would be none.
func checkFigures(shards []Shard) error {
	var total int64
	for _, s := range shards {
		for _, n := range figures(s.Report) {
			if n < 0 || n > mostPooled-total {
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
