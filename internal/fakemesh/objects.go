package fakemesh

import (
	"fmt"
	"strings"

	"sigs.k8s.io/yaml"
)

// VirtualService returns the YAML of the rule: a VirtualService that declares
// the weights and the DestinationRule with its subsets. Under Swapped the
// subsets select each other's pods here, which is the fault.
func (m *Mesh) VirtualService() string {
	var routes, subsets []object
	for i, name := range m.options.Versions {
		routes = append(routes, object{
			"destination": object{"host": serviceName, "subset": name},
			"weight":      m.weights[i],
		})
		subsets = append(subsets, object{
			"name":   name,
			"labels": object{"version": m.options.Versions[m.service.selects[i]]},
		})
	}
	return documents(
		networking("VirtualService", object{"hosts": []string{serviceName}, "http": []object{{"route": routes}}}),
		networking("DestinationRule", object{"host": serviceName, "subsets": subsets}),
	)
}

// Workloads returns the YAML of what the rule is for: the Service, whose
// cluster IP is the address in URL, its EndpointSlice and its Pods. Under
// PerConnection the port's name makes Istio handle it at L4, which is the fault.
func (m *Mesh) Workloads() string {
	portName := "http"
	if m.atL4() {
		portName = "tcp"
	}
	labels := object{"app": serviceName}
	all := []object{
		{
			"apiVersion": "v1",
			"kind":       "Service",
			"metadata":   metadata(serviceName, nil),
			"spec": object{
				"clusterIP": "127.0.0.1",
				"selector":  labels,
				"ports":     []object{{"name": portName, "port": m.port(), "targetPort": podPort}},
			},
		},
		{
			"apiVersion":  "discovery.k8s.io/v1",
			"kind":        "EndpointSlice",
			"metadata":    metadata(serviceName+"-1", object{"kubernetes.io/service-name": serviceName}),
			"addressType": "IPv4",
			"ports":       []object{{"name": portName, "port": podPort, "protocol": "TCP"}},
			"endpoints":   m.endpoints(),
		},
	}
	for _, p := range m.service.pods {
		all = append(all, m.podObject(p))
	}
	return documents(all...)
}

func (m *Mesh) endpoints() []object {
	var endpoints []object
	for _, p := range m.service.pods {
		endpoints = append(endpoints, object{
			"addresses":  []string{p.ip},
			"conditions": object{"ready": true, "serving": true, "terminating": false},
			"targetRef":  object{"kind": "Pod", "namespace": namespace, "name": p.name},
		})
	}
	return endpoints
}

func (m *Mesh) podObject(p *pod) object {
	return object{
		"apiVersion": "v1",
		"kind":       "Pod",
		"metadata":   metadata(p.name, object{"app": serviceName, "version": m.options.Versions[p.version]}),
		"spec": object{"containers": []object{{
			"name":  serviceName,
			"image": serviceName + ":" + p.answers,
			"ports": []object{{"containerPort": podPort}},
		}}},
		"status": object{
			"phase":      "Running",
			"podIP":      p.ip,
			"podIPs":     []object{{"ip": p.ip}},
			"conditions": []object{{"type": "Ready", "status": "True"}},
		},
	}
}

func networking(kind string, spec object) object {
	return object{
		"apiVersion": "networking.istio.io/v1",
		"kind":       kind,
		"metadata":   metadata(serviceName, nil),
		"spec":       spec,
	}
}

func metadata(name string, labels object) object {
	meta := object{"name": name, "namespace": namespace}
	if labels != nil {
		meta["labels"] = labels
	}
	return meta
}

func documents(objects ...object) string {
	var texts []string
	for _, o := range objects {
		text, err := yaml.Marshal(o)
		if err != nil {
			panic(fmt.Sprintf("fakemesh: marshal an object of strings and numbers: %v", err))
		}
		texts = append(texts, string(text))
	}
	return strings.Join(texts, "---\n")
}
