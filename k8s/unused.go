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
		if o.stray(dr, host, r) {
			findings = append(findings, destinationRuleUnused(dr, host, ""))
		} else if half || o.misplaced(dr, host, r) {
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

// stray reports whether a rule beside the destination's Service or the caller is for a host that does not exist.
func (o *Objects) stray(dr *DestinationRule, host string, r *reach) bool {
	_, _, isService := splitService(host, r.caller.domain())
	near := dr.Namespace == r.caller.Namespace || r.service != nil && dr.Namespace == r.service.Namespace
	return near && isService && o.Complete["Service"] && len(o.entriesFor(host)) == 0 && o.serviceOf(host, r.caller) == nil &&
		!o.misplaced(dr, host, r)
}

// destinationRuleUnused is for a rule of which it is known what host was meant, or not: "".
func destinationRuleUnused(dr *DestinationRule, host, meant string) Finding {
	o := object{"DestinationRule", &dr.Meta}
	f := Finding{ID: "destination-rule-unused", Severity: SeverityWarning, Object: o.String(), Field: "spec.host",
		Summary:  fmt.Sprintf("the host %s is no service, and the rule is ignored", host),
		Evidence: []string{"spec.host: " + dr.Spec.Host},
		Fix:      fmt.Sprintf("kubectl edit destinationrule %s -n %s   # spec.host: a Service that exists", shellQuote(dr.Name), shellQuote(dr.Namespace))}
	if meant != "" {
		f.Evidence = append(f.Evidence, "the service is "+meant)
		f.Fix = o.patch(operation{Op: "replace", Path: "/spec/host", Value: meant})
	}
	return f
}
