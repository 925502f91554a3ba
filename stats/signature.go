package stats

import (
	"math"
	"slices"
	"sort"
)

const (
	// namingEvidence is how much likelier than under the weights the counts
	// must be under an explanation for it to be named: 10⁴. Under the weights
	// that happens with probability at most 10⁻⁴ (Markov's inequality).
	namingEvidence = 1e4
	// namingFit is the p-value above which an explanation's own test leaves it
	// standing.
	namingFit = 0.001
	// namingLead is by how much ln likelihood one explanation must lead
	// another to be named alone.
	namingLead = 3
)

// Alternative is a split that would explain counts that the weights do not:
// the ready endpoints, the weights swapped, equal shares, one version alone.
type Alternative struct {
	Name    string
	Weights []float64 // parallel to the declared weights, of any sum
}

// Explanation is an [Alternative] held against counts.
type Explanation struct {
	Name string
	// LogRatio is the log likelihood ratio Σ n ln(r/π) of the alternative's
	// shares r to the declared ones π: −Inf when it rules out what answered,
	// +Inf when only the weights do.
	LogRatio float64
	// P is the p-value of the counts under the alternative, by [Test].
	P float64
	// Named says that the alternative explains the counts: they are at least
	// 10⁴ times likelier under it, it does not contradict them itself (P >
	// .001), and no other such alternative leads it by 3 or more in LogRatio.
	// Several may be named. It only means something for counts that
	// contradict the weights.
	Named bool
	// Separation says whether the number of answers could tell the two apart.
	Separation Separation
}

// Explain holds alternatives against counts, the likeliest first. The
// likelihood ratio of two simple hypotheses is the strongest evidence that
// counts can give for one of them (Royall [1]). The alternatives must be known
// beforehand and not be fitted to the counts, which have to be independent
// draws: the first answers where a version belongs to the connection.
//
// The options are those of [Test] for the p-values, and Alpha is the level of
// the separation; one intruder refutes every alternative. The errors are those
// of Test.
//
//  1. Royall, R. (1997), Statistical Evidence: A Likelihood Paradigm.
func Explain(counts []int64, weights []float64, alternatives []Alternative, o TestOptions) ([]Explanation, error) {
	pi, err := sharesOf(counts, weights, o.Intruders)
	if err != nil {
		return nil, err
	}
	if o.Alpha == 0 {
		o.Alpha = defaultAlpha
	}
	explanations := make([]Explanation, 0, len(alternatives))
	for _, a := range alternatives {
		fit, err := Test(counts, a.Weights, o)
		if err != nil {
			return nil, err
		}
		apart, err := Separate(weights, a.Weights, sum(counts), o.Alpha)
		if err != nil {
			return nil, err
		}
		r, _ := shares(a.Weights) // Test has checked them
		explanations = append(explanations, Explanation{
			Name:       a.Name,
			LogRatio:   logRatio(counts, r, pi),
			P:          fit.P,
			Separation: apart,
		})
	}
	name(explanations)
	return explanations, nil
}

// logRatio returns Σ n ln(r/π).
func logRatio(counts []int64, r, pi []float64) float64 {
	var log float64
	for k, n := range counts {
		switch {
		case n == 0:
		case r[k] == 0:
			return math.Inf(-1)
		default:
			log += float64(n) * math.Log(r[k]/pi[k])
		}
	}
	return log
}

// name sorts the explanations, and marks those that hold.
func name(explanations []Explanation) {
	slices.SortStableFunc(explanations, func(a, b Explanation) int {
		switch {
		case a.LogRatio > b.LogRatio:
			return -1
		case a.LogRatio < b.LogRatio:
			return 1
		}
		return 0
	})
	best := math.Inf(-1)
	for i := range explanations {
		e := &explanations[i]
		if e.LogRatio < math.Log(namingEvidence) || e.P <= namingFit {
			continue
		}
		best = max(best, e.LogRatio)
		e.Named = e.LogRatio == best || e.LogRatio > best-namingLead
	}
}

// Separation says whether counts can tell two splits apart.
type Separation struct {
	// Same says that the shares are equal, so that no number of answers can.
	Same bool
	// Power is the probability that this number of answers contradicts the
	// weights when the alternative is at work.
	Power float64
	// Required is a number of answers at which Power is .9, at most 2⁴⁰, and 0
	// when the shares are the same.
	Required int64
}

// sameShare is the difference up to which shares count as equal.
const sameShare = 1e-9

// Separate says whether n answers can tell an alternative from the weights,
// at level alpha. Power and its errors are those of the function [Power].
func Separate(weights, alternative []float64, n int64, alpha float64) (Separation, error) {
	power, err := Power(n, weights, alternative, alpha)
	if err != nil {
		return Separation{}, err
	}
	pi, _ := shares(weights) // Power has checked both
	r, _ := shares(alternative)
	s := Separation{Power: power, Same: true}
	for k, p := range pi {
		s.Same = s.Same && math.Abs(p-r[k]) <= sameShare
	}
	if !s.Same {
		s.Required = separating(pi, r, alpha)
	}
	return s, nil
}

// separating returns the number of answers from which on the power is .9: by
// halving where it only grows with n. That of the exact test of two versions
// saws up and down; there it is the first such n from where the approximation
// of [Power] says .9.
func separating(pi, r []float64, alpha float64) int64 {
	enough := func(n int64) bool {
		power, err := Power(n, pi, r, alpha)
		return err == nil && power >= defaultPower
	}
	if len(pi) != 2 || positive(pi) != 2 {
		return firstOf(enough)
	}
	d := detector{null: pi, alpha: alpha, critical: chiSquareCritical(alpha, 1)}
	n := firstOf(func(n int64) bool {
		d.n = n
		return d.approximatePower(r) >= defaultPower
	})
	for n < maxPlan && !enough(n) {
		n += 1 + n>>16
	}
	return n
}

// firstOf returns the smallest n for which ok holds, at most maxPlan, if it
// holds for all larger ones.
func firstOf(ok func(int64) bool) int64 {
	high := int64(1)
	for high < maxPlan && !ok(high) {
		high *= 2
	}
	return high/2 + int64(sort.Search(int(high-high/2), func(i int) bool { return ok(high/2 + int64(i)) }))
}
