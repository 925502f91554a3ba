package diagnose

import (
	"fmt"

	"respy/k8s"
)

// findRedeclared compares what is declared before and after the run by its content: versions of objects move on any
// write, as of their status. A second reading that failed is said.
func (j *judge) findRedeclared() {
	again := j.Declared.Again
	if again == nil {
		return
	}
	if again.Err != nil {
		j.note("declared", "after the run: %v", again.Err)
		return
	}
	before, after := declaredText(j.Declared.Lookup), declaredText(again.Lookup)
	if sameRule(j.Declared.Lookup, again.Lookup) {
		return
	}
	object := "the declared rules"
	if r := again.Rule; r != nil {
		object = ruleObject(r)
	}
	j.addOnce(k8s.Finding{ID: weightsChanged, Severity: k8s.SeverityError, Object: object,
		Summary:  "the declared rule changed during the run, so that its answers follow two sets of weights",
		Evidence: []string{"before: " + before, "after: " + after},
		Fix:      "run again when the weights rest"})
	j.readAsChanged = true
}

func sameRule(a, b k8s.Lookup) bool {
	if a.Rule == nil || b.Rule == nil {
		return a.Rule == b.Rule
	}
	return a.InEffect == b.InEffect && a.Rule.Hash() == b.Rule.Hash()
}

// declaredText says what is declared, for evidence.
func declaredText(l k8s.Lookup) string {
	if l.Rule == nil {
		return "no rule for the request"
	}
	names, weights := make([]string, len(l.Rule.Destinations)), make([]float64, len(l.Rule.Destinations))
	total := 0.0
	for i, d := range l.Rule.Destinations {
		names[i], weights[i] = d.Version, float64(d.Weight)
		total += weights[i]
	}
	text := fmt.Sprintf("%s %s", ruleObject(l.Rule), l.Rule.Field)
	if !l.InEffect {
		text += " (not in effect)"
	}
	if total == 0 {
		return text + ": no share for anything"
	}
	return text + ": " + sharesOf(names, normalise(weights))
}

// declaredLost holds when the weights come from a cluster that nobody could read again, and no proxy shows either that
// they stayed.
func (j *judge) declaredLost() (outcome, bool) {
	again := j.Declared.Again
	if again == nil || again.Err == nil || j.Expectation == nil || j.Expectation.Source.Kind != FromCluster {
		return outcome{}, false
	}
	for _, p := range j.Proxies {
		if p.Before != nil && p.After != nil {
			return outcome{}, false
		}
	}
	return outcome{Inconclusive, ReasonChanged, fmt.Sprintf("nobody knows whether the weights changed during the run: %v", again.Err)}, true
}
