package e2e

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"respy/e2e/mesh"
)

// jobLimit is more than a Job takes here.
const jobLimit = 60 * time.Second

// example reads the manifests of a file under examples/.
func example(t *testing.T, file string) []*unstructured.Unstructured {
	t.Helper()
	objects, err := mesh.ReadObjects(filepath.Join("../examples", file))
	must(t, err)
	return objects
}

// runnable changes the Job of an example as little as possible: the node runs the command that is built here, as it has no
// images; the pod has the sidecar that Istio would inject; and false alarms are rare.
func runnable(t *testing.T, file string, sidecar func(spec map[string]any), args ...string) *unstructured.Unstructured {
	t.Helper()
	job := example(t, file)[0]
	template, _, _ := unstructured.NestedMap(job.Object, "spec", "template")
	must(t, unstructured.SetNestedField(template, "true", "metadata", "labels", "run"))
	spec := template["spec"].(map[string]any)
	container := spec["containers"].([]any)[0].(map[string]any)
	container["command"] = []any{shared.Program("respy")}
	line := []any{"--alpha", rare}
	for _, a := range args {
		line = append(line, a)
	}
	container["args"] = append(line, container["args"].([]any)...)
	sidecar(spec)
	job.Object["spec"].(map[string]any)["template"] = template
	return job
}

// native and classic are the two ways in which Istio injects the sidecar.
func native(spec map[string]any) {
	spec["initContainers"] = []any{map[string]any{"name": "istio-proxy", "image": "proxy", "restartPolicy": "Always"}}
}

func classic(spec map[string]any) {
	spec["containers"] = append(spec["containers"].([]any), map[string]any{"name": "istio-proxy", "image": "proxy"})
}

// begin makes the Job, the account of the example, and what else is given.
func begin(t *testing.T, job *unstructured.Unstructured, others ...*unstructured.Unstructured) {
	t.Helper()
	must(t, shared.API.Delete(t.Context(), job))
	must(t, shared.Add(t.Context(), slices.Concat(example(t, "job/rbac.yaml"), others, []*unstructured.Unstructured{job})...))
}

// outcome waits for the end of a Job and is the condition that it ended with.
func outcome(t *testing.T, name string) batchv1.JobConditionType {
	t.Helper()
	for deadline := time.Now().Add(jobLimit); time.Now().Before(deadline); time.Sleep(100 * time.Millisecond) {
		job, err := shared.API.Typed.BatchV1().Jobs("default").Get(t.Context(), name, metav1.GetOptions{})
		must(t, err)
		for _, c := range job.Status.Conditions {
			if c.Status == corev1.ConditionTrue && (c.Type == batchv1.JobComplete || c.Type == batchv1.JobFailed) {
				return c.Type
			}
		}
	}
	t.Fatalf("Job %s has not ended within %v", name, jobLimit)
	return ""
}

// pods are the Job's, by their completion index.
func pods(t *testing.T, name string) []corev1.Pod {
	t.Helper()
	list, err := shared.API.Typed.CoreV1().Pods("default").List(t.Context(), metav1.ListOptions{LabelSelector: batchv1.JobNameLabel + "=" + name})
	must(t, err)
	slices.SortFunc(list.Items, func(a, b corev1.Pod) int { return index(&a) - index(&b) })
	return list.Items
}

func index(p *corev1.Pod) int {
	var i int
	fmt.Sscan(p.Labels[batchv1.JobCompletionIndexAnnotation], &i)
	return i
}

// ended is how the application of a Job's only pod has ended.
func ended(t *testing.T, name string) *corev1.ContainerStateTerminated {
	t.Helper()
	all := pods(t, name)
	if len(all) != 1 || len(all[0].Status.ContainerStatuses) == 0 || all[0].Status.ContainerStatuses[0].State.Terminated == nil {
		t.Fatalf("Job %s: %d pods, want one that has ended", name, len(all))
	}
	return all[0].Status.ContainerStatuses[0].State.Terminated
}

// TestJob runs the example of a Job in every scenario of the default namespace: Complete on a right split, on a broken one
// Failed, with the cause in the pod's status.
func TestJob(t *testing.T) {
	files, err := filepath.Glob("scenarios/*.yaml")
	must(t, err)
	for _, file := range files {
		s, err := mesh.ReadScenario(file)
		must(t, err)
		if s.Client != "default" || s.WithoutSidecar || s.Verdict != "match" && s.Verdict != "mismatch" {
			continue
		}
		t.Run(s.Name, func(t *testing.T) {
			enter(t, s.Name)
			begin(t, runnable(t, "job/job.yaml", native, s.Args...), example(t, "job/cluster-rbac.yaml")...)
			want, finding := batchv1.JobComplete, ""
			if s.Verdict == "mismatch" {
				want, finding = batchv1.JobFailed, s.Finding
			}
			if got := outcome(t, "respy"); got != want {
				t.Errorf("the Job is %s, want %s", got, want)
			}
			end := ended(t, "respy")
			if err := told(end, s.Verdict, finding); err != nil {
				t.Errorf("%v\nexit %d: %s", err, end.ExitCode, end.Message)
			}
		})
	}
}

// told says whether the last words hold the verdict, and the cause with its fix.
func told(end *corev1.ContainerStateTerminated, verdict, id string) error {
	var said struct {
		Verdict  string    `json:"verdict"`
		Message  string    `json:"message"`
		ExitCode int32     `json:"exitCode"`
		Findings []finding `json:"findings"`
	}
	if err := json.Unmarshal([]byte(end.Message), &said); err != nil {
		return fmt.Errorf("the last words are no JSON: %w", err)
	}
	code := int32(exitCode(verdict))
	switch {
	case len(end.Message) > 4096:
		return fmt.Errorf("the last words have %d bytes", len(end.Message))
	case said.Verdict != verdict || said.ExitCode != code || end.ExitCode != code || said.Message == "":
		return fmt.Errorf("want %s and exit code %d", verdict, code)
	case id == "":
		return nil
	}
	for _, f := range said.Findings {
		if f.ID == id && f.Summary != "" && f.Fix != "" {
			return nil
		}
	}
	return errors.New("the last words do not tell the cause and its fix, which is " + id)
}

// TestJobClassicSidecar has the run end the sidecar, without which the pod would go on.
func TestJobClassicSidecar(t *testing.T) {
	for name, want := range map[string]batchv1.JobConditionType{"base": batchv1.JobComplete, "swapped-subset-labels": batchv1.JobFailed} {
		t.Run(name, func(t *testing.T) {
			enter(t, name)
			begin(t, runnable(t, "job/job.yaml", classic))
			if got := outcome(t, "respy"); got != want {
				t.Errorf("the Job is %s, want %s", got, want)
			}
		})
	}
}

// TestJobLeavesSidecar runs the example without --quit-proxy: the sidecar goes on, and the pod with it.
func TestJobLeavesSidecar(t *testing.T) {
	enter(t, "base")
	job := runnable(t, "job/job.yaml", classic)
	spec, _, _ := unstructured.NestedMap(job.Object, "spec", "template", "spec")
	container := spec["containers"].([]any)[0].(map[string]any)
	container["args"] = slices.DeleteFunc(container["args"].([]any), func(a any) bool { return a == "--quit-proxy" })
	must(t, unstructured.SetNestedMap(job.Object, spec, "spec", "template", "spec"))
	begin(t, job)
	for deadline := time.Now().Add(jobLimit); !slices.ContainsFunc(pods(t, "respy"), func(p corev1.Pod) bool { return shared.Node.Logs(p.UID) != "" }); {
		if time.Now().After(deadline) {
			t.Fatalf("nothing printed within %v", jobLimit)
		}
		time.Sleep(100 * time.Millisecond)
	}
	time.Sleep(2 * time.Second) // an agent that is told to end takes a moment
	if _, err := shared.Get(t.Context(), "http://127.0.0.1:15021/healthz/ready"); err != nil {
		t.Errorf("the sidecar is gone: %v", err)
	}
	if p := pods(t, "respy"); p[0].Status.Phase != corev1.PodRunning {
		t.Errorf("the pod is %s, want it to go on with its sidecar", p[0].Status.Phase)
	}
}

// TestIndexedJob pools the reports of four shards.
func TestIndexedJob(t *testing.T) {
	enter(t, "base")
	begin(t, runnable(t, "indexed-job/indexed-job.yaml", native))
	if got := outcome(t, "respy-shards"); got != batchv1.JobComplete {
		t.Errorf("the Job is %s, want %s", got, batchv1.JobComplete)
	}
	r := judged(t)
	check(t, r, "match", "", true)
	if r.Requests != 2000 {
		t.Errorf("%d requests, want those of all shards\n%s", r.Requests, r)
	}
}

// TestIndexedJobStaleShard has one shard of four sent through a proxy that is behind: it has the weights of yesterday.
func TestIndexedJobStaleShard(t *testing.T) {
	const behind = 2
	enter(t, "base")
	must(t, shared.Apply(t.Context(), route(50, 50)))
	following := make(chan struct{})
	shared.Node.Before(func(p *corev1.Pod) {
		if index(p) != behind {
			select {
			case <-following:
			case <-time.After(jobLimit):
			}
		}
	})
	defer shared.Node.Before(nil)
	job := runnable(t, "indexed-job/indexed-job.yaml", native)
	must(t, shared.API.Delete(t.Context(), job))
	must(t, shared.Pause(t.Context(), append(example(t, "job/rbac.yaml"), route(90, 10), job)...))
	awaitShard(t, behind)
	must(t, shared.Resume())
	must(t, shared.Settle(t.Context()))
	close(following)
	if got := outcome(t, "respy-shards"); got != batchv1.JobFailed {
		t.Errorf("the Job is %s, want %s", got, batchv1.JobFailed)
	}
	r := judged(t)
	check(t, r, "mismatch", "proxies-disagree", false)
	for _, f := range r.Findings {
		if said := f.Summary + strings.Join(f.Evidence, " "); f.ID == "proxies-disagree" && !strings.Contains(said, "shard-2.json") {
			t.Errorf("the finding does not blame shard-2.json: %s", said)
		}
	}
}

// awaitShard waits until a pod of the Job of shards has ended.
func awaitShard(t *testing.T, shard int) {
	t.Helper()
	for deadline := time.Now().Add(jobLimit); time.Now().Before(deadline); time.Sleep(100 * time.Millisecond) {
		for _, p := range pods(t, "respy-shards") {
			if index(&p) == shard && p.Status.Phase == corev1.PodFailed {
				return
			}
		}
	}
	t.Fatalf("shard %d has not failed within %v", shard, jobLimit)
}

// judged pools what the shards have printed.
func judged(t *testing.T) result {
	t.Helper()
	line := []string{"judge", "--alpha", rare, "--no-progress", "-o", "json"}
	dir := t.TempDir()
	for _, p := range pods(t, "respy-shards") {
		file := filepath.Join(dir, fmt.Sprintf("shard-%d.json", index(&p)))
		must(t, os.WriteFile(file, []byte(shared.Node.Logs(p.UID)), 0o644))
		line = append(line, file)
	}
	if len(line) != 10 {
		t.Fatalf("reports %v, want those of four shards", line[6:])
	}
	a, err := shared.Run(t.Context(), shared.OnNode(), shared.Program("respy"), line...)
	must(t, err)
	return read(t, a, line)
}
