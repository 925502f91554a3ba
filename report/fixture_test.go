package report_test

import (
	"bytes"
	"math"
	"slices"
	"testing"
	"time"

	"respy/diagnose"
	"respy/k8s"
	"respy/report"
)

var nan = diagnose.Number(math.NaN())

// render writes a conclusion in a format, without colours.
func render(t *testing.T, format report.Format, c *diagnose.Conclusion) string {
	t.Helper()
	var b bytes.Buffer
	if err := report.Write(&b, format, c, report.Options{}); err != nil {
		t.Fatalf("%s: %v", format, err)
	}
	return b.String()
}

// human are the formats that people read in a terminal.
func human() []report.Format {
	return []report.Format{report.FormatTable, report.FormatWide, report.FormatQuiet}
}

// ofConclusions are the formats that show a conclusion: all but the list of answers.
func ofConclusions() []report.Format {
	return slices.DeleteFunc(report.Formats(), func(f report.Format) bool { return f == report.FormatJSONL })
}

// conclusions are those of the golden files, by name.
func conclusions() map[string]*diagnose.Conclusion {
	return map[string]*diagnose.Conclusion{
		"match":           match(),
		"mismatch":        mismatch(),
		"errors":          failing(),
		"unknown-version": unknownVersion(),
		"inconclusive":    inconclusive(),
		"none":            none(),
		"three-versions":  threeVersions(),
		"hostile-names":   hostileNames(),
	}
}

func conclusion(verdict diagnose.Verdict, reason diagnose.Reason, exitCode int, message string) *diagnose.Conclusion {
	return &diagnose.Conclusion{
		Schema: diagnose.Schema, Target: "http://weather-backend:5000/version",
		Started: time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC), ElapsedSeconds: 1.234,
		Verdict: verdict, Reason: reason, Message: message, ExitCode: exitCode,
		Requests: 1000, Answered: 1000,
		Expectation: &diagnose.Source{
			Kind: "file", Route: "virtualservice/default/vs-weather-backend", Rule: 1, RuleHash: "9f86d081884c7d65",
			Generation: 3, RouteVersion: "4711",
		},
		Unseen: []diagnose.Unseen{}, Errors: []diagnose.Failure{}, Versions: []diagnose.Version{}, Findings: []diagnose.Finding{},
	}
}

func row(name string, weight, expected float64, count int64, share, low, high float64) diagnose.Version {
	return diagnose.Version{
		Name: name, Weight: diagnose.Number(weight), ExpectedShare: diagnose.Number(expected), ProgrammedShare: nan,
		Draws: count, Count: count, Share: diagnose.Number(share), Low: diagnose.Number(low), High: diagnose.Number(high),
		Latency: diagnose.Latency{P50: 0.00212, P95: 0.00431, P99: 0.01204},
	}
}

func binomial(p, statistic, chiSquareP float64) *diagnose.Test {
	return &diagnose.Test{
		Name: "binomial", Method: "exact", Statistic: diagnose.Number(statistic), DF: 1, PValue: diagnose.Number(p),
		ChiSquarePValue: diagnose.Number(chiSquareP), Alpha: 0.01, EffectSize: 0.01, DetectableShift: 0.0371,
		LnE: nan, AnytimePValue: nan, RequestsRequired: 177, Unit: "request",
	}
}

func match() *diagnose.Conclusion {
	c := conclusion(diagnose.Match, diagnose.ReasonTest, 0,
		"1000 requests agree with single 90%, multiple 10%: single 90.3%, multiple 9.7%")
	c.Versions = []diagnose.Version{row("single", 90, 0.9, 903, 0.903, 0.8763, 0.9257), row("multiple", 10, 0.1, 97, 0.097, 0.0743, 0.1237)}
	for i, chosen := range []int64{903, 97} {
		c.Versions[i].Chosen, c.Versions[i].ProgrammedShare = &chosen, c.Versions[i].ExpectedShare
	}
	c.Proxy = &diagnose.Proxy{ID: "sidecar~10.0.0.7~app.default~default.svc.cluster.local"}
	c.Test = binomial(0.7926, 0.1, 0.7518)
	return c
}

func mismatch() *diagnose.Conclusion {
	c := conclusion(diagnose.Mismatch, diagnose.ReasonTest, 1,
		"single got 50.6% of 1000 requests where its weight asks for 90% (p = 1.4e-224)")
	c.Versions = []diagnose.Version{row("single", 90, 0.9, 506, 0.506, 0.4648, 0.5472), row("multiple", 10, 0.1, 494, 0.494, 0.4528, 0.5352)}
	c.Test = binomial(1.4e-224, 1724.8, 0)
	c.Findings = []diagnose.Finding{
		{ID: "not-on-mesh", Severity: k8s.SeverityError, Object: "VirtualService default/vs-weather-backend", Field: "spec.gateways",
			Summary: "the rule is bound to gateways alone, and the caller is a sidecar", Evidence: []string{"gateways: [public]"},
			Fix: "gateways: [public, mesh]"},
		{ID: "weight-zero", Severity: k8s.SeverityInfo, Object: "VirtualService default/vs-weather-backend", Field: "spec.http[0].route[2].weight",
			Summary: "a destination of weight 0 gets nothing", Evidence: []string{}},
	}
	c.Unseen = []diagnose.Unseen{{Stage: "programmed", Why: "no Envoy answers at 127.0.0.1:15000 or [::1]:15000"}}
	return c
}

func failing() *diagnose.Conclusion {
	c := conclusion(diagnose.Mismatch, diagnose.ReasonErrors, 1,
		"102 of 1000 requests failed (10.2%), more than the 1% allowed: 503 Service Unavailable: no healthy upstream")
	c.Resent = 3
	c.Errors = []diagnose.Failure{
		{Kind: "status", Count: 100, Sample: "503 Service Unavailable: no healthy upstream"},
		{Kind: "reset", Count: 2, Sample: "read tcp 10.0.0.7:41000->10.96.0.5:5000: connection reset by peer"},
	}
	c.Versions = []diagnose.Version{row("single", 90, 0.9, 898, 1, 0.9941, 1), row("multiple", 10, 0.1, 0, 0, 0, 0.0059)}
	c.Versions[1].Latency = diagnose.Latency{P50: nan, P95: nan, P99: nan}
	c.Test = binomial(1.7e-41, 99.8, 1.7e-23)
	return c
}

func unknownVersion() *diagnose.Conclusion {
	c := conclusion(diagnose.Mismatch, diagnose.ReasonImpossibleVersion, 1,
		"canary answered 12 times, and single 90%, multiple 10% does not name it")
	c.Expectation = &diagnose.Source{Kind: "flag"}
	c.Versions = []diagnose.Version{
		row("single", 90, 0.9, 890, 0.89, 0.8621, 0.9138), row("multiple", 10, 0.1, 98, 0.098, 0.0752, 0.1248),
		row("canary", math.NaN(), 0, 12, 0.012, 0.0049, 0.0239),
	}
	c.Test = binomial(0, math.Inf(1), 0)
	c.Test.EffectSize, c.Test.DetectableShift = diagnose.Number(math.Inf(1)), nan
	return c
}

func inconclusive() *diagnose.Conclusion {
	c := conclusion(diagnose.Inconclusive, diagnose.ReasonTooSmall, 3, "20 requests are too few to tell: -n 177 would do")
	c.Requests, c.Answered, c.ElapsedSeconds = 20, 20, 0.0421
	c.Expectation = &diagnose.Source{Kind: "envoy", RuleHash: "60303ae22b998861", RouteVersion: "2026-07-01T12:00:00Z/9"}
	c.Versions = []diagnose.Version{row("single", 90, 0.9, 18, 0.9, 0.6170, 0.9945), row("multiple", 10, 0.1, 2, 0.1, 0.0055, 0.3830)}
	c.Test = binomial(1, 0, 1)
	c.Test.DetectableShift = 0.4512
	return c
}

func none() *diagnose.Conclusion {
	c := conclusion(diagnose.None, diagnose.ReasonNoExpectation, 0, "nothing to compare the answers with: no -f was given")
	c.Expectation = nil
	c.Versions = []diagnose.Version{row("weather-backend: multiple", math.NaN(), math.NaN(), 494, 0.4945, math.NaN(), math.NaN()),
		row("weather-backend: single", math.NaN(), math.NaN(), 505, 0.5055, math.NaN(), math.NaN())}
	c.Errors = []diagnose.Failure{{Kind: "timeout", Count: 1, Sample: "no answer within 5s"}}
	c.Answered = 999
	c.Unseen = []diagnose.Unseen{{Stage: "declared", Why: "no -f was given"}}
	return c
}

func threeVersions() *diagnose.Conclusion {
	c := conclusion(diagnose.Match, diagnose.ReasonTest, 0,
		"1000 requests agree with blue 50%, green 30%, red 20%: blue 50.5%, green 29%, red 20.5%")
	c.Versions = []diagnose.Version{
		row("blue", 50, 0.5, 505, 0.505, 0.4586, 0.5513), row("green", 30, 0.3, 290, 0.29, 0.2489, 0.3338), row("red", 20, 0.2, 205, 0.205, 0.1690, 0.2448),
	}
	c.Test = &diagnose.Test{
		Name: "multinomial", Method: "monte-carlo", Statistic: 0.5083, DF: 2, PValue: 0.7786, ChiSquarePValue: 0.7756, Alpha: 0.01,
		EffectSize: 0.0225, DetectableShift: 0.0655, Samples: 9999, LnE: nan, AnytimePValue: nan, RequestsRequired: 335, Unit: "request",
	}
	return c
}

// passedInconclusive is an inconclusive run that --inconclusive pass lets through.
func passedInconclusive() *diagnose.Conclusion {
	c := inconclusive()
	c.ExitCode = 0
	return c
}

func unreachable() *diagnose.Conclusion {
	c := conclusion(diagnose.Inconclusive, diagnose.ReasonUnreachable, 4,
		"no answer from http://weather-backend:5000/version: connection refused; check the port, and that the service runs")
	c.Answered = 0
	c.Errors = []diagnose.Failure{{Kind: "refused", Count: 1000, Sample: "connection refused"}}
	c.Versions = []diagnose.Version{row("single", 90, 0.9, 0, math.NaN(), math.NaN(), math.NaN()), row("multiple", 10, 0.1, 0, math.NaN(), math.NaN(), math.NaN())}
	return c
}
