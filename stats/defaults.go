package stats

const (
	// defaultShift is the shift that a run without a given number of requests
	// notices: ten points, or the whole of the smallest version.
	defaultShift = 0.1
	defaultPower = 0.9

	// maxDefaultRequests bounds what respy sends unasked.
	maxDefaultRequests = 10_000
	minDefaultRequests = 1000
)

// Sufficient returns how many answers it takes before a match says anything: as
// many as notice, with power .9, a shift of ten points or of the smallest
// positive share, whichever is less, and at most 10,000. A run planned smaller
// that does not reject is inconclusive. Errors are those of [Required].
func Sufficient(weights []float64, alpha float64) (int64, error) {
	null, err := possible(weights)
	if err != nil {
		return 0, err
	}
	shift := min(defaultShift, null[len(null)-1])
	return Required(weights, shift, alpha, defaultPower, maxDefaultRequests)
}

// DefaultRequests returns how many requests to send when nobody says: 1000, or
// what is [Sufficient] if that is more.
func DefaultRequests(weights []float64, alpha float64) (int64, error) {
	n, err := Sufficient(weights, alpha)
	return max(n, minDefaultRequests), err
}
