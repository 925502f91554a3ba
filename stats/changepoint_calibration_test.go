package stats

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// followed is the order of the answers of 100 connections of ten, one after
// the other, and what they say of each other. Shares may change from one
// connection to the next; one of so many stays on the version of its first
// answer, none if that is 0.
func followed(src *rand.Rand, oneIn int, shares func(connection int) []float64) (ChangePoint, Clustering) {
	var b Blocks
	c := newClusters(shares(100))
	for connection := range 100 {
		pi := shares(connection)
		version := draw(src, pi)
		for range 10 {
			c.Answer(int64(connection), version)
			b.Add(version)
			if oneIn == 0 || connection%oneIn > 0 {
				version = draw(src, pi)
			}
		}
	}
	return b.ChangePoint(), c.Test()
}

// Connections of which one in three stays on a version look like a change in 11
// to 25 of 100 runs, and in less than 1 with allowance for it.
func TestDependenceIsNoChange(t *testing.T) {
	runs := repetitions(1000)
	for i, pi := range [][]float64{{.5, .5}, {.9, .1}, {.1, .3, .6}} {
		t.Run(fmt.Sprint(pi), func(t *testing.T) {
			t.Parallel()
			src := rand.New(rand.NewPCG(23, uint64(i)))
			plain, allowing := 0, 0
			for range runs {
				change, clustering := followed(src, 3, func(int) []float64 { return pi })
				if change.Fires() {
					plain++
				}
				if change.Allowing(clustering).Fires() {
					allowing++
				}
			}
			t.Logf("%d runs: %d without allowance, %d with it", runs, plain, allowing)
			if 100*plain < 2*runs || 100*allowing > runs {
				t.Errorf("%d of %d runs fire without allowance, %d with it", plain, runs, allowing)
			}
		})
	}
}

// A change makes connections differ, and is found all the same: what it adds
// to their dependence is no reason to allow for one.
func TestChangeIsFoundBesideItsOwnDependence(t *testing.T) {
	for _, lag := range []int{8, 20, 50} {
		atLeast99(t, fmt.Sprintf("a lag of %d connections", lag), func(src *rand.Rand) bool {
			change, clustering := followed(src, 0, func(connection int) []float64 {
				if connection < lag {
					return []float64{.5, .5}
				}
				return []float64{.9, .1}
			})
			return change.Allowing(clustering).Fires()
		})
	}
}

// Without a hint of dependence nothing changes.
func TestAllowingForNothing(t *testing.T) {
	src := rand.New(rand.NewPCG(24, 0))
	change, clustering := followed(src, 0, func(connection int) []float64 {
		if connection < 20 {
			return []float64{.5, .5}
		}
		return []float64{.9, .1}
	})
	if got := change.Allowing(Clustering{}); got.P != change.P {
		t.Errorf("p = %v, want %v", got.P, change.P)
	}
	if got := change.Allowing(clustering); got.P < change.P || got.At != change.At {
		t.Errorf("p = %v at %d, want at least %v at %d", got.P, got.At, change.P, change.At)
	}
}
