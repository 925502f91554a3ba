package cluster

import (
	"net"
	"os"
	"path/filepath"
	"strings"

	"k8s.io/client-go/rest"
)

// Place is where the process runs.
type Place struct {
	InPod     bool
	Namespace string // "" = unknown
	Pod       string // "" = unknown
}

// Here says where the process runs: in a pod, if there is the mount of a service account or the address of the API
// server that every container gets. POD_NAMESPACE and POD_NAME, which a manifest may set from the pod's fields, go before
// the mount and the host name, and say by themselves that this is a pod.
func Here() Place { return here(environment()) }

func here(env env) Place {
	p := Place{Namespace: env.get("POD_NAMESPACE"), Pod: env.get("POD_NAME")}
	namespace, err := os.ReadFile(filepath.Join(env.account, "namespace"))
	p.InPod = err == nil || env.get("KUBERNETES_SERVICE_HOST") != "" || p.Namespace != "" && p.Pod != ""
	if !p.InPod {
		return Place{}
	}
	if p.Namespace == "" {
		p.Namespace = strings.TrimSpace(string(namespace))
	}
	if p.Pod == "" {
		p.Pod = env.get("HOSTNAME")
	}
	return p
}

// serviceAccount is the configuration of a pod, as rest.InClusterConfig has it; ErrNone outside of one.
func serviceAccount(env env) (*rest.Config, error) {
	host, port := env.get("KUBERNETES_SERVICE_HOST"), env.get("KUBERNETES_SERVICE_PORT")
	token := filepath.Join(env.account, "token")
	if _, err := os.Stat(token); host == "" || port == "" || err != nil {
		return nil, ErrNone
	}
	return &rest.Config{
		Host:            "https://" + net.JoinHostPort(host, port),
		BearerTokenFile: token,
		TLSClientConfig: rest.TLSClientConfig{CAFile: filepath.Join(env.account, "ca.crt")},
	}, nil
}
