package main

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"respy/diagnose"
)

// figures are the numbers and words of a report that its pooling looks at.
type figures struct {
	weight, lnE, tolerance      float64 // the weight of the second version; that of the first is 1
	first, second, other        int64   // draws
	failed, unplaced            int64
	name, unit, method, reason  string
	verdict, source, otherNamed string
}

// report is a report with these figures.
func (g figures) report(t *testing.T) string {
	t.Helper()
	nan := diagnose.Number(math.NaN())
	version := func(name string, weight diagnose.Number, n int64) diagnose.Version {
		return diagnose.Version{Name: name, Weight: weight, Draws: n, Count: n, ExpectedShare: nan, ProgrammedShare: nan}
	}
	c := diagnose.Conclusion{
		Schema: diagnose.Schema, Target: "http://weather/", Verdict: diagnose.Verdict(g.verdict), Reason: diagnose.Reason(g.reason),
		Message: "said so", Expectation: &diagnose.Source{Kind: g.source},
		Requests: g.first + g.second + g.other + g.failed, Answered: g.first + g.second + g.other,
		Versions: []diagnose.Version{version("v1", 1, g.first), version(g.name, diagnose.Number(g.weight), g.second)},
		Test: &diagnose.Test{
			Method: g.method, Unit: g.unit, Unplaced: g.unplaced, LnE: diagnose.Number(g.lnE), Tolerance: diagnose.Number(g.tolerance),
		},
	}
	if g.other > 0 {
		c.Versions = append(c.Versions, version(g.otherNamed, nan, g.other))
	}
	if g.failed > 0 {
		c.Errors = []diagnose.Failure{{Kind: "status", Count: g.failed, Sample: "503"}}
	}
	text, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// FuzzJudgeFigures pools reports that differ from real ones in their figures alone, with a healthy one beside each.
func FuzzJudgeFigures(f *testing.F) {
	add := func(weight, lnE, tolerance float64, first, second, other, failed, unplaced int64, words ...string) {
		f.Add(weight, lnE, tolerance, first, second, other, failed, unplaced, strings.Join(words, ","))
	}
	nan := math.NaN()
	add(1, nan, 0, 500, 500, 0, 0, 0, "v2", "request", "exact", "test", "match", "flag", "")
	add(0.1, nan, 0, 900, 100, 1, 9, 9, "v2", "request", "asymptotic", "impossible-version", "mismatch", "envoy", "v3")
	add(1, 12.5, 0, 16, 0, 0, 0, 0, "v2", "connection", "sequential", "test", "mismatch", "file", "")
	add(0, nan, 0.05, 400, 0, 0, 3, 3, "v2", "session", "exact", "too-small", "inconclusive", "cluster", "")
	add(1, nan, 0, 500, 500, 0, 0, 0, "v2", "request", "exact", "programmed-differs", "mismatch", "flag", "")
	add(1, nan, 0, 500, 500, 0, 0, 0, "v1", "request", "exact", "changed", "inconclusive", "flag", "")
	add(1e308, 1e308, 1, math.MaxInt64, 1, 1, 1, -1, "\x1b[31m", "evil", "exact", "interrupted", "none", "x", "v2")
	healthy := figures{weight: 1, first: 500, second: 500, name: "v2", unit: "request", method: "exact", reason: "test", verdict: "match", source: "flag"}
	f.Fuzz(func(t *testing.T, weight, lnE, tolerance float64, first, second, other, failed, unplaced int64, words string) {
		w := strings.Split(words, ",")
		if len(w) != 7 || math.IsInf(weight, 0) {
			return
		}
		g := figures{weight, lnE, tolerance, first, second, other, failed, unplaced, w[0], w[1], w[2], w[3], w[4], w[5], w[6]}
		one, two := g.report(t), healthy.report(t)
		alone := judgeText(t, one)
		if alone != nil {
			checkPooled(t, alone)
		}
		both := judgeText(t, one+two)
		checkSame(t, "the other way round", both, judgeText(t, two+one))
		if alone == nil && both != nil {
			t.Errorf("judged with another report, and not alone: %s", one)
		}
	})
}
