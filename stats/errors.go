package stats

// Placement is what answers without a version can do to a test: each may have
// come from any version.
type Placement struct {
	// Base is the test without them.
	Base Fit
	// Robust is true when the verdict of Base holds wherever they belong.
	Robust bool
	// Errors is the placement most dangerous to that verdict, a number for
	// each version in the order of the counts. If not Robust, it is one that
	// flips the verdict: to these versions the errors would have to belong.
	Errors []int64
	// Worst is the test with the errors placed so.
	Worst Fit
}

// PlaceErrors tests the counts at level alpha with the unidentified answers
// left out, then with them placed in the way worst for the verdict.
//
// A fit is threatened most when all of them belong to one version; the least
// likely of the [Extremes] is tried. A misfit is threatened most by the
// likeliest placement, which the extremes do not show; see [Likeliest]. A
// verdict that survives holds for every placement. Errors are never ascribed to
// a version of weight 0 or to an intruder, which would be a misfit at once.
//
// Alpha replaces that of the options. The errors are those of [Test], and a
// negative number of errors.
func PlaceErrors(counts []int64, weights []float64, errors int64, alpha float64, o TestOptions) (Placement, error) {
	if err := checkLevel("alpha", alpha); err != nil {
		return Placement{}, err
	}
	o.Alpha = alpha
	base, err := Test(counts, weights, o)
	if err != nil {
		return Placement{}, err
	}
	if errors == 0 {
		return Placement{Base: base, Worst: base, Robust: true, Errors: make([]int64, len(counts))}, nil
	}
	placed, err := worstCounts(counts, weights, errors, base.Rejects(alpha), o)
	if err != nil {
		return Placement{}, err
	}
	worst, err := Test(placed, weights, o)
	if err != nil {
		return Placement{}, err
	}
	p := Placement{Base: base, Worst: worst, Robust: worst.Rejects(alpha) == base.Rejects(alpha)}
	for k, n := range placed {
		p.Errors = append(p.Errors, n-counts[k])
	}
	return p, nil
}

// worstCounts returns the counts with the errors placed so as to contradict
// the verdict as much as they can.
func worstCounts(counts []int64, weights []float64, errors int64, rejected bool, o TestOptions) ([]int64, error) {
	rank, err := ranking(counts, weights, errors, o.Kind)
	if err != nil {
		return nil, err
	}
	if rejected {
		return fill(counts, weights, errors, rank)
	}
	extremes, err := Extremes(counts, weights, errors)
	if err != nil {
		return nil, err
	}
	return rank.leastLikely(extremes, weights)
}

// ranking returns what the test of the counts with the errors ranks by.
func ranking(counts []int64, weights []float64, errors int64, kind Kind) (order, error) {
	t, err := newTally(counts, weights, 0)
	if err != nil {
		return 0, err
	}
	t.n += errors
	if t.asymptotic(kind) {
		return statistic, nil
	}
	return probability, nil
}
