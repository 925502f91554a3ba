package k8s

import (
	"fmt"
	"slices"
	"strings"
)

// setting is one part of a traffic policy, and where it stands.
type setting[T any] struct {
	value T
	rule  *DestinationRule
	field string // "spec.trafficPolicy.tls"
}

func (s setting[T]) object() object { return object{"DestinationRule", &s.rule.Meta} }

// settings are what the DestinationRules in effect say of one port of a host or of a subset.
type settings struct {
	balancer setting[*LoadBalancer]
	tls      setting[*ClientTLS]
	pool     setting[map[string]any]
	outliers setting[map[string]any]
}

// settings merges as the control plane does: the oldest rule with a policy counts; a subset's policy replaces it part by
// part; settings of a port replace all parts at once, those included that they leave out.
func (p policy) settings(subset string, port int) settings {
	var s settings
	for _, dr := range p.rules {
		if dr.Spec.TrafficPolicy != nil {
			s.take(dr, dr.Spec.TrafficPolicy, "spec.trafficPolicy", port)
			break
		}
	}
	if dr, i := p.subset(subset); dr != nil && subset != "" {
		s.take(dr, dr.Spec.Subsets[i].TrafficPolicy, fmt.Sprintf("spec.subsets[%d].trafficPolicy", i), port)
	}
	return s
}

func (s *settings) take(dr *DestinationRule, policy *TrafficPolicy, field string, port int) {
	if policy == nil {
		return
	}
	for i, at := range policy.PortLevelSettings {
		if at.Port.Number == port {
			field = fmt.Sprintf("%s.portLevelSettings[%d]", field, i)
			s.balancer = setting[*LoadBalancer]{at.LoadBalancer, dr, field + ".loadBalancer"}
			s.tls = setting[*ClientTLS]{at.TLS, dr, field + ".tls"}
			s.pool = setting[map[string]any]{at.ConnectionPool, dr, field + ".connectionPool"}
			s.outliers = setting[map[string]any]{at.OutlierDetection, dr, field + ".outlierDetection"}
			return
		}
	}
	if policy.LoadBalancer != nil {
		s.balancer = setting[*LoadBalancer]{policy.LoadBalancer, dr, field + ".loadBalancer"}
	}
	if policy.TLS != nil {
		s.tls = setting[*ClientTLS]{policy.TLS, dr, field + ".tls"}
	}
	if policy.ConnectionPool != nil {
		s.pool = setting[map[string]any]{policy.ConnectionPool, dr, field + ".connectionPool"}
	}
	if policy.OutlierDetection != nil {
		s.outliers = setting[map[string]any]{policy.OutlierDetection, dr, field + ".outlierDetection"}
	}
}

// mode is the TLS mode that a DestinationRule sets; "" leaves it to the mesh.
func (s settings) mode() string {
	if s.tls.value == nil {
		return ""
	}
	return strings.ToUpper(firstNonEmpty(s.tls.value.Mode, "DISABLE"))
}

// limits are the settings by which a sidecar refuses requests, or takes endpoints out.
func (s settings) limits() []string {
	var texts []string
	for _, part := range []setting[map[string]any]{s.pool, s.outliers} {
		if len(part.value) > 0 {
			texts = append(texts, fmt.Sprintf("%s %s: %s", part.object(), part.field, compact(part.value)))
		}
	}
	return slices.Clip(texts)
}

// hashPolicy finds a consistent hash on a destination. It does not bend the split: Envoy draws the weighted cluster at
// random and hashes inside of it, since Istio does not set use_hash_policy.
func hashPolicy(r *reach) []Finding {
	b := r.settings.balancer
	if b.value == nil || len(b.value.ConsistentHash) == 0 {
		return nil
	}
	field := b.field + ".consistentHash"
	return []Finding{{ID: "hash-policy", Severity: SeverityInfo, Object: b.object().String(), Field: field,
		Summary:  "the pod is picked by a hash inside of a destination; the destination itself is still drawn by weight",
		Evidence: []string{field + ": " + compact(b.value.ConsistentHash)},
		Fix:      b.object().patch(operation{Op: "remove", Path: pointer(field)})}}
}
