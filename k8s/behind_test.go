package k8s

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// deployment is one of the weather backend, of the given name; the labels are YAML.
func deployment(name, labels string) string {
	return "\n---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: " + name + "}\nspec: {template: {metadata: {labels: " + labels + "}}}\n"
}

// readyPod is a Pod with an address; the labels are YAML.
func readyPod(name, ip, labels string) string { return podIn(name, ip, labels, "True") }

func podIn(name, ip, labels, ready string) string {
	return "\n---\napiVersion: v1\nkind: Pod\nmetadata: {name: " + name + ", labels: " + labels + "}\nspec: {containers: [{name: app}]}\n" +
		"status: {phase: Running, podIP: " + ip + ", conditions: [{type: Ready, status: '" + ready + "'}]}\n"
}

// slice is the EndpointSlice of a Service; the endpoints are YAML.
func slice(service, endpoints string) string {
	return "\n---\napiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\nmetadata: {name: " + service + "-x, labels: {kubernetes.io/service-name: " + service +
		"}}\naddressType: IPv4\nendpoints: " + endpoints + "\n"
}

// ofPod is an endpoint of a slice.
func ofPod(name, ip string) string {
	return "{addresses: [" + ip + "], conditions: {ready: true}, targetRef: {kind: Pod, name: " + name + "}}"
}

const (
	singlePod   = "{app: weather-backend, version: single}"
	multiplePod = "{app: weather-backend, version: multiple}"
	splitRule   = "  hosts: [weather-backend]\n  http:\n  - route:" + ninetyTen
)

// workloads are the Deployments of the two versions.
var workloads = deployment("single", singlePod) + deployment("multiple", multiplePod)

// complete marks kinds as read whole, as from a cluster.
func complete(o *Objects, kinds string) *Objects {
	o.Complete = map[string]bool{}
	for kind := range strings.FieldsSeq(kinds) {
		o.Complete[kind] = true
	}
	return o
}

func TestBackends(t *testing.T) {
	pods := readyPod("a", "10.0.0.1", singlePod) + readyPod("b", "10.0.0.2", multiplePod) +
		podIn("c", "10.0.0.3", multiplePod, "False") + readyPod("d", "10.0.0.4", "{app: other}")
	slices := slice("weather-backend", "["+ofPod("a", "10.0.0.1")+", "+ofPod("b", "10.0.0.2")+
		", {addresses: [10.0.0.3], conditions: {ready: false}, targetRef: {kind: Pod, name: c}}, "+ofPod("a", "'fd00::1'")+
		", {addresses: [10.9.9.9]}]") + slice("other", "["+ofPod("d", "10.0.0.4")+"]")
	for _, c := range []struct {
		name, text, kinds, want string
	}{
		{"slices and pods", pods + slices, "EndpointSlice Pod", "known: a single, b multiple, 10.9.9.9 (idle c)"},
		{"slices alone", slices, "EndpointSlice", "known: a ?, b ?, 10.9.9.9 ?"},
		{"pods alone", pods, "Pod", "known: a single, b multiple (idle c)"},
		{"pods of a file are templates", pods, "", "files: Pod a single, Pod b multiple, Pod c multiple"},
		{"workloads of a file", workloads + deployment("other", "{app: other}"), "", "files: Deployment single single, Deployment multiple multiple"},
		{"a workload without replicas", strings.Replace(workloads, "{template", "{replicas: 0, template", 1), "", "files: Deployment multiple multiple (idle Deployment single)"},
		{"nothing", "", "", "files:"},
		{"one's own pod in a cluster that shows no others", readyPod("a", "10.0.0.1", singlePod), "Service", "files:"},
		{"a cluster without any", "", "EndpointSlice", "known:"},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := complete(mustRead(t, weatherService+c.text), c.kinds)
			if diff := cmp.Diff(describeAll(o.backends(o.service("default", "weather-backend"))), c.want); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func describeAll(b backends) string {
	text := "files:"
	if b.known {
		text = "known:"
	}
	var parts []string
	for _, e := range b.list {
		part := e.name
		switch {
		case !e.labelled:
			part += " ?"
		case e.version() != "":
			part += " " + e.version()
		}
		parts = append(parts, part)
	}
	text = strings.TrimSpace(text + " " + strings.Join(parts, ", "))
	for _, e := range b.idle {
		text += " (idle " + e.name + ")"
	}
	return text
}

func TestPodAt(t *testing.T) {
	o := mustRead(t, readyPod("a", "10.0.0.1", singlePod)+strings.Replace(readyPod("b", "10.0.0.2", multiplePod), "{containers", "{hostNetwork: true, containers", 1)+
		strings.Replace(readyPod("c", "10.0.0.3", multiplePod), "Running", "Succeeded", 1))
	for ip, want := range map[string]string{"10.0.0.1": "a single", "10.0.0.2": "", "10.0.0.3": "", "10.0.0.4": ""} {
		got := ""
		if pod, ok := o.PodAt(ip); ok {
			got = pod.Name + " " + pod.Version()
		}
		if got != want {
			t.Errorf("%s: %q, want %q", ip, got, want)
		}
	}
}

func TestSubsetPods(t *testing.T) {
	const fields = "DestinationRule default/dr-weather-backend spec.subsets"
	labels := func(first, second string) string {
		return strings.NewReplacer("{version: single}", first, "{version: multiple}", second).Replace(weatherSubsets)
	}
	pods := readyPod("a", "10.0.0.1", singlePod) + readyPod("b", "10.0.0.2", multiplePod)
	empty := "\nerror subset-empty " + fields + "[1].labels"
	wrong := "\nerror subset-wrong-pods " + fields
	overlap := "\nerror subset-overlap " + fields + "[1].labels"
	for _, c := range []struct {
		name, text, kinds, want string
	}{
		{"sound files", weatherSubsets + workloads, "", ""},
		{"sound cluster", weatherSubsets + pods, "Pod", ""},
		{"nothing but rules", weatherSubsets, "", ""},
		{"a label that no template has", labels("{version: single}", "{version: many}") + workloads, "", empty},
		{"a label that no pod has", labels("{version: single}", "{version: many}") + pods, "Pod", empty},
		{"its pod is not ready", weatherSubsets + readyPod("a", "10.0.0.1", singlePod) + podIn("b", "10.0.0.2", multiplePod, "False"), "Pod", empty},
		{"in files nothing is known of readiness", weatherSubsets + readyPod("a", "10.0.0.1", singlePod) + podIn("b", "10.0.0.2", multiplePod, "False"), "", ""},
		{"its pods belong to another service", weatherSubsets + deployment("single", singlePod) + deployment("multiple", "{app: other, version: multiple}"), "", empty},
		{"workloads of other services alone", weatherSubsets + deployment("other", "{app: other}"), "", ""},
		{"a label that the node gives", labels("{version: single}", "{version: multiple, topology.kubernetes.io/zone: a}") + workloads, "", ""},
		{"a place without a name", labels("{version: single}", "{version: multiple, topology.kubernetes.io/zone: ''}") + workloads, "", empty},
		{"a label that a controller gives", labels("{rollouts-pod-template-hash: a}", "{rollouts-pod-template-hash: b}") + workloads, "", ""},
		{"which a pod would have", labels("{version: single}", "{rollouts-pod-template-hash: b}") + pods, "Pod", empty},
		{"labels are not known without pods", labels("{version: single}", "{version: many}") + slice("weather-backend", "["+ofPod("a", "10.0.0.1")+"]"), "EndpointSlice", ""},
		{"no endpoint at all", weatherSubsets, "EndpointSlice", "\nerror no-ready-endpoints Service default/weather-backend spec.selector"},
		{"swapped", labels("{version: multiple}", "{version: single}") + workloads, "", wrong + "[].labels"},
		{"swapped in a cluster", labels("{version: multiple}", "{version: single}") + pods, "Pod", wrong + "[].labels"},
		{"swapped without pods to see", labels("{version: multiple}", "{version: single}"), "", wrong + "[].labels"},
		{"one that another selects, too", labels("{version: third}", "{version: multiple}") + workloads + deployment("third", "{app: weather-backend, version: third}"), "",
			wrong + "[0].labels"},
		{"other names for versions", strings.NewReplacer("name: single", "name: stable", "name: multiple", "name: canary").Replace(weatherSubsets) + workloads, "",
			"\nerror subset-undefined VirtualService default/vs spec.http[0].route[0].destination.subset" +
				"\nerror subset-undefined VirtualService default/vs spec.http[0].route[1].destination.subset"},
		{"names that no pod's version has", labels("{version: v1}", "{version: v2}") + deployment("a", "{app: weather-backend, version: v1}") +
			deployment("b", "{app: weather-backend, version: v2}"), "", ""},
		{"the same labels", labels("{app: weather-backend}", "{app: weather-backend}") + workloads, "", overlap},
		{"the same pods by different labels", labels("{app: weather-backend}", "{version: multiple}") + pods, "Pod", overlap},
		{"both of one version", labels("{version: single}", "{version: single}") + workloads, "", overlap},
		{"one takes all", labels("{}", "{version: multiple}"), "", overlap},
		{"different keys, no pods to see", labels("{version: single}", "{track: canary}"), "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := complete(mustRead(t, weatherService+c.text+virtualService("vs", splitRule)), c.kinds)
			checkRule(t, o, "vs spec.http[0] single=90 multiple=10"+c.want)
			l, err := o.Lookup(mustRequest(t, versionURL), Caller{Namespace: "default", Entry: EntryMesh}, "")
			if diff := cmp.Diff(summary(l), "vs spec.http[0] single=90 multiple=10"+c.want); diff != "" || err != nil {
				t.Errorf("with a request: %v\n%s", err, diff)
			}
		})
	}
}

// checkRule compares the only rule of the objects, without a request, with its summary.
func checkRule(t *testing.T, o *Objects, want string) {
	t.Helper()
	all, err := o.Rules(Caller{})
	if err != nil || len(all) != 1 {
		t.Fatalf("%d rules, %v", len(all), err)
	}
	if diff := cmp.Diff(summary(all[0]), want); diff != "" {
		t.Errorf("%s\n%+v", diff, all[0].Findings)
	}
}

func TestSubsetFixes(t *testing.T) {
	check := func(text, kinds, want string) {
		t.Helper()
		o := complete(mustRead(t, weatherService+text+virtualService("vs", splitRule)), kinds)
		all, err := o.Rules(Caller{})
		if err != nil || len(all) != 1 || len(all[0].Findings) == 0 {
			t.Fatal(all, err)
		}
		if got := all[0].Findings[0].Fix; got != want {
			t.Errorf("fix %s, want %s", got, want)
		}
	}
	const patch = "kubectl patch destinationrule dr-weather-backend -n default --type=json -p "
	many := strings.Replace(weatherSubsets, "version: multiple", "version: many", 1)
	check(many+workloads, "", patch+`'[{"op":"replace","path":"/spec/subsets/1/labels","value":{"version":"multiple"}}]'`)
	check(many+workloads+deployment("third", "{app: weather-backend, version: third}"), "",
		"kubectl get pods -n default -l 'app=weather-backend' --show-labels")
	check(weatherSubsets+readyPod("a", "10.0.0.1", singlePod)+podIn("b", "10.0.0.2", multiplePod, "False"), "Pod",
		"kubectl get pods -n default -l 'app=weather-backend,version=multiple' --show-labels   # none is ready")
	check(strings.NewReplacer("version: single", "version: multiple", "version: multiple", "version: single").Replace(weatherSubsets)+workloads, "",
		patch+`'[{"op":"replace","path":"/spec/subsets/0/labels","value":{"version":"single"}},{"op":"replace","path":"/spec/subsets/1/labels","value":{"version":"multiple"}}]'`)
}

// A destination without weight gets no request: what is wrong with it is a note.
func TestNothingIsWrongWithoutWeight(t *testing.T) {
	rule := strings.Replace(splitRule, "weight: 10", "weight: 0", 1)
	many := strings.Replace(weatherSubsets, "version: multiple", "version: many", 1)
	checkRule(t, mustRead(t, weatherService+many+workloads+virtualService("vs", rule)), "vs spec.http[0] single=90 multiple=0"+
		"\ninfo weight-zero VirtualService default/vs spec.http[0].route[1].weight"+
		"\ninfo subset-empty DestinationRule default/dr-weather-backend spec.subsets[1].labels")
	same := strings.Replace(weatherSubsets, "version: multiple", "version: single", 1)
	checkRule(t, mustRead(t, weatherService+same+deployment("single", singlePod)+virtualService("vs", rule)), "vs spec.http[0] single=90 multiple=0"+
		"\ninfo weight-zero VirtualService default/vs spec.http[0].route[1].weight")
}

// Services that select the same pods are as good as one, unless they lead to different ports.
func TestServicesOfTheSamePods(t *testing.T) {
	check := func(single, multiple, want string) {
		t.Helper()
		route := httpRoute("hr", "default", "  rules:\n  - "+seventyThirty)
		o := mustRead(t, weatherService+service("weather-single", single)+service("weather-multiple", multiple)+workloads+route)
		checkRule(t, o, "hr spec.rules[0] weather-single=70 weather-multiple=30"+want)
	}
	const all, multiple = "{ports: [{port: 5000}], selector: {app: weather-backend}}", "{ports: [{port: 5000}], selector: {version: multiple}}"
	const overlap = "\nerror subset-overlap Service default/weather-multiple spec.selector"
	check(all, all, overlap)
	check(all, multiple, "")
	check(all, "{ports: [{port: 5000, targetPort: 5000}], selector: {app: weather-backend}}", overlap)
	check(all, "{ports: [{port: 5000, targetPort: 5001}], selector: {app: weather-backend}}", "")
	check("{ports: [{port: 5000, targetPort: a}], selector: {app: weather-backend}}", "{ports: [{port: 5000, targetPort: b}], selector: {app: weather-backend}}", "")
}
