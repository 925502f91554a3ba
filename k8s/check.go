package k8s

import "fmt"

// The checks below refuse what no API server would have stored; everything else is a finding, not an error.

func checkVirtualService(vs *VirtualService) error {
	for i, rule := range vs.Spec.HTTP {
		if err := checkDestinations(fmt.Sprintf("spec.http[%d].route", i), rule.Route); err != nil {
			return err
		}
	}
	for i, rule := range vs.Spec.TCP {
		if err := checkDestinations(fmt.Sprintf("spec.tcp[%d].route", i), rule.Route); err != nil {
			return err
		}
	}
	for i, rule := range vs.Spec.TLS {
		if err := checkDestinations(fmt.Sprintf("spec.tls[%d].route", i), rule.Route); err != nil {
			return err
		}
	}
	return nil
}

func checkDestinations(field string, destinations []RouteDestination) error {
	for i, d := range destinations {
		if err := checkWeight(fmt.Sprintf("%s[%d]", field, i), d.Weight); err != nil {
			return err
		}
	}
	return nil
}

func checkHTTPRoute(route *HTTPRoute) error {
	for i, rule := range route.Spec.Rules {
		if err := checkBackends(i, rule.BackendRefs); err != nil {
			return err
		}
	}
	return nil
}

func checkGRPCRoute(route *GRPCRoute) error {
	for i, rule := range route.Spec.Rules {
		if err := checkBackends(i, rule.BackendRefs); err != nil {
			return err
		}
	}
	return nil
}

func checkBackends(rule int, backends []BackendRef) error {
	for i, b := range backends {
		field := fmt.Sprintf("spec.rules[%d].backendRefs[%d]", rule, i)
		if b.Name == "" {
			return fmt.Errorf("%s has no name", field)
		}
		if err := checkWeight(field, b.Weight); err != nil {
			return err
		}
	}
	return nil
}

func checkWeight(field string, weight *int32) error {
	if weight != nil && *weight < 0 {
		return fmt.Errorf("%s.weight is %d: a weight is 0 or more", field, *weight)
	}
	return nil
}
