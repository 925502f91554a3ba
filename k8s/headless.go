package k8s

import "fmt"

// headlessFindings finds destinations among which a sidecar draws by weight and yet dials the address that the caller
// dialled: those of a Service without an address of its own, and those with the load balancer PASSTHROUGH. A gateway
// takes the endpoints of a headless Service as it does any other's.
func headlessFindings(reaches []reach) []Finding {
	drawn := 0
	for i := range reaches {
		if reaches[i].weight > 0 {
			drawn++
		}
	}
	if drawn < 2 {
		return nil
	}
	var findings []Finding
	for i := range reaches {
		r := &reaches[i]
		if r.weight == 0 {
			continue
		}
		if r.service != nil && r.service.headless() && r.spec.entersMesh(r.caller) {
			findings = append(findings, headlessService(r))
		} else if f := passthrough(r); f != nil {
			findings = append(findings, *f)
		}
	}
	return findings
}

func headlessService(r *reach) Finding {
	s := r.service
	return Finding{ID: "headless-service", Severity: SeverityError, Object: s.object().String(), Field: "spec.clusterIP",
		Summary:  fmt.Sprintf("%s is headless: the destination is drawn by weight, and the pod is the one that the caller dialled", s.object()),
		Evidence: []string{"spec.clusterIP: None", fmt.Sprintf("%s: %s", r.field, r.name())},
		Fix:      fmt.Sprintf("add a second Service for the same pods and name it as the host of the destinations and of their DestinationRule: %s", s.withAddress())}
}

// withAddress is the manifest of a Service with an address of its own beside a headless one, on a line of YAML. The
// headless one has to stay: its clients know the pods by its name, and clusterIP cannot be changed.
func (s *Service) withAddress() string {
	var ports []map[string]any
	for _, p := range s.Spec.Ports {
		port := map[string]any{"port": p.Port}
		for key, value := range map[string]string{"name": p.Name, "appProtocol": p.AppProtocol} {
			if value != "" {
				port[key] = value
			}
		}
		if p.TargetPort != nil {
			port["targetPort"] = p.TargetPort
		}
		ports = append(ports, port)
	}
	return compact(map[string]any{"apiVersion": "v1", "kind": "Service",
		"metadata": map[string]string{"name": s.Name + "-balanced", "namespace": s.Namespace},
		"spec":     map[string]any{"selector": s.Spec.Selector, "ports": ports}})
}

func passthrough(r *reach) *Finding {
	b := r.settings.balancer
	if b.value == nil || b.value.Simple != "PASSTHROUGH" {
		return nil
	}
	field := b.field + ".simple"
	return &Finding{ID: "headless-service", Severity: SeverityError, Object: b.object().String(), Field: field,
		Summary:  fmt.Sprintf("%s dials the address that the caller dialled: the destination is drawn by weight, and has no say in the pod", r.name()),
		Evidence: []string{field + ": PASSTHROUGH", fmt.Sprintf("%s: %s", r.field, r.name())},
		Fix:      b.object().patch(operation{Op: "remove", Path: pointer(field)})}
}
