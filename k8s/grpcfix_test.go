package k8s

import (
	"fmt"
	"testing"
)

// TestGRPCRouteFix holds that a GRPCRoute, which has no paths, is told to take a service and a method.
func TestGRPCRouteFix(t *testing.T) {
	const route = `
---
apiVersion: gateway.networking.k8s.io/v1
kind: GRPCRoute
metadata: {name: shop, namespace: web}
spec:
  parentRefs: [{group: "", kind: Service, name: shop}]
  rules:
  - matches: [{method: {service: shop.Cart, method: Get}}]
    backendRefs: [{name: shop, port: 80, weight: 90}, {name: next, port: 80, weight: 10}]
`
	for path, match := range map[string]string{
		"/shop.Cart/Put": `{"method":{"method":"Put","service":"shop.Cart"}}`,
		"/version":       `{"method":{"method":"METHOD","service":"SERVICE"}}`,
	} {
		l := lookupShop(t, shopService+route, "http://shop.web"+path)
		checkFix(t, l, "no-rule-matches", fmt.Sprintf(
			`kubectl patch grpcroute shop -n web --type=json -p '[{"op":"add","path":"/spec/rules/0/matches/-","value":%s}]'`, match))
	}
}
