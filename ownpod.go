package main

import (
	"context"

	"respy/diagnose"
	"respy/k8s"
	"respy/k8s/envoy"
)

// pod reads the caller's pod: that of its sidecar, else the one that the process runs in. It is nil when there is none, or
// when nothing depends on it; what could not be read is said only where no sidecar tells the same.
func (d *declarations) pod(ctx context.Context, proxies []*proxy) (*k8s.Pod, []diagnose.Unseen) {
	namespace, name := d.place.Namespace, d.place.Pod
	if len(proxies) > 0 {
		node := proxies[0].node()
		if namespace, name = node.Namespace, node.Pod; node.Role != envoy.Sidecar || d.client == nil {
			return nil, nil
		}
	}
	if d.inside == nil || namespace == "" || name == "" {
		return nil, nil
	}
	pod, err := d.inside.Pod(ctx, namespace, name)
	if err != nil && len(proxies) == 0 {
		return nil, []diagnose.Unseen{{Stage: "declared", Why: err.Error() + ": its labels and whether it has a sidecar are not known"}}
	}
	return pod, nil
}
