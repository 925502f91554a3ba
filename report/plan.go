package report

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strconv"

	"github.com/jedib0t/go-pretty/v6/table"

	"respy/diagnose"
)

// PlanJSON writes p as one indented JSON object, the form whose field names are a contract.
func PlanJSON(w io.Writer, p *diagnose.Plan) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(p)
}

// Plan writes p for people: the answer in sentences first, then the versions, then what numbers of requests can do.
func Plan(w io.Writer, p *diagnose.Plan) error {
	out := bufio.NewWriter(w)
	noticed(out, p)
	proven(out, p)
	sent(out, p)
	silence(out, p)
	plannedVersions(out, p)
	sizes(out, p)
	return out.Flush()
}

// noticed says what it takes to notice the shift that was asked for.
func noticed(w io.Writer, p *diagnose.Plan) {
	if !p.Detect.Exists() {
		return
	}
	fmt.Fprintf(w, "%s %s, %s.\n", notice(*p.Requests), shiftOf(p, p.Detect), levels(p))
	if expected := about(*p.ExpectedRequestsEarlyStop); expected < *p.RequestsEarlyStop {
		fmt.Fprintf(w, "With --early-stop plan %d; when that is so, a run ends after about %d on average.\n", *p.RequestsEarlyStop, expected)
	} else {
		fmt.Fprintf(w, "With --early-stop plan %d; even when that is so, few runs end before.\n", *p.RequestsEarlyStop)
	}
	minimum(w, p, *p.Requests)
}

// proven says what it takes to prove the tolerance.
func proven(w io.Writer, p *diagnose.Plan) {
	if !p.Tolerance.Exists() {
		return
	}
	fmt.Fprintf(w, "%s prove that no share is off by more than %s, %s, if the shares are exact.\n",
		plural(*p.RequestsTolerance, "request"), pointsOf(p.Tolerance), levels(p))
}

func levels(p *diagnose.Plan) string {
	return fmt.Sprintf("with probability %s (alpha %s)", short(diagnose.Number(p.Power)), short(diagnose.Number(p.Alpha)))
}

// minimum says that so many requests are too few for a match, if they are.
func minimum(w io.Writer, p *diagnose.Plan, requests int64) {
	if requests < p.RequestsRequired {
		fmt.Fprintf(w, "On this split a run of fewer than %d is inconclusive unless it shows a mismatch.\n", p.RequestsRequired)
	}
}

// sent says what the numbers of requests that nobody has to work out can do: the one asked for, and the default.
func sent(w io.Writer, p *diagnose.Plan) {
	for _, s := range p.Rows {
		switch {
		case s.Requests != p.Asked:
		case s.DetectableShift.Exists():
			fmt.Fprintf(w, "%s %s, %s.\n", notice(s.Requests), shiftOf(p, s.DetectableShift), levels(p))
		default:
			fmt.Fprintf(w, "%s not even that the largest version has stopped answering.\n", notice(s.Requests))
		}
	}
	if p.Asked > 0 {
		minimum(w, p, p.Asked)
	}
	if p.DefaultRequests == nil {
		fmt.Fprintf(w, "That is more than respy sends unasked: give it -n %d.\n", *p.RequestsTolerance)
		return
	}
	fmt.Fprintf(w, "Without -n respy sends %s for this split%s.\n", plural(*p.DefaultRequests, "request"), defaultShift(p))
}

// defaultShift says what the default number of requests notices.
func defaultShift(p *diagnose.Plan) string {
	for _, s := range p.Rows {
		if s.Requests == *p.DefaultRequests && s.DetectableShift.Exists() {
			return ", which notice " + shiftOf(p, s.DetectableShift)
		}
	}
	if p.Tolerance.Exists() {
		return " and tolerance"
	}
	return ""
}

// silence says from when on the rarest version is missed.
func silence(w io.Writer, p *diagnose.Plan) {
	var rarest *diagnose.PlannedVersion
	for i, v := range p.Versions {
		if v.SilenceRequests != nil && (rarest == nil || *v.SilenceRequests > *rarest.SilenceRequests) {
			rarest = &p.Versions[i]
		}
	}
	if rarest != nil {
		fmt.Fprintf(w, "That %s has stopped answering is noticed from %s on.\n", printable(rarest.Name), plural(*rarest.SilenceRequests, "request"))
	}
}

func notice(requests int64) string {
	if requests == 1 {
		return "1 request notices"
	}
	return plural(requests, "request") + " notice"
}

// shiftOf names what may be noticed: with one version, which nothing can leave, that another one answers.
func shiftOf(p *diagnose.Plan, shift diagnose.Number) string {
	if single(p) {
		return "that an unknown version gets " + inPoints(shift) + "% of the requests"
	}
	return "a shift of " + pointsOf(shift) + " or more"
}

func pointsOf(n diagnose.Number) string {
	if inPoints(n) == "1" {
		return "1 point"
	}
	return inPoints(n) + " points"
}

func single(p *diagnose.Plan) bool {
	possible := 0
	for _, v := range p.Versions {
		if v.Weight > 0 {
			possible++
		}
	}
	return possible == 1
}

// inPoints writes a share in percentage points with three significant digits.
func inPoints(n diagnose.Number) string {
	if !n.Exists() {
		return absent
	}
	return strconv.FormatFloat(100*float64(n), 'g', 3, 64)
}

// about rounds to two significant digits: what was simulated is not known better.
func about(n int64) int64 {
	if n < 100 {
		return n
	}
	unit := math.Pow(10, math.Floor(math.Log10(float64(n)))-1)
	return int64(math.Round(float64(n)/unit) * unit)
}

func plannedVersions(w io.Writer, p *diagnose.Plan) {
	t := newTable(w)
	header := table.Row{"VERSION", "WEIGHT", "SHARE", "SILENCE NOTICED FROM"}
	if p.Tolerance.Exists() {
		header = header[:3]
	}
	t.AppendHeader(header)
	for _, v := range p.Versions {
		from := absent
		if v.SilenceRequests != nil {
			from = plural(*v.SilenceRequests, "request")
		}
		row := table.Row{printable(v.Name), short(diagnose.Number(v.Weight)), inPoints(diagnose.Number(v.Share)) + "%", from}
		t.AppendRow(row[:len(header)])
	}
	alignRight(t, len(header))
	t.Render()
}

func sizes(w io.Writer, p *diagnose.Plan) {
	if len(p.Rows) == 0 {
		return
	}
	t := newTable(w)
	header := table.Row{"REQUESTS", "SHIFT NOTICED", "ERRORS BORNE"}
	t.AppendHeader(header)
	for _, s := range p.Rows {
		requests := strconv.FormatInt(s.Requests, 10)
		if p.DefaultRequests != nil && s.Requests == *p.DefaultRequests {
			requests += " (default)"
		}
		t.AppendRow(table.Row{requests, inPoints(s.DetectableShift), s.ErrorsBorne})
	}
	alignRight(t, len(header))
	t.Render()
	fmt.Fprintf(w, "Shift noticed: in percentage points, with probability %s. Errors borne: answers without a version that leave a\n"+
		"healthy run a match, whichever version they belong to; --max-errors limits them besides.\n", short(diagnose.Number(p.Power)))
}
