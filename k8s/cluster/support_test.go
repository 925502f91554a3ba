package cluster

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"respy/internal/fakeapi"
	"respy/k8s"
)

// start serves manifests and connects to them by a kubeconfig.
func start(t *testing.T, o fakeapi.Options) (*fakeapi.Server, *Client) {
	t.Helper()
	server, err := fakeapi.Start(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	file, err := server.Kubeconfig(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	c, err := Connect(Options{Kubeconfig: file})
	if err != nil {
		t.Fatal(err)
	}
	return server, c
}

// handler connects to a server that answers as a function says.
func handler(t testing.TB, serve http.HandlerFunc) *Client {
	t.Helper()
	server := httptest.NewServer(serve)
	t.Cleanup(server.Close)
	c, err := Connect(Options{Kubeconfig: write(t, `apiVersion: v1
kind: Config
clusters: [{name: c, cluster: {server: "`+server.URL+`"}}]
contexts: [{name: c, context: {cluster: c}}]
current-context: c
`)})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func write(t testing.TB, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func read(t *testing.T, c *Client, s Scope) *Reading {
	t.Helper()
	r, err := c.Read(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func sentences(all []k8s.Unseen) []string {
	var texts []string
	for _, u := range all {
		texts = append(texts, u.Why)
	}
	return texts
}

const shop = `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: shop, namespace: web}
spec:
  hosts: [shop]
  gateways: [mesh, ingress]
  http:
  - route:
    - {destination: {host: shop, subset: v1}, weight: 90}
    - {destination: {host: shop, subset: v2}, weight: 10}
---
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: {name: default, namespace: istio-system}
spec: {egress: [{hosts: ["*/*"]}]}
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: ingress, namespace: web}
spec: {selector: {istio: ingress}}
---
{apiVersion: v1, kind: Service, metadata: {name: shop, namespace: web}, spec: {selector: {app: shop}, ports: [{port: 80}]}}
---
{apiVersion: v1, kind: Service, metadata: {name: other, namespace: web}, spec: {selector: {app: other}, ports: [{port: 80}]}}
---
{apiVersion: v1, kind: Namespace, metadata: {name: web, labels: {istio-injection: enabled}}}
---
{apiVersion: v1, kind: Pod, metadata: {name: shop-1, namespace: web, labels: {app: shop, version: v1}}}
---
{apiVersion: v1, kind: Pod, metadata: {name: other-1, namespace: web, labels: {app: other}}}
---
{apiVersion: v1, kind: Pod, metadata: {name: ingress-1, namespace: istio-system, labels: {istio: ingress}}}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: shop-x, namespace: web, labels: {kubernetes.io/service-name: shop}}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: other-x, namespace: web, labels: {kubernetes.io/service-name: other}}
`
