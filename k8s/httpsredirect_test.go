package k8s

import (
	"strings"
	"testing"
)

func TestRedirectToHTTPS(t *testing.T) {
	edge := strings.Replace(shopCanary, "hosts: [shop]", "hosts: [shop.example.com]\n  gateways: [edge]", 1)
	check := func(servers, url, want string) {
		t.Helper()
		gateway := "\n---\napiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {name: edge, namespace: web}\nspec: {servers: [" + servers + "]}\n"
		checkShop(t, lookupShop(t, shopService+shopPods+shopSubsets+edge+gateway, url), shopSplit+"\nunseen"+want) // that it enters by the gateway
	}
	const (
		plain  = "{port: {number: 80, protocol: HTTP}, hosts: ['*.example.com']}"
		sends  = "{port: {number: 80, protocol: HTTP}, hosts: ['*.example.com'], tls: {httpsRedirect: true}}"
		secure = "{port: {number: 443, protocol: HTTPS}, hosts: ['*.example.com'], tls: {mode: SIMPLE}}"
	)
	check(plain, "http://shop.example.com/", "")
	check(sends+", "+secure, "http://shop.example.com/", "\nunseen")
	check(sends+", "+secure, "http://shop.example.com:31380/", "\nunseen") // a port that leads to the server's
	check(sends+", "+secure, "https://shop.example.com/", "")
	check(sends+", "+strings.Replace(plain, "80", "8080", 1), "http://shop.example.com:8080/", "")
}
