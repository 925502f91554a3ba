package mesh

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

const (
	startLimit = 60 * time.Second // for one program of the control plane, on a slow machine

	apiAddress    = "https://127.0.0.1:6443"
	istiodXDS     = "127.0.0.1:15010"
	istiodHTTP    = "http://127.0.0.1:8080"
	rootNamespace = "istio-system"
)

// startKubernetes starts etcd, the API server and the controllers, and makes the API known to m.
func (m *Mesh) startKubernetes(ctx context.Context) error {
	if err := m.writeKeys(); err != nil {
		return err
	}
	if _, err := m.start("etcd", uidRoot, nil, m.built("etcd"), "--data-dir", m.file("etcd"), "--unsafe-no-fsync"); err != nil {
		return err
	}
	if err := m.startAPIServer(ctx); err != nil {
		return err
	}
	return m.startControllers()
}

func (m *Mesh) startControllers() (err error) {
	m.controllers, err = m.start("controllers", uidRoot, nil, m.built("kube-controller-manager"),
		"--kubeconfig="+m.Kubeconfig(), "--service-account-private-key-file="+m.file("sa.key"), "--leader-elect=false",
		"--controllers=*,-nodelifecycle,-node-lifecycle-controller", "--secure-port=0",
		"--service-cluster-ip-range="+serviceRange+","+serviceRange6)
	return err
}

// RestartKubernetes starts the API server once more after it was stopped, and whatever watches it: on their own they would
// come back within half a minute.
func (m *Mesh) RestartKubernetes(ctx context.Context) error {
	m.controllers.Kill()
	m.Istiod.Kill()
	m.StopSidecar()
	for _, step := range []func(context.Context) error{
		m.startAPIServer, func(context.Context) error { return m.startControllers() }, m.Node.watch,
		func(ctx context.Context) error { return m.startIstiod(ctx) },
	} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// startAPIServer starts the API server and waits until it is ready.
func (m *Mesh) startAPIServer(ctx context.Context) (err error) {
	m.APIServer, err = m.start("apiserver", uidRoot, nil, m.built("kube-apiserver"),
		"--etcd-servers=http://127.0.0.1:2379", "--secure-port=6443", "--advertise-address=10.244.0.1", "--cert-dir="+m.file("certs"),
		"--token-auth-file="+m.file("tokens.csv"), "--service-account-issuer=https://kubernetes.default.svc",
		"--service-account-key-file="+m.file("sa.pub"), "--service-account-signing-key-file="+m.file("sa.key"),
		"--authorization-mode=RBAC", "--service-cluster-ip-range="+serviceRange+","+serviceRange6,
		"--disable-admission-plugins=ServiceAccount", "--allow-privileged=true")
	if err != nil {
		return err
	}
	if m.API == nil {
		if m.API, err = newAPI(m.net.dial); err != nil {
			return err
		}
	}
	return await(ctx, startLimit, func() error {
		if err := m.APIServer.ended(); err != nil {
			return err
		}
		return m.API.ready(ctx)
	})
}

// installIstio makes the custom resources of Istio and the Gateway API, and starts istiod.
func (m *Mesh) installIstio(ctx context.Context) error {
	files, err := filepath.Glob(filepath.Join(m.bin, "crds", "*.yaml"))
	if err != nil || len(files) == 0 {
		return errors.Join(fmt.Errorf("no custom resource definitions in %s", m.bin), err)
	}
	for _, file := range files {
		objects, err := ReadObjects(file)
		if err != nil {
			return err
		}
		if err := m.API.Apply(ctx, baseManager, objects...); err != nil {
			return err
		}
	}
	if err := m.API.awaitDefinitions(ctx); err != nil {
		return err
	}
	if err := m.API.Apply(ctx, baseManager, namespaceObject(rootNamespace), meshConfig()); err != nil {
		return err
	}
	return m.startIstiod(ctx)
}

// RestartIstiod starts istiod anew with more environment, and has the client's next sidecar connect to it.
func (m *Mesh) RestartIstiod(ctx context.Context, env ...string) error {
	m.Istiod.Kill()
	m.StopSidecar()
	return m.startIstiod(ctx, env...)
}

// startIstiod starts istiod and waits until it is ready. Istio's own Envoy filters are not in the upstream binary, and the
// agents here fetch their certificates over the plaintext port.
func (m *Mesh) startIstiod(ctx context.Context, more ...string) (err error) {
	env := append([]string{
		"POD_NAME=istiod-0", "POD_NAMESPACE=" + rootNamespace, "PILOT_CERT_PROVIDER=istiod", "ENABLE_LEADER_ELECTION=false",
		"XDS_AUTH_PLAINTEXT=true", "PILOT_ENABLE_ALPN_FILTER=false", "PILOT_ENABLE_METADATA_EXCHANGE=false",
		"PILOT_ENABLE_STATUS=false", "ISTIO_DUAL_STACK=true",
	}, more...)
	m.Istiod, err = m.start("istiod", uidRoot, env, m.built("pilot-discovery"), "discovery", "--kubeconfig="+m.Kubeconfig(),
		"--secureGRPCAddr=", "--httpsAddr=", "--grpcAddr="+istiodXDS, "--httpAddr=127.0.0.1:8080",
		"--monitoringAddr=127.0.0.1:15014", "--registries=Kubernetes")
	if err != nil {
		return err
	}
	return await(ctx, startLimit, func() error {
		if err := m.Istiod.ended(); err != nil {
			return err
		}
		_, err := m.Get(ctx, istiodHTTP+"/ready")
		return err
	})
}

// built is the path of a program of the control plane.
func (m *Mesh) built(name string) string { return filepath.Join(m.bin, name) }

// Kubeconfig is the path of the administrator's kubeconfig, which works inside the namespace.
func (m *Mesh) Kubeconfig() string { return m.file("kubeconfig") }

// writeKeys makes the keys of service accounts, the administrator's token and kubeconfig.
func (m *Mesh) writeKeys() error {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return fmt.Errorf("making the key of service accounts: %w", err)
	}
	public, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		return fmt.Errorf("writing the key of service accounts: %w", err)
	}
	private := pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})
	return errors.Join(
		os.WriteFile(m.file("sa.key"), private, 0o600),
		os.WriteFile(m.file("sa.pub"), pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: public}), 0o644),
		os.WriteFile(m.file("tokens.csv"), []byte(adminToken+",admin,1,system:masters\n"), 0o644),
		m.writeKubeconfig(m.Kubeconfig(), adminToken),
	)
}

// writeKubeconfig writes a kubeconfig with the token, readable by everyone.
func (m *Mesh) writeKubeconfig(path, token string) error {
	text := `apiVersion: v1
kind: Config
clusters: [{name: mesh, cluster: {server: "` + apiAddress + `", insecure-skip-tls-verify: true}}]
users: [{name: user, user: {token: "` + token + `"}}]
contexts: [{name: mesh, context: {cluster: mesh, user: user}}]
current-context: mesh
`
	return os.WriteFile(path, []byte(text), 0o644)
}
