package k8s

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestGatewaysAt(t *testing.T) {
	o := mustRead(t, weather+`
---
apiVersion: v1
kind: Service
metadata: {name: istio-ingressgateway, namespace: istio-system}
spec: {selector: {app: ingress, istio: ingressgateway}, clusterIP: 10.0.0.7, clusterIPs: [10.0.0.7, 'fd00::7'], externalIPs: [192.0.2.7]}
status: {loadBalancer: {ingress: [{ip: 203.0.113.7}, {hostname: LB.example.com}]}}
---
apiVersion: v1
kind: Service
metadata: {name: edge, namespace: edge}
spec: {selector: {app: edge}, clusterIP: None}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: edge, namespace: edge}
spec: {template: {metadata: {labels: {app: edge, tier: front}}}}
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: gw, namespace: shop}
spec: {selector: {istio: ingressgateway}}
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: edge}
spec: {selector: {tier: front}}
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: nobody}
---
apiVersion: v1
kind: Service
metadata: {name: gw-istio}
spec: {selector: {gateway.networking.k8s.io/gateway-name: gw}, clusterIP: 10.0.0.9}
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: gw}
spec: {gatewayClassName: istio}
---
apiVersion: v1
kind: Service
metadata: {name: wp}
spec: {selector: {gateway.networking.k8s.io/gateway-name: wp}}
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: wp}
spec: {gatewayClassName: istio-waypoint}
`)
	for _, c := range []struct {
		host      string
		addresses []string
		want      []string
	}{
		{"istio-ingressgateway.istio-system", nil, []string{"shop/gw"}},
		{"Istio-Ingressgateway.istio-system.svc.cluster.local.", nil, []string{"shop/gw"}},
		{"weather.example.com", []string{"203.0.113.7"}, []string{"shop/gw"}},
		{"weather.example.com", []string{"198.51.100.1", "192.0.2.7"}, []string{"shop/gw"}},
		{"lb.example.com", nil, []string{"shop/gw"}},
		{"10.0.0.7", nil, []string{"shop/gw"}},
		{"fd00:0::7", nil, []string{"shop/gw"}},
		{"edge.edge", nil, []string{"default/edge"}},
		{"gw-istio", nil, []string{"default/gw"}},
		{"wp", nil, nil},
		{"weather-backend", nil, nil},
		{"weather.example.com", []string{"", "None"}, nil},
		{"weather.example.com", nil, nil},
	} {
		if diff := cmp.Diff(o.GatewaysAt(c.host, c.addresses, Caller{Namespace: "default"}), c.want); diff != "" {
			t.Errorf("%s %v (-got +want):\n%s", c.host, c.addresses, diff)
		}
	}
}
