package cluster

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"respy/k8s"
)

// fewServices is up to how many Services of a namespace are asked for one by one; for more the namespace is read once.
const fewServices = 16

// AddPods adds the endpoints and pods of what the rules reach to the objects.
func (r *Reading) AddPods(ctx context.Context, reach k8s.Reach) {
	w := &want{client: r.client, slices: &reading{kind: endpointSlices()}, pods: &reading{kind: pods()}}
	var group errgroup.Group
	group.SetLimit(parallel)
	for namespace, names := range byNamespace(reach.Services) {
		w.addServices(ctx, &group, r.Objects, namespace, names)
	}
	for _, g := range reach.Gateways {
		if len(g.Spec.Selector) > 0 {
			group.Go(func() error { w.addGateway(ctx, g); return nil })
		}
	}
	_ = group.Wait() // what went wrong is in the readings
	w.slices.add(r.Objects, r.scope)
	w.pods.add(r.Objects, r.scope)
	r.readings = append(r.readings, w.slices, w.pods)
}

func byNamespace(names []k8s.ServiceName) map[string][]string {
	all := map[string][]string{}
	for _, n := range names {
		all[n.Namespace] = append(all[n.Namespace], n.Name)
	}
	return all
}

// want gathers the endpoints and pods of many requests.
type want struct {
	client *Client

	mu     sync.Mutex // guards what follows
	slices *reading
	pods   *reading
}

// take adds the outcome of a request in a namespace, "" being all, to a reading.
func (w *want) take(r *reading, namespace string, part listed, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case isStatus(err, http.StatusForbidden):
		r.forbidden = true
		return
	case err != nil:
		r.err = err
		return
	case r.listed.objects == nil:
		r.listed.objects = &k8s.Objects{}
	}
	r.listed.objects.Overlay(part.objects)
	r.listed.strange = append(r.listed.strange, part.strange...)
	if namespace != "" && !slices.Contains(r.within, namespace) {
		r.within = append(r.within, namespace)
	}
}

const serviceLabel = "kubernetes.io/service-name" // of an EndpointSlice

// addServices asks for the endpoints and pods of the Services of one namespace.
func (w *want) addServices(ctx context.Context, group *errgroup.Group, o *k8s.Objects, namespace string, names []string) {
	var selectors []map[string]string
	for _, name := range names {
		service := o.Service(k8s.ServiceName{Namespace: namespace, Name: name})
		if service != nil && len(service.Spec.Selector) > 0 {
			selectors = append(selectors, service.Spec.Selector)
		} else if service == nil && !o.Knows("Service", namespace) {
			w.miss("KINDS were not read, as it is not known which of them the Service " + namespace + "/" + name + " selects")
		}
	}
	if len(names) > fewServices {
		group.Go(func() error { w.list(ctx, w.slices, namespace, nil, ofServices(names)); return nil })
		group.Go(func() error { w.list(ctx, w.pods, namespace, nil, ofSelectors(selectors)); return nil })
		return
	}
	for _, name := range names {
		group.Go(func() error { w.list(ctx, w.slices, namespace, map[string]string{serviceLabel: name}, nil); return nil })
	}
	for _, selector := range selectors {
		group.Go(func() error { w.list(ctx, w.pods, namespace, selector, nil); return nil })
	}
}

func (w *want) miss(why string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.pods.missing = why
}

// addGateway asks for the pods that a Gateway selects: in all namespaces, as Istio does, else in the likely ones.
func (w *want) addGateway(ctx context.Context, g *k8s.Gateway) {
	r := w.client.read(ctx, pods(), Scope{Caller: g.Namespace}.namespaces(), labelSelector(g.Spec.Selector))
	w.take(w.pods, "", r.listed, r.err)
	if r.forbidden {
		w.miss("the API server does not let this user list KINDS of every namespace: those of the Gateway " + g.Namespace + "/" + g.Name + " may be elsewhere")
	}
}

func (w *want) list(ctx context.Context, r *reading, namespace string, selector map[string]string, keep func([]byte) bool) {
	part, err := w.client.newest(ctx, r.kind, namespace, labelSelector(selector), keep)
	w.take(r, namespace, part, err)
}

// labelSelector is the query for the objects with all of the labels; nil for any.
func labelSelector(labels map[string]string) url.Values {
	if len(labels) == 0 {
		return nil
	}
	var terms []string
	for _, key := range slices.Sorted(maps.Keys(labels)) {
		terms = append(terms, key+"="+labels[key])
	}
	return url.Values{"labelSelector": {strings.Join(terms, ",")}}
}

// labeled is what decides whether an object of a whole namespace is kept.
type labeled struct {
	Metadata struct {
		Labels map[string]string `json:"labels"`
	} `json:"metadata"`
}

func ofServices(names []string) func([]byte) bool {
	wanted := map[string]bool{}
	for _, name := range names {
		wanted[name] = true
	}
	return func(item []byte) bool {
		var l labeled
		return json.Unmarshal(item, &l) != nil || wanted[l.Metadata.Labels[serviceLabel]]
	}
}

func ofSelectors(selectors []map[string]string) func([]byte) bool {
	return func(item []byte) bool {
		var l labeled
		return json.Unmarshal(item, &l) != nil || slices.ContainsFunc(selectors, func(selector map[string]string) bool {
			return k8s.Selects(selector, l.Metadata.Labels)
		})
	}
}
