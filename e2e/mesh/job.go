package mesh

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
)

// labelRun "true" has the node run the command of a pod's first container, as an application of the client pod: the sidecar
// of the one is that of the other.
const labelRun = "run"

// sidecarPatience is how long the end of a classic sidecar is awaited once the application has ended.
const sidecarPatience = 20 * time.Second

// asContainer gives a program what it has as the only one of a container: the files of its service account, the pod's name
// as its host name, the process id 1, and a file for its last words.
const asContainer = `mount -t tmpfs tmpfs /run && mkdir -p /run/secrets/kubernetes.io && cp -r "$1" /run/secrets/kubernetes.io/serviceaccount &&
hostname "$2" && mount -t tmpfs -o mode=755 tmpfs /dev && mknod -m 666 /dev/null c 1 3 && mknod -m 666 /dev/urandom c 1 9 &&
touch /dev/termination-log && mount --bind "$3" /dev/termination-log && shift 3 && exec "$@"`

// Before has the node call a function before it runs a pod.
func (n *Node) Before(f func(*corev1.Pod)) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.before = f
}

// Logs is what a pod that the node ran has printed.
func (n *Node) Logs(uid types.UID) string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.printed[uid]
}

// Add adds objects to the scenario that the mesh is in, and does not wait for what becomes of them.
func (m *Mesh) Add(ctx context.Context, objects ...*unstructured.Unstructured) error {
	return m.put(ctx, objects...)
}

// execute runs a pod to its end and reports it.
func (n *Node) execute(ctx context.Context, p *corev1.Pod, hook func(*corev1.Pod)) error {
	if hook != nil {
		hook(p)
	}
	last := n.mesh.file("last-words-" + string(p.UID))
	c, err := n.mesh.container(ctx, p, last)
	if err != nil {
		return err
	}
	container := p.Spec.Containers[0]
	for _, e := range container.Env {
		c = c.With(e.Name + "=" + e.Value)
	}
	line := slices.Concat(container.Command, container.Args)
	a, err := n.mesh.Run(ctx, c, line[0], line[1:]...)
	if err != nil {
		return err
	}
	message, err := os.ReadFile(last)
	if err != nil {
		return fmt.Errorf("reading a pod's last words: %w", err)
	}
	n.mu.Lock()
	n.printed[p.UID] = a.Out
	n.mu.Unlock()
	n.log.Printf("%s/%s: exit %d\n%s%s", p.Namespace, p.Name, a.Code, a.Out, a.Err)
	if classic(p) {
		if err := await(ctx, sidecarPatience, n.mesh.sidecarEnded); err != nil {
			return err // the pod goes on with its sidecar
		}
	}
	return n.reportEnd(ctx, p, a.Code, string(message))
}

// classic says whether the sidecar is an ordinary container of the pod.
func classic(p *corev1.Pod) bool {
	return slices.ContainsFunc(p.Spec.Containers, func(c corev1.Container) bool { return c.Name == "istio-proxy" })
}

func (m *Mesh) sidecarEnded() error {
	if m.sidecar.ended() == nil {
		return errors.New("the sidecar is still there")
	}
	return nil
}

// container is the pod's application, which may write its last words into the file.
func (m *Mesh) container(ctx context.Context, p *corev1.Pod, last string) (Caller, error) {
	c, err := m.InCluster(ctx, p.Spec.ServiceAccountName)
	if err != nil {
		return Caller{}, err
	}
	if err := errors.Join(os.WriteFile(last, nil, 0o666), os.Chmod(last, 0o666)); err != nil {
		return Caller{}, fmt.Errorf("making a file for a pod's last words: %w", err)
	}
	c.root = []string{
		"unshare", "--mount", "--uts", "--pid", "--fork", "--kill-child", "--mount-proc",
		"sh", "-c", asContainer, "container", m.file("account-" + p.Spec.ServiceAccountName), p.Name, filepath.Clean(last),
	}
	return c.With("HOSTNAME=" + p.Name), nil
}

// reportEnd writes the status of a pod that has ended.
func (n *Node) reportEnd(ctx context.Context, p *corev1.Pod, code int, message string) error {
	status := corev1.PodStatus{Phase: corev1.PodSucceeded}
	if code != 0 {
		status.Phase = corev1.PodFailed
	}
	for _, c := range p.Spec.Containers {
		ended := corev1.ContainerStateTerminated{StartedAt: metav1.Now(), FinishedAt: metav1.Now(), Reason: "Completed"}
		if c.Name == p.Spec.Containers[0].Name {
			ended.ExitCode, ended.Message = int32(code), message
		}
		status.ContainerStatuses = append(status.ContainerStatuses, corev1.ContainerStatus{
			Name: c.Name, Image: c.Image, State: corev1.ContainerState{Terminated: &ended},
		})
	}
	patch, err := json.Marshal(map[string]any{"status": status})
	if err != nil {
		return fmt.Errorf("writing a pod's status: %w", err)
	}
	_, err = n.client.CoreV1().Pods(p.Namespace).Patch(ctx, p.Name, types.MergePatchType, patch, metav1.PatchOptions{}, "status")
	return err
}
