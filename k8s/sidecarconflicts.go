package k8s

import "fmt"

// rivalSidecars finds Sidecar resources that contradict each other for the caller: the oldest is in effect.
func (s *search) rivalSidecars() []Finding {
	if s.scope.sidecar == nil {
		return nil
	}
	for _, rivals := range s.objects.sidecarsFor(s.caller) {
		if len(rivals) > 1 {
			return []Finding{conflictingSidecars(rivals, s.scope.object().String()+" is in effect for the caller")}
		}
		if len(rivals) == 1 {
			return nil
		}
	}
	return nil
}

func conflictingSidecars(rivals []*Sidecar, effect string) Finding {
	o := object{"Sidecar", &rivals[1].Meta}
	f := Finding{ID: "conflicting-sidecars", Severity: SeverityWarning, Object: o.String(), Field: "spec.workloadSelector",
		Summary: fmt.Sprintf("%d Sidecars are for the same workloads: the oldest is in effect, the others are ignored", len(rivals)),
		Fix:     fmt.Sprintf("kubectl delete sidecar %s -n %s   # or give each a selector of its own", shellQuote(o.meta.Name), shellQuote(o.meta.Namespace))}
	for _, r := range rivals {
		selector := "no selector"
		if r.Spec.WorkloadSelector != nil {
			selector = "labels " + compact(r.Spec.WorkloadSelector.Labels)
		}
		f.Evidence = append(f.Evidence, fmt.Sprintf("%s: %s", object{"Sidecar", &r.Meta}, selector))
	}
	if effect != "" {
		f.Evidence = append(f.Evidence, effect)
	}
	return f
}

// SidecarConflicts finds Sidecar resources of a namespace, or of all when it is "", that contradict each other, whoever
// calls: several without a selector in a namespace, or several that select the same pods.
func (o *Objects) SidecarConflicts(namespace string) []Finding {
	byNamespace := map[string][]*Sidecar{}
	var findings []Finding
	for i := range o.Sidecars {
		s := &o.Sidecars[i]
		if s.Spec.WorkloadSelector != nil || namespace != "" && s.Namespace != namespace {
			continue
		}
		byNamespace[s.Namespace] = append(byNamespace[s.Namespace], s)
		if rivals := byNamespace[s.Namespace]; len(rivals) == 2 {
			findings = append(findings, conflictingSidecars(rivals, ""))
		}
	}
	for _, workload := range o.podTemplates() {
		if namespace != "" && workload.Namespace != namespace {
			continue
		}
		caller := Caller{Namespace: workload.Namespace, Labels: workload.Labels}
		if rivals := o.sidecarsFor(caller)[0]; caller.Labels != nil && len(rivals) > 1 {
			findings = append(findings, conflictingSidecars(rivals, ""))
		}
	}
	return once(findings)
}

// podTemplates are the pods that there are, or will be: those of workloads as their templates say.
func (o *Objects) podTemplates() []Meta {
	var all []Meta
	for i := range o.Pods {
		all = append(all, o.Pods[i].Meta)
	}
	for i := range o.Workloads {
		m := o.Workloads[i].Spec.Template.Meta
		m.Namespace = o.Workloads[i].Namespace
		all = append(all, m)
	}
	return all
}
