package diagnose

import (
	"cmp"

	"respy/k8s"
)

// governing is the plain form of a rule that was read from FromFile or FromCluster.
func governing(r *k8s.Rule, kind string, inEffect bool) *GoverningRule {
	names, weights := make([]string, len(r.Destinations)), make([]float64, len(r.Destinations))
	for i, d := range r.Destinations {
		names[i], weights[i] = d.Version, float64(d.Weight)
	}
	shares := cmp.Or(r.Local, "no destination gets anything")
	if total(weights) > 0 {
		shares = sharesOf(names, normalise(weights))
	}
	return &GoverningRule{Source: FromRule(kind, r, nil).Source, Object: ruleObject(r), Field: r.Field, Name: r.Label, Protocol: r.Protocol, Shares: shares, Local: r.Local,
		Hosts: orEmpty(r.Hosts), Gateways: orEmpty(r.Gateways), Matches: orEmpty(r.Matches), InEffect: inEffect}
}
