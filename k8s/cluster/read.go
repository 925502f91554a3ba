package cluster

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path"
	"slices"

	"golang.org/x/sync/errgroup"

	"respy/k8s"
)

// parallel is how many lists are read at a time.
const parallel = 6

// Scope says whose request it is, so that a user who may not list the whole cluster is asked for little.
type Scope struct {
	Caller     string   // the caller's namespace; "" = unknown
	Namespaces []string // others that matter: that of the service, those of named routes
}

// namespaces are those to try where the whole cluster is forbidden.
func (s Scope) namespaces() []string {
	all := slices.DeleteFunc(append(slices.Clone(s.Namespaces), s.Caller, rootNamespace), func(n string) bool { return n == "" })
	slices.Sort(all)
	return slices.Compact(all)
}

// reading is what came of one kind.
type reading struct {
	kind      kind
	listed    listed
	within    []string // the namespaces that were read, where the whole cluster is forbidden
	forbidden bool     // in the whole cluster, or in a namespace that matters
	missing   string   // why some were not even asked for
	err       error    // any other
}

func (r *reading) complete(s Scope) bool {
	switch {
	case r.err != nil || r.missing != "" || len(r.listed.strange) > 0:
		return false
	case !r.forbidden:
		return true
	case r.kind.scope == atCaller:
		return s.Caller != "" && slices.Contains(r.within, s.Caller) && slices.Contains(r.within, rootNamespace)
	}
	return false
}

// Reading is what was read of a cluster.
type Reading struct {
	Objects *k8s.Objects

	client   *Client
	scope    Scope
	readings []*reading
}

// Unseen says what could not be read.
func (r *Reading) Unseen() []k8s.Unseen { return unseen(r.readings, r.scope) }

// HasRoutes reports whether any kind that may have weights was read, if only to find none.
func (r *Reading) HasRoutes() bool {
	return slices.ContainsFunc(r.readings, func(one *reading) bool {
		return one.kind.routes() && one.err == nil && (!one.forbidden || len(one.within) > 0)
	})
}

// Read reads the routes and everything that bears on them, but endpoints and pods. An error is one of the server as a
// whole: it does not answer, it is none, or it knows nobody by these credentials.
func (c *Client) Read(ctx context.Context, s Scope) (*Reading, error) {
	all := kinds()
	readings := make([]*reading, len(all))
	var group errgroup.Group
	group.SetLimit(parallel)
	for i, k := range all {
		group.Go(func() error {
			readings[i] = c.read(ctx, k, s.namespaces(), nil)
			return nil
		})
	}
	_ = group.Wait() // what went wrong is in the readings
	if err := c.failure(readings); err != nil {
		return nil, err
	}
	o := &k8s.Objects{}
	for _, r := range readings {
		r.add(o, s)
	}
	return &Reading{o, c, s, readings}, nil
}

// failure is that of the server as a whole: not one kind was answered for, or the one that every server has is unknown.
func (c *Client) failure(readings []*reading) error {
	err := readings[0].err
	some := slices.ContainsFunc(readings, func(r *reading) bool { return r.err == nil })
	if err == nil || some && !errors.Is(err, errNoAPI) {
		return nil
	}
	if isStatus(err, http.StatusUnauthorized) {
		return fmt.Errorf("the API server at %s does not accept the credentials: %s", c.where, sentence(err))
	}
	return fmt.Errorf("the API server at %s cannot be read: %s", c.where, sentence(err))
}

// add takes over what was read, and what is known by it not to exist.
func (r *reading) add(o *k8s.Objects, s Scope) {
	if r.listed.objects != nil {
		o.Overlay(r.listed.objects)
	}
	if r.complete(s) {
		know(o, r.kind)
		return
	}
	for _, namespace := range r.within {
		if o.CompleteIn == nil {
			o.CompleteIn = map[string]map[string]bool{}
		}
		if o.CompleteIn[r.kind.name] == nil {
			o.CompleteIn[r.kind.name] = map[string]bool{}
		}
		o.CompleteIn[r.kind.name][namespace] = true
	}
}

func know(o *k8s.Objects, k kind) {
	if o.Complete == nil {
		o.Complete = map[string]bool{}
	}
	o.Complete[k.name] = true
}

// read reads a kind in the whole cluster, else in the namespaces.
func (c *Client) read(ctx context.Context, k kind, namespaces []string, query url.Values) *reading {
	r := &reading{kind: k}
	r.listed, r.err = c.newest(ctx, k, "", query, nil)
	if !isStatus(r.err, http.StatusForbidden) {
		return r
	}
	r.listed, r.err, r.forbidden = listed{objects: &k8s.Objects{}}, nil, true
	for _, namespace := range namespaces {
		part, err := c.inNamespace(ctx, k, namespace, query)
		switch {
		case isStatus(err, http.StatusForbidden):
			continue
		case err != nil:
			r.err = err
			return r
		}
		r.listed.objects.Overlay(part.objects)
		r.listed.strange = append(r.listed.strange, part.strange...)
		r.within = append(r.within, namespace)
	}
	return r
}

// inNamespace reads the objects of a namespace; of the kind Namespace, the namespace itself.
func (c *Client) inNamespace(ctx context.Context, k kind, namespace string, query url.Values) (listed, error) {
	if k.name == "Namespace" {
		return c.one(ctx, k, "", namespace)
	}
	return c.newest(ctx, k, namespace, query, nil)
}

// errNoAPI is the server that does not know what every cluster has.
var errNoAPI = errors.New("it is no API server of Kubernetes: it knows no Services, Pods or EndpointSlices")

// newest lists by the first version of the kind that the server has. A kind that it has in none does not exist there:
// there are no objects of it.
func (c *Client) newest(ctx context.Context, k kind, namespace string, query url.Values, keep func([]byte) bool) (listed, error) {
	for _, version := range k.versions {
		found, err := c.list(ctx, k, k.path(version, namespace), query, keep)
		if !isStatus(err, http.StatusNotFound) {
			return found, err
		}
		if k.core() {
			return listed{}, errNoAPI
		}
	}
	return listed{objects: &k8s.Objects{}}, nil
}

// one reads a single object; there is none if it does not exist.
func (c *Client) one(ctx context.Context, k kind, namespace, name string) (listed, error) {
	found := listed{objects: &k8s.Objects{}}
	list := k.path(k.versions[0], namespace)
	err := c.get(ctx, path.Join(list, name), nil, func(body io.Reader) error {
		var object json.RawMessage
		if err := json.NewDecoder(body).Decode(&object); err != nil {
			return broken(err)
		}
		return found.objects.AddAs(k.apiVersion(list), k.manifest, object)
	})
	if isStatus(err, http.StatusNotFound) {
		return found, nil
	}
	return found, err
}

// Pod reads one pod, nil if there is no such pod.
func (c *Client) Pod(ctx context.Context, namespace, name string) (*k8s.Pod, error) {
	found, err := c.one(ctx, pods(), namespace, name)
	if err != nil {
		return nil, fmt.Errorf("the API server at %s does not show the pod %s/%s: %s", c.where, namespace, name, sentence(err))
	}
	if len(found.objects.Pods) == 0 {
		return nil, nil
	}
	return &found.objects.Pods[0], nil
}
