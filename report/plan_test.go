package report_test

import (
	"bytes"
	"errors"
	"maps"
	"math"
	"path/filepath"
	"slices"
	"testing"

	"respy/diagnose"
	"respy/report"
)

func TestPlanGolden(t *testing.T) {
	all := plans()
	for _, name := range slices.Sorted(maps.Keys(all)) {
		t.Run(name, func(t *testing.T) {
			var table, json bytes.Buffer
			if err := errors.Join(report.Plan(&table, all[name]), report.PlanJSON(&json, all[name])); err != nil {
				t.Fatal(err)
			}
			checkGolden(t, filepath.Join("testdata", name+".table"), table.String())
			checkGolden(t, filepath.Join("testdata", name+".json"), json.String())
		})
	}
}

func plans() map[string]*diagnose.Plan {
	detect := ninetyTenPlan()
	detect.Detect, detect.Requests = .1, number(177)
	detect.RequestsEarlyStop, detect.ExpectedRequestsEarlyStop = number(183), number(148)
	detect.Rows = []diagnose.Size{size(177, .0999, 11), size(1000, .0384, 27)}

	few := ninetyTenPlan()
	few.Asked = 1
	few.Rows = []diagnose.Size{size(1, math.Inf(1), 0), size(1000, .0384, 27)}

	tolerance := ninetyTenPlan()
	tolerance.Tolerance, tolerance.RequestsTolerance = .01, number(14292)
	tolerance.RequestsRequired, tolerance.DefaultRequests = 0, nil
	for i := range tolerance.Versions {
		tolerance.Versions[i].SilenceRequests = nil
	}

	// The average of so small a shift rounds to more than what is planned, and the name would paint a terminal.
	hostile := ninetyTenPlan()
	hostile.Versions[1].Name = "\x1b[31mred\u202e"
	hostile.Detect, hostile.Requests = .00001, number(1339)
	hostile.RequestsEarlyStop, hostile.ExpectedRequestsEarlyStop = number(1392), number(1390)
	hostile.RequestsRequired = 1968
	hostile.Rows = []diagnose.Size{size(1000, .0384, 27)}

	single := ninetyTenPlan()
	single.Versions = []diagnose.PlannedVersion{{Name: "v1", Weight: 1, Share: 1}}
	single.Asked = 100
	single.Rows = []diagnose.Size{size(100, .0228, 99), size(1000, .0023, 999)}
	return map[string]*diagnose.Plan{
		"plan-detect": detect, "plan-few": few, "plan-tolerance": tolerance, "plan-hostile": hostile, "plan-single": single,
	}
}

func ninetyTenPlan() *diagnose.Plan {
	none := diagnose.Number(math.NaN())
	return &diagnose.Plan{
		Schema: diagnose.PlanSchema, Alpha: .01, Power: .9, Detect: none, Tolerance: none,
		Versions: []diagnose.PlannedVersion{
			{Name: "single", Weight: 90, Share: .9, SilenceRequests: number(3)},
			{Name: "multiple", Weight: 10, Share: .1, SilenceRequests: number(50)},
		},
		RequestsRequired: 177, DefaultRequests: number(1000), Rows: []diagnose.Size{},
	}
}

func size(requests int64, shift float64, borne int64) diagnose.Size {
	return diagnose.Size{Requests: requests, DetectableShift: diagnose.Number(shift), ErrorsBorne: borne}
}

func number(n int64) *int64 { return &n }

// A plan that cannot be written is an error.
func TestPlanWriteError(t *testing.T) {
	if err := report.Plan(fullDisk{}, ninetyTenPlan()); err == nil {
		t.Error("table: no error")
	}
	if err := report.PlanJSON(fullDisk{}, ninetyTenPlan()); err == nil {
		t.Error("json: no error")
	}
}

// fullDisk takes nothing.
type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errors.New("no space left") }
