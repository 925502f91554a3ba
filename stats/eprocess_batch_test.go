package stats

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// E after batches is E after the same answers one by one, in any order, and
// the two ways may be mixed.
func TestAddBatchIsAddInAnyOrder(t *testing.T) {
	src := rand.New(rand.NewPCG(31, 0))
	for _, pi := range splits {
		single, batched := newEProcess(pi), newEProcess(pi)
		for range 50 {
			counts := make([]int64, len(pi))
			for range src.IntN(40) {
				k := draw(src, pi)
				counts[k]++
				single.Add(k)
			}
			if err := batched.AddBatch(counts, 0); err != nil {
				t.Fatal(err)
			}
			k := draw(src, pi)
			single.Add(k)
			batched.Add(k)
			if math.Abs(single.LogE()-batched.LogE()) > 1e-7*(1+math.Abs(single.LogE())) {
				t.Fatalf("%v: ln E %v after single answers, %v after batches", pi, single.LogE(), batched.LogE())
			}
			if batched.MaxLogE() > single.MaxLogE()+1e-7 {
				t.Fatalf("%v: max ln E %v of the batches is above %v of all looks", pi, batched.MaxLogE(), single.MaxLogE())
			}
		}
	}
}

// One huge batch of a wrong split neither overflows nor loses E.
func TestAddBatchKnownValues(t *testing.T) {
	e := newEProcess([]float64{.9, .1})
	if err := e.AddBatch([]int64{503, 497}, 0); err != nil || math.Abs(e.LogE()-500.13671082812) > 1e-8 {
		t.Errorf("ln E of (503, 497) is %v, error %v, want 500.13671082812", e.LogE(), err)
	}
	if err := e.AddBatch([]int64{5e8, 5e8}, 0); err != nil || !(e.LogE() > 1e8) || math.IsInf(e.LogE(), 0) {
		t.Errorf("ln E of a billion is %v, error %v", e.LogE(), err)
	}
}

func TestAddBatchOfTheImpossible(t *testing.T) {
	intruded, zero := newEProcess([]float64{.9, .1}), newEProcess([]float64{1, 0})
	if err := intruded.AddBatch([]int64{1, 0}, 1); err != nil || !math.IsInf(intruded.LogE(), 1) {
		t.Errorf("with an intruder ln E is %v, error %v, want +Inf", intruded.LogE(), err)
	}
	if err := zero.AddBatch([]int64{7, 1}, 0); err != nil || !math.IsInf(zero.LogE(), 1) {
		t.Errorf("with an answer of weight 0 ln E is %v, error %v, want +Inf", zero.LogE(), err)
	}
	for _, bad := range [][]int64{{1}, {1, 2, 3}, {1, -1}, {MaxAnswers, 1}} {
		e := newEProcess([]float64{.9, .1})
		if err := e.AddBatch(bad, 0); err == nil {
			t.Errorf("counts %v are accepted", bad)
		} else if e.LogE() != 0 {
			t.Errorf("counts %v are refused and have moved ln E to %v", bad, e.LogE())
		}
	}
}

// Looking only after batches keeps alpha, also where the size of the next
// batch depends on what the last ones showed, as clients do that wait for the
// answers of a slow version.
func TestAddBatchTypeI(t *testing.T) {
	const alpha, answers = 0.01, 3000
	runs := repetitions(2000)
	for i, pi := range splits {
		t.Run(fmt.Sprint(pi), func(t *testing.T) {
			t.Parallel()
			src := rand.New(rand.NewPCG(32, uint64(i)))
			rejected := 0
			for range runs {
				e := newEProcess(pi)
				for size := 10; e.total < answers; {
					batch := make([]int64, len(pi))
					for range size {
						batch[draw(src, pi)]++
					}
					if err := e.AddBatch(batch, 0); err != nil {
						t.Fatal(err)
					}
					size = 1 + int(40*batch[0])/(size+1)
					if e.LogE() > 2 {
						size = 1 // look closely where it begins to look wrong
					}
				}
				if e.Rejects(alpha) {
					rejected++
				}
			}
			notAbove(t, "false mismatches", rejected, runs, alpha)
		})
	}
}
