package k8s

import (
	"slices"
	"testing"
)

// A pod that is read again counts once, and by its new labels.
func TestPodsOf(t *testing.T) {
	o := mustRead(t, readyPod("a", "10.0.0.1", singlePod)+readyPod("b", "10.0.0.2", singlePod)+readyPod("a", "10.0.0.3", multiplePod)+
		readyPod("b", "10.0.0.2", singlePod))
	check := func(selector map[string]string, want ...string) {
		t.Helper()
		var got []string
		for pod := range o.podsOf("default", selector) {
			got = append(got, pod.Name)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%v: %v, want %v", selector, got, want)
		}
	}
	check(map[string]string{"app": "weather-backend"}, "a", "b")
	check(map[string]string{"app": "weather-backend", "version": "single"}, "b")
	check(map[string]string{"version": "multiple"}, "a")
	check(map[string]string{"version": "multiple", "app": "other"})
}
