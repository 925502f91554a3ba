//go:build race

package diagnose_test

// repetitions is how many of n calibration runs to make. The race detector slows them ten times and learns nothing from
// repetition.
func repetitions(n int) int { return n / 20 }
