package mesh

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Account makes a service account of the default namespace that may get and list the resources of networking.istio.io,
// and is the client pod's application with a kubeconfig of that account.
func (m *Mesh) Account(ctx context.Context, name string, resources ...string) (Caller, error) {
	rules := []any{}
	for _, r := range resources {
		rules = append(rules, map[string]any{"apiGroups": []any{"networking.istio.io"}, "resources": []any{r}, "verbs": []any{"get", "list"}})
	}
	err := m.API.Apply(ctx, baseManager,
		object("v1", "ServiceAccount", "default", name, nil),
		object("rbac.authorization.k8s.io/v1", "ClusterRole", "", name, map[string]any{"rules": rules}),
		object("rbac.authorization.k8s.io/v1", "ClusterRoleBinding", "", name, map[string]any{
			"roleRef":  map[string]any{"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": name},
			"subjects": []any{map[string]any{"kind": "ServiceAccount", "name": name, "namespace": "default"}},
		}))
	if err != nil {
		return Caller{}, err
	}
	token, err := m.API.Token(ctx, "default", name, "")
	if err != nil {
		return Caller{}, err
	}
	path := m.file("kubeconfig-" + name)
	if err := m.writeKubeconfig(path, token); err != nil {
		return Caller{}, fmt.Errorf("writing the kubeconfig of %s: %w", name, err)
	}
	return Caller{uid: uidClient, env: []string{"KUBECONFIG=" + path}}, nil
}

// AccountKubeconfig is the path of the kubeconfig that Account has written.
func (m *Mesh) AccountKubeconfig(name string) string { return m.file("kubeconfig-" + name) }

// mountAccount gives a program the files of a service account where a pod has them, in a mount namespace of its own, and
// the pod's name as its host name.
const mountAccount = `mount -t tmpfs tmpfs /run && mkdir -p /run/secrets/kubernetes.io && cp -r "$1" /run/secrets/kubernetes.io/serviceaccount &&
hostname "$2" && shift 2 && exec "$@"`

// InCluster is the client pod's application with the files and variables that Kubernetes gives a pod of the account.
func (m *Mesh) InCluster(ctx context.Context, account string) (Caller, error) {
	token, err := m.API.Token(ctx, "default", account, "")
	if err != nil {
		return Caller{}, err
	}
	authority, err := os.ReadFile(m.file("certs/apiserver.crt")) // signed by itself
	if err != nil {
		return Caller{}, fmt.Errorf("reading the API server's certificate: %w", err)
	}
	dir := m.file("account-" + account)
	if err := errors.Join(
		os.MkdirAll(dir, 0o755),
		os.WriteFile(filepath.Join(dir, "token"), []byte(token), 0o644),
		os.WriteFile(filepath.Join(dir, "ca.crt"), authority, 0o644),
		os.WriteFile(filepath.Join(dir, "namespace"), []byte("default"), 0o644),
	); err != nil {
		return Caller{}, fmt.Errorf("writing the files of a service account: %w", err)
	}
	return Caller{
		uid:  uidClient,
		env:  []string{"KUBERNETES_SERVICE_HOST=10.96.0.1", "KUBERNETES_SERVICE_PORT=443", "HOSTNAME=" + clientPod},
		root: []string{"unshare", "--mount", "--uts", "sh", "-c", mountAccount, "mount", dir, clientPod},
	}, nil
}
