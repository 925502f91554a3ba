//go:build !race

package diagnose_test

// repetitions is how many of n calibration runs to make: all of them.
func repetitions(n int) int { return n }
