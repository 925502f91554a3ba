package k8s

import (
	"fmt"
	"slices"
	"strings"
)

// policiesOn are the AuthorizationPolicies that a pod's sidecar holds: those of its namespace and of the root one that
// select it. Policies with targetRefs are for gateways and waypoints, those in dry run only write logs.
func (o *Objects) policiesOn(b backend) []*AuthorizationPolicy {
	var list []*AuthorizationPolicy
	for i := range o.AuthorizationPolicies {
		p := &o.AuthorizationPolicies[i]
		if p.Namespace != b.pod.Namespace && p.Namespace != rootNamespace || len(p.Spec.TargetRefs) > 0 ||
			strings.EqualFold(p.Annotations["istio.io/dry-run"], "true") {
			continue
		}
		if p.Spec.Selector == nil || selects(p.Spec.Selector.MatchLabels, b.labels) {
			list = append(list, p)
		}
	}
	return list
}

func (p *AuthorizationPolicy) action() string {
	return firstNonEmpty(strings.ToUpper(p.Spec.Action), "ALLOW")
}

func (p *AuthorizationPolicy) object() object { return object{"AuthorizationPolicy", &p.Meta} }

// String is how the policy is named beside others: with its action, and what it says when it says nothing.
func (p *AuthorizationPolicy) String() string {
	return fmt.Sprintf("%s (%s, %d rules)", p.object(), p.action(), len(p.Spec.Rules))
}

// denial is a policy by which a pod certainly refuses a request.
type denial struct {
	policy *AuthorizationPolicy
	rule   int    // that denies; -1 where none allows
	others string // policies that do not allow it either
}

// denies finds the policy that refuses a request for sure: a DENY that takes it, or ALLOW policies of which none does.
// A template of which it is not known whether its pods get a sidecar counts when a policy selects it by its labels: who
// writes that knows that they do.
func (o *Objects) denies(a access, b backend) *denial {
	policies := o.policiesOn(b)
	sidecar := o.sidecar(b)
	if sidecar == PresenceUnknown && b.template && slices.ContainsFunc(policies, func(p *AuthorizationPolicy) bool {
		return p.Spec.Selector != nil && len(p.Spec.Selector.MatchLabels) > 0
	}) {
		sidecar = Present
	}
	if sidecar != Present {
		return nil
	}
	return a.refusedBy(policies)
}

// refusedBy finds the policy by which a sidecar that holds these refuses the request for sure.
func (a access) refusedBy(policies []*AuthorizationPolicy) *denial {
	var allow []*AuthorizationPolicy
	for _, p := range policies {
		switch p.action() {
		case "DENY":
			if i := p.taking(a); i >= 0 {
				return &denial{policy: p, rule: i}
			}
		case "ALLOW":
			allow = append(allow, p)
		}
	}
	if len(allow) == 0 || slices.ContainsFunc(allow, func(p *AuthorizationPolicy) bool { return p.takes(a) != no }) {
		return nil
	}
	d := &denial{policy: allow[0], rule: -1}
	for _, p := range allow[1:] {
		d.others += ", nor does " + p.String()
	}
	return d
}

// taking finds a rule that certainly takes the request; -1 when there is none.
func (p *AuthorizationPolicy) taking(a access) int {
	return slices.IndexFunc(p.Spec.Rules, func(r AccessRule) bool { return a.ruleTakes(&r, p.Namespace) == yes })
}

// takes is no when none of the rules takes the request, as where there are none.
func (p *AuthorizationPolicy) takes(a access) state {
	result := no
	for i := range p.Spec.Rules {
		result = either(result, a.ruleTakes(&p.Spec.Rules[i], p.Namespace))
	}
	return result
}

// accessFindings finds policies that refuse the requests of all or some destinations, one finding for each policy.
func (o *Objects) accessFindings(reaches []reach, request *Request) []Finding {
	var findings []Finding
	for i := range reaches {
		r := &reaches[i]
		if r.weight == 0 || r.service == nil || r.opaque() {
			continue
		}
		all, _ := r.pods()
		refused := 0
		var last *denial
		for _, b := range all {
			if b.pod == nil {
				continue
			}
			if d := o.denies(o.accessTo(r, b, request), b); d != nil {
				last = d
				refused++
			}
		}
		if refused > 0 {
			findings = addDenial(findings, last, r, fmt.Sprintf("%s: %d of %d pods", r.name(), refused, len(all)))
		}
	}
	return findings
}

// opaque reports whether the pods see connections alone: rules about requests are then no rules.
func (r *reach) opaque() bool {
	i := r.service.port(r.port)
	return r.spec.protocol != "http" || i >= 0 && r.service.Spec.Ports[i].opaque()
}

// addDenial adds a finding, or a destination to that of the same policy.
func addDenial(findings []Finding, d *denial, r *reach, where string) []Finding {
	f := d.finding(r)
	for i := range findings {
		if findings[i].Object == f.Object && findings[i].Field == f.Field {
			findings[i].Summary += ", and to " + r.name()
			findings[i].Evidence = append(findings[i].Evidence, where)
			return findings
		}
	}
	f.Evidence = append(f.Evidence, where)
	return append(findings, f)
}

func (d *denial) finding(r *reach) Finding {
	o := d.policy.object()
	f := Finding{ID: "access-denied", Severity: SeverityError, Object: o.String(), Field: "spec.rules",
		Summary:  fmt.Sprintf("no rule of an ALLOW policy takes the request: 403 (RBAC: access denied) is the answer to %s", r.name()),
		Evidence: []string{fmt.Sprintf("action: ALLOW, spec.rules: %s%s", compact(d.policy.Spec.Rules), d.others)},
		Fix: fmt.Sprintf("kubectl edit authorizationpolicy %s -n %s   # a rule that takes this request",
			shellQuote(o.meta.Name), shellQuote(o.meta.Namespace))}
	if d.rule >= 0 {
		f.Field = fmt.Sprintf("spec.rules[%d]", d.rule)
		f.Summary = fmt.Sprintf("a DENY policy takes the request: 403 (RBAC: access denied) is the answer to %s", r.name())
		f.Evidence = []string{fmt.Sprintf("action: DENY, %s: %s", f.Field, compact(d.policy.Spec.Rules[d.rule]))}
		f.Fix = o.patch(operation{Op: "remove", Path: pointer(f.Field)})
	}
	return f
}
