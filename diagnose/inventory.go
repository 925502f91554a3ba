package diagnose

import (
	"fmt"
	"slices"

	"respy/k8s"
)

// Inventory is every rule that there is, each with what is wrong with it for whatever request. It is plain data, and its
// JSON form is the report that machines read.
type Inventory struct {
	Schema   string       `json:"schema"`
	Message  string       `json:"message"` // one sentence
	ExitCode int          `json:"exitCode"`
	Caller   *Caller      `json:"caller"`
	Rules    []ListedRule `json:"rules"`
	Findings []Finding    `json:"findings"` // of objects that belong to no single rule
	Unseen   []Unseen     `json:"unseen"`
}

// ListedRule is a rule of an inventory. What is wrong with its object stands at each of the object's rules.
type ListedRule struct {
	Rule         *GoverningRule     `json:"rule"`
	Destinations []DestinationShare `json:"destinations"`
	Findings     []Finding          `json:"findings"`
}

// Listed is a rule to list, with what stands behind its destinations.
type Listed struct {
	k8s.Lookup
	Source   string // FromFile or FromCluster
	Backends []k8s.Backend
}

// List makes an inventory of rules, and of what is wrong beside them. A rule that is listed several times, as an HTTPRoute
// is once for each of its parents, is one with the findings of all.
func List(rules []Listed, beside []k8s.Finding, caller k8s.Caller, unseen []Unseen) *Inventory {
	v := &Inventory{Schema: Schema, Caller: callerOf(caller, false, k8s.EntryUnknown), Rules: []ListedRule{}, Findings: []Finding{}, Unseen: orEmpty(unseen)}
	for _, f := range beside {
		v.Findings = append(v.Findings, Finding(f))
	}
	for _, l := range rules {
		r := v.rule(l)
		for _, f := range l.Findings {
			if r.has(f) {
				continue
			}
			f.Evidence = orEmpty(f.Evidence)
			r.Findings = append(r.Findings, Finding(f))
		}
		slices.SortStableFunc(r.Findings, byGravity)
	}
	v.conclude()
	return v
}

// rule finds the entry of a rule, which it adds if there is none.
func (v *Inventory) rule(l Listed) *ListedRule {
	ref := l.Rule.Ref()
	for i := range v.Rules {
		if r := v.Rules[i].Rule; r.Route == ref && r.Field == l.Rule.Field {
			return &v.Rules[i]
		}
	}
	v.Rules = append(v.Rules, ListedRule{Rule: governing(l.Rule, l.Source, l.InEffect),
		Destinations: shared(l.Rule.Destinations, l.Backends, nil), Findings: []Finding{}})
	return &v.Rules[len(v.Rules)-1]
}

// has reports whether a finding is there already.
func (r *ListedRule) has(f k8s.Finding) bool { return slices.ContainsFunc(r.Findings, Finding(f).Is) }

// Is reports whether two findings are of the same thing, whatever their words are.
func (f Finding) Is(other Finding) bool {
	return f.ID == other.ID && f.Object == other.Object && f.Field == other.Field
}

// conclude counts the rules with a finding of severity error, of which one makes the exit code 1.
func (v *Inventory) conclude() {
	faulty := 0
	for _, r := range v.Rules {
		if slices.ContainsFunc(r.Findings, func(f Finding) bool { return f.Severity == k8s.SeverityError }) {
			faulty++
		}
	}
	v.Message = fmt.Sprintf("%d of %s", faulty, rulesText(len(v.Rules)))
	switch {
	case faulty == 1:
		v.Message, v.ExitCode = v.Message+" has a fault", exitMismatch
	case faulty > 1:
		v.Message, v.ExitCode = v.Message+" have a fault", exitMismatch
	default:
		v.Message = "no fault found in " + rulesText(len(v.Rules))
	}
}

func rulesText(n int) string {
	if n == 1 {
		return "1 rule"
	}
	return fmt.Sprintf("%d rules", n)
}
