package diagnose_test

import (
	"strings"
	"testing"

	"respy/diagnose"
	"respy/k8s/envoy"
	"respy/probe"
)

// links are the stages that were seen with their links: "declared programmed=holds".
func links(c *diagnose.Conclusion) string {
	var parts []string
	for _, s := range c.Chain {
		switch {
		case s.Seen && s.Link != diagnose.LinkNone:
			parts = append(parts, s.Name+"="+string(s.Link))
		case s.Seen:
			parts = append(parts, s.Name)
		}
	}
	return strings.Join(parts, " ")
}

func TestChain(t *testing.T) {
	check := func(name string, r *run, want string) {
		t.Helper()
		if got := links(r.judge(t)); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
	single, multiple := cluster("single"), cluster("multiple")
	check("a match", ninetyTen(903, 97).through(programmed(90, 10)).counting(took(single, 903), took(multiple, 97)),
		"declared programmed=holds chosen=holds observed=holds")
	check("a match without a proxy", ninetyTen(903, 97), "declared observed=holds")
	check("a mismatch without a proxy", ninetyTen(503, 497), "declared observed=broken")
	check("another route", ninetyTen(503, 497).through(programmed(50, 50)).counting(took(single, 503), took(multiple, 497)),
		"declared programmed=broken chosen=holds observed=holds")
	check("no rule in the proxy", ninetyTen(503, 497).through(plain(cluster(""))).counting(took(cluster(""), 1000)),
		"declared programmed=broken chosen=holds observed=open")
	check("a proxy that chooses otherwise", ninetyTen(503, 497).through(programmed(90, 10)).counting(took(single, 503), took(multiple, 497)),
		"declared programmed=holds chosen=broken observed=holds")
	check("pods of another version", ninetyTen(97, 903).through(programmed(90, 10)).counting(took(single, 903), took(multiple, 97)),
		"declared programmed=holds chosen=holds observed=broken")
	check("errors", ninetyTen(903, 0).fail(probe.KindStatus, 97).through(programmed(90, 10)).counting(took(single, 903), took(multiple, 97)),
		"declared programmed=holds chosen=holds observed=broken")
	check("too few", ninetyTen(18, 2).through(programmed(90, 10)).counting(took(single, 18), took(multiple, 2)),
		"declared programmed=holds chosen=open observed=holds")
	check("too few without a proxy", ninetyTen(18, 2), "declared observed=open")
	check("an unknown version", ninetyTen(900, 90).answer("canary", 10), "declared observed=broken")
	check("connections counted", ninetyTen(503, 497).through(plain(cluster(""))).counting(took(cluster(""), 100)),
		"declared programmed=broken chosen=holds observed=open")
	check("weights of the proxy", answered(diagnose.FromRoute(programmed(90, 10), nil), 903, 97).through(programmed(90, 10)),
		"programmed observed=holds")
	check("no answer", ninetyTen(0, 0).fail(probe.KindRefused, 100), "declared")
}

func TestChainSaysWhyAStageIsMissing(t *testing.T) {
	r := ninetyTen(903, 97)
	r.Unseen = []diagnose.Unseen{{Stage: "programmed", Why: "--envoy is off"}}
	chain := r.judge(t).Chain
	if chain[1].Why != "--envoy is off" || chain[2].Why == "" || chain[0].Why != "" {
		t.Errorf("got %+v", chain)
	}
	if chain := (&run{Settings: diagnose.Settings{Alpha: 0.01}}).judge(t).Chain; chain != nil {
		t.Errorf("without an expectation the chain is %+v", chain)
	}
}

// Where requests failed, the answers' stage shows them as such; the test may have placed them.
func TestChainShowsRequestsWithoutAVersion(t *testing.T) {
	chain := ninetyTen(900, 60).fail(probe.KindStatus, 40).through(programmed(90, 10)).
		counting(took(cluster("single"), 900), took(cluster("multiple"), 100)).judge(t).Chain
	if s := chain[3]; s.Shares[1] != 0.06 || s.Elsewhere != 0.04 {
		t.Errorf("the observed stage is %+v", s)
	}
	outside := ninetyTen(500, 500).through(weighted(to("single", 1), envoy.WeightedCluster{Name: "outbound|80||other.default.svc.cluster.local", Weight: 1})).judge(t).Chain
	if s := outside[1]; s.Shares[0] != 0.5 || s.Elsewhere != 0.5 {
		t.Errorf("the programmed stage is %+v", s)
	}
}
