package mesh

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"
)

const nodeName = "node-0"

// Labels with which a pod tells the node how to treat it.
const (
	labelUnready = "unready" // "true": the pod never becomes ready
)

// A Node is the smallest one that makes a control plane useful: it binds every pod to itself, gives it an address, and
// answers on its containers' ports in its place.
type Node struct {
	mesh   *Mesh
	client kubernetes.Interface
	net    *namespace
	log    *log.Logger
	end    context.CancelFunc

	mu      sync.Mutex
	last    int // address given
	pods    map[types.UID]*Pod
	before  func(*corev1.Pod)
	printed map[types.UID]string
}

// startNode registers the node and lets it take pods.
func (m *Mesh) startNode(ctx context.Context) error {
	file, err := os.Create(filepath.Join(m.logs, "node.log"))
	if err != nil {
		return fmt.Errorf("opening the node's log: %w", err)
	}
	m.Node = &Node{
		mesh: m, client: m.API.Typed, net: m.net, log: log.New(file, "", log.Lmicroseconds), last: 10,
		pods: map[types.UID]*Pod{}, printed: map[types.UID]string{},
	}
	if err := m.Node.register(ctx); err != nil {
		return err
	}
	return m.Node.watch(ctx)
}

// register makes the node known, and ready for good: the controller that would doubt it is off.
func (n *Node) register(ctx context.Context) error {
	labels := map[string]string{"topology.kubernetes.io/region": "r1", "topology.kubernetes.io/zone": "z1"}
	node := &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: nodeName, Labels: labels}}
	if _, err := n.client.CoreV1().Nodes().Create(ctx, node, metav1.CreateOptions{}); err != nil {
		return fmt.Errorf("registering the node: %w", err)
	}
	status := corev1.NodeStatus{
		Conditions: []corev1.NodeCondition{{Type: corev1.NodeReady, Status: corev1.ConditionTrue, Reason: "Ready", LastHeartbeatTime: metav1.Now()}},
		Addresses:  []corev1.NodeAddress{{Type: corev1.NodeInternalIP, Address: "10.244.0.1"}},
	}
	patch, err := json.Marshal(map[string]any{"status": status})
	if err != nil {
		return fmt.Errorf("writing the node's status: %w", err)
	}
	if _, err := n.client.CoreV1().Nodes().Patch(ctx, nodeName, types.StrategicMergePatchType, patch, metav1.PatchOptions{}, "status"); err != nil {
		return fmt.Errorf("reporting the node ready: %w", err)
	}
	return nil
}

// watch takes the pods that there are and will be, anew where it did before. It goes on when ctx, a test's, is done.
func (n *Node) watch(ctx context.Context) error {
	if n.end != nil {
		n.end()
	}
	ctx, n.end = context.WithCancel(context.WithoutCancel(ctx))
	factory := informers.NewSharedInformerFactory(n.client, 0)
	_, err := factory.Core().V1().Pods().Informer().AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc:    func(o any) { n.sync(ctx, o.(*corev1.Pod)) },
		UpdateFunc: func(_, o any) { n.sync(ctx, o.(*corev1.Pod)) },
		DeleteFunc: func(o any) { n.deleted(o) },
	})
	if err != nil {
		return fmt.Errorf("watching the pods: %w", err)
	}
	factory.Start(ctx.Done())
	return nil
}

// stop ends the node and all its pods.
func (n *Node) stop() {
	if n.end != nil {
		n.end()
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, p := range n.pods {
		p.close()
	}
}

func (n *Node) deleted(o any) {
	if unknown, ok := o.(cache.DeletedFinalStateUnknown); ok {
		o = unknown.Obj
	}
	if p, ok := o.(*corev1.Pod); ok {
		n.remove(p.UID)
	}
}

func (n *Node) remove(uid types.UID) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if p := n.pods[uid]; p != nil {
		p.close()
	}
	delete(n.pods, uid)
}

// sync does for a pod what it lacks: a node, an address and a status, or its end.
func (n *Node) sync(ctx context.Context, p *corev1.Pod) {
	var err error
	switch {
	case p.DeletionTimestamp != nil:
		n.remove(p.UID)
		now := int64(0)
		err = n.client.CoreV1().Pods(p.Namespace).Delete(ctx, p.Name, metav1.DeleteOptions{GracePeriodSeconds: &now})
	case p.Spec.NodeName == "":
		err = n.client.CoreV1().Pods(p.Namespace).Bind(ctx, &corev1.Binding{
			ObjectMeta: metav1.ObjectMeta{Name: p.Name, Namespace: p.Namespace, UID: p.UID},
			Target:     corev1.ObjectReference{Kind: "Node", Name: nodeName},
		}, metav1.CreateOptions{})
	default:
		err = n.run(ctx, p.DeepCopy())
	}
	if err != nil && !apierrors.IsNotFound(err) && !apierrors.IsConflict(err) && ctx.Err() == nil {
		n.log.Printf("%s/%s: %v", p.Namespace, p.Name, err)
	}
}

// run starts a pod that is not running yet.
func (n *Node) run(ctx context.Context, p *corev1.Pod) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.pods[p.UID] != nil {
		return nil
	}
	n.last++
	pod := &Pod{addresses: []string{fmt.Sprintf("10.244.%d.%d", n.last/250, n.last%250+1), fmt.Sprintf("fd00:10:244::%x", n.last)}}
	err := pod.listen(n.net, p)
	n.pods[p.UID] = pod
	if err := errors.Join(err, n.report(ctx, p, pod)); err != nil || p.Labels[labelRun] != "true" {
		return err
	}
	ctx, pod.end = context.WithCancel(ctx)
	hook := n.before
	go func() {
		if err := n.execute(ctx, p, hook); err != nil {
			n.log.Printf("%s/%s: running it: %v", p.Namespace, p.Name, err)
		}
	}()
	return nil
}

// report writes the status of a running pod.
func (n *Node) report(ctx context.Context, p *corev1.Pod, pod *Pod) error {
	ready := corev1.ConditionTrue
	if p.Labels[labelUnready] == "true" {
		ready = corev1.ConditionFalse
	}
	status := corev1.PodStatus{Phase: corev1.PodRunning, PodIP: pod.addresses[0], HostIP: "10.244.0.1"}
	for _, a := range pod.addresses {
		status.PodIPs = append(status.PodIPs, corev1.PodIP{IP: a})
	}
	for _, c := range []corev1.PodConditionType{corev1.PodReady, corev1.ContainersReady, corev1.PodInitialized} {
		status.Conditions = append(status.Conditions, corev1.PodCondition{Type: c, Status: ready, LastTransitionTime: metav1.Now()})
	}
	for _, c := range p.Spec.Containers {
		running := corev1.ContainerState{Running: &corev1.ContainerStateRunning{StartedAt: metav1.Now()}}
		status.ContainerStatuses = append(status.ContainerStatuses, corev1.ContainerStatus{
			Name: c.Name, Image: c.Image, Ready: ready == corev1.ConditionTrue, State: running,
		})
	}
	patch, err := json.Marshal(map[string]any{"status": status})
	if err != nil {
		return fmt.Errorf("writing a pod's status: %w", err)
	}
	_, err = n.client.CoreV1().Pods(p.Namespace).Patch(ctx, p.Name, types.MergePatchType, patch, metav1.PatchOptions{}, "status")
	return err
}

// Hits is the number of requests that the pods with this app label have answered.
func (n *Node) Hits(app string) int64 {
	n.mu.Lock()
	defer n.mu.Unlock()
	var sum int64
	for _, p := range n.pods {
		if p.app == app {
			sum += p.hits.Load()
		}
	}
	return sum
}

// closeDelay is how long an idle connection of a pod stays open.
const closeDelay = time.Minute
