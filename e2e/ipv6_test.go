package e2e

import (
	"net/netip"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// TestIPv6 calls the IPv6 address of a dual-stack Service, from a pod of IPv4 and from one of IPv6 alone, whose proxy has its
// admin at ::1.
func TestIPv6(t *testing.T) {
	s := enter(t, "dual-stack")
	service, err := shared.API.Typed.CoreV1().Services("default").Get(t.Context(), "weather-backend", metav1.GetOptions{})
	must(t, err)
	var url string
	for _, a := range service.Spec.ClusterIPs {
		if netip.MustParseAddr(a).Is6() {
			url = "http://[" + a + "]:5000/version"
		}
	}
	if url == "" {
		t.Fatalf("the Service has the addresses %v, none of IPv6", service.Spec.ClusterIPs)
	}
	t.Run("called by address", func(t *testing.T) {
		check(t, respy(t, shared.InPod(), "--host", "weather-backend:5000", url), "match", "", false)
	})
	t.Run("client of IPv6", func(t *testing.T) {
		must(t, shared.ClientIPv6(t.Context(), s.Client))
		t.Cleanup(shared.StopSidecar)
		if _, err := shared.Get(t.Context(), "http://127.0.0.1:15000/ready"); err == nil {
			t.Error("the proxy's admin is at 127.0.0.1 too: this shows nothing of [::1]")
		}
		r := respy(t, shared.InPod(), "--host", "weather-backend:5000", url)
		check(t, r, "match", "", false)
		check(t, respy(t, shared.InPod(), "--kube=false", "--host", "weather-backend:5000", url), "match", "", false)
	})
}
