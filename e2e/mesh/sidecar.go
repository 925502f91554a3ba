package mesh

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"time"

	authv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

const (
	clientPod  = "respy"
	sidecarURL = "http://127.0.0.1:15000"
	readyURL   = "http://127.0.0.1:15021/healthz/ready"
	proxyLimit = 30 * time.Second
)

// A Sidecar is the client pod's proxy: the real pilot-agent, which gets certificates from istiod, starts Envoy and
// serves 15020 and 15021.
type Sidecar struct {
	*Process
	pod corev1.Pod
}

// Client makes the client pod in the namespace and starts its sidecar, or keeps the one that is there.
func (m *Mesh) Client(ctx context.Context, namespace string) error {
	if s := m.sidecar; s != nil && s.pod.Namespace == namespace && s.pod.Name == clientPod && s.ended() == nil {
		if _, err := m.Get(ctx, readyURL); err == nil {
			return nil
		}
	}
	m.StopSidecar()
	pod, err := m.startClientPod(ctx, namespace)
	if err != nil {
		return err
	}
	if err := m.startAgent(ctx, "sidecar", pod); err != nil {
		return err
	}
	return m.awaitReady(ctx, m.sidecar.Process, readyURL)
}

// ClientIPv6 is Client for a pod that has an IPv6 address alone: its sidecar's admin is at [::1]:15000.
func (m *Mesh) ClientIPv6(ctx context.Context, namespace string) error {
	m.StopSidecar()
	pod, err := m.startClientPod(ctx, namespace)
	if err != nil {
		return err
	}
	pod = pod.DeepCopy()
	pod.Status.PodIPs = pod.Status.PodIPs[1:]
	pod.Status.PodIP = pod.Status.PodIPs[0].IP
	if err := m.startAgent(ctx, "sidecar", pod); err != nil {
		return err
	}
	return m.awaitReady(ctx, m.sidecar.Process, "http://[::1]:15021/healthz/ready")
}

// Waypoint starts the proxy of a waypoint's pod in the place of the client's sidecar, and waits until it has a listener
// with routes. It never becomes ready: the listener for ztunnel needs filters that are Istio's own.
func (m *Mesh) Waypoint(ctx context.Context, namespace, name string) error {
	m.StopSidecar()
	pod, err := m.runningPod(ctx, namespace, name)
	if err != nil {
		return err
	}
	if err := m.startAgent(ctx, "waypoint", pod); err != nil {
		return err
	}
	return await(ctx, proxyLimit, func() error {
		body, err := m.Get(ctx, sidecarURL+"/config_dump?resource=static_route_configs")
		if err == nil && !bytes.Contains(body, []byte("inbound-vip")) {
			err = errors.New("the waypoint has no route yet")
		}
		return errors.Join(err, m.sidecar.ended())
	})
}

// startClientPod makes the pod that the client is, and waits until it has an address.
func (m *Mesh) startClientPod(ctx context.Context, namespace string) (*corev1.Pod, error) {
	u := podObject(namespace, clientPod, map[string]any{"app": clientPod})
	if err := m.API.Apply(ctx, baseManager, namespaceObject(namespace), u); err != nil {
		return nil, err
	}
	return m.runningPod(ctx, namespace, clientPod)
}

func (m *Mesh) runningPod(ctx context.Context, namespace, name string) (pod *corev1.Pod, err error) {
	err = await(ctx, applyLimit, func() error {
		if pod, err = m.API.Typed.CoreV1().Pods(namespace).Get(ctx, name, metav1.GetOptions{}); err != nil {
			return err
		}
		if pod.Status.PodIP == "" {
			return fmt.Errorf("pod %s/%s has no address", namespace, name)
		}
		return nil
	})
	return pod, err
}

// StopSidecar ends the client's proxy at once: a drain would take seconds.
func (m *Mesh) StopSidecar() {
	if m.sidecar != nil {
		m.sidecar.Kill()
		m.sidecar = nil
	}
}

// RestartSidecar ends the client's proxy and starts another, which it does not wait for.
func (m *Mesh) RestartSidecar(ctx context.Context) error {
	pod := m.sidecar.pod
	m.StopSidecar()
	return m.startAgent(ctx, "sidecar", &pod)
}

// startAgent starts the proxy of the pod, of a kind that istiod tells apart, and does not wait for it.
func (m *Mesh) startAgent(ctx context.Context, kind string, pod *corev1.Pod) error {
	dir := m.file("agent")
	if err := m.writeAgentFiles(ctx, dir, pod); err != nil {
		return err
	}
	labels, err := json.Marshal(pod.Labels)
	if err != nil {
		return fmt.Errorf("writing the pod's labels: %w", err)
	}
	config, err := json.Marshal(map[string]any{
		"binaryPath": m.file("envoy"), "configPath": filepath.Join(dir, "proxy"), "discoveryAddress": istiodXDS,
		"controlPlaneAuthPolicy": "NONE", "proxyBootstrapTemplatePath": m.file("envoy_bootstrap.json"), "concurrency": 2,
	})
	if err != nil {
		return fmt.Errorf("writing the proxy's configuration: %w", err)
	}
	env := []string{
		"PROXY_CONFIG=" + string(config), "POD_NAME=" + pod.Name, "POD_NAMESPACE=" + pod.Namespace, "INSTANCE_IP=" + pod.Status.PodIP,
		"ISTIO_META_CLUSTER_ID=Kubernetes", "ISTIO_META_INTERCEPTION_MODE=REDIRECT", "ISTIO_METAJSON_LABELS=" + string(labels),
		"PILOT_CERT_PROVIDER=istiod", "CA_ADDR=" + istiodXDS, "ISTIO_DUAL_STACK=true",
	}
	p, err := m.start(kind, uidProxy, env, "env", "-C", dir, m.file("pilot-agent"), "proxy", kind,
		"--domain", pod.Namespace+".svc.cluster.local", "--proxyLogLevel=warning")
	if err != nil {
		return err
	}
	m.sidecar = &Sidecar{p, *pod}
	return nil
}

// writeAgentFiles makes the folder that pilot-agent runs in, with its token.
func (m *Mesh) writeAgentFiles(ctx context.Context, dir string, pod *corev1.Pod) error {
	token, err := m.API.Token(ctx, pod.Namespace, "default", "istio-ca")
	if err != nil {
		return err
	}
	tokens := filepath.Join(dir, "var/run/secrets/tokens")
	return errors.Join(
		os.RemoveAll(dir), os.MkdirAll(tokens, 0o755), os.MkdirAll(filepath.Join(dir, "proxy"), 0o755),
		os.WriteFile(filepath.Join(tokens, "istio-token"), []byte(token), 0o644),
		chownAll(dir, uidProxy),
	)
}

// chownAll gives a folder and all in it to the user.
func chownAll(dir string, uid int) error {
	return filepath.WalkDir(dir, func(path string, _ os.DirEntry, err error) error {
		return errors.Join(err, os.Chown(path, uid, uid))
	})
}

// Token is a token of a service account for the audience, the API server's own where it is empty.
func (a *API) Token(ctx context.Context, namespace, account, audience string) (token string, err error) {
	request := &authv1.TokenRequest{}
	if audience != "" {
		request.Spec.Audiences = []string{audience}
	}
	err = await(ctx, applyLimit, func() error { // a new namespace gets its default account after a moment
		answer, err := a.Typed.CoreV1().ServiceAccounts(namespace).CreateToken(ctx, account, request, metav1.CreateOptions{})
		if err == nil {
			token = answer.Status.Token
		}
		return err
	})
	return token, err
}

// awaitReady waits until a proxy says that it is ready.
func (m *Mesh) awaitReady(ctx context.Context, p *Process, url string) error {
	return await(ctx, proxyLimit, func() error {
		if err := p.ended(); err != nil {
			return err
		}
		_, err := m.Get(ctx, url)
		return err
	})
}

// knows says whether the Envoy at this admin address has a cluster whose name contains what the regular expression matches.
func (m *Mesh) knows(ctx context.Context, admin, name string) error {
	body, err := m.Get(ctx, admin+"/clusters?format=json&filter="+url.QueryEscape(".*"+name+".*"))
	if err != nil {
		return err
	}
	var answer struct {
		Clusters []json.RawMessage `json:"cluster_statuses"`
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		return fmt.Errorf("reading the clusters at %s: %w", admin, err)
	}
	if len(answer.Clusters) == 0 {
		return fmt.Errorf("the proxy at %s has no cluster %s yet", admin, name)
	}
	return nil
}
