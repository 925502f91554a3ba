package k8s

import (
	"strings"
	"testing"
)

func TestDoubtfulHost(t *testing.T) {
	const found = "\nwarning host-not-found VirtualService web/shop spec.hosts"
	typo := strings.Replace(shopCanary, "hosts: [shop]", "hosts: [shpo]", 1)
	check := func(text, want string) {
		t.Helper()
		checkShop(t, lookupShop(t, text+shopSubsets, shopURL), want+"\nunseen") // that there is no rule
	}
	check(shopService+typo, "none"+found)
	check(strings.Replace(shopService, "namespace: web", "namespace: other", 1)+typo, "none")
	check(shopService+typo+strings.Replace(shopService, "name: shop,", "name: shpo,", 1), "none") // a Service with a rule of its own
	checkRule(t, mustRead(t, shopService+shopSubsets+typo), shopSplit+found)
	checkRule(t, mustRead(t, shopService+shopSubsets+shopCanary), shopSplit)
}
