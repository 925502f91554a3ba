package mesh

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// A Scenario is what a file sets over the base, and what a checker must say of it. The comments at the file's start hold
// both:
//
//	# verdict: VERDICT       of a run
//	# finding: ID            that must appear; none means that no finding of severity warning or error may
//	# sidecar finding: ID    that stands for it where the client's proxy is looked at alone
//	# args: FLAGS            that the run needs
//	# sidecar blind          the client's proxy does not hold the weights: they are given where it is looked at alone
//	# without sidecar        the caller has no proxy
//	# client: NAMESPACE      where the client pod is, default where it is missing
//	# delete: KIND/NAME      what of the base goes first, repeatable
//	# base again             makes the base anew afterwards, so that what was deleted is younger than the rest
type Scenario struct {
	Name, Verdict, Finding, Client string
	SidecarFinding                 string
	Args                           []string
	SidecarBlind, WithoutSidecar   bool

	file      string
	deletes   []string
	baseAgain bool
}

// ReadScenario reads the first lines of a scenario's file.
func ReadScenario(file string) (*Scenario, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("reading a scenario: %w", err)
	}
	defer f.Close()
	s := &Scenario{Name: strings.TrimSuffix(filepath.Base(file), ".yaml"), Client: metav1.NamespaceDefault, file: file}
	lines := bufio.NewScanner(f)
	for lines.Scan() && strings.HasPrefix(lines.Text(), "#") {
		s.read(strings.TrimPrefix(lines.Text(), "# "))
	}
	if s.Verdict == "" {
		return nil, fmt.Errorf("%s has no line # verdict: VERDICT", file)
	}
	return s, lines.Err()
}

func (s *Scenario) read(line string) {
	key, value, _ := strings.Cut(line, ": ")
	switch key {
	case "verdict":
		s.Verdict = value
	case "finding":
		s.Finding = value
	case "sidecar finding":
		s.SidecarFinding = value
	case "args":
		s.Args = strings.Fields(value)
	case "client":
		s.Client = value
	case "delete":
		s.deletes = append(s.deletes, value)
	case "sidecar blind":
		s.SidecarBlind = true
	case "without sidecar":
		s.WithoutSidecar = true
	case "base again":
		s.baseAgain = true
	}
}

// URL is where the client finds the weather backend.
func (s *Scenario) URL() string {
	if s.Client == metav1.NamespaceDefault {
		return "http://weather-backend:5000/version"
	}
	return "http://weather-backend.default:5000/version"
}

// scene is what was applied since the last scenario.
type scene struct {
	base    []*unstructured.Unstructured
	applied []*unstructured.Unstructured
}

// Enter puts the mesh into a scenario: it removes what the last one left, applies the base and the file, and waits until
// the pods are ready and the client's sidecar has the configuration.
func (m *Mesh) Enter(ctx context.Context, s *Scenario) error {
	own, err := ReadObjects(s.file)
	if err != nil {
		return err
	}
	base, err := readBase(s.file)
	if err != nil {
		return err
	}
	if err := errors.Join(m.Resume(), m.clear(ctx)); err != nil {
		return err
	}
	m.scenario = scene{base: base}
	if err := m.API.Apply(ctx, baseManager, base...); err != nil {
		return err
	}
	if err := m.API.Delete(ctx, s.deleted(base)...); err != nil {
		return err
	}
	m.scenario.applied = own
	if err := m.API.Apply(ctx, scenarioManager, own...); err != nil {
		return err
	}
	if s.baseAgain {
		if err := m.applyLater(ctx, base); err != nil {
			return err
		}
	}
	if err := m.Client(ctx, s.Client); err != nil {
		return err
	}
	return m.Settle(ctx)
}

// readBase reads the base beside a scenario's file, or in the folder above.
func readBase(file string) ([]*unstructured.Unstructured, error) {
	dir := filepath.Dir(file)
	objects, err := ReadObjects(filepath.Join(dir, "base.yaml"))
	if errors.Is(err, os.ErrNotExist) {
		return ReadObjects(filepath.Join(dir, "..", "base.yaml"))
	}
	return objects, err
}

// deleted are the objects of the base that the scenario removes first.
func (s *Scenario) deleted(base []*unstructured.Unstructured) []*unstructured.Unstructured {
	return slices.DeleteFunc(slices.Clone(base), func(u *unstructured.Unstructured) bool {
		return !slices.Contains(s.deletes, strings.ToLower(u.GetKind())+"/"+u.GetName())
	})
}

// applyLater applies the base once the clock, which counts objects' ages in seconds, has moved on.
func (m *Mesh) applyLater(ctx context.Context, base []*unstructured.Unstructured) error {
	next := time.Now().Truncate(time.Second).Add(time.Second)
	if err := await(ctx, 2*time.Second, func() error {
		if time.Now().Before(next) {
			return errors.New("the clock has not moved on")
		}
		return nil
	}); err != nil {
		return err
	}
	return m.API.Apply(ctx, baseManager, base...)
}

// clear removes what the last scenario applied. The base's workloads stay unless the scenario changed them, and
// namespaces stay without the labels that it gave them.
func (m *Mesh) clear(ctx context.Context) error {
	var gone []*unstructured.Unstructured
	for _, u := range m.scenario.applied {
		if u.GetKind() == "Namespace" {
			if err := m.API.Apply(ctx, scenarioManager, namespaceObject(u.GetName())); err != nil {
				return err
			}
			continue
		}
		gone = append(gone, u)
	}
	for _, u := range m.scenario.base {
		if u.GetKind() != "Deployment" {
			gone = append(gone, u)
		}
	}
	m.scenario = scene{}
	return m.API.Delete(ctx, gone...)
}

// Apply adds objects to the scenario that the mesh is in, and waits until the sidecar has them.
func (m *Mesh) Apply(ctx context.Context, objects ...*unstructured.Unstructured) error {
	if err := m.put(ctx, objects...); err != nil {
		return err
	}
	return m.Settle(ctx)
}

// Settle waits until the workloads are rolled out, and every proxy has what istiod knows by then.
func (m *Mesh) Settle(ctx context.Context) error {
	if err := await(ctx, applyLimit, func() error { return m.rolledOut(ctx) }); err != nil {
		return err
	}
	if err := m.Resolve(ctx); err != nil {
		return err
	}
	for range 2 { // an event of another kind may reach istiod just after the first
		if err := m.awaitPush(ctx); err != nil {
			return err
		}
	}
	return nil
}

// rolledOut says whether each Deployment has exactly the pods that it asks for, and each Service's slices know them.
func (m *Mesh) rolledOut(ctx context.Context) error {
	list, err := m.API.Typed.AppsV1().Deployments("").List(ctx, metav1.ListOptions{})
	if err != nil {
		return fmt.Errorf("listing the Deployments: %w", err)
	}
	for _, d := range list.Items {
		if !complete(d) {
			return fmt.Errorf("deployment %s/%s is not rolled out", d.Namespace, d.Name)
		}
	}
	return m.sliced(ctx)
}

func complete(d appsv1.Deployment) bool {
	want, s := *d.Spec.Replicas, d.Status
	ready := s.ReadyReplicas == want || d.Spec.Template.Labels[labelUnready] == "true"
	return s.ObservedGeneration >= d.Generation && s.Replicas == want && s.UpdatedReplicas == want && ready
}

// Revision is the name of a cluster that every proxy has once it follows the latest change.
func (m *Mesh) Revision() string { return fmt.Sprintf("r%d.revision.test", m.revision) }

// awaitPush changes a ServiceEntry that every proxy imports, and waits until they have the change: istiod pushes in order.
func (m *Mesh) awaitPush(ctx context.Context) error {
	m.revision++
	host := m.Revision()
	mark := object("networking.istio.io/v1", "ServiceEntry", rootNamespace, "revision", map[string]any{"spec": map[string]any{
		"hosts": []any{host}, "resolution": "STATIC", "location": "MESH_EXTERNAL",
		"ports":     []any{map[string]any{"number": int64(9999), "name": "http", "protocol": "HTTP"}},
		"endpoints": []any{map[string]any{"address": "10.244.0.1"}},
	}})
	if err := m.API.Apply(ctx, baseManager, mark); err != nil {
		return err
	}
	return await(ctx, proxyLimit, func() error { return m.knows(ctx, sidecarURL, host) })
}

// Pause halts istiod, which then gives no proxy anything, and adds objects to the scenario.
func (m *Mesh) Pause(ctx context.Context, objects ...*unstructured.Unstructured) error {
	if err := m.Istiod.Signal(syscall.SIGSTOP); err != nil {
		return err
	}
	return m.put(ctx, objects...)
}

// Resume lets istiod go on. Enter does it too, after a test that failed in between.
func (m *Mesh) Resume() error { return m.Istiod.Signal(syscall.SIGCONT) }

// put adds objects to the scenario without waiting for what becomes of them.
func (m *Mesh) put(ctx context.Context, objects ...*unstructured.Unstructured) error {
	m.scenario.applied = append(m.scenario.applied, objects...)
	return m.API.Apply(ctx, scenarioManager, objects...)
}
