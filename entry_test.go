package main

import (
	"context"
	"strings"
	"testing"

	"respy/k8s"
	"respy/k8s/cluster"
	"respy/k8s/envoy"
)

const entryManifests = `
apiVersion: v1
kind: Service
metadata: {name: weather-backend}
spec: {clusterIP: 10.0.0.5, selector: {app: weather-backend}, ports: [{port: 5000, name: http}]}
---
apiVersion: v1
kind: Service
metadata: {name: edge, namespace: edge}
spec: {clusterIP: 10.0.0.7, selector: {app: edge}, ports: [{port: 80, name: http2}]}
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: edge}
spec: {selector: {app: edge}, servers: [{port: {number: 80, protocol: HTTP, name: http}, hosts: ['*']}]}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: bound}
spec:
  hosts: [weather-backend]
  gateways: [edge]
  http:
  - route:
    - {destination: {host: weather-backend, subset: single}, weight: 90}
    - {destination: {host: weather-backend, subset: multiple}, weight: 10}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: public}
spec:
  hosts: [weather.example.com]
  gateways: [edge]
  http: [{route: [{destination: {host: weather-backend}}]}]
`

// TestEntry holds by which proxy a request is taken to enter, of whose caller nothing or little is known.
func TestEntry(t *testing.T) {
	for name, test := range map[string]struct {
		url, host  string
		caller     k8s.Caller
		redirected bool
		route      string
		want       k8s.Entry
		gateway    string
		assumed    bool
		finding    string
	}{
		"the Service itself":                      {url: "http://weather-backend:5000/", want: k8s.EntryMesh, assumed: true, finding: "not-on-mesh"},
		"the Service, from a sidecar":             {url: "http://weather-backend:5000/", caller: k8s.Caller{Sidecar: k8s.Present}, want: k8s.EntryMesh, finding: "not-on-mesh"},
		"the Service, known labels":               {url: "http://weather-backend:5000/", caller: k8s.Caller{Namespace: "default", Labels: map[string]string{"app": "web"}}, want: k8s.EntryMesh, assumed: true, finding: "not-on-mesh"},
		"a port that is forwarded":                {url: "http://weather-backend:5000/", redirected: true},
		"another port":                            {url: "http://weather-backend:8080/"},
		"an address that is nobody's":             {url: "http://192.0.2.1:5000/", host: "weather-backend"},
		"the gateway by name":                     {url: "http://edge.edge/", host: "weather.example.com", want: k8s.EntryGateway, gateway: "default/edge"},
		"the gateway by address":                  {url: "http://10.0.0.7/", host: "weather.example.com", want: k8s.EntryGateway, gateway: "default/edge"},
		"the gateway, from a sidecar that is off": {url: "http://edge.edge/", host: "weather.example.com", caller: k8s.Caller{Namespace: "default", Sidecar: k8s.Present}, want: k8s.EntryGateway, gateway: "default/edge"},
		"the gateway, from a sidecar":             {url: "http://edge.edge/", host: "weather.example.com", caller: k8s.Caller{Entry: k8s.EntryMesh, Sidecar: k8s.Present}, want: k8s.EntryMesh, finding: "not-on-mesh"},
		"a public name":                           {url: "http://weather.example.com/"},
		"a named rule without a sidecar":          {url: "http://weather-backend:5000/", caller: k8s.Caller{Sidecar: k8s.Absent}, route: "vs/bound"},
	} {
		objects, err := k8s.Read(strings.NewReader(entryManifests), "manifests", "")
		if err != nil {
			t.Fatal(err)
		}
		request, err := k8s.NewRequest("", test.url, test.host, nil)
		if err != nil {
			t.Fatal(err)
		}
		v := viewpoint{request: request, caller: test.caller, dialed: hostOf(test.url), redirected: test.redirected}
		found, err := v.lookup(context.Background(), objects, test.route)
		if err != nil {
			t.Fatal(err)
		}
		if v.caller.Entry != test.want || v.caller.Gateway != test.gateway || v.assumed != test.assumed {
			t.Errorf("%s: %+v, assumed %t", name, v.caller, v.assumed)
		}
		finding := ""
		for _, f := range found.Findings {
			if f.Severity == k8s.SeverityError {
				finding += f.ID
			}
		}
		if finding != test.finding {
			t.Errorf("%s: finding %q, want %q", name, finding, test.finding)
		}
	}
}

func TestEntryOfAWaypoint(t *testing.T) {
	var c config
	c.expect.namespace = "shop"
	caller := c.caller(k8s.PresenceUnknown, []*proxy{{server: envoy.Server{Node: envoy.ParseNodeID("waypoint~10.0.0.1~wp-1.edge~edge.svc.cluster.local")}}}, cluster.Place{}, nil)
	if caller.Entry != k8s.EntryWaypoint || caller.Namespace != "edge" {
		t.Errorf("%+v", caller)
	}
}
