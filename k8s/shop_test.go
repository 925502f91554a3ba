package k8s

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The shop is a Service with two Deployments, the DestinationRule of their subsets, and the rule that divides 90 to 10.
const (
	shopService = `
---
apiVersion: v1
kind: Service
metadata: {name: shop, namespace: web}
spec: {selector: {app: shop}, ports: [{name: http, port: 80, targetPort: 8080}]}
`
	shopPods = `
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: shop-v1, namespace: web}
spec: {template: {metadata: {labels: {app: shop, version: v1}}}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: shop-v2, namespace: web}
spec: {template: {metadata: {labels: {app: shop, version: v2}}}}
`
	shopSubsets = `
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: shop, namespace: web}
spec: {host: shop, subsets: [{name: v1, labels: {version: v1}}, {name: v2, labels: {version: v2}}]}
`
	shopCanary = `
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: shop, namespace: web}
spec:
  hosts: [shop]
  http: [{route: [{destination: {host: shop, subset: v1}, weight: 90}, {destination: {host: shop, subset: v2}, weight: 10}]}]
`
	shopURL   = "http://shop.web/version"
	shopSplit = "shop spec.http[0] v1=90 v2=10"
)

// lookupShop looks up a request among objects for a caller of which nothing is known.
func lookupShop(t *testing.T, text, url string) Lookup {
	t.Helper()
	return lookupAs(t, mustRead(t, text), url, Caller{})
}

func lookupAs(t *testing.T, o *Objects, url string, caller Caller) Lookup {
	t.Helper()
	l, err := o.Lookup(mustRequest(t, url), caller, "")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func checkShop(t *testing.T, l Lookup, want string) {
	t.Helper()
	if diff := cmp.Diff(summary(l), want); diff != "" {
		t.Errorf("(-got +want):\n%s\n%+v", diff, l)
	}
}

// checkFix holds what a lookup's finding tells to do.
func checkFix(t *testing.T, l Lookup, id, want string) {
	t.Helper()
	for _, f := range l.Findings {
		if f.ID == id {
			if f.Fix != want {
				t.Errorf("fix of %s:\n%s\nwant\n%s", id, f.Fix, want)
			}
			return
		}
	}
	t.Errorf("no %s in %+v", id, l.Findings)
}

func TestShop(t *testing.T) {
	checkShop(t, lookupShop(t, shopService+shopPods+shopSubsets+shopCanary, shopURL), shopSplit)
}

func TestWholeServiceBesideSubset(t *testing.T) {
	const found = "\nerror subset-overlap VirtualService web/shop spec.http[0].route[0].destination.subset"
	check := func(text, rule, weights, fix string) {
		t.Helper()
		l := lookupShop(t, text+rule, shopURL)
		checkShop(t, l, "shop spec.http[0] "+weights+found)
		checkFix(t, l, "subset-overlap", fix)
	}
	const all = shopService + shopPods
	whole := strings.Replace(shopCanary, "host: shop, subset: v1", "host: shop", 1)
	check(all+shopSubsets, whole, "shop=90 v2=10",
		`kubectl patch virtualservice shop -n web --type=json -p '[{"op":"add","path":"/spec/http/0/route/0/destination/subset","value":"v1"}]'`)
	check(all+strings.Replace(shopSubsets, "{name: v1, labels: {version: v1}}, ", "", 1), whole, "shop=90 v2=10",
		"define a subset of the other pods in DestinationRule web/shop and name it: subset: NAME")
	check(all+strings.Replace(shopSubsets, "subsets: [", "subsets: [{name: v3, labels: {version: v3}}, ", 1), whole, "shop=90 v2=10",
		"subset: one of v3, v1")
}

func TestWithoutPodsInFiles(t *testing.T) {
	selector := strings.Replace(shopService, "{app: shop}", "{app: shopp}", 1)
	l := lookupShop(t, selector+shopPods+shopSubsets+shopCanary, shopURL)
	checkShop(t, l, shopSplit+"\nwarning no-ready-endpoints Service web/shop spec.selector")
	checkShop(t, lookupShop(t, selector+shopSubsets+shopCanary, shopURL), shopSplit) // no workload is here
	checkShop(t, lookupShop(t, selector+shopPods+shopSubsets+shopCanary+
		strings.Replace(shopService, "name: shop,", "name: other,", 1), shopURL), shopSplit) // they are another's

	scaled := strings.Replace(shopPods, "{name: shop-v2, namespace: web}\nspec: {", "{name: shop-v2, namespace: web}\nspec: {replicas: 0, ", 1)
	l = lookupShop(t, shopService+scaled+shopSubsets+shopCanary, shopURL)
	checkShop(t, l, shopSplit+"\nerror subset-empty DestinationRule web/shop spec.subsets[1].labels")
	checkFix(t, l, "subset-empty", "kubectl scale deployment shop-v2 -n web --replicas=1   # and spec.replicas in the file")
	scaled = strings.ReplaceAll(shopPods, "spec: {template", "spec: {replicas: 0, template")
	checkShop(t, lookupShop(t, shopService+scaled+shopSubsets+shopCanary, shopURL), shopSplit+"\nerror no-ready-endpoints Service web/shop spec.selector")
}

func TestWithoutKnowingOfSidecars(t *testing.T) {
	const (
		policy = "\n---\napiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: {name: none, namespace: web}\nspec: {}\n"
		strict = "\n---\napiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: {name: all, namespace: web}\nspec: {mtls: {mode: STRICT}}\n"
		mesh   = "\n---\napiVersion: v1\nkind: Namespace\nmetadata: {name: web, labels: {istio-injection: enabled}}\n"
		split  = shopService + shopPods + shopCanary
		denied = "\nerror access-denied AuthorizationPolicy web/none spec.rules"
	)
	plain := strings.Replace(shopSubsets, "host: shop,", "host: shop, trafficPolicy: {tls: {mode: DISABLE}},", 1)
	check := func(text, want string) {
		t.Helper()
		checkShop(t, lookupShop(t, split+text, shopURL), shopSplit+want)
	}
	check(shopSubsets+policy, "\nunseen")
	check(shopSubsets+policy+mesh, denied)
	check(shopSubsets+strict, "")
	check(plain+strict, "\nunseen")
	check(plain+strict+mesh, "\nerror mtls-conflict DestinationRule web/shop spec.trafficPolicy.tls.mode")
	check(plain+strict+policy, "\nunseen\nunseen")
}

// TestWeightFixes holds that weights are proposed where one is certain, and evidence is what the object says.
func TestWeightFixes(t *testing.T) {
	const edit = "kubectl edit virtualservice shop -n web   # spec.http[0]: give each destination its weight"
	lookup := func(first, second string) Lookup {
		t.Helper()
		rule := strings.NewReplacer(", weight: 90", first, ", weight: 10", second).Replace(shopCanary)
		return lookupShop(t, shopService+shopPods+shopSubsets+rule, shopURL)
	}
	checkFix(t, lookup(", weight: 100", ""), "weight-zero", edit+", the others have 100 or more together")
	checkFix(t, lookup(", weight: 90", ""), "weight-zero",
		`kubectl patch virtualservice shop -n web --type=json -p '[{"op":"add","path":"/spec/http/0/route/1/weight","value":10}]'`)
	l := lookup(", weight: 0", "")
	checkFix(t, l, "all-weights-zero", edit)
	if diff := cmp.Diff(l.Findings[0].Evidence, []string{"spec.http[0].route[0].weight: 0", "spec.http[0].route[1].weight is not given"}); diff != "" {
		t.Error(diff)
	}
}

func TestShadowedFix(t *testing.T) {
	hiding := "\n---\napiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: mine, namespace: team}\nspec: {host: shop.web.svc.cluster.local}\n"
	l := lookupAs(t, mustRead(t, shopService+shopPods+shopSubsets+shopCanary+hiding), shopURL, Caller{Namespace: "team"})
	checkFix(t, l, "destination-rule-shadowed", `kubectl patch destinationrule mine -n team --type=json -p '[{"op":"add","path":"/spec/subsets","value":`+
		`[{"labels":{"version":"v1"},"name":"v1"},{"labels":{"version":"v2"},"name":"v2"}]}]'`)
}

func TestDelegateFix(t *testing.T) {
	const delegated = `
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: root, namespace: web}
spec: {hosts: [shop], http: [{delegate: {name: leaf, namespace: team}}]}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: leaf, namespace: team}
spec: {exportTo: [.], http: [{route: [{destination: {host: shop.web.svc.cluster.local}}]}]}
`
	l := lookupShop(t, shopService+delegated, shopURL)
	checkFix(t, l, "delegate-missing", `kubectl patch virtualservice leaf -n team --type=json -p '[{"op":"add","path":"/spec/exportTo/-","value":"web"}]'`)
}

// TestEmptyGatewayFix holds that hosts are quoted: a bare asterisk is an alias to YAML.
func TestEmptyGatewayFix(t *testing.T) {
	l := lookupAs(t, mustRead(t, shopService+strings.Replace(shopCanary, "hosts: [shop]", "hosts: ['*']\n  gateways: [edge]", 1)+
		"\n---\napiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {name: edge, namespace: web}\nspec: {selector: {app: edge}}\n"),
		"http://shop.example.com/", Caller{Entry: EntryGateway})
	checkFix(t, l, "gateway-not-found", `servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ["*"]}]`)
}

func TestHeadlessFix(t *testing.T) {
	l := lookupShop(t, strings.Replace(shopService, "{selector", "{clusterIP: None, selector", 1)+shopPods+shopSubsets+shopCanary, shopURL)
	checkShop(t, l, shopSplit+"\nerror headless-service Service web/shop spec.clusterIP")
	checkFix(t, l, "headless-service", "add a second Service for the same pods and name it as the host of the destinations and of their DestinationRule: "+
		`{"apiVersion":"v1","kind":"Service","metadata":{"name":"shop-balanced","namespace":"web"},`+
		`"spec":{"ports":[{"name":"http","port":80,"targetPort":8080}],"selector":{"app":"shop"}}}`)
}
