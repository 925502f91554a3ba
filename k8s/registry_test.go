package k8s

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// entry is a ServiceEntry; its spec is YAML.
func serviceEntry(name, namespace, spec string) string {
	return "\n---\napiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: {name: " + name + ", namespace: " + namespace + "}\nspec: " + spec + "\n"
}

func TestOutsideHosts(t *testing.T) {
	const (
		every = "Service ServiceEntry"
		field = "VirtualService default/vs spec.http[0].route[0].destination"
	)
	rule := func(port string) string {
		return virtualService("vs", "  hosts: [weather-backend]\n  http: [{route: [{destination: {host: api.example.com"+port+"}}]}]")
	}
	for _, c := range []struct {
		name, text, kinds, want string
	}{
		{"known", serviceEntry("e", "default", "{hosts: [api.example.com]}") + rule(""), every, ""},
		{"known by its end", serviceEntry("e", "default", "{hosts: ['*.example.com']}") + rule(""), every, ""},
		{"not known", rule(""), every, "\nerror destination-not-found " + field + ".host"},
		{"not in the files", rule(""), "", ""},
		{"hidden", serviceEntry("e", "other", "{hosts: [api.example.com], exportTo: [.]}") + rule(""), "", "\nerror destination-not-found " + field + ".host"},
		{"hidden by one, shown by another", serviceEntry("e", "other", "{hosts: [api.example.com], exportTo: [.]}") +
			serviceEntry("f", "other", "{hosts: [api.example.com], exportTo: [default]}") + rule(""), "", ""},
		{"its port", serviceEntry("e", "default", "{hosts: [api.example.com], ports: [{number: 443}]}") + rule(", port: {number: 443}"), "", ""},
		{"another port", serviceEntry("e", "default", "{hosts: [api.example.com], ports: [{number: 443}]}") + rule(", port: {number: 80}"), "",
			"\nerror destination-not-found " + field + ".port"},
	} {
		t.Run(c.name, func(t *testing.T) {
			checkRule(t, complete(mustRead(t, weatherService+c.text), c.kinds), "vs spec.http[0] api.example.com=100"+c.want)
		})
	}
}

// A ServiceEntry's endpoints have labels as pods do.
func TestSubsetsOfAServiceEntry(t *testing.T) {
	rule := virtualService("vs", `
  hosts: [api.example.com]
  http:
  - route:
    - {destination: {host: api.example.com, subset: v1}, weight: 90}
    - {destination: {host: api.example.com, subset: v2}, weight: 10}
`) + destinationRule("dr", "default", `
  host: api.example.com
  subsets: [{name: v1, labels: {version: v1}}, {name: v2, labels: {version: v2}}]
`)
	const both = "{hosts: [api.example.com], endpoints: [{address: 192.0.2.1, labels: {version: v1}}, {address: 192.0.2.2, labels: {version: v2}}]}"
	const one = "{hosts: [api.example.com], endpoints: [{address: 192.0.2.1, labels: {version: v1}}]}"
	const selected = "{hosts: [api.example.com], workloadSelector: {labels: {app: x}}}"
	checkRule(t, mustRead(t, rule+serviceEntry("e", "default", both)), "vs spec.http[0] v1=90 v2=10")
	checkRule(t, mustRead(t, rule+serviceEntry("e", "default", selected)), "vs spec.http[0] v1=90 v2=10")
	checkRule(t, mustRead(t, rule+serviceEntry("e", "default", one)),
		"vs spec.http[0] v1=90 v2=10\nerror subset-empty DestinationRule default/dr spec.subsets[1].labels")
}

// The clusters of an ExternalName are those of the Service that it stands for.
func TestExternalName(t *testing.T) {
	alias := service("alias", "{type: ExternalName, externalName: weather-backend.default.svc.cluster.local}")
	ring := service("alias", "{type: ExternalName, externalName: alias.default.svc.cluster.local}")
	rule := virtualService("vs", `
  hosts: [alias]
  http:
  - route:
    - {destination: {host: alias, subset: single, port: {number: 5000}}, weight: 90}
    - {destination: {host: alias, subset: multiple, port: {number: 5000}}, weight: 10}
`)
	const shares = "vs spec.http[0] single=90 multiple=10"
	checkRule(t, mustRead(t, weather+alias+workloads+rule), shares)
	checkRule(t, mustRead(t, weather+alias+deployment("single", singlePod)+rule),
		shares+"\nerror subset-empty DestinationRule default/dr-weather-backend spec.subsets[1].labels")
	checkRule(t, mustRead(t, ring+rule), shares+"\nunseen")
}

func TestServiceThatIsNotExported(t *testing.T) {
	hidden := "\n---\napiVersion: v1\nkind: Service\nmetadata: {name: web, annotations: {networking.istio.io/exportTo: '., team'}}\nspec: {ports: [{port: 80}]}\n"
	rule := aged("vs", "default", "", "  hosts: [web]\n  http: [{route: [{destination: {host: web}}]}]")
	check := func(namespace, want string) {
		t.Helper()
		l, err := mustRead(t, hidden+rule).Lookup(mustRequest(t, "http://web.default/"), Caller{Namespace: namespace, Entry: EntryMesh}, "")
		if diff := cmp.Diff(summary(l), "vs spec.http[0] web=100"+want); diff != "" || err != nil {
			t.Errorf("%s: %v\n%s", namespace, err, diff)
		}
	}
	check("default", "")
	check("team", "")
	check("other", " (not in effect)\nerror not-exported Service default/web metadata.annotations[networking.istio.io/exportTo]")
}

func TestDestinationRuleUnused(t *testing.T) {
	check := func(dr, kinds, want string) {
		t.Helper()
		o := complete(mustRead(t, weatherService+dr+virtualService("vs", splitRule)), kinds)
		checkRule(t, o, "vs spec.http[0] single=90 multiple=10"+want)
	}
	const unused = "\nwarning destination-rule-unused DestinationRule "
	subsets := "  subsets: [{name: single, labels: {version: single}}, {name: multiple, labels: {version: multiple}}]\n"
	const unseen = "\nunseen"
	undefined := func(unused string) string {
		return "\nerror subset-undefined VirtualService default/vs spec.http[0].route[0].destination.subset" + unused +
			"\nerror subset-undefined VirtualService default/vs spec.http[0].route[1].destination.subset"
	}
	half := destinationRule("dr", "default", "  host: weather-backend.default\n"+subsets)
	check(half, "", undefined(unused+"default/dr spec.host"))
	check(half, "Service DestinationRule", undefined(unused+"default/dr spec.host"))
	check(half, "Service", unused+"default/dr spec.host"+unseen) // another one may be where nothing was read
	check(destinationRule("dr", "team", "  host: weather-backend\n"+subsets), "", unseen)
	check(destinationRule("dr", "team", "  host: weather-backend\n"+subsets), "Service", unused+"team/dr spec.host"+unseen)
	check(destinationRule("dr", "default", "  host: other\n"+subsets), "", unseen)
	check(destinationRule("dr", "default", "  host: other\n"+subsets), "Service", unused+"default/dr spec.host"+unseen)
	check(destinationRule("dr", "elsewhere", "  host: other\n"+subsets), "Service", unseen)
}
