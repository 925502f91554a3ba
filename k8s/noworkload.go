package k8s

import (
	"fmt"
	"slices"
	"strings"
)

// scaleUp is the command that gives a workload of the files a pod.
func (b backend) scaleUp() string {
	kind, name, _ := strings.Cut(b.name, " ")
	return fmt.Sprintf("kubectl scale %s %s -n %s --replicas=1   # and spec.replicas in the file", strings.ToLower(kind), shellQuote(name), shellQuote(b.pod.Namespace))
}

// withoutReplicas finds a Service of which every workload in the files is to have no pod.
func withoutReplicas(r *reach) *Finding {
	if r.service == nil || r.behind.known || len(r.behind.list) > 0 || len(r.behind.idle) == 0 {
		return nil
	}
	s := r.service
	return &Finding{ID: "no-ready-endpoints", Severity: SeverityError, Object: s.object().String(), Field: "spec.selector",
		Summary:  fmt.Sprintf("every workload that %s selects has no replicas: its share is answered with 503 (no healthy upstream)", s.object()),
		Evidence: []string{"selector: " + writeLabels(s.Spec.Selector), "with spec.replicas: 0: " + describeBackends(r.behind.idle)},
		Fix:      r.behind.idle[0].scaleUp()}
}

// noWorkload finds a Service whose selector takes none of the workloads in files, while they hold some that no Service
// selects and that are its own by what they are called or by the subset's labels. The pods may still be made elsewhere.
func (o *Objects) noWorkload(r *reach) *Finding {
	s := r.service
	if s == nil || len(o.Complete) > 0 || len(s.Spec.Selector) == 0 || len(r.behind.list)+len(r.behind.idle) > 0 {
		return nil
	}
	var orphans []backend
	for i := range o.Workloads {
		w := &o.Workloads[i]
		labels := w.Spec.Template.Labels
		selected := slices.ContainsFunc(o.Services, func(other Service) bool {
			return other.Namespace == s.Namespace && len(other.Spec.Selector) > 0 && selects(other.Spec.Selector, labels)
		})
		named := w.Name == s.Name || strings.HasPrefix(w.Name, s.Name+"-")
		if w.Namespace == s.Namespace && !selected && (named || len(r.labels) > 0 && selects(r.labels, labels)) {
			orphans = append(orphans, backend{name: strings.TrimSpace(w.Kind + " " + w.Name), labels: labels})
		}
	}
	if len(orphans) == 0 {
		return nil
	}
	return &Finding{ID: "no-ready-endpoints", Severity: SeverityWarning, Object: s.object().String(), Field: "spec.selector",
		Summary:  fmt.Sprintf("%s selects none of the workloads in the files: without other pods its share is answered with 503 (no healthy upstream)", s.object()),
		Evidence: []string{"selector: " + writeLabels(s.Spec.Selector), "workloads that no Service selects: " + describeBackends(orphans)},
		Fix:      fmt.Sprintf("kubectl edit service %s -n %s   # spec.selector: labels that the pods have", shellQuote(s.Name), shellQuote(s.Namespace))}
}
