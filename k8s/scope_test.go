package k8s

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// sidecar is a Sidecar of the given namespace, name and body.
func sidecar(namespace, name, body string) string {
	return "\n---\napiVersion: networking.istio.io/v1\nkind: Sidecar\nmetadata: {name: " + name + ", namespace: " + namespace + "}\nspec:\n" + body
}

const (
	plainRule = "vs spec.http[0] single=90 multiple=10"
	splitBody = "  hosts: [weather-backend]\n  http:\n  - route:" + ninetyTen
)

func TestSidecarScope(t *testing.T) {
	caller := Caller{Namespace: "default", Labels: map[string]string{"app": "web"}, Entry: EntryMesh}
	const hidden = plainRule + " (not in effect)\nerror outside-sidecar-scope Sidecar "
	for _, c := range []struct {
		name     string
		sidecars string
		url      string
		want     string
	}{
		{"own namespace", sidecar("default", "s", "  egress: [{hosts: ['./*']}]"), versionURL, plainRule},
		{"everything", sidecar("default", "s", "  egress: [{hosts: ['*/*']}]"), versionURL, plainRule},
		{"without egress", sidecar("default", "s", "  outboundTrafficPolicy: {mode: REGISTRY_ONLY}"), versionURL, plainRule},
		{"the very host", sidecar("default", "s", "  egress: [{hosts: [default/weather-backend.default.svc.cluster.local]}]"), versionURL, plainRule},
		{"a wildcard", sidecar("default", "s", "  egress: [{hosts: ['*/*.default.svc.cluster.local']}]"), versionURL, plainRule},
		{"another namespace", sidecar("default", "s", "  egress: [{hosts: [istio-system/*, other/*]}]"), versionURL, hidden + "default/s spec.egress[0].hosts"},
		{"another host", sidecar("default", "s", "  egress: [{hosts: [./frontend.default.svc.cluster.local]}]"), versionURL, hidden + "default/s spec.egress[0].hosts"},
		{"a short name is no host", sidecar("default", "s", "  egress: [{hosts: [./weather-backend]}]"), versionURL, hidden + "default/s spec.egress[0].hosts"},
		{"nothing", sidecar("default", "s", "  egress: [{hosts: ['~/*']}]"), versionURL, hidden + "default/s spec.egress[0].hosts"},
		{"excluded", sidecar("default", "s", "  egress: [{hosts: ['*/*', ~./weather-backend.default.svc.cluster.local]}]"), versionURL, hidden + "default/s spec.egress[0].hosts"},
		{"another one is excluded", sidecar("default", "s", "  egress: [{hosts: ['*/*', ~./frontend.default.svc.cluster.local]}]"), versionURL, plainRule},
		{"selected beats the namespace's", sidecar("default", "a", "  egress: [{hosts: ['*/*']}]") +
			sidecar("default", "b", "  workloadSelector: {labels: {app: web}}\n  egress: [{hosts: [other/*]}]"), versionURL, hidden + "default/b spec.egress[0].hosts"},
		{"of other workloads", sidecar("default", "b", "  workloadSelector: {labels: {app: other}}\n  egress: [{hosts: [other/*]}]"), versionURL, plainRule},
		{"the namespace's beats the root's", sidecar("istio-system", "root", "  egress: [{hosts: ['~/*']}]") +
			sidecar("default", "a", "  egress: [{hosts: [./*]}]"), versionURL, plainRule},
		{"the root's", sidecar("istio-system", "root", "  egress: [{hosts: [istio-system/*]}]"), versionURL, hidden + "istio-system/root spec.egress[0].hosts"},
		{"the root's own namespace is the caller's", sidecar("istio-system", "root", "  egress: [{hosts: [./*]}]"), versionURL, plainRule},
		{"a selector in the root namespace is for it alone", sidecar("istio-system", "root", "  workloadSelector: {labels: {app: web}}\n  egress: [{hosts: ['~/*']}]"), versionURL, plainRule},
		{"of another namespace", sidecar("other", "s", "  egress: [{hosts: ['~/*']}]"), versionURL, plainRule},
		{"a listener for the port", sidecar("default", "s", "  egress:\n  - {port: {number: 5000, protocol: HTTP}, hosts: [./*]}\n  - {hosts: [istio-system/*]}"), versionURL, plainRule},
		{"a narrower listener for the port", sidecar("default", "s", "  egress:\n  - {port: {number: 5000, protocol: HTTP}, hosts: [other/*]}\n  - {hosts: [./*]}"), versionURL,
			hidden + "default/s spec.egress[0].hosts"},
		{"listeners for other ports", sidecar("default", "s", "  egress: [{port: {number: 9080, protocol: HTTP}, hosts: [./*]}]"), versionURL, hidden + "default/s spec.egress"},
		{"a listener for connections", sidecar("default", "s", "  egress: [{port: {number: 5000, protocol: TCP}, hosts: [./*]}]"), versionURL,
			plainRule + " (not in effect)\nerror port-not-http Sidecar default/s spec.egress[0].port.protocol"},
		{"two without a selector", sidecar("default", "a", "  egress: [{hosts: ['*/*']}]") + sidecar("default", "b", "  egress: [{hosts: ['~/*']}]"), versionURL,
			plainRule + "\nwarning conflicting-sidecars Sidecar default/b spec.workloadSelector"},
		{"two that select the caller", sidecar("default", "a", "  workloadSelector: {labels: {app: web}}\n  egress: [{hosts: ['*/*']}]") +
			sidecar("default", "b", "  workloadSelector: {labels: {}}"), versionURL,
			plainRule + "\nwarning conflicting-sidecars Sidecar default/b spec.workloadSelector"},
		{"two for others, one for the caller", sidecar("default", "a", "  workloadSelector: {labels: {app: x}}") +
			sidecar("default", "b", "  workloadSelector: {labels: {app: x}}") + sidecar("default", "c", "  egress: [{hosts: ['*/*']}]"), versionURL, plainRule},
	} {
		t.Run(c.name, func(t *testing.T) {
			l, err := mustRead(t, weather+virtualService("vs", splitBody)+c.sidecars).Lookup(mustRequest(t, c.url), caller, "")
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(summary(l), c.want); diff != "" {
				t.Errorf("lookup (-got +want):\n%s\n%+v", diff, l)
			}
		})
	}
}

// The rule and the Service are imported by their own namespaces, each.
func TestSidecarScopeAcrossNamespaces(t *testing.T) {
	objects := func(hosts string) *Objects {
		return mustRead(t, weather+aged("vs", "rules", "", "  hosts: [weather-backend.default.svc.cluster.local]\n  http:\n  - route:"+
			strings.ReplaceAll(ninetyTen, "host: weather-backend", "host: weather-backend.default.svc.cluster.local"))+
			sidecar("web", "s", "  egress: [{hosts: ["+hosts+"]}]"))
	}
	caller := Caller{Namespace: "web", Labels: map[string]string{}, Entry: EntryMesh}
	for hosts, want := range map[string]string{
		"default/*, rules/*": "",
		"default/*":          "rules/weather-backend.default.svc.cluster.local",
		"rules/*":            "default/weather-backend.default.svc.cluster.local",
		"./*": "rules/weather-backend.default.svc.cluster.local and " +
			"default/weather-backend.default.svc.cluster.local",
	} {
		l, err := objects(hosts).Lookup(mustRequest(t, "http://weather-backend.default:5000/"), caller, "")
		if err != nil {
			t.Fatal(err)
		}
		if l.InEffect != (want == "") {
			t.Errorf("%s: in effect: %v, findings %+v", hosts, l.InEffect, l.Findings)
		}
		if want == "" {
			continue
		}
		if len(l.Findings) != 1 || !strings.HasPrefix(l.Findings[0].Summary, "the Sidecar hides "+want+" from the caller") {
			t.Errorf("%s: findings %+v, want %s hidden", hosts, l.Findings, want)
		}
	}
}

// On port 80 alone a rule has a virtual host of its own, by which it works without its Service.
func TestSidecarScopeOnPort80(t *testing.T) {
	caller := Caller{Namespace: "web", Labels: map[string]string{}, Entry: EntryMesh}
	rule := strings.Replace(splitBody, "[weather-backend]", "[weather-backend.default.svc.cluster.local]", 1)
	o := mustRead(t, weather+aged("vs", "rules", "", rule)+sidecar("web", "s", "  egress: [{hosts: [rules/*]}]"))
	for url, want := range map[string]bool{
		"http://weather-backend.default.svc.cluster.local/":      true,
		"http://weather-backend.default/":                        false,
		"http://weather-backend.default.svc.cluster.local:5000/": false,
	} {
		if l, err := o.Lookup(mustRequest(t, url), caller, ""); err != nil || l.InEffect != want {
			t.Errorf("%s: %+v, %v", url, l, err)
		}
	}
}

// What becomes of the request depends on the policy for unknown hosts.
func TestSidecarScopeSaysWhatFollows(t *testing.T) {
	caller := Caller{Namespace: "default", Labels: map[string]string{}, Entry: EntryMesh}
	for body, want := range map[string]string{
		"  egress: [{hosts: [other/*]}]": "PassthroughCluster",
		"  egress: [{hosts: [other/*]}]\n  outboundTrafficPolicy: {mode: REGISTRY_ONLY}": "REGISTRY_ONLY",
		"  egress: [{port: {number: 80}, hosts: [./*]}]":                                 "PassthroughCluster",
		"  egress: [{hosts: [default/weather-backend.default.svc.cluster.local, ~*/*]}]": "PassthroughCluster",
	} {
		l, err := mustRead(t, weather+virtualService("vs", splitBody)+sidecar("default", "s", body)).Lookup(mustRequest(t, versionURL), caller, "")
		if err != nil || len(l.Findings) != 1 || !strings.Contains(l.Findings[0].Summary, want) || !strings.HasPrefix(l.Findings[0].Fix, "kubectl patch sidecar s ") {
			t.Errorf("%s: %+v, %v", body, l.Findings, err)
		}
	}
}

// A listener with a port knows of a destination that port alone.
func TestSidecarScopeDestinations(t *testing.T) {
	rule := virtualService("vs", `
  hosts: [weather-backend]
  http:
  - route:
    - {destination: {host: weather-backend}, weight: 90}
    - {destination: {host: weather-next, port: {number: 8080}}, weight: 10}`)
	caller := Caller{Namespace: "default", Labels: map[string]string{}, Entry: EntryMesh}
	const next = "\n---\napiVersion: v1\nkind: Service\nmetadata: {name: weather-next}\nspec: {ports: [{port: 8080, name: http}]}\n"
	const base = "vs spec.http[0] weather-backend=90 weather-next=10"
	for body, want := range map[string]string{
		"  egress: [{hosts: [./weather-backend.default.svc.cluster.local]}]":                                     base, // imported by the rule
		"  egress: [{port: {number: 5000, protocol: HTTP}, hosts: [./*]}]":                                       base + "\nerror outside-sidecar-scope Sidecar default/s spec.egress",
		"  egress: [{port: {number: 5000, protocol: HTTP}, hosts: [./*]}, {hosts: [./*]}]":                       base,
		"  egress: [{port: {number: 5000, protocol: HTTP}, hosts: [./*]}, {port: {number: 8080}, hosts: [./*]}]": base,
	} {
		l, err := mustRead(t, weather+next+rule+sidecar("default", "s", body)).Lookup(mustRequest(t, versionURL), caller, "")
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(summary(l), want); diff != "" {
			t.Errorf("%s (-got +want):\n%s", body, diff)
		}
	}
}

func TestSidecarScopeOfUnknownLabels(t *testing.T) {
	o := mustRead(t, weather+virtualService("vs", splitBody)+sidecar("default", "s", "  workloadSelector: {labels: {app: web}}\n  egress: [{hosts: ['~/*']}]"))
	l, err := o.Lookup(mustRequest(t, versionURL), Caller{Namespace: "default", Entry: EntryMesh}, "")
	if got := summary(l); err != nil || got != plainRule+"\nunseen" {
		t.Errorf("%s, %v", got, err)
	}
}

func TestSidecarConflicts(t *testing.T) {
	o := mustRead(t, sidecar("a", "one", "  egress: [{hosts: ['*/*']}]")+sidecar("a", "two", "  egress: [{hosts: ['*/*']}]")+
		sidecar("b", "one", "  workloadSelector: {labels: {app: web}}")+sidecar("b", "two", "  workloadSelector: {labels: {tier: front}}")+
		sidecar("c", "one", "  workloadSelector: {labels: {app: web}}")+sidecar("c", "two", "  egress: [{hosts: ['*/*']}]")+`
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: b}
spec: {template: {metadata: {labels: {app: web, tier: front}}}}
---
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: c, labels: {app: web, tier: front}}
`)
	var got []string
	for _, f := range o.SidecarConflicts("") {
		got = append(got, f.Severity+" "+f.ID+" "+f.Object)
	}
	if diff := cmp.Diff(got, []string{"warning conflicting-sidecars Sidecar a/two", "warning conflicting-sidecars Sidecar b/two"}); diff != "" {
		t.Error(diff)
	}
	for namespace, want := range map[string]int{"a": 1, "b": 1, "c": 0} {
		if got := len(o.SidecarConflicts(namespace)); got != want {
			t.Errorf("%d conflicts in %s, want %d", got, namespace, want)
		}
	}
}

func TestServiceExportTo(t *testing.T) {
	service := func(exportTo string) string {
		return strings.Replace(weather, "{name: weather-backend}", "{name: weather-backend, annotations: {networking.istio.io/exportTo: '"+exportTo+"'}}", 1)
	}
	for exportTo, hidden := range map[string]bool{"*": false, ".": false, "other, default": false, "other": true, "~": true} {
		l, err := mustRead(t, service(exportTo)+virtualService("vs", splitBody)).Lookup(mustRequest(t, versionURL), Caller{Namespace: "default", Entry: EntryMesh}, "")
		want := plainRule
		if hidden {
			want += " (not in effect)\nerror not-exported Service default/weather-backend metadata.annotations[networking.istio.io/exportTo]"
		}
		if got := summary(l); err != nil || got != want {
			t.Errorf("exportTo %s: %s, %v, want %s", exportTo, got, err, want)
		}
	}
}
