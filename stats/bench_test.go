package stats

import "testing"

func benchmarkTest(b *testing.B, weights []float64, counts ...int64) {
	b.Helper()
	for b.Loop() {
		mustTest(b, counts, weights, TestOptions{})
	}
}

func BenchmarkTestTwoVersions(b *testing.B) {
	benchmarkTest(b, []float64{90, 10}, 880, 120)
}

func BenchmarkTestFiveVersionsExact(b *testing.B) {
	benchmarkTest(b, []float64{1, 1, 1, 1, 1}, 60, 55, 50, 45, 40)
}

func BenchmarkTestFiveVersionsChiSquare(b *testing.B) {
	benchmarkTest(b, []float64{1, 1, 1, 1, 1}, 600, 550, 500, 450, 400)
}

func BenchmarkTestTenVersionsMonteCarlo(b *testing.B) {
	benchmarkTest(b, []float64{91, 1, 1, 1, 1, 1, 1, 1, 1, 1}, 450, 5, 5, 5, 5, 5, 5, 5, 5, 10)
}
