package stats

import "math"

// Required returns how many answers [Test] at level alpha needs to notice, with
// the given power, that the share shift moved from any version that has so
// much to any other; limit if it needs more than that. A limit of 0 means none.
//
// With two versions the power of the exact test goes up and down from one n to
// the next. The number returned is the first, from where the approximation of
// [Power] says it should be, at which it is reached in both directions; beyond
// 65536 it is looked for in steps of n/65536. With more versions it is that of
// the approximation. With one version, shift is the share of intruders of which
// one shows up.
//
// The errors are those of [Power], a power that is not between 0 and 1, and a
// shift that is not positive or larger than the largest share.
func Required(weights []float64, shift, alpha, power float64, limit int64) (int64, error) {
	if err := checkPlan(limit, alpha); err != nil {
		return 0, err
	}
	if err := checkLevel("power", power); err != nil {
		return 0, err
	}
	null, err := possible(weights)
	if err != nil {
		return 0, err
	}
	if err := checkShift(null, shift); err != nil {
		return 0, err
	}
	if limit == 0 {
		limit = MaxAnswers
	}
	if len(null) == 1 {
		return intruderRequests(shift, power, limit), nil
	}
	p := plan{null: null, shift: shift, alpha: alpha, power: power, limit: limit}
	n := p.approximate()
	if len(null) == 2 {
		n = p.exact(n)
	}
	return n, nil
}

// intruderRequests returns after how many answers one of an intruder of the
// given share has shown up with the given power.
func intruderRequests(share, power float64, limit int64) int64 {
	if share == 1 {
		return 1
	}
	n := math.Ceil(math.Log1p(-power) / math.Log1p(-share))
	return int64(math.Min(n, float64(limit)))
}

// plan is the question that [Required] answers.
type plan struct {
	null                []float64
	shift, alpha, power float64
	limit               int64
}

// alternatives returns the shares after each move of the shift that there is.
func (p plan) alternatives() [][]float64 {
	var all [][]float64
	for _, m := range pairs(p.null) {
		if atLeast(p.null[m.from], p.shift) {
			all = append(all, moved(p.null, m, p.shift))
		}
	}
	return all
}

// approximate returns the smallest n at which the approximate power suffices
// against every alternative, at most the limit.
func (p plan) approximate() int64 {
	d := detector{null: p.null, alpha: p.alpha, critical: chiSquareCritical(p.alpha, float64(len(p.null)-1))}
	n := int64(1)
	for _, q := range p.alternatives() {
		noticed := func(n int64) bool {
			d.n = n
			return d.approximatePower(q) >= p.power
		}
		if n < p.limit && !noticed(n) {
			n = search(n+1, p.limit, p.guess(d, q), noticed)
		}
	}
	return n
}

// guess returns about the n at which an alternative is noticed: where the
// statistic's component along the shift, with what the others have on average,
// reaches the critical value.
func (p plan) guess(d detector, q []float64) int64 {
	w, ratio := effect(p.null, q)
	missing := math.Max(0, d.critical-float64(len(p.null)-2))
	root := (math.Sqrt(missing) + math.Sqrt(ratio)*probit(p.power)) / w
	return int64(math.Min(float64(p.limit), math.Ceil(root*root)))
}

// exact returns the first n, starting from a guess, at which the exact test of
// two versions has the power in both directions, at most the limit.
func (p plan) exact(n int64) int64 {
	alternatives := p.alternatives()
	for ; n < p.limit; n += 1 + n>>16 {
		d := newDetector(n, p.null, p.alpha)
		enough := true
		for _, q := range alternatives {
			enough = enough && d.power(q) >= p.power
		}
		if enough {
			return n
		}
	}
	return p.limit
}
