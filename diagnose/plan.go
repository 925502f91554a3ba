package diagnose

import (
	"fmt"
	"math"
	"slices"

	"respy/stats"
)

// PlanSchema names the version of the JSON form of a Plan.
const PlanSchema = "respy-plan/v1"

// Question is what a plan is asked, apart from the weights.
type Question struct {
	Alpha     float64 // probability of a false alarm
	Power     float64 // probability with which a shift is to be noticed
	Detect    float64 // shift to notice, as a share; 0 = none is asked
	Requests  int64   // what so many notice is asked; 0 = nothing is
	Tolerance float64 // margin that a match is to prove, as a share; 0 = none; a question of its own
}

// Plan says how many requests a claim about a split needs, and what a number of requests can notice. Shares and shifts
// are parts of 1. What was not asked, and what does not exist, is null.
type Plan struct {
	Schema   string           `json:"schema"`
	Versions []PlannedVersion `json:"versions"`
	Alpha    float64          `json:"alpha"`
	Power    float64          `json:"power"`

	Detect                    Number `json:"detect"`
	Requests                  *int64 `json:"requests"`                  // that notice Detect
	RequestsEarlyStop         *int64 `json:"requestsEarlyStop"`         // to plan for that with an early stop
	ExpectedRequestsEarlyStop *int64 `json:"expectedRequestsEarlyStop"` // about so many are sent when the shift is there

	Tolerance         Number `json:"tolerance"`
	RequestsTolerance *int64 `json:"requestsTolerance"` // that prove Tolerance when the shares are right

	RequestsRequired int64  `json:"requestsRequired"` // fewer are inconclusive unless they reject
	DefaultRequests  *int64 `json:"defaultRequests"`  // what a run sends unasked; null if it asks for a number
	Rows             []Size `json:"rows"`

	Asked int64 `json:"-"` // the number of requests that the question names
}

// PlannedVersion is one version of the split.
type PlannedVersion struct {
	Name   string  `json:"version"`
	Weight float64 `json:"weight"`
	Share  float64 `json:"share"`

	// SilenceRequests is from how many requests on its silence is noticed; null where there is nothing to notice.
	SilenceRequests *int64 `json:"silenceRequests"`
}

// Size is what one number of requests can do.
type Size struct {
	Requests        int64  `json:"requests"`
	DetectableShift Number `json:"detectableShift"` // null: not even that the largest version has stopped answering
	ErrorsBorne     int64  `json:"errorsBorne"`     // answers without a version that leave a healthy run a match
}

// planned are the numbers of requests that a plan shows when none is asked for.
func planned() []int64 { return []int64{100, 200, 500, 1000, 2000, 5000, 10_000} }

// NewPlan answers the question for the split of the shares, of which one at least has a positive weight.
func NewPlan(shares []Share, q Question) (*Plan, error) {
	p := &Plan{
		Schema: PlanSchema, Alpha: q.Alpha, Power: q.Power,
		Detect: Number(math.NaN()), Tolerance: Number(math.NaN()), Rows: []Size{}, Asked: q.Requests,
	}
	e := FromShares(shares, nil, nil)
	for _, step := range []func(*Expectation, Question) error{p.versions, p.minimum, p.notice, p.prove, p.rows} {
		if err := step(e, q); err != nil {
			return nil, fmt.Errorf("planning the number of requests: %w", err)
		}
	}
	return p, nil
}

// versions fills in the versions. Under a tolerance another test than that of the silence decides.
func (p *Plan) versions(e *Expectation, q Question) error {
	silence, err := stats.SilenceRequired(e.Weights(), q.Alpha, q.Power)
	if err != nil {
		return err
	}
	for i, share := range e.Shares() {
		v := PlannedVersion{Name: e.Versions[i].Name, Weight: e.Versions[i].Weight, Share: share}
		if silence[i] > 0 && q.Tolerance == 0 {
			v.SilenceRequests = &silence[i]
		}
		p.Versions = append(p.Versions, v)
	}
	return nil
}

// minimum fills in what holds of every run of this split.
func (p *Plan) minimum(e *Expectation, q Question) error {
	weights := e.Weights()
	required, err := stats.Sufficient(weights, q.Alpha)
	if err != nil {
		return err
	}
	unasked, err := stats.DefaultRequests(weights, q.Alpha)
	p.RequestsRequired, p.DefaultRequests = required, &unasked
	return err
}

// notice fills in what it takes to notice a shift. An early stop leaves the test at the end a part of alpha only.
func (p *Plan) notice(e *Expectation, q Question) error {
	weights := e.Weights()
	if q.Detect == 0 {
		return nil
	}
	p.Detect = Number(q.Detect)
	fixed, err := stats.Required(weights, q.Detect, q.Alpha, q.Power, 0)
	if err != nil {
		return err
	}
	early, err := stats.Required(weights, q.Detect, stats.FinalLevel(q.Alpha), q.Power, 0)
	if err != nil {
		return err
	}
	mean, err := stats.ExpectedRequests(weights, q.Detect, q.Alpha, early)
	expected := int64(math.Round(mean))
	p.Requests, p.RequestsEarlyStop, p.ExpectedRequestsEarlyStop = &fixed, &early, &expected
	return err
}

// prove fills in what it takes to prove a tolerance, which changes what a run sends unasked, and leaves no minimum.
func (p *Plan) prove(e *Expectation, q Question) error {
	weights := e.Weights()
	if q.Tolerance == 0 {
		return nil
	}
	p.Tolerance = Number(q.Tolerance)
	box, err := stats.NewTolerance(weights, q.Tolerance)
	if err != nil {
		return err
	}
	n, err := box.Required(q.Alpha, q.Power)
	if err != nil {
		return err
	}
	p.RequestsTolerance, p.RequestsRequired, p.DefaultRequests = &n, 0, nil
	if unasked, err := Requests(weights, Settings{Alpha: q.Alpha, Tolerance: q.Tolerance}); err == nil {
		unasked = max(unasked, minRequests)
		p.DefaultRequests = &unasked
	}
	return nil
}

// minRequests is how many requests a run sends unasked at least.
const minRequests = 1000

// rows fills in what some numbers of requests can do: those that are asked for or that the plan names, or the usual ones
// if nothing is asked. They do not go with a tolerance, where another test decides.
func (p *Plan) rows(e *Expectation, q Question) error {
	weights := e.Weights()
	if q.Tolerance > 0 {
		return nil
	}
	sizes := []int64{*p.DefaultRequests}
	if q.Requests > 0 {
		sizes = append(sizes, q.Requests)
	}
	if q.Detect > 0 {
		sizes = append(sizes, *p.Requests)
	}
	if q.Requests == 0 && q.Detect == 0 {
		sizes = append(sizes, planned()...)
	}
	slices.Sort(sizes)
	for _, n := range slices.Compact(sizes) {
		shift, err := stats.DetectableShift(weights, n, q.Alpha, q.Power)
		if err != nil {
			return err
		}
		borne, err := stats.ErrorsBorne(weights, n, q.Alpha)
		if err != nil {
			return err
		}
		p.Rows = append(p.Rows, Size{Requests: n, DetectableShift: Number(shift), ErrorsBorne: borne})
	}
	return nil
}
