package k8s

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func destinationRule(name, namespace, spec string) string {
	return "\n---\napiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: " + name + ", namespace: " + namespace + "}\nspec:\n" + spec
}

func TestDestinationRuleInEffect(t *testing.T) {
	const (
		fqdn     = "  host: weather-backend.default.svc.cluster.local\n"
		both     = "  subsets: [{name: single, labels: {version: single}}, {name: multiple, labels: {version: multiple}}]\n"
		single   = "  subsets: [{name: single, labels: {version: single}}]\n"
		multiple = "  subsets: [{name: multiple, labels: {version: multiple}}]\n"
		policy   = "  trafficPolicy: {loadBalancer: {simple: RANDOM}}\n"

		sound     = "vs spec.http[0] single=90 multiple=10"
		undefined = sound + "\nerror subset-undefined VirtualService default/vs spec.http[0].route[1].destination.subset"
	)
	hidden := func(by string) string {
		return sound + "\nerror destination-rule-shadowed DestinationRule " + by + " spec.host"
	}
	for _, c := range []struct {
		name   string
		text   string
		caller Caller
		want   string
	}{
		{"none in the files", "", Caller{Namespace: "default"}, sound + "\nunseen"},
		{"one with both", destinationRule("a", "default", fqdn+both), Caller{Namespace: "default"}, sound},
		{"two of one namespace are united", destinationRule("a", "default", fqdn+single) + destinationRule("b", "default", fqdn+multiple),
			Caller{Namespace: "default"}, sound},
		{"the caller's namespace hides the service's", destinationRule("a", "default", fqdn+both) + destinationRule("b", "team", fqdn+policy),
			Caller{Namespace: "team"}, hidden("team/b")},
		{"another namespace's is none of the caller's", destinationRule("a", "default", fqdn+single) + destinationRule("b", "team", fqdn+multiple),
			Caller{Namespace: "default"}, undefined},
		{"that of the root namespace", destinationRule("a", "istio-system", fqdn+single), Caller{Namespace: "default"}, undefined},
		{"an exact host beats a wildcard", destinationRule("a", "default", fqdn+single) +
			destinationRule("b", "default", "  host: '*.default.svc.cluster.local'\n"+multiple), Caller{Namespace: "default"}, undefined},
		{"one that is not exported is not there", destinationRule("a", "default", "  exportTo: [.]\n"+fqdn+both) + destinationRule("b", "istio-system", fqdn+single),
			Caller{Namespace: "team"}, sound + "\nerror not-exported DestinationRule default/a spec.exportTo"},
		{"one for other workloads is not there", destinationRule("a", "default", fqdn+multiple+"  workloadSelector: {matchLabels: {app: other}}\n") +
			destinationRule("b", "default", fqdn+single), Caller{Namespace: "default", Labels: map[string]string{"app": "respy"}}, undefined},
		{"one for other workloads alone", destinationRule("a", "default", fqdn+both+"  workloadSelector: {matchLabels: {app: other}}\n"),
			Caller{Namespace: "default", Labels: map[string]string{"app": "respy"}}, strings.Replace(undefined, "\nerror",
				"\nerror subset-undefined VirtualService default/vs spec.http[0].route[0].destination.subset\nerror", 1)},
		{"one that may be for other workloads", destinationRule("a", "default", fqdn+both+"  workloadSelector: {matchLabels: {app: other}}\n"),
			Caller{Namespace: "default"}, sound + "\nunseen"},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := mustRead(t, weatherService+c.text+aged("vs", "default", "", "  hosts: [weather-backend]\n  http:\n  - route:"+ninetyTen))
			c.caller.Entry = EntryMesh
			l, err := o.Lookup(mustRequest(t, "http://weather-backend.default:5000/"), c.caller, "")
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(summary(l), c.want); diff != "" {
				t.Errorf("(-got +want):\n%s\n%+v", diff, l)
			}
		})
	}
}

func TestSubsetsOfACompleteCluster(t *testing.T) {
	o := mustRead(t, weatherService+virtualService("vs", "  hosts: [weather-backend]\n  http:\n  - route:"+ninetyTen))
	o.Complete = map[string]bool{"DestinationRule": true}
	l, err := o.Lookup(mustRequest(t, versionURL), Caller{Entry: EntryMesh}, "")
	if err != nil {
		t.Fatal(err)
	}
	if len(l.Findings) != 2 || l.Findings[0].ID != "subset-undefined" {
		t.Errorf("findings %+v, want two of subset-undefined", l.Findings)
	}
}

func TestHashPolicy(t *testing.T) {
	check := func(spec, field string) {
		t.Helper()
		o := mustRead(t, weatherService+destinationRule("dr", "default", "  host: weather-backend\n"+spec)+
			virtualService("vs", "  hosts: [weather-backend]\n  http: [{route: [{destination: {host: weather-backend, subset: v1}}]}]"))
		l, err := o.Lookup(mustRequest(t, versionURL), Caller{Entry: EntryMesh}, "")
		if err != nil {
			t.Fatal(err)
		}
		want := "vs spec.http[0] v1=100"
		if field != "" {
			want += "\ninfo hash-policy DestinationRule default/dr " + field
		}
		if diff := cmp.Diff(summary(l), want); diff != "" {
			t.Errorf("%s (-got +want):\n%s", spec, diff)
		}
	}
	const subset = "  subsets: [{name: v1}]\n"
	check(subset, "")
	check(subset+"  trafficPolicy: {loadBalancer: {simple: ROUND_ROBIN}}", "")
	check(subset+"  trafficPolicy: {loadBalancer: {consistentHash: {useSourceIp: true}}}", "spec.trafficPolicy.loadBalancer.consistentHash")
	check(subset+"  trafficPolicy: {portLevelSettings: [{port: {number: 80}, loadBalancer: {consistentHash: {useSourceIp: true}}}]}", "")
	check(subset+"  trafficPolicy: {portLevelSettings: [{port: {number: 5000}, loadBalancer: {consistentHash: {useSourceIp: true}}}]}",
		"spec.trafficPolicy.portLevelSettings[0].loadBalancer.consistentHash")
	check("  subsets: [{name: v1, trafficPolicy: {loadBalancer: {consistentHash: {httpHeaderName: x-user}}}}]",
		"spec.subsets[0].trafficPolicy.loadBalancer.consistentHash")
}

func TestProtocol(t *testing.T) {
	check := func(p ServicePort, want string) {
		t.Helper()
		if got := p.protocol(); got != want {
			t.Errorf("%+v: got %q, want %q", p, got, want)
		}
	}
	for name, want := range map[string]string{
		"": "", "backend": "", "web-http": "", "httpserver": "", "http": "http", "HTTP-web": "http", "http2-x": "http2", "grpc": "grpc",
		"grpc-web": "grpc", "tcp": "tcp", "tcp-backend": "tcp", "https-x": "https", "mongo": "mongo", "redis-1": "redis", "mysql": "mysql",
	} {
		check(ServicePort{Name: name, Port: 5000}, want)
	}
	check(ServicePort{Name: "tcp-x", AppProtocol: "http"}, "http")
	check(ServicePort{Name: "http-x", AppProtocol: "example.com/x"}, "")
	check(ServicePort{Name: "http-x", AppProtocol: "kubernetes.io/h2c"}, "http2")
	check(ServicePort{Name: "http-x", AppProtocol: "kubernetes.io/wss"}, "https")
	check(ServicePort{Name: "x", Port: 3306}, "tcp")
	check(ServicePort{Name: "http-x", Port: 3306}, "http")
	check(ServicePort{Name: "http-x", Protocol: "UDP"}, "udp")
}

func TestPortNotHTTP(t *testing.T) {
	o := mustRead(t, `{apiVersion: v1, kind: Service, metadata: {name: weather-backend}, spec: {ports: [{port: 5000, name: tcp-backend}]}}`+
		weatherSubsets+virtualService("vs", "  hosts: [weather-backend]\n  http:\n  - route:"+ninetyTen))
	l, err := o.Lookup(mustRequest(t, versionURL), Caller{}, "")
	if err != nil {
		t.Fatal(err)
	}
	want := "vs spec.http[0] single=90 multiple=10 (not in effect)\nerror port-not-http Service default/weather-backend spec.ports[0].name"
	if diff := cmp.Diff(summary(l), want); diff != "" {
		t.Error(diff)
	}
	fix := `kubectl patch service weather-backend -n default --type=json -p '[{"op":"add","path":"/spec/ports/0/name","value":"http-backend"}]'`
	if got := l.Findings[0].Fix; got != fix {
		t.Errorf("fix %s, want %s", got, fix)
	}
}
