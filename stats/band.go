package stats

import "math"

// Band returns the observed shares that do not contradict a declared one after
// so many answers, whenever one looks: those whose interval of
// [ConfidenceSequence] holds the declared share. Under a working split the
// running shares of all versions stay in their bands, from the first answer to
// the last, with probability at least 1−alpha. The band depends on the number
// of answers and on nothing that was seen, so that it can be drawn in advance.
//
// The share is between 0 and 1, versions is how many may answer; the level is
// divided among them as in [Intervals]. A version of share 0 or 1 has no room.
// Without an answer the band is [0, 1].
func Band(answers int64, share float64, versions int, alpha float64) Interval {
	switch {
	case answers <= 0:
		return Interval{Low: 0, High: 1}
	case share <= 0 || share >= 1:
		return Interval{Low: share, High: share}
	}
	n := float64(answers)
	limit := math.Log(float64(independent(versions)) / alpha)
	// ln E is convex in the hits, and at most 0 where they are as declared.
	kept := func(seen float64) bool {
		hits, misses := n*seen, n*(1-seen)
		return betaMixture(hits, misses, share)-hits*math.Log(share)-misses*math.Log1p(-share) < limit
	}
	band := Interval{Low: 0, High: 1}
	if !kept(0) {
		band.Low = limitOf(0, share, kept)
	}
	if !kept(1) {
		band.High = limitOf(1, share, kept)
	}
	return band
}

// limitOf returns where kept changes between a point out of a band and one in
// it, to nine digits: a drawing has many limits and needs fewer.
func limitOf(out, in float64, kept func(float64) bool) float64 {
	for range 30 {
		if middle := out + (in-out)/2; kept(middle) {
			in = middle
		} else {
			out = middle
		}
	}
	return in
}
