package stats

import (
	"math/rand/v2"
	"testing"
)

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

// fiveVersions are shares for benchmarks, with the counts of 1000 answers that
// agree with them.
var fiveVersions, thousandOfFive = []float64{.4, .3, .15, .1, .05}, []int64{406, 291, 148, 107, 48}

func BenchmarkIntervals(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Intervals(thousandOfFive, .01); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkConfidenceSequence(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ConfidenceSequence(thousandOfFive, fiveVersions, .01); err != nil {
			b.Fatal(err)
		}
	}
}

// answersOf returns versions that are drawn with the shares.
func answersOf(pi []float64) []int {
	src, versions := rand.New(rand.NewPCG(71, 0)), make([]int, 1<<12)
	for i := range versions {
		versions[i] = draw(src, pi)
	}
	return versions
}

// BenchmarkEProcessAdd is what one more answer costs.
func BenchmarkEProcessAdd(b *testing.B) {
	e, versions, i := newTestEProcess(b, fiveVersions), answersOf(fiveVersions), 0
	b.ReportAllocs()
	for b.Loop() {
		e.Add(versions[i%len(versions)])
		i++
	}
}

func BenchmarkToleranceProcessAdd(b *testing.B) {
	p, versions, i := newTestTolerance(b, fiveVersions, .05).Process(), answersOf(fiveVersions), 0
	b.ReportAllocs()
	for b.Loop() {
		p.Add(versions[i%len(versions)])
		i++
	}
}

func BenchmarkClustersAnswer(b *testing.B) {
	c, versions, i := newTestClusters(b, fiveVersions), answersOf(fiveVersions), 0
	b.ReportAllocs()
	for b.Loop() {
		c.Answer(int64(i/10), versions[i%len(versions)])
		i++
	}
}

// What is done for every answer of a run allocates nothing.
func TestAnAnswerAllocatesNothing(t *testing.T) {
	e, c, b := newTestEProcess(t, fiveVersions), newTestClusters(t, fiveVersions), &Blocks{}
	versions, i := answersOf(fiveVersions), 0
	one := func() {
		version := versions[i%len(versions)]
		e.Add(version)
		c.Answer(int64(i/10), version)
		b.Add(version)
		i++
	}
	for range 2 * maxBlocks {
		one()
	}
	if allocs := testing.AllocsPerRun(10*maxBlocks, one); allocs != 0 {
		t.Errorf("%v allocations for an answer", allocs)
	}
}
