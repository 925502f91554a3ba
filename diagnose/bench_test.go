package diagnose_test

import (
	"fmt"
	"testing"
	"time"

	"respy/diagnose"
	"respy/probe"
)

// fiveVersions are the weights of the benchmarks, and their answers, which agree with them.
var fiveVersions = []float64{40, 30, 15, 10, 5}

// modes are the ways to end a run, each of which takes its own work for an answer and for the verdict.
var modes = []struct {
	name string
	set  func(*watched)
}{
	{"fixed", func(*watched) {}},
	{"early", earlyStop},
	{"tolerance", tolerating(5)},
	{"early-tolerance", func(w *watched) { earlyStop(w); tolerating(5)(w) }},
}

// BenchmarkJudge is the whole verdict on a finished run of 1000 answers of five versions, 10 a connection.
func BenchmarkJudge(b *testing.B) {
	for _, mode := range modes {
		b.Run(mode.name, func(b *testing.B) {
			w := watch(b, fiveVersions, 1000, reusing(10), mode.set).take(shuffled(61, 400, 300, 150, 100, 50)...)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := diagnose.Judge(w.Evidence, w.Settings); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkObserve is what an answer of a run costs after it has come: five versions, ten connections at a time.
func BenchmarkObserve(b *testing.B) {
	for _, mode := range modes {
		for _, reuse := range []int64{1, 10, 1000} {
			b.Run(fmt.Sprintf("%s/reuse=%d", mode.name, reuse), func(b *testing.B) {
				f := newFeed(b, reuse, mode.set)
				b.ReportAllocs()
				for b.Loop() {
					f.next()
				}
			})
		}
	}
}

// feed hands an observer the answers of a run that does not end.
type feed struct {
	observer *diagnose.Observer
	versions []int
	reuse    int64
	seq      int64
}

// newFeed starts a feed with as many answers as it takes for all that an observer keeps to have its size.
func newFeed(t testing.TB, reuse int64, mode func(*watched)) *feed {
	t.Helper()
	unstoppable := func(w *watched) { w.Alpha = 1e-300 }
	f := &feed{
		observer: watch(t, fiveVersions, 1000, mode, unstoppable).Observer,
		versions: shuffled(62, 4000, 3000, 1500, 1000, 500),
		reuse:    reuse,
	}
	for range 100_000 {
		f.next()
	}
	return f
}

// next feeds one more answer, on each of ten connections in turn.
func (f *feed) next() {
	const workers = 10
	round := f.seq / workers
	f.observer.Observe(probe.Answer{
		Seq: f.seq, Version: f.versions[f.seq%int64(len(f.versions))], Status: 200, Session: -1,
		Conn: round/f.reuse*workers + f.seq%workers, First: round%f.reuse == 0, Sent: time.Duration(f.seq),
	})
	f.seq++
}

// What is done for every answer of a run allocates nothing once the run is under way.
func TestObservingAllocatesNothing(t *testing.T) {
	for _, mode := range modes {
		for _, reuse := range []int64{1, 10} {
			f := newFeed(t, reuse, mode.set)
			if allocs := testing.AllocsPerRun(10_000, f.next); allocs != 0 {
				t.Errorf("%s, %d requests a connection: %v allocations for an answer", mode.name, reuse, allocs)
			}
		}
	}
}
