package diagnose_test

import (
	"encoding/json"
	"math"
	"testing"

	"respy/diagnose"
)

func planFor(t *testing.T, q diagnose.Question, weights ...float64) *diagnose.Plan {
	t.Helper()
	var shares []diagnose.Share
	for i, w := range weights {
		shares = append(shares, diagnose.Share{Name: string(rune('a' + i)), Weight: w})
	}
	if q.Alpha == 0 {
		q.Alpha, q.Power = .01, .9
	}
	p, err := diagnose.NewPlan(shares, q)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestPlanToDetect(t *testing.T) {
	check := func(shift float64, fixed, early, expectedLow, expectedHigh, unasked int64, weights ...float64) {
		t.Helper()
		p := planFor(t, diagnose.Question{Detect: shift}, weights...)
		if *p.Requests != fixed || *p.RequestsEarlyStop != early || *p.DefaultRequests != unasked {
			t.Errorf("%v: %d requests, %d with an early stop, %d unasked, want %d, %d, %d",
				weights, *p.Requests, *p.RequestsEarlyStop, *p.DefaultRequests, fixed, early, unasked)
		}
		if n := *p.ExpectedRequestsEarlyStop; n < expectedLow || n > expectedHigh {
			t.Errorf("%v: %d expected with an early stop, want %d to %d", weights, n, expectedLow, expectedHigh)
		}
		last := p.Rows[len(p.Rows)-1].Requests
		if first := p.Rows[0].Requests; first != min(fixed, unasked) || last != max(fixed, unasked) {
			t.Errorf("%v: rows from %d to %d, want %d and %d", weights, first, last, fixed, unasked)
		}
	}
	check(.1, 177, 177, 130, 160, 1000, 90, 10)
	check(.01, 1968, 2023, 1600, 1800, 1968, 99, 1)
	check(.1, 373, 385, 290, 340, 1000, 50, 50)
	check(.01, 3093, 3183, 2800, 3100, 3093, 91, 1, 1, 1, 1, 1, 1, 1, 1, 1)
	check(.001, 19711, 20268, 17000, 19000, 10000, 99.9, .1)
	check(.1, 22, 22, 8, 10, 1000, 1)
}

func TestPlanOfRequests(t *testing.T) {
	p := planFor(t, diagnose.Question{Requests: 1000}, 99, 1)
	if len(p.Rows) != 2 || p.Rows[0].Requests != 1000 || p.Rows[1].Requests != *p.DefaultRequests {
		t.Fatalf("rows %v, want 1000 and the default", p.Rows)
	}
	if shift := float64(p.Rows[0].DetectableShift); math.Abs(shift-.0147) > 5e-5 {
		t.Errorf("1000 requests notice %v, want 0.0147", shift)
	}
	if p.RequestsRequired != 1968 || p.Requests != nil {
		t.Errorf("%d required, %v to detect nothing", p.RequestsRequired, p.Requests)
	}
	if p := planFor(t, diagnose.Question{Requests: 1}, 99, 1); p.Rows[0].DetectableShift.Exists() {
		t.Errorf("1 request notices %v", p.Rows[0].DetectableShift)
	}
}

func TestPlanOfNothing(t *testing.T) {
	check := func(rows int, weights ...float64) {
		t.Helper()
		p := planFor(t, diagnose.Question{}, weights...)
		found := false
		for i, r := range p.Rows {
			found = found || r.Requests == *p.DefaultRequests
			// Counts are whole numbers: a few requests more may notice a little less.
			if i > 0 && (r.Requests <= p.Rows[i-1].Requests || r.DetectableShift > 1.05*p.Rows[i-1].DetectableShift) {
				t.Errorf("%v: %v after %v", weights, r, p.Rows[i-1])
			}
		}
		if len(p.Rows) != rows || !found {
			t.Errorf("%v: rows %v, want %d with %d among them", weights, p.Rows, rows, *p.DefaultRequests)
		}
	}
	check(7, 90, 10)
	check(8, 99, 1)
	check(8, 91, 1, 1, 1, 1, 1, 1, 1, 1, 1)
	check(7, 1)
}

// What a plan says of a tolerance is what a run does.
func TestPlanOfTolerance(t *testing.T) {
	p := planFor(t, diagnose.Question{Tolerance: .02}, 90, 10)
	unasked, err := diagnose.Requests([]float64{90, 10}, diagnose.Settings{Alpha: .01, Tolerance: .02})
	if err != nil || *p.RequestsTolerance != unasked || *p.DefaultRequests != unasked || len(p.Rows) != 0 {
		t.Errorf("%d prove it, %d unasked, %d rows; a run sends %d, %v", *p.RequestsTolerance, *p.DefaultRequests, len(p.Rows), unasked, err)
	}
	if p := planFor(t, diagnose.Question{Tolerance: .1}, 90, 10); *p.DefaultRequests != 1000 {
		t.Errorf("%d unasked at 10 points, want 1000", *p.DefaultRequests)
	}
	if p := planFor(t, diagnose.Question{Tolerance: .01}, 90, 10); p.DefaultRequests != nil || *p.RequestsTolerance <= 10000 {
		t.Errorf("%v unasked at 1 point, want null", p.DefaultRequests)
	}
}

func TestPlanJSON(t *testing.T) {
	text, err := json.Marshal(planFor(t, diagnose.Question{Requests: 1}, 1, 0, 1))
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"schema":"respy-plan/v1","versions":[` +
		`{"version":"a","weight":1,"share":0.5,"silenceRequests":8},` +
		`{"version":"b","weight":0,"share":0,"silenceRequests":null},` +
		`{"version":"c","weight":1,"share":0.5,"silenceRequests":8}],` +
		`"alpha":0.01,"power":0.9,"detect":null,"requests":null,"requestsEarlyStop":null,"expectedRequestsEarlyStop":null,` +
		`"tolerance":null,"requestsTolerance":null,"requestsRequired":373,"defaultRequests":1000,` +
		`"rows":[{"requests":1,"detectableShift":null,"errorsBorne":0},`
	if got := string(text); len(got) < len(want) || got[:len(want)] != want {
		t.Errorf("got  %s\nwant %s…", got, want)
	}
}

func TestPlanErrors(t *testing.T) {
	check := func(what string, q diagnose.Question, shares ...diagnose.Share) {
		t.Helper()
		if _, err := diagnose.NewPlan(shares, q); err == nil {
			t.Errorf("%s: no error", what)
		}
	}
	half := diagnose.Share{Name: "a", Weight: 1}
	check("no versions", diagnose.Question{Alpha: .01, Power: .9})
	check("no power", diagnose.Question{Alpha: .01}, half, half)
	check("a shift of more than there is", diagnose.Question{Alpha: .01, Power: .9, Detect: .6}, half, half)
	check("a tolerance of everything", diagnose.Question{Alpha: .01, Power: .9, Tolerance: 1}, half, half)
}
