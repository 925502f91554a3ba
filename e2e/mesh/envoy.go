package mesh

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strconv"

	corev1 "k8s.io/api/core/v1"
)

// A Gateway is the Envoy of an ingress gateway: without an agent, so that it can run beside the client's sidecar.
type Gateway struct {
	*Process
	Admin string // host:port
}

// Gateway starts the ingress gateway of a pod that runs, with its admin at the port, and waits until it is ready.
func (m *Mesh) Gateway(ctx context.Context, namespace, pod string, admin int) (*Gateway, error) {
	p, err := m.runningPod(ctx, namespace, pod)
	if err != nil {
		return nil, err
	}
	token, err := m.API.Token(ctx, namespace, "default", "istio-ca")
	if err != nil {
		return nil, err
	}
	text, err := json.Marshal(bootstrap(p, admin, token))
	if err != nil {
		return nil, fmt.Errorf("writing Envoy's bootstrap: %w", err)
	}
	name := "gateway" + strconv.Itoa(admin)
	if err := os.WriteFile(m.file(name+".json"), text, 0o644); err != nil {
		return nil, fmt.Errorf("writing Envoy's bootstrap: %w", err)
	}
	process, err := m.start(name, uidProxy, nil, m.file("envoy"), "-c", m.file(name+".json"), "--concurrency", "2",
		"--disable-hot-restart", "-l", "warning")
	if err != nil {
		return nil, err
	}
	proxy := &Gateway{process, "127.0.0.1:" + strconv.Itoa(admin)}
	if err := m.awaitReady(ctx, process, "http://"+proxy.Admin+"/ready"); err != nil {
		process.Kill()
		return nil, err
	}
	return proxy, nil
}

// AwaitCluster waits until the proxy at this admin address has a cluster of that name, a regular expression.
func (m *Mesh) AwaitCluster(ctx context.Context, admin, name string) error {
	return await(ctx, proxyLimit, func() error { return m.knows(ctx, "http://"+admin, name) })
}

// Reachable waits until a server listens at the address.
func (m *Mesh) Reachable(ctx context.Context, address string) error {
	return await(ctx, proxyLimit, func() error {
		c, err := m.net.dial(ctx, "tcp", address)
		if err == nil {
			c.Close()
		}
		return err
	})
}

// bootstrap is the configuration of an Envoy that asks istiod for the rest.
func bootstrap(p *corev1.Pod, admin int, token string) map[string]any {
	ads := map[string]any{"ads": map[string]any{}, "resource_api_version": "V3", "initial_fetch_timeout": "0s"}
	domain := p.Namespace + ".svc.cluster.local"
	return map[string]any{
		"node": map[string]any{
			"id":      "router~" + p.Status.PodIP + "~" + p.Name + "." + p.Namespace + "~" + domain,
			"cluster": p.Name + "." + p.Namespace,
			"metadata": map[string]any{
				"NAMESPACE": p.Namespace, "NAME": p.Name, "CLUSTER_ID": "Kubernetes", "ISTIO_VERSION": "1.31.1",
				"INTERCEPTION_MODE": "REDIRECT", "LABELS": p.Labels, "SERVICE_ACCOUNT": "default", "INSTANCE_IPS": p.Status.PodIP,
			},
			"locality": map[string]any{"region": "r1", "zone": "z1"},
		},
		"admin": map[string]any{"address": socketAddress(admin)},
		"dynamic_resources": map[string]any{
			"ads_config": map[string]any{
				"api_type": "GRPC", "transport_api_version": "V3",
				"grpc_services": []any{map[string]any{
					"envoy_grpc":       map[string]any{"cluster_name": "xds-grpc"},
					"initial_metadata": []any{map[string]any{"key": "authorization", "value": "Bearer " + token}},
				}},
			},
			"lds_config": ads, "cds_config": ads,
		},
		"static_resources": map[string]any{"clusters": []any{xdsCluster()}},
	}
}

// xdsCluster is istiod.
func xdsCluster() map[string]any {
	endpoint := map[string]any{"endpoint": map[string]any{"address": socketAddress(15010)}}
	return map[string]any{
		"name": "xds-grpc", "type": "STATIC", "connect_timeout": "1s",
		"load_assignment": map[string]any{
			"cluster_name": "xds-grpc", "endpoints": []any{map[string]any{"lb_endpoints": []any{endpoint}}},
		},
		"typed_extension_protocol_options": map[string]any{"envoy.extensions.upstreams.http.v3.HttpProtocolOptions": map[string]any{
			"@type":                "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
			"explicit_http_config": map[string]any{"http2_protocol_options": map[string]any{}},
		}},
	}
}

func socketAddress(port int) map[string]any {
	return map[string]any{"socket_address": map[string]any{"address": "127.0.0.1", "port_value": port}}
}
