package stats

import (
	"cmp"
	"math"
	"slices"
	"sort"
)

// ErrorsBorne returns how many of n answers may lack a version before a match
// depends on where they belong: the largest number of errors that
// [PlaceErrors] calls harmless when all other answers are spread exactly as
// the weights say. A real run, which chance spreads less evenly, bears fewer.
//
// It is exact for two versions, and that of Pearson's test for more. A single
// version bears all errors but one, as one answer at least must name it.
// Errors are those of [Power]; a run without answers bears none.
func ErrorsBorne(weights []float64, n int64, alpha float64) (int64, error) {
	if err := checkPlan(n, alpha); err != nil {
		return 0, err
	}
	null, err := possible(weights)
	if err != nil || n == 0 {
		return 0, err
	}
	o := TestOptions{Kind: ChiSquare}
	if len(null) == 2 {
		o.Kind = Exact
	}
	first := 1 + sort.Search(int(n-1), func(i int) bool {
		errors := int64(i) + 1
		placed, placeErr := PlaceErrors(proportional(n-errors, null), null, errors, alpha, o)
		err = cmp.Or(err, placeErr)
		return !placed.Robust
	})
	return int64(first) - 1, err
}

// proportional spreads n answers over the shares as evenly as whole numbers
// allow: what rounding down leaves over goes to the largest remainders.
func proportional(n int64, shares []float64) []int64 {
	counts, remainders := make([]int64, len(shares)), make([]float64, len(shares))
	order := make([]int, len(shares))
	left := n
	for k, p := range shares {
		whole := math.Floor(p * float64(n))
		counts[k], remainders[k], order[k] = int64(whole), p*float64(n)-whole, k
		left -= counts[k]
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(remainders[b], remainders[a]) })
	for i := range left {
		counts[order[i]]++
	}
	return counts
}
