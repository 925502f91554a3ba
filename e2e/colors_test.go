package e2e

import "testing"

// TestColorsExample sends through the gateway to the colors example, as it is and with its sticky variant, which changes
// which pod of a version answers and not which version.
func TestColorsExample(t *testing.T) {
	p := ingress(t, "gateway/colors")
	must(t, shared.Apply(t.Context(), append(example(t, "colors/deployment.yaml"), example(t, "colors/rules.yaml")...)...))
	args := []string{
		"--envoy", p.Admin, "--host", "colors.example.com", "--version-from", "regex:background-color: ([a-z]+)",
		"--map", "v1=crimson", "--map", "v2=lightseagreen", "--map", "v3=indigo", "http://istio-ingressgateway.istio-system/colors",
	}
	for _, variant := range []string{"", "colors/sticky.yaml"} {
		if variant != "" {
			must(t, shared.Apply(t.Context(), example(t, variant)...))
		}
		must(t, shared.AwaitCluster(t.Context(), p.Admin, shared.Revision()))
		r := respy(t, shared.OnNode(), args...)
		check(t, r, "match", "", false)
		if len(r.Versions) != 3 {
			t.Errorf("%d versions, want three\n%s", len(r.Versions), r)
		}
		explained := r.has("hash-policy") || r.has("sticky")
		if explained != (variant != "") {
			t.Errorf("variant %q: explained %v\n%s", variant, explained, r)
		}
	}
}
