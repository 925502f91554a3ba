package k8s

import "fmt"

// unusedRules finds DestinationRules that will have been meant for a destination's host, and whose own is no service:
// half-qualified, or the short name of a Service of another namespace.
func (o *Objects) unusedRules(r *reach) []Finding {
	var findings []Finding
	for i := range o.DestinationRules {
		dr := &o.DestinationRules[i]
		host := resolve(dr.Spec.Host, dr.Namespace, r.caller.domain())
		if host == r.concrete || !r.caller.sees(dr.Spec.ExportTo, dr.Namespace) {
			continue
		}
		half := o.halfQualified(host, r.caller) == r.concrete
		if half || o.misplaced(dr, host, r) {
			f := destinationRuleUnused(dr, host, r.concrete)
			if half {
				f.Summary = fmt.Sprintf("the host %s is no service: a host with a dot is taken as it is, and the rule is ignored", dr.Spec.Host)
			}
			findings = append(findings, f)
		}
	}
	return findings
}

// misplaced reports whether a rule's short name is that of the destination's Service, which is in another namespace,
// while there is none of that name in the rule's own.
func (o *Objects) misplaced(dr *DestinationRule, host string, r *reach) bool {
	return r.service != nil && dr.Spec.Host == r.service.Name && o.Complete["Service"] && len(o.entriesFor(host)) == 0 &&
		o.service(dr.Namespace, dr.Spec.Host) == nil
}

func destinationRuleUnused(dr *DestinationRule, host, meant string) Finding {
	o := object{"DestinationRule", &dr.Meta}
	return Finding{ID: "destination-rule-unused", Severity: SeverityWarning, Object: o.String(), Field: "spec.host",
		Summary:  fmt.Sprintf("the host %s is no service, and the rule is ignored", host),
		Evidence: []string{"spec.host: " + dr.Spec.Host, "the service is " + meant},
		Fix:      o.patch(operation{Op: "replace", Path: "/spec/host", Value: meant})}
}
