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
		Fix: fmt.Sprintf("kubectl delete service %s -n %s   # and create it again without clusterIP: None, which cannot be changed",
			shellQuote(s.Name), shellQuote(s.Namespace))}
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
