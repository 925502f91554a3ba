package stats

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// The asymptotic tail, computed with SciPy 1.17.1's gammaln.
func TestMaximumTail(t *testing.T) {
	check := func(x, df, margin, want float64) {
		t.Helper()
		within(t, "p", maximumTail(x, df, margin), want, 1e-9)
	}
	check(30, 1, .05, 3.8941944675e-06)
	check(25, 2, .1, .000195784066985)
	check(20, 1, .01, .000723380992666)
	check(1, 1, .05, 1)
	check(0, 3, .05, 1)
}

// draws a run whose shares change at the given position.
func changing(before, after []float64, at, total int, seed uint64) *Blocks {
	src := rand.New(rand.NewPCG(seed, 7))
	b := &Blocks{}
	for i := range total {
		pi := before
		if i >= at {
			pi = after
		}
		b.AddAt(draw(src, pi), time.Duration(i)*time.Millisecond)
	}
	return b
}

// draw returns a version with the given shares, which sum to 1.
func draw(src *rand.Rand, pi []float64) int {
	u := src.Float64()
	for k, p := range pi {
		if u -= p; u < 0 {
			return k
		}
	}
	return len(pi) - 1
}

func TestChangePointOfAClearChange(t *testing.T) {
	check := func(before, after []float64, at, total int) {
		t.Helper()
		b := changing(before, after, at, total, 1)
		c := b.ChangePoint()
		if !c.Fires() || !c.Found {
			t.Fatalf("%v then %v: p = %v", before, after, c.P)
		}
		if c.Low > int64(at) || c.High < int64(at) || c.Low > c.At || c.High < c.At {
			t.Errorf("change at %d: found %d (%d to %d)", at, c.At, c.Low, c.High)
		}
		if c.Sent != time.Duration(c.At)*time.Millisecond || c.SentLow > c.Sent || c.SentHigh < c.Sent {
			t.Errorf("change at %d was sent at %v (%v to %v)", c.At, c.Sent, c.SentLow, c.SentHigh)
		}
		if got := sum(c.Before); got != c.At {
			t.Errorf("%d answers before %d", got, c.At)
		}
		if got := sum(c.After); got != int64(total)-c.At {
			t.Errorf("%d answers after %d", got, c.At)
		}
	}
	check([]float64{.5, .5}, []float64{.9, .1}, 182, 1000)
	check([]float64{1, 0}, []float64{.9, .1}, 400, 1000)
	check([]float64{.9, .1}, []float64{.2, .8}, 12345, 20000)
	check([]float64{1. / 3, 1. / 3, 1. / 3}, []float64{.1, .3, .6}, 200, 1000)
}

func TestChangePointCounts(t *testing.T) {
	var b Blocks
	for range 60 {
		b.Add(0)
		b.Add(-1)
	}
	for range 100 {
		b.Add(3)
	}
	c := b.ChangePoint()
	if !c.Fires() || c.At != 119 && c.At != 120 {
		t.Fatalf("%+v", c)
	}
	if diff := cmp.Diff([]int64{60, 0, 0, 0}, c.Before); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]int64{0, 0, 0, 100}, c.After); diff != "" {
		t.Error(diff)
	}
}

func TestChangePointEdges(t *testing.T) {
	check := func(what string, b *Blocks) {
		t.Helper()
		if c := b.ChangePoint(); c.P != 1 || c.Fires() || c.Found {
			t.Errorf("%s: %+v, want p 1", what, c)
		}
	}
	check("nothing", &Blocks{})
	one := &Blocks{}
	for range 100 {
		one.Add(0)
	}
	check("one version", one)
	rare := &Blocks{}
	for range 10 {
		rare.Add(1)
	}
	for range 990 {
		rare.Add(0)
	}
	check("ten answers of the rarer version", rare)
	none := &Blocks{}
	none.Add(-1)
	check("errors only", none)
}

// One stray answer of a third version must not hide the change of the others.
func TestChangePointPoolsRareVersions(t *testing.T) {
	b := changing([]float64{.5, .5}, []float64{.9, .1}, 100, 1000, 3)
	b.Add(2)
	c := b.ChangePoint()
	if c.DF != 1 || !c.Fires() {
		t.Errorf("%+v", c)
	}
}
