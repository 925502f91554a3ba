package report_test

import (
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"

	"respy/diagnose"
	"respy/k8s"
	"respy/report"
)

func decode(t *testing.T, text string, into any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), into); err != nil {
		t.Fatalf("not JSON: %v\n%s", err, text)
	}
}

// contract lists the fields of the JSON report by their paths. They are added to, never renamed or removed.
func contract() []string {
	return strings.Fields(`
		schema target started elapsedSeconds verdict reason message exitCode
		unseen.stage unseen.why
		proxy.id
		expectation.source expectation.route expectation.rule expectation.ruleHash expectation.generation expectation.routeVersion
		test.name test.method test.statistic test.df test.pValue test.chiSquarePValue test.alpha test.effectSize
		test.detectableShift test.samples test.lnE test.anytimePValue test.requestsSaved test.unit
		requests answered resent
		errors.kind errors.count errors.sample
		versions.version versions.weight versions.draws versions.expectedShare versions.programmedShare versions.chosen
		versions.count versions.share versions.low versions.high
		versions.latency.p50 versions.latency.p95 versions.latency.p99
		findings.id findings.severity findings.summary findings.evidence findings.fix`)
}

// full is a conclusion in which no part is absent.
func full() *diagnose.Conclusion {
	c := match()
	c.Unseen = []diagnose.Unseen{{Stage: "declared", Why: "no -f was given"}}
	c.Errors = []diagnose.Failure{{Kind: "status", Count: 1, Sample: "503"}}
	c.Findings = []diagnose.Finding{{ID: "hash-policy", Severity: k8s.SeverityInfo, Summary: "s", Evidence: []string{"e"}, Fix: "f"}}
	c.Test.LnE, c.Test.AnytimePValue = -1.5, 1
	return c
}

// lookUp follows a path of names; of a list it takes the first element.
func lookUp(value any, path string) (any, bool) {
	for name := range strings.SplitSeq(path, ".") {
		if list, ok := value.([]any); ok && len(list) > 0 {
			value = list[0]
		}
		object, ok := value.(map[string]any)
		if !ok {
			return nil, false
		}
		if value, ok = object[name]; !ok {
			return nil, false
		}
	}
	return value, true
}

func TestJSONHoldsTheContract(t *testing.T) {
	var got any
	decode(t, render(t, report.FormatJSON, full()), &got)
	for _, path := range contract() {
		if value, ok := lookUp(got, path); !ok || value == nil {
			t.Errorf("%s is %v, want a value", path, value)
		}
	}
}

func TestJSONHasNullWhereANumberDoesNotExist(t *testing.T) {
	c := full()
	absent, infinite := diagnose.Number(math.NaN()), diagnose.Number(math.Inf(1))
	c.Versions = []diagnose.Version{{
		Name: "v9", Count: 1, Weight: absent, ExpectedShare: absent, ProgrammedShare: absent, Share: absent, Low: absent, High: absent,
		Latency: diagnose.Latency{P50: absent, P95: absent, P99: absent},
	}}
	c.Test.Statistic, c.Test.EffectSize, c.Test.DetectableShift = infinite, infinite, infinite
	c.Test.PValue, c.Test.ChiSquarePValue, c.Test.LnE, c.Test.AnytimePValue = absent, absent, absent, absent
	nulls := strings.Fields(`
		test.statistic test.pValue test.chiSquarePValue test.effectSize test.detectableShift test.lnE test.anytimePValue
		versions.weight versions.expectedShare versions.programmedShare versions.chosen versions.share versions.low versions.high
		versions.latency.p50 versions.latency.p95 versions.latency.p99`)
	var got any
	decode(t, render(t, report.FormatJSON, c), &got)
	for _, path := range contract() {
		value, ok := lookUp(got, path)
		if !ok {
			t.Errorf("%s is missing", path)
		}
		if isNull := value == nil; isNull != slices.Contains(nulls, path) {
			t.Errorf("%s is %v, want null only where there is no number", path, value)
		}
	}
}

func TestJSONHasNullForWhatWasNotThere(t *testing.T) {
	c := match()
	c.Proxy, c.Expectation, c.Test = nil, nil, nil
	var got map[string]any
	decode(t, render(t, report.FormatJSON, c), &got)
	for _, name := range []string{"proxy", "expectation", "test"} {
		if value, ok := got[name]; !ok || value != nil {
			t.Errorf("%s is %v, want null", name, value)
		}
	}
	for _, name := range []string{"unseen", "errors", "findings"} {
		if list, ok := got[name].([]any); !ok || len(list) != 0 {
			t.Errorf("%s is %v, want []", name, got[name])
		}
	}
}

// Shares are 0 to 1 and latencies seconds, numbers and not texts.
func TestJSONUnits(t *testing.T) {
	var got any
	decode(t, render(t, report.FormatJSON, match()), &got)
	for path, want := range map[string]float64{
		"versions.share": 0.903, "versions.expectedShare": 0.9, "versions.latency.p50": 0.00212, "elapsedSeconds": 1.234, "versions.chosen": 903,
	} {
		if value, _ := lookUp(got, path); value != want {
			t.Errorf("%s is %v, want %v", path, value, want)
		}
	}
	if value, _ := lookUp(got, "started"); value != "2026-07-01T12:00:00Z" {
		t.Errorf("started is %v, want RFC 3339", value)
	}
}

func TestJSONIsReadBackTheSame(t *testing.T) {
	for name, c := range conclusions() {
		if name == "hostile-names" {
			continue // holds text that is not UTF-8
		}
		first := render(t, report.FormatJSON, c)
		var back diagnose.Conclusion
		decode(t, first, &back)
		if second := render(t, report.FormatJSON, &back); first != second {
			t.Errorf("%s: read back and written again it is another report", name)
		}
	}
}
