package stats

import "testing"

// S with (Σπᵐ)^S ≤ .01, by hand.
func TestRequiredSessions(t *testing.T) {
	check := func(weights []float64, requests int, want int64) {
		t.Helper()
		got, err := RequiredSessions(weights, requests, 0.01)
		if err != nil {
			t.Fatal(err)
		}
		if got != want {
			t.Errorf("%v, %d requests: %d sessions, want %d", weights, requests, got, want)
		}
	}
	check([]float64{90, 10}, 2, 24)
	check([]float64{90, 10}, 5, 9)
	check([]float64{90, 10}, 10, 5)
	check([]float64{99, 1}, 2, 231)
	check([]float64{99, 1}, 5, 92)
	check([]float64{99, 1}, 10, 46)
	check([]float64{50, 50}, 2, 7)
	check([]float64{50, 50}, 5, 2)
	check([]float64{50, 50}, 10, 1)
	check([]float64{1}, 5, 0)
	check([]float64{1, 0}, 5, 0)
}

// The interval by SciPy 1.17.1, binomtest(0, 1000).proportion_ci(.99, 'exact').
func TestSticky(t *testing.T) {
	check := func(sessions, mixed int64, stays bool) Stickiness {
		t.Helper()
		got, err := Sticky(sessions, mixed, []float64{90, 10}, 2, 0.01)
		if err != nil {
			t.Fatal(err)
		}
		if got.Stays() != stays {
			t.Errorf("%d mixed of %d: stays is %v", mixed, sessions, got.Stays())
		}
		return got
	}
	check(0, 0, false)
	check(23, 0, false)
	check(24, 0, true)
	check(24, 1, false)
	within(t, "high", check(1000, 0, true).Interval.High, .0052843060395, 1e-9)
	within(t, "share", check(1000, 10, false).Share, .01, 1e-12)

	single, err := Sticky(1000, 0, []float64{1}, 2, 0.01)
	if err != nil || single.Stays() {
		t.Errorf("a single version proves nothing: %+v, %v", single, err)
	}
}

func TestStickyErrors(t *testing.T) {
	check := func(sessions, mixed int64, weights []float64, requests int, alpha float64) {
		t.Helper()
		if _, err := Sticky(sessions, mixed, weights, requests, alpha); err == nil {
			t.Errorf("Sticky(%d, %d, %v, %d, %v): no error", sessions, mixed, weights, requests, alpha)
		}
	}
	check(1, 2, []float64{1, 1}, 2, 0.01)
	check(1, -1, []float64{1, 1}, 2, 0.01)
	check(1, 0, []float64{1, 1}, 1, 0.01)
	check(1, 0, []float64{0, 0}, 2, 0.01)
	check(1, 0, []float64{1, 1}, 2, 0)
}
