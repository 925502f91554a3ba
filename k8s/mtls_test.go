package k8s

import "testing"

// meshPod is a Pod with a sidecar.
func meshPod(name, labels string) string {
	return "\n---\napiVersion: v1\nkind: Pod\nmetadata: {name: " + name + ", labels: " + labels + "}\n" +
		"spec: {containers: [{name: app}, {name: istio-proxy}]}\nstatus: {phase: Running, podIP: 10.0.0.9, conditions: [{type: Ready, status: 'True'}]}\n"
}

// peer is a PeerAuthentication; its spec is YAML.
func peer(name, namespace, spec string) string {
	return "\n---\napiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: {name: " + name + ", namespace: " + namespace + "}\nspec: " + spec + "\n"
}

func TestMTLSConflict(t *testing.T) {
	const (
		disable  = "  trafficPolicy: {tls: {mode: DISABLE}}\n"
		simple   = "  trafficPolicy: {tls: {mode: SIMPLE}}\n"
		mutual   = "  trafficPolicy: {tls: {mode: MUTUAL}}\n"
		istio    = "  trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}\n"
		strict   = "{mtls: {mode: STRICT}}"
		found    = "\nerror mtls-conflict DestinationRule default/dr-weather-backend spec.trafficPolicy.tls.mode"
		injected = "\n---\napiVersion: v1\nkind: Namespace\nmetadata: {name: default, labels: {istio-injection: enabled}}\n"
	)
	inMesh := meshPod("a", singlePod) + meshPod("b", multiplePod)
	bare := readyPod("a", "10.0.0.1", singlePod) + readyPod("b", "10.0.0.2", multiplePod)
	namespaced := peer("p", "default", strict)
	for _, c := range []struct {
		name, text, kinds, want string
	}{
		{"strict and no rule", inMesh + namespaced, "Pod", ""},
		{"plain text to strict", disable + inMesh + namespaced, "Pod", found},
		{"plain text to permissive", disable + inMesh, "Pod", ""},
		{"plain text to pods without a sidecar", disable + bare + namespaced, "Pod", ""},
		{"TLS to strict", simple + inMesh + namespaced, "Pod", found},
		{"certificates of one's own", mutual + inMesh + namespaced, "Pod", ""},
		{"mutual to strict", istio + inMesh + namespaced, "Pod", ""},
		{"mutual to disabled", istio + inMesh + peer("p", "default", "{mtls: {mode: DISABLE}}"), "Pod", found},
		{"mutual to pods without a sidecar", istio + bare, "Pod", found},
		{"mutual to pods that were not read", istio + slice("weather-backend", "["+ofPod("a", "10.0.0.1")+"]"), "EndpointSlice", ""},
		{"strict for the mesh", disable + inMesh + peer("p", "istio-system", strict), "Pod", found},
		{"the namespace beats the mesh", disable + inMesh + peer("p", "istio-system", strict) + peer("q", "default", "{mtls: {mode: PERMISSIVE}}"), "Pod", ""},
		{"unset inherits", disable + inMesh + peer("p", "istio-system", strict) + peer("q", "default", "{mtls: {mode: UNSET}}"), "Pod", found},
		{"the workload beats the namespace", disable + inMesh + namespaced +
			peer("q", "default", "{selector: {matchLabels: {app: weather-backend}}, mtls: {mode: PERMISSIVE}}"), "Pod", ""},
		{"of other workloads", disable + inMesh + peer("q", "default", "{selector: {matchLabels: {app: other}}, mtls: {mode: STRICT}}"), "Pod", ""},
		{"of the workload's port", disable + inMesh +
			peer("q", "default", "{selector: {matchLabels: {app: weather-backend}}, portLevelMtls: {5000: {mode: STRICT}}}"), "Pod", found},
		{"of another port", disable + inMesh + namespaced +
			peer("q", "default", "{selector: {matchLabels: {app: weather-backend}}, portLevelMtls: {5000: {mode: PERMISSIVE}}}"), "Pod", ""},
		{"another namespace's", disable + inMesh + peer("p", "other", strict), "Pod", ""},
		{"of the port", "  trafficPolicy: {portLevelSettings: [{port: {number: 5000}, tls: {mode: DISABLE}}]}\n" + inMesh + namespaced, "Pod",
			"\nerror mtls-conflict DestinationRule default/dr-weather-backend spec.trafficPolicy.portLevelSettings[0].tls.mode"},
		{"a port's settings leave it to the mesh", "  trafficPolicy: {tls: {mode: DISABLE}, portLevelSettings: [{port: {number: 5000}}]}\n" + inMesh + namespaced, "Pod", ""},
		{"files with templates", disable + workloads + namespaced, "", "\nunseen"},
		{"files with templates that are injected", disable + workloads + namespaced + injected, "", found},
		{"files with templates that opt out", disable + deployment("a", "{app: weather-backend, version: single, sidecar.istio.io/inject: 'false'}") +
			deployment("b", "{app: weather-backend, version: multiple, sidecar.istio.io/inject: 'false'}") + namespaced + injected, "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := complete(mustRead(t, weatherService+weatherSubsets+c.text+virtualService("vs", splitRule)), c.kinds)
			checkRule(t, o, "vs spec.http[0] single=90 multiple=10"+c.want)
		})
	}
}

// One subset's own policy, and a policy for the pods of one version, touch its share alone.
func TestMTLSOfASubset(t *testing.T) {
	pods := meshPod("a", singlePod) + meshPod("b", multiplePod)
	check := func(text, want string) {
		t.Helper()
		o := complete(mustRead(t, weatherService+text+pods+virtualService("vs", splitRule)), "Pod")
		all, err := o.Rules(Caller{})
		if err != nil || len(all) != 1 || len(all[0].Findings) != 1 || all[0].Findings[0].Evidence[2] != want {
			t.Errorf("got %v %+v, want %s", err, all, want)
		}
	}
	check(destinationRule("dr", "default", `  host: weather-backend
  subsets:
  - {name: single, labels: {version: single}}
  - {name: multiple, labels: {version: multiple}, trafficPolicy: {tls: {mode: DISABLE}}}
`)+peer("p", "default", "{mtls: {mode: STRICT}}"), "1 of 1 pods: b app=weather-backend,version=multiple")
	check(weatherSubsets+"  trafficPolicy: {tls: {mode: DISABLE}}\n"+
		peer("p", "default", "{selector: {matchLabels: {version: single}}, mtls: {mode: STRICT}}"), "1 of 1 pods: a app=weather-backend,version=single")
}
