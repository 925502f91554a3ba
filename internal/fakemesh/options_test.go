package fakemesh

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestOptionsRejected(t *testing.T) {
	for _, test := range []struct {
		name    string
		options Options
		want    string
	}{
		{"no weights", Options{Weights: []float64{}}, "at least one weight"},
		{"negative", Options{Weights: []float64{1, -1}}, "use numbers from 0"},
		{"not a number", Options{Weights: []float64{math.NaN(), 1}}, "use numbers from 0"},
		{"infinite", Options{Weights: []float64{math.Inf(1), 1}}, "use numbers from 0"},
		{"too fine", Options{Weights: []float64{math.Pi, 1}}, "six decimals"},
		{"all zero", Options{Weights: []float64{0, 0}}, "every weight is 0"},
		{"too much", Options{Weights: []float64{math.MaxInt32, math.MaxInt32, 2}}, "add up to"},
		{"too few names", Options{Versions: []string{"a"}}, "give one for each"},
		{"double name", Options{Versions: []string{"a", "a"}}, "given twice"},
		{"name of the service", Options{Versions: []string{"a", "demo"}}, "name of the service"},
		{"bad name", Options{Versions: []string{"a", "b|c"}}, "as in a label"},
		{"empty name", Options{Versions: []string{"a", ""}}, "as in a label"},
		{"negative lag", Options{Lag: -1}, "negative"},
		{"too few latencies", Options{Latency: []time.Duration{1}}, "give one for each"},
		{"unknown fault", Options{Fault: "slow"}, "unknown fault"},
	} {
		t.Run(test.name, func(t *testing.T) {
			m, err := Start(test.options)
			if err == nil {
				t.Fatalf("started: %v", m.Close())
			}
			if !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %q, want %q in it", err, test.want)
			}
		})
	}
}

func TestIntegers(t *testing.T) {
	check := func(want []uint64, weights ...float64) {
		t.Helper()
		got, err := integers(weights)
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%v: %v %s", weights, err, diff)
		}
	}
	check([]uint64{90, 10}, 90, 10)
	check([]uint64{995, 5}, 99.5, .5)
	check([]uint64{333, 667}, 33.3, 66.7)
	check([]uint64{1, 999999}, .000001, .999999)
	check([]uint64{2147483647, 2147483647}, math.MaxInt32, math.MaxInt32)
}

// Which of the declared weights a random number picks, at the edges of the intervals.
func TestDraw(t *testing.T) {
	check := func(random uint64, want int) {
		t.Helper()
		if got := draw([]uint64{90, 0, 10}, random); got != want {
			t.Errorf("%d: got %d, want %d", random, got, want)
		}
	}
	check(0, 0)
	check(89, 0)
	check(90, 2)
	check(99, 2)
	check(100, 0)
	check(math.MaxUint64, 0) // 2⁶⁴-1 is 15 modulo 100
}
