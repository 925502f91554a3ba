package k8s

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// inspect finds what is wrong with a lookup's rule itself and with what it sends requests to, and completes its
// destinations by what stands behind them. Without a request, nil, only what is wrong for every request is found.
func (o *Objects) inspect(s *spec, l *Lookup, caller Caller, request *Request) {
	called := 0
	if request != nil {
		called = request.Port
	}
	reaches := o.reaches(s, caller, called)
	o.complete(l.Rule, reaches, s, request)
	findings := weights(s, l.Rule)
	for i := range reaches {
		r := &reaches[i]
		findings = append(findings, r.temper(o.destinationFindings(r, called))...)
	}
	findings = append(findings, crossFindings(reaches)...)
	findings = append(findings, headlessFindings(reaches)...)
	findings = append(findings, o.accessFindings(reaches, request)...)
	findings = append(findings, faultInjected(s)...)
	for i := range reaches {
		findings = append(findings, hashPolicy(&reaches[i])...)
	}
	l.Findings = append(l.Findings, once(findings)...)
	l.Unseen = append(l.Unseen, o.unknownSubsets(reaches)...)
	l.Unseen = append(l.Unseen, o.unknownSidecars(reaches, request)...)
}

// temper makes notes of the findings on a destination that gets nothing: they explain no wrong split yet.
func (r *reach) temper(findings []Finding) []Finding {
	if r.weight > 0 {
		return findings
	}
	for i := range findings {
		findings[i].Severity = SeverityInfo
		findings[i].Evidence = append(findings[i].Evidence, "its weight is 0: no request gets there now")
	}
	return findings
}

// once keeps one of the findings that several destinations share.
func once(findings []Finding) []Finding {
	var kept []Finding
	for _, f := range findings {
		if !slices.ContainsFunc(kept, func(k Finding) bool { return k.ID == f.ID && k.Object == f.Object && k.Field == f.Field }) {
			kept = append(kept, f)
		}
	}
	return kept
}

// weights finds destinations that get nothing.
func weights(s *spec, r *Rule) []Finding {
	if s.local != "" || s.protocol != "http" && len(s.targets) == 0 {
		return nil
	}
	if s.total() == 0 {
		return []Finding{allWeightsZero(s)}
	}
	if !r.weighted() {
		return nil
	}
	var findings []Finding
	for _, t := range s.targets {
		if t.effective() == 0 {
			findings = append(findings, weightZero(s, t))
		}
	}
	return findings
}

func allWeightsZero(s *spec) Finding {
	f := Finding{ID: "all-weights-zero", Severity: SeverityError, Object: s.object.String(), Field: s.field,
		Summary: "every weight is 0: no request reaches a destination, the proxy answers 500 or keeps its old routes"}
	if len(s.targets) == 0 {
		f.Summary = "the rule has no destination: the proxy answers 500"
		f.Fix = "backendRefs: [{name: SERVICE, port: PORT}]"
		if s.object.kind == "VirtualService" {
			f.Fix = "route: [{destination: {host: SERVICE}}]"
		}
		return f
	}
	for _, t := range s.targets {
		f.Evidence = append(f.Evidence, weightEvidence(t))
	}
	f.Fix = s.editWeights("give each destination its weight")
	return f
}

// editWeights is for weights that nobody but the user knows.
func (s *spec) editWeights(how string) string {
	m := s.object.meta
	return fmt.Sprintf("kubectl edit %s %s -n %s   # %s: %s", strings.ToLower(s.object.kind), shellQuote(m.Name), shellQuote(m.Namespace), s.field, how)
}

func weightZero(s *spec, t target) Finding {
	name := withSubset(t.raw, t.subset)
	f := Finding{ID: "weight-zero", Severity: SeverityInfo, Object: s.object.String(), Field: t.field + ".weight",
		Summary:  fmt.Sprintf("%s has the weight 0 and gets nothing, as at the start or the end of a rollout", name),
		Evidence: []string{weightEvidence(t)},
	}
	if t.weight == nil {
		f.Severity = SeverityWarning
		if f.Fix = s.editWeights("give each destination its weight, the others have 100 or more together"); s.total() < 100 && s.omitted() == 1 {
			f.Fix = s.object.patch(operation{Op: "add", Path: pointer(t.field + ".weight"), Value: 100 - s.total()})
		} else if s.total() < 100 {
			f.Fix = s.editWeights("give each destination its weight")
		}
		f.Summary = fmt.Sprintf("%s has no weight, which counts as 0 beside others: it gets nothing", name)
	}
	return f
}

func weightEvidence(t target) string {
	if t.weight == nil {
		return t.field + ".weight is not given"
	}
	return t.field + ".weight: 0"
}

// omitted counts the destinations without a weight.
func (s *spec) omitted() int {
	n := 0
	for _, t := range s.targets {
		if t.weight == nil {
			n++
		}
	}
	return n
}

// faultInjected finds faults that hit a share of the requests by design.
func faultInjected(s *spec) []Finding {
	if s.fault == nil {
		return nil
	}
	var evidence []string
	if share := s.fault.Abort.share(); share > 0 {
		status := firstNonEmpty(s.fault.Abort.GRPCStatus, strconv.Itoa(s.fault.Abort.HTTPStatus))
		evidence = append(evidence, fmt.Sprintf("%s.fault.abort: %g%% are answered with %s", s.field, share, status))
	}
	if share := s.fault.Delay.share(); share > 0 {
		evidence = append(evidence, fmt.Sprintf("%s.fault.delay: %g%% wait %s", s.field, share, s.fault.Delay.FixedDelay))
	}
	if len(evidence) == 0 {
		return nil
	}
	return []Finding{{ID: "fault-injected", Severity: SeverityError, Object: s.object.String(), Field: s.field + ".fault",
		Summary: "the rule injects a fault by design", Evidence: evidence,
		Fix: s.object.patch(operation{Op: "remove", Path: pointer(s.field + ".fault")})}}
}
