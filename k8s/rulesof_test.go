package k8s

import (
	"strings"
	"testing"
)

func TestRulesOf(t *testing.T) {
	o := mustRead(t, weather+virtualService("a", `
  hosts: [weather-backend]
  http:
  - match: [{uri: {prefix: /v}}]
    route: [{destination: {host: weather-backend, subset: single}}]
  - route:`+ninetyTen)+virtualService("b", `
  hosts: [other]
  http:
  - route:`+ninetyTen))
	check := func(route, namespace, want string) {
		t.Helper()
		rules, err := o.RulesOf(route, Caller{Namespace: namespace})
		var got []string
		for _, l := range rules {
			got = append(got, l.Rule.Name+" "+l.Rule.Field)
		}
		if text := strings.Join(got, ", "); err != nil || text != want {
			t.Errorf("%s: %s, %v, want %s", route, text, err, want)
		}
	}
	check("vs/a", "", "a spec.http[0], a spec.http[1]")
	check("virtualservice/default/b", "elsewhere", "b spec.http[0]")
	for _, route := range []string{"", "a", "vs/c", "httproute/a", "vs/elsewhere/a"} {
		if rules, err := o.RulesOf(route, Caller{}); err == nil {
			t.Errorf("%q: %d rules and no error", route, len(rules))
		}
	}
}
