package diagnose_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"respy/diagnose"
	"respy/k8s"
)

// fromCluster is a run of a rule that was read from a cluster before and after it.
func fromCluster(r *k8s.Rule, again *diagnose.Redeclared, counts ...int64) *run {
	result := answered(diagnose.FromRule(diagnose.FromCluster, r, nil), counts...)
	result.Declared = diagnose.Declared{Read: true, Source: diagnose.FromCluster, Lookup: k8s.Lookup{Rule: r, InEffect: true}, Again: again}
	return result
}

func TestRedeclared(t *testing.T) {
	gone := errors.New("the API server at 10.0.0.1 cannot be read")
	scaled, moved := ninetyTenRule(), rule(subset("single", 80), subset("multiple", 20))
	scaled.Generation, scaled.ResourceVersion = 7, "12345"
	for i := range scaled.Destinations {
		scaled.Destinations[i].Weight /= 10
	}
	same := &diagnose.Redeclared{Lookup: k8s.Lookup{Rule: ninetyTenRule(), InEffect: true}}
	lost := &diagnose.Redeclared{Err: gone}
	for name, test := range map[string]struct {
		run     *run
		want    string
		finding string // evidence of weights-changed
		unseen  string
	}{
		"the same":           {fromCluster(ninetyTenRule(), same, 900, 100), "match test", "", ""},
		"other numbers":      {fromCluster(ninetyTenRule(), &diagnose.Redeclared{Lookup: k8s.Lookup{Rule: scaled, InEffect: true}}, 900, 100), "match test", "", ""},
		"other weights":      {fromCluster(ninetyTenRule(), &diagnose.Redeclared{Lookup: k8s.Lookup{Rule: moved, InEffect: true}}, 900, 100), "inconclusive changed", "single 80%, multiple 20%", ""},
		"no rule any more":   {fromCluster(ninetyTenRule(), &diagnose.Redeclared{}, 900, 100), "inconclusive changed", "after: no rule for the request", ""},
		"out of effect":      {fromCluster(ninetyTenRule(), &diagnose.Redeclared{Lookup: k8s.Lookup{Rule: ninetyTenRule()}}, 900, 100), "inconclusive changed", "(not in effect)", ""},
		"nobody can tell":    {fromCluster(ninetyTenRule(), lost, 900, 100), "inconclusive changed", "", "after the run: " + gone.Error()},
		"nor when it is off": {fromCluster(ninetyTenRule(), lost, 500, 500), "inconclusive changed", "", gone.Error()},
		"the proxy can tell": {fromCluster(ninetyTenRule(), lost, 900, 100).through(programmed(90, 10)), "match test", "", gone.Error()},
		"not asked again":    {fromCluster(ninetyTenRule(), nil, 900, 100), "match test", "", ""},
		"weights by hand":    {byHand(lost), "match test", "", gone.Error()},
	} {
		t.Run(name, func(t *testing.T) {
			c := test.run.judge(t)
			if got := string(c.Verdict) + " " + string(c.Reason); got != test.want {
				t.Errorf("got %s (%s), want %s", got, c.Message, test.want)
			}
			var evidence []string
			for _, f := range c.Findings {
				if f.ID == "weights-changed" {
					evidence = append(evidence, f.Evidence...)
				}
			}
			if all := strings.Join(evidence, "\n"); !strings.Contains(all, test.finding) || (all == "") != (test.finding == "") {
				t.Errorf("evidence %q, want %q in it", all, test.finding)
			}
			said := slices.ContainsFunc(c.Unseen, func(u diagnose.Unseen) bool { return strings.Contains(u.Why, gone.Error()) })
			if said != (test.unseen != "") {
				t.Errorf("unseen %v, want %q", c.Unseen, test.unseen)
			}
		})
	}
}

// byHand is a run with weights of the user's, beside a cluster that was gone afterwards.
func byHand(again *diagnose.Redeclared) *run {
	r := answered(diagnose.FromShares([]diagnose.Share{{Name: "single", Weight: 90}, {Name: "multiple", Weight: 10}}, nil, nil), 900, 100)
	r.Declared = diagnose.Declared{Read: true, Source: diagnose.FromCluster, Lookup: k8s.Lookup{Rule: ninetyTenRule(), InEffect: true}, Again: again}
	return r
}
