package cluster

import (
	"encoding/json"
	"fmt"
	"net/http"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"respy/k8s"
)

const (
	manyServices = 2000
	manyRoutes   = 500
	manyPods     = 6000

	maxHeap = 100 << 20 // bytes, of the 150 MB that a whole command may take
	maxCPU  = 2 * time.Second
)

// large answers as the API server of a large cluster: each object is as long as real ones are, with the fields that
// controllers leave behind.
func large(w http.ResponseWriter, r *http.Request) {
	parts := strings.Split(r.URL.Path, "/")
	size, make := 0, (func(int) string)(nil)
	kind := ""
	switch parts[len(parts)-1] {
	case "services":
		kind, size, make = "Service", manyServices, largeService
	case "virtualservices":
		kind, size, make = "VirtualService", manyRoutes, largeRoute
	case "destinationrules":
		kind, size, make = "DestinationRule", manyRoutes, largeDestinationRule
	case "pods":
		kind, size, make = "Pod", manyPods, largePod
	case "endpointslices":
		kind, size, make = "EndpointSlice", manyServices, largeSlice
	default:
		http.NotFound(w, r)
		return
	}
	query := r.URL.Query()
	start, _ := strconv.Atoi(query.Get("continue"))
	limit, _ := strconv.Atoi(query.Get("limit"))
	if selector := query.Get("labelSelector"); selector != "" {
		start, _ = strconv.Atoi(selector[strings.LastIndex(selector, "-")+1:])
		size = start + 1
	}
	end := min(start+limit, size)
	next := ""
	if end < size {
		next = strconv.Itoa(end)
	}
	fmt.Fprintf(w, `{"kind":"%sList","metadata":{"continue":%q},"items":[`, kind, next)
	for i := start; i < end; i++ {
		if i > start {
			fmt.Fprint(w, ",")
		}
		fmt.Fprint(w, make(i))
	}
	fmt.Fprint(w, "]}")
}

func largeMeta(name string, i int) string {
	managed := strings.Repeat(`{"manager":"kubectl","operation":"Update","fieldsType":"FieldsV1","fieldsV1":{"f:spec":{"f:ports":{},"f:selector":{}}}},`, 8)
	return fmt.Sprintf(`"metadata":{"name":"%s-%d","namespace":"shop-%d","labels":{"app":"shop-%d","kubernetes.io/service-name":"svc-%d"},`+
		`"annotations":{"kubectl.kubernetes.io/last-applied-configuration":%q},"creationTimestamp":"2026-01-01T00:00:00Z","managedFields":[%s{}]}`,
		name, i, i%20, i, i, strings.Repeat(`{"kind":"x"}`, 60), managed)
}

func largeService(i int) string {
	return fmt.Sprintf(`{%s,"spec":{"selector":{"app":"shop-%d"},"clusterIP":"10.0.%d.%d","ports":[{"port":80,"name":"http"}]}}`, largeMeta("svc", i), i, i/250, i%250)
}

func largeRoute(i int) string {
	return fmt.Sprintf(`{%s,"spec":{"hosts":["svc-%d"],"http":[{"route":[{"destination":{"host":"svc-%d","subset":"v1"},"weight":90},`+
		`{"destination":{"host":"svc-%d","subset":"v2"},"weight":10}]}]}}`, largeMeta("vs", i), i, i, i)
}

func largeDestinationRule(i int) string {
	return fmt.Sprintf(`{%s,"spec":{"host":"svc-%d","subsets":[{"name":"v1","labels":{"version":"v1"}},{"name":"v2","labels":{"version":"v2"}}]}}`, largeMeta("dr", i), i)
}

func largePod(i int) string {
	variables, _ := json.Marshal(strings.Repeat("x", 4000))
	return fmt.Sprintf(`{%s,"spec":{"containers":[{"name":"app","env":[{"name":"X","value":%s}]}]},"status":{"phase":"Running"}}`, largeMeta("pod", i), variables)
}

func largeSlice(i int) string {
	return fmt.Sprintf(`{%s,"endpoints":[{"addresses":["10.1.0.1"],"conditions":{"ready":true}}],"ports":[{"port":80}]}`, largeMeta("slice", i))
}

// readOne reads what explaining one request needs.
func readOne(t testing.TB, c *Client) *Reading {
	r, err := c.Read(t.Context(), Scope{Caller: "shop-7"})
	if err != nil {
		t.Fatal(err)
	}
	request, err := k8s.NewRequest("", "http://svc-7/", "", nil)
	if err != nil {
		t.Fatal(err)
	}
	caller := k8s.Caller{Namespace: "shop-7"}
	l, err := r.Objects.Lookup(request, caller, "")
	if err != nil || l.Rule == nil {
		t.Fatalf("lookup %+v, %v", l, err)
	}
	r.AddPods(t.Context(), r.Objects.Reach(request, caller, l))
	return r
}

// TestLargeCluster reads 2,000 Services and 500 VirtualServices within bounds of memory and of the processor's time. The
// server's share of both is in the numbers.
func TestLargeCluster(t *testing.T) {
	c := handler(t, large)
	runtime.GC()
	peak, stop := watchHeap()
	before := cpu(t)
	r := readOne(t, c)
	used := cpu(t) - before
	stop()
	o := r.Objects
	t.Logf("%d Services, %d VirtualServices: %s of CPU, at most %d MB of heap", len(o.Services), len(o.VirtualServices), used, peak()>>20)
	if len(o.Services) != manyServices || len(o.VirtualServices) != manyRoutes || len(o.Pods) != 1 || len(o.EndpointSlices) != 1 {
		t.Errorf("read %v, want 1 Pod and 1 EndpointSlice besides", o.Kinds)
	}
	if peak() > maxHeap {
		t.Errorf("%d MB of heap, more than %d", peak()>>20, maxHeap>>20)
	}
	if used > slowdown*maxCPU {
		t.Errorf("%s of CPU, more than %s", used, maxCPU)
	}
}

func cpu(t testing.TB) time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		t.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// watchHeap looks at the heap every few milliseconds.
func watchHeap() (peak func() uint64, stop func()) {
	var mu sync.Mutex
	var highest uint64
	done := make(chan struct{})
	var watching sync.WaitGroup
	watching.Go(func() {
		for {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			mu.Lock()
			highest = max(highest, m.HeapInuse)
			mu.Unlock()
			select {
			case <-done:
				return
			case <-time.After(5 * time.Millisecond):
			}
		}
	})
	return func() uint64 { mu.Lock(); defer mu.Unlock(); return highest }, func() { close(done); watching.Wait() }
}

func BenchmarkLargeCluster(b *testing.B) {
	c := handler(b, large)
	for b.Loop() {
		readOne(b, c)
	}
}
