// Package diagnose compares the four stages of a request's way through the mesh, neighbour by neighbour, and decides.
//
// The stages are what is declared (a VirtualService or HTTPRoute), what the caller's proxy was programmed with, which
// cluster it chose for each request, and which version answered. Judge takes what was seen of them as Evidence and
// returns a Conclusion: the verdict, the reason, the test behind it, and findings that explain a wrong split. It is the
// only place that decides; package report renders a Conclusion and changes nothing about it.
package diagnose

import (
	"encoding/json"
	"math"
	"time"
)

// Schema names the version of the JSON form of a Conclusion. Fields are added under it, never renamed.
const Schema = "respy/v1"

// Verdict is the outcome of a check.
type Verdict string

// The verdicts. None means that there was nothing to compare the answers with.
const (
	Match        Verdict = "match"
	Mismatch     Verdict = "mismatch"
	Inconclusive Verdict = "inconclusive"
	None         Verdict = "none"
)

// Reason is the stable id of what settled the verdict.
type Reason string

// The reasons, in the order in which they are tried.
const (
	ReasonUnreachable       Reason = "unreachable"
	ReasonNoExpectation     Reason = "no-expectation"
	ReasonChanged           Reason = "changed"
	ReasonProxyRestarted    Reason = "proxy-restarted"
	ReasonRecognition       Reason = "recognition"
	ReasonImpossibleVersion Reason = "impossible-version"
	ReasonInterrupted       Reason = "interrupted"
	ReasonProgrammedDiffers Reason = "programmed-differs"
	ReasonErrors            Reason = "errors"
	ReasonErrorsCouldFlip   Reason = "errors-could-flip"
	ReasonTooSmall          Reason = "too-small"
	ReasonTest              Reason = "test"
)

// Number is a float64 whose JSON form is null where there is no number: NaN and the infinities.
type Number float64

// MarshalJSON implements json.Marshaler.
func (n Number) MarshalJSON() ([]byte, error) {
	if !n.Exists() {
		return []byte("null"), nil
	}
	return json.Marshal(float64(n))
}

// UnmarshalJSON implements json.Unmarshaler; null is NaN.
func (n *Number) UnmarshalJSON(data []byte) error {
	if string(data) == "null" {
		*n = Number(math.NaN())
		return nil
	}
	return json.Unmarshal(data, (*float64)(n))
}

// Exists reports whether n is a finite number.
func (n Number) Exists() bool {
	return !math.IsNaN(float64(n)) && !math.IsInf(float64(n), 0)
}

// Conclusion is all that a run has shown. It is plain data, and its JSON form is the report that machines read.
type Conclusion struct {
	Schema         string    `json:"schema"`
	Target         string    `json:"target"`
	Started        time.Time `json:"started"`
	ElapsedSeconds float64   `json:"elapsedSeconds"`
	Verdict        Verdict   `json:"verdict"`
	Reason         Reason    `json:"reason"`
	Message        string    `json:"message"` // one sentence
	ExitCode       int       `json:"exitCode"`
	Unseen         []Unseen  `json:"unseen"` // stages that could not be looked at, and why
	Proxy          *Proxy    `json:"proxy"`  // nil when no proxy was read
	Expectation    *Source   `json:"expectation"`
	Test           *Test     `json:"test"` // nil when nothing could be tested
	Requests       int64     `json:"requests"`
	Answered       int64     `json:"answered"`
	Resent         int64     `json:"resent"`
	Errors         []Failure `json:"errors"`
	Versions       []Version `json:"versions"`
	Findings       []Finding `json:"findings"`

	Chain []Stage `json:"-"` // the four stages, declared first; none without an expectation
	Trace *Trace  `json:"-"` // what pictures show; nil when no run was observed
}

// Proxy is the Envoy that the requests went through.
type Proxy struct {
	ID string `json:"id"` // Envoy's node id, as in sidecar~IP~POD.NAMESPACE~NAMESPACE.svc.cluster.local
}

// Source says where the expected shares come from.
type Source struct {
	Kind         string `json:"source"` // flag, file, cluster or envoy
	Route        string `json:"route"`  // KIND/NAMESPACE/NAME, empty when no object is known
	Rule         int    `json:"rule"`   // which rule of the route, from 1; 0 when unknown
	RuleHash     string `json:"ruleHash"`
	Generation   int64  `json:"generation"`
	RouteVersion string `json:"routeVersion"` // resourceVersion, or Envoy's version_info
}

// Test is the statistical test and what it could have noticed. Shares and shifts are 0 to 1.
type Test struct {
	Name             string `json:"name"`   // binomial, multinomial, chi-square or e-process
	Method           string `json:"method"` // exact, asymptotic, monte-carlo or sequential
	Statistic        Number `json:"statistic"`
	DF               int    `json:"df"`
	PValue           Number `json:"pValue"`
	ChiSquarePValue  Number `json:"chiSquarePValue"`
	Alpha            Number `json:"alpha"`
	EffectSize       Number `json:"effectSize"`      // Cohen's w
	DetectableShift  Number `json:"detectableShift"` // noticed with power 0.9
	Samples          int    `json:"samples"`         // Monte Carlo draws, 0 for other methods
	LnE              Number `json:"lnE"`
	AnytimePValue    Number `json:"anytimePValue"`
	RequestsSaved    int64  `json:"requestsSaved"`
	RequestsRequired int64  `json:"requestsRequired"` // units that the check needs for its power
	Unit             string `json:"unit"`             // request, connection or session
	Tolerance        Number `json:"tolerance"`        // how far a share may be off; 0: not at all
	Unplaced         int64  `json:"unplaced"`         // draws of which no stage shows the version, placed in the worst way
}

// Failure is one kind of error, with how often it occurred and one sample.
type Failure struct {
	Kind   string `json:"kind"`
	Count  int64  `json:"count"`
	Sample string `json:"sample"`
}

// Version is one row: a version that was expected or that answered. Shares are 0 to 1 of the answers that named a version.
type Version struct {
	Name            string  `json:"version"`
	Weight          Number  `json:"weight"`        // as declared; null for a version that nothing expects
	Draws           int64   `json:"draws"`         // units of the test: answers, or first answers of a connection or session
	ExpectedShare   Number  `json:"expectedShare"` // weight over the sum of weights
	ProgrammedShare Number  `json:"programmedShare"`
	Chosen          *int64  `json:"chosen"` // requests that the proxy sent to its cluster, nil when unknown
	Count           int64   `json:"count"`
	ServerErrors    int64   `json:"serverErrors"` // of these, answers with a status of 5xx
	Share           Number  `json:"share"`
	Low             Number  `json:"low"` // confidence limits of the share
	High            Number  `json:"high"`
	Latency         Latency `json:"latency"`
}

// Latency has quantiles in seconds.
type Latency struct {
	P50 Number `json:"p50"`
	P95 Number `json:"p95"`
	P99 Number `json:"p99"`
}

// Finding is a cause of a wrong split, or a thing worth knowing about it. Its fields are those of a k8s.Finding.
type Finding struct {
	ID       string   `json:"id"`
	Severity string   `json:"severity"` // k8s.SeverityError, SeverityWarning or SeverityInfo
	Object   string   `json:"object"`   // at fault, as in VirtualService default/reviews
	Field    string   `json:"field"`    // of the object
	Summary  string   `json:"summary"`
	Evidence []string `json:"evidence"`
	Fix      string   `json:"fix"` // a command or a line of YAML
}

// Unseen is a stage that could not be looked at, and why.
type Unseen struct {
	Stage string `json:"stage"` // declared, programmed, chosen or observed
	Why   string `json:"why"`
}
