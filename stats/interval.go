package stats

import "gonum.org/v1/gonum/mathext"

// Interval is a confidence interval for a share, both ends between 0 and 1.
type Interval struct {
	Low, High float64
}

// Intervals returns confidence intervals for the true shares of all versions,
// in the order of the counts, that hold together with a probability of at
// least 1−alpha, whatever the shares are.
//
// They are exact binomial intervals (Clopper and Pearson [1]) at level alpha
// divided by the number of versions (Bonferroni). With two versions no
// division is needed: the second interval is the mirror of the first and the
// two hold or fail as one. Every count must be given, since the shares are of
// their sum. Without any answer each interval is [0, 1].
//
// The intervals and [Test] divide their error differently between the tails
// and may disagree at the edge; the test decides. Neither is valid for a run
// that was stopped because of what it showed.
//
// It is an error when a count is negative or alpha is not between 0 and 1.
//
//  1. Clopper, C. J. and Pearson, E. S. (1934), The use of confidence or
//     fiducial limits illustrated in the case of the binomial, Biometrika 26.
func Intervals(counts []int64, alpha float64) ([]Interval, error) {
	if err := checkLevel("alpha", alpha); err != nil {
		return nil, err
	}
	if err := checkMore(counts, 0); err != nil {
		return nil, err
	}
	var total int64
	for _, n := range counts {
		total += n
	}
	intervals := make([]Interval, len(counts))
	for k, n := range counts {
		intervals[k] = clopperPearson(n, total, alpha/float64(independent(len(counts))))
	}
	return intervals, nil
}

// independent returns by how much Bonferroni's correction divides alpha for
// the shares of so many versions.
func independent(versions int) int {
	if versions == 2 {
		return 1
	}
	return versions
}

// clopperPearson returns the shares that n of total answers do not reject at
// level alpha/2 on either side.
func clopperPearson(n, total int64, alpha float64) Interval {
	x, rest := float64(n), float64(total-n)
	i := Interval{Low: 0, High: 1}
	if n > 0 {
		i.Low = mathext.InvRegIncBeta(x, rest+1, alpha/2)
	}
	if n < total {
		i.High = mathext.InvRegIncBeta(x+1, rest, 1-alpha/2)
	}
	return i
}
