package k8s

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A delegate's match counts where it is narrower than its root's; one that is not takes the whole rule with it.
func TestDelegateMatches(t *testing.T) {
	const (
		split = "vs spec.http[0] single=90 multiple=10"
		rest  = "root spec.http[1] single=100\nerror delegate-missing VirtualService default/root spec.http[0].delegate"
	)
	for _, c := range []struct{ name, root, leaf, want string }{
		{"neither", "", "", split},
		{"root alone", "{uri: {prefix: /ver}}", "", split},
		{"leaf alone", "", "{uri: {prefix: /ver}}", split},
		{"narrower", "{uri: {prefix: /ver}}", "{uri: {exact: /version}}", split},
		{"the same exact", "{uri: {exact: /version}}", "{uri: {exact: /version}}", split},
		{"wider", "{uri: {prefix: /version}}", "{uri: {prefix: /ver}}", rest},
		{"a prefix under an exact", "{uri: {exact: /version}}", "{uri: {prefix: /version}}", rest},
		{"a regex beside a prefix", "{uri: {prefix: /}}", "{uri: {regex: /v.*}}", rest},
		{"different subjects", "{method: {exact: GET}}", "{uri: {prefix: /ver}}", split},
		{"the same header", "{headers: {a: {prefix: x}}}", "{headers: {a: {exact: xy}}}", split},
		{"another value of the header", "{headers: {a: {exact: x}}}", "{headers: {a: {exact: xy}}}", rest},
		{"another case", "{uri: {prefix: /ver}, ignoreUriCase: true}", "{uri: {prefix: /version}}", rest},
		{"one of two roots", "{uri: {prefix: /other}}, {uri: {prefix: /ver}}", "{uri: {prefix: /version}}", split},
		{"one leaf of two fits", "{uri: {prefix: /ver}}", "{uri: {prefix: /version}}, {uri: {prefix: /}}", rest},
		{"another port", "{port: 5000}", "{port: 80}", rest},
		{"the namespace must be repeated", "{sourceNamespace: default}", "{uri: {prefix: /ver}}", rest},
		{"the namespace is repeated", "{sourceNamespace: default}", "{sourceNamespace: default}", split},
		{"labels of both", "{sourceLabels: {app: web}}", "{sourceLabels: {tier: front}}", split},
		{"other labels", "{sourceLabels: {app: web}}", "{sourceLabels: {app: api}}", rest},
		{"more gateways", "{gateways: [mesh]}", "{gateways: [mesh, gw]}", rest},
		{"fewer gateways", "{gateways: [mesh, gw]}", "{gateways: [mesh]}", split},
	} {
		t.Run(c.name, func(t *testing.T) {
			rule := func(match string) string {
				if match == "" {
					return "  - "
				}
				return "  - match: [" + match + "]\n    "
			}
			o := mustRead(t, weather+virtualService("root", "  hosts: [weather-backend]\n  http:\n"+rule(c.root)+"delegate: {name: vs}\n"+
				"  - route: [{destination: {host: weather-backend, subset: single}}]")+virtualService("vs", "  http:\n"+rule(c.leaf)+"route:"+ninetyTen))
			caller := Caller{Namespace: "default", Labels: map[string]string{"app": "web", "tier": "front"}, Entry: EntryMesh}
			l, err := o.Lookup(mustRequest(t, versionURL, "a", "xy"), caller, "")
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(summary(l), c.want); diff != "" {
				t.Errorf("lookup (-got +want):\n%s\n%+v", diff, l)
			}
		})
	}
}

func TestDelegateIsNone(t *testing.T) {
	const root = "  hosts: [weather-backend]\n  http:\n  - delegate: {name: vs}\n"
	for name, leaf := range map[string]string{
		"not exported": "  exportTo: ['~']\n  http:\n  - route:" + ninetyTen,
		"with hosts":   "  hosts: [elsewhere]\n  http:\n  - route:" + ninetyTen,
	} {
		o := mustRead(t, weather+virtualService("root", root)+virtualService("vs", leaf))
		l, err := o.Lookup(mustRequest(t, versionURL), Caller{Entry: EntryMesh}, "")
		if err != nil || len(l.Findings) != 1 || l.Findings[0].ID != "delegate-missing" {
			t.Errorf("%s: %+v, %v", name, l, err)
		}
		all, err := o.Rules(Caller{})
		if err != nil || all[0].InEffect || len(all[0].Findings) != 1 || all[0].Findings[0].ID != "delegate-missing" {
			t.Errorf("%s: %+v, %v", name, all, err)
		}
	}
}

func TestDelegateInherits(t *testing.T) {
	o := mustRead(t, weather+virtualService("root", "  hosts: [weather-backend]\n  http:\n  - name: outer\n    fault: {abort: {httpStatus: 500, percentage: {value: 1}}}\n    delegate: {name: vs}\n")+
		virtualService("vs", "  http:\n  - name: inner\n    route:"+ninetyTen))
	l, err := o.Lookup(mustRequest(t, versionURL), Caller{Entry: EntryMesh}, "")
	if err != nil || l.Rule.Label != "outer-inner" || len(l.Findings) != 1 || l.Findings[0].ID != "fault-injected" {
		t.Errorf("%+v, %v", l, err)
	}
}
