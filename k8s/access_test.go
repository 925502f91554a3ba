package k8s

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// authorization is an AuthorizationPolicy; its spec is YAML.
func authorization(name, namespace, spec string) string {
	return "\n---\napiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: {name: " + name + ", namespace: " + namespace + "}\nspec: " + spec + "\n"
}

func TestAccessDenied(t *testing.T) {
	inMesh := meshPod("a", singlePod) + meshPod("b", multiplePod)
	bare := readyPod("a", "10.0.0.1", singlePod) + readyPod("b", "10.0.0.2", multiplePod)
	const (
		rules   = "\nerror access-denied AuthorizationPolicy default/p spec.rules"
		first   = rules + "[0]"
		disable = "  trafficPolicy: {tls: {mode: DISABLE}}\n"
	)
	ofDefault := func(spec string) string { return inMesh + authorization("p", "default", spec) }
	for _, c := range []struct {
		name, text, want string
	}{
		{"no policy", inMesh, ""},
		{"allow nothing", ofDefault("{}"), rules},
		{"deny nothing", ofDefault("{action: DENY}"), ""},
		{"allow all", ofDefault("{rules: [{}]}"), ""},
		{"deny all", ofDefault("{action: DENY, rules: [{}]}"), first},
		{"in dry run", inMesh + "\n---\napiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\n" +
			"metadata: {name: p, annotations: {istio.io/dry-run: 'true'}}\nspec: {action: DENY, rules: [{}]}\n", ""},
		{"audited", ofDefault("{action: AUDIT, rules: [{}]}"), ""},
		{"decided elsewhere", ofDefault("{action: CUSTOM, rules: [{}]}"), ""},
		{"of a gateway", ofDefault("{action: DENY, targetRefs: [{kind: Gateway, name: g}], rules: [{}]}"), ""},
		{"of other workloads", ofDefault("{selector: {matchLabels: {app: other}}}"), ""},
		{"of another namespace", inMesh + authorization("p", "other", "{}"), ""},
		{"of the root namespace", inMesh + authorization("p", "istio-system", "{}"), "\nerror access-denied AuthorizationPolicy istio-system/p spec.rules"},
		{"pods without a sidecar", bare + authorization("p", "default", "{}"), ""},
		{"one of two allows", ofDefault("{}") + authorization("q", "default", "{rules: [{}]}"), ""},
		{"deny comes first", ofDefault("{action: DENY, rules: [{}]}") + authorization("q", "default", "{rules: [{}]}"), first},

		{"the caller's account", ofDefault("{rules: [{from: [{source: {principals: [cluster.local/ns/default/sa/respy]}}]}]}"), ""},
		{"another account", ofDefault("{rules: [{from: [{source: {principals: [cluster.local/ns/default/sa/web]}}]}]}"), rules},
		{"another trust domain's", ofDefault("{rules: [{from: [{source: {principals: [td2/ns/default/sa/respy]}}]}]}"), ""},
		{"any principal", ofDefault("{rules: [{from: [{source: {principals: ['*']}}]}]}"), ""},
		{"any principal, and no certificate", disable + ofDefault("{rules: [{from: [{source: {principals: ['*']}}]}]}"), rules},
		{"no principal", ofDefault("{action: DENY, rules: [{from: [{source: {notPrincipals: ['*']}}]}]}"), ""},
		{"no principal, and no certificate", disable + ofDefault("{action: DENY, rules: [{from: [{source: {notPrincipals: ['*']}}]}]}"), first},
		{"the caller's namespace", ofDefault("{rules: [{from: [{source: {namespaces: [default]}}]}]}"), ""},
		{"namespaces like it", ofDefault("{rules: [{from: [{source: {namespaces: ['def*']}}]}]}"), ""},
		{"another namespace", ofDefault("{rules: [{from: [{source: {namespaces: [team]}}]}]}"), rules},
		{"one of two sources", ofDefault("{rules: [{from: [{source: {namespaces: [team]}}, {source: {namespaces: [default]}}]}]}"), ""},
		{"service accounts of its namespace", ofDefault("{rules: [{from: [{source: {serviceAccounts: [web]}}]}]}"), rules},
		{"the caller's service account", ofDefault("{rules: [{from: [{source: {serviceAccounts: [default/respy]}}]}]}"), ""},
		{"addresses are not known", ofDefault("{rules: [{from: [{source: {ipBlocks: [10.0.0.0/8]}}]}]}"), ""},
		{"nor are tokens", ofDefault("{rules: [{from: [{source: {requestPrincipals: ['*']}}]}]}"), ""},

		{"the method", ofDefault("{rules: [{to: [{operation: {methods: [GET]}}]}]}"), ""},
		{"another method", ofDefault("{rules: [{to: [{operation: {methods: [POST]}}]}]}"), rules},
		{"all methods but", ofDefault("{rules: [{to: [{operation: {notMethods: [GET]}}]}]}"), rules},
		{"the path", ofDefault("{rules: [{to: [{operation: {paths: ['/ver*']}}]}]}"), ""},
		{"another path", ofDefault("{rules: [{to: [{operation: {paths: [/admin]}}]}]}"), rules},
		{"a denied path", ofDefault("{action: DENY, rules: [{to: [{operation: {paths: [/version], methods: [GET]}}]}]}"), first},
		{"a denied path of another method", ofDefault("{action: DENY, rules: [{to: [{operation: {paths: [/version], methods: [PUT]}}]}]}"), ""},
		{"a path template", ofDefault("{rules: [{to: [{operation: {paths: ['/{*}']}}]}]}"), ""},
		{"the host", ofDefault("{rules: [{to: [{operation: {hosts: ['weather-backend:5000']}}]}]}"), ""},
		{"the host without its port", ofDefault("{rules: [{to: [{operation: {hosts: [weather-backend]}}]}]}"), ""},
		{"another host", ofDefault("{rules: [{to: [{operation: {hosts: [other]}}]}]}"), rules},
		{"the port", ofDefault("{rules: [{to: [{operation: {ports: ['5000']}}]}]}"), ""},
		{"another port", ofDefault("{rules: [{to: [{operation: {ports: ['80']}}]}]}"), rules},

		{"a condition", ofDefault("{rules: [{when: [{key: source.namespace, values: [team]}]}]}"), rules},
		{"a condition that holds", ofDefault("{rules: [{when: [{key: source.namespace, notValues: [team]}]}]}"), ""},
		{"a condition on what is not known", ofDefault("{rules: [{when: [{key: 'request.headers[x]', values: [beta]}]}]}"), ""},
		{"whatever else, a condition fails", ofDefault("{rules: [{when: [{key: source.ip, values: [10.0.0.1]}, {key: destination.port, values: ['80']}]}]}"), rules},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := complete(mustRead(t, weatherService+weatherSubsets+c.text+virtualService("vs", splitRule)), "Pod")
			caller := Caller{Namespace: "default", ServiceAccount: "respy", Entry: EntryMesh}
			l, err := o.Lookup(mustRequest(t, versionURL), caller, "")
			if diff := cmp.Diff(summary(l), "vs spec.http[0] single=90 multiple=10"+c.want); diff != "" || err != nil {
				t.Errorf("%v\n%s", err, diff)
			}
		})
	}
}

// A policy for the pods of one version refuses its share alone; one that refuses all names both.
func TestAccessDeniedShare(t *testing.T) {
	check := func(text, kinds string, want ...string) {
		t.Helper()
		o := complete(mustRead(t, weatherService+weatherSubsets+text+virtualService("vs", splitRule)), kinds)
		all, err := o.Rules(Caller{})
		if err != nil || len(all) != 1 || len(all[0].Findings) != 1 {
			t.Fatal(all, err)
		}
		f := all[0].Findings[0]
		if diff := cmp.Diff(append([]string{f.Summary}, f.Evidence[1:]...), want); diff != "" {
			t.Error(diff)
		}
	}
	pods := meshPod("a", singlePod) + meshPod("b", multiplePod)
	check(pods+authorization("p", "default", "{selector: {matchLabels: {version: multiple}}}"), "Pod",
		"no rule of an ALLOW policy takes the request: 403 (RBAC: access denied) is the answer to weather-backend/multiple",
		"weather-backend/multiple: 1 of 1 pods")
	check(pods+authorization("p", "default", "{action: DENY, rules: [{}]}"), "Pod",
		"a DENY policy takes the request: 403 (RBAC: access denied) is the answer to weather-backend/single, and to weather-backend/multiple",
		"weather-backend/single: 1 of 1 pods", "weather-backend/multiple: 1 of 1 pods")
	check(workloads+authorization("p", "default", "{selector: {matchLabels: {version: multiple}}}"), "",
		"no rule of an ALLOW policy takes the request: 403 (RBAC: access denied) is the answer to weather-backend/multiple",
		"weather-backend/multiple: 1 of 1 pods")
}

// What is not known of the caller, or of the request, denies nothing.
func TestAccessOfAnUnknownCaller(t *testing.T) {
	for _, spec := range []string{
		"{rules: [{from: [{source: {principals: [cluster.local/ns/default/sa/web]}}]}]}",
		"{rules: [{from: [{source: {namespaces: [team]}}]}]}",
		"{rules: [{to: [{operation: {methods: [POST]}}]}]}",
		"{rules: [{to: [{operation: {paths: [/admin]}}]}]}",
	} {
		o := complete(mustRead(t, weatherService+weatherSubsets+meshPod("a", singlePod)+meshPod("b", multiplePod)+
			authorization("p", "default", spec)+virtualService("vs", splitRule)), "Pod")
		checkRule(t, o, "vs spec.http[0] single=90 multiple=10")
	}
}

// A rule that rewrites the path leaves open what arrives.
func TestAccessAfterARewrite(t *testing.T) {
	o := complete(mustRead(t, weatherService+weatherSubsets+meshPod("a", singlePod)+meshPod("b", multiplePod)+
		authorization("p", "default", "{rules: [{to: [{operation: {paths: [/admin]}}]}]}")+
		virtualService("vs", "  hosts: [weather-backend]\n  http:\n  - rewrite: {uri: /admin}\n    route:"+ninetyTen)), "Pod")
	l, err := o.Lookup(mustRequest(t, versionURL), Caller{Entry: EntryMesh}, "")
	if diff := cmp.Diff(summary(l), "vs spec.http[0] single=90 multiple=10"); diff != "" || err != nil {
		t.Errorf("%v\n%s", err, diff)
	}
}
