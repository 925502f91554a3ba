package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"respy/diagnose"
	"respy/k8s"
	"respy/k8s/cluster"
)

// declarations is where declared objects come from: files, a cluster, or files laid over a cluster's objects. It is made
// once for a command and may be asked again.
type declarations struct {
	paths     []string
	std       streams
	route     string          // of --route
	client    *cluster.Client // nil: no cluster is asked
	inside    *cluster.Client // that can read the own pod; nil outside of one
	why       string          // why no cluster is asked
	routeless bool            // the weights are known without a rule
	place     cluster.Place

	files *k8s.Objects // once they are read; nil without -f
}

// openDeclarations finds the cluster, if one is to be asked. A cluster that the user named must be there; nothing is sent.
func (c *config) openDeclarations(std streams) (*declarations, error) {
	e := &c.expect
	d := &declarations{paths: e.files, std: std, route: e.route, routeless: e.shares != "" || e.ruleless, place: cluster.Here()}
	if !e.kube {
		d.why = "--kube is false"
		return d, nil
	}
	if len(e.files) > 0 && !e.namesCluster() && !d.place.InPod {
		return d, nil
	}
	client, err := cluster.Connect(cluster.Options{
		Kubeconfig: e.kubeconfig, Context: e.context, Interactive: !slices.Contains(e.files, "-"),
	})
	switch {
	case err != nil && e.namesCluster():
		return nil, usagef("%v", err)
	case err != nil:
		d.why = err.Error()
		return d, nil
	}
	d.inside = client
	if len(e.files) == 0 || e.namesCluster() {
		d.client = client
	}
	return d, nil
}

// namesCluster reports whether the user named the cluster to ask.
func (e *expectConfig) namesCluster() bool { return e.kubeconfig != "" || e.context != "" }

// patience limits all readings of the cluster before a run.
func (d *declarations) patience(ctx context.Context) (context.Context, context.CancelFunc) {
	if d.inside == nil {
		return ctx, func() {}
	}
	return context.WithTimeoutCause(ctx, d.inside.Patience, fmt.Errorf("no more than %s are spent on it", d.inside.Patience))
}

// empty reports whether there is nothing to read.
func (d *declarations) empty() bool { return len(d.paths) == 0 && d.client == nil }

// read reads everything but endpoints and pods. The reading is nil where no cluster is read; an error is one of the files,
// or of the cluster as a whole (an apiError).
func (d *declarations) read(ctx context.Context, view viewpoint) (*k8s.Objects, *cluster.Reading, error) {
	if err := d.load(view.home); err != nil || d.client == nil {
		return d.files, nil, err
	}
	reading, err := d.client.Read(ctx, d.scope(view))
	if err != nil {
		return nil, nil, &apiError{err}
	}
	if d.files != nil {
		reading.Objects.Overlay(d.files)
	}
	return reading.Objects, reading, nil
}

// load reads the files, once. Files without a rule are an error, unless there is a cluster that may have one, or none is
// needed.
func (d *declarations) load(namespace string) error {
	if len(d.paths) == 0 || d.files != nil {
		return nil
	}
	files, err := k8s.Load(d.paths, d.std.in, namespace)
	if files == nil || errors.Is(err, k8s.ErrNoRoutes) && d.client == nil && !d.routeless {
		return err
	}
	d.files = files
	for _, why := range files.Refused {
		note(d.std.err, "left out, as no API server takes it: %s", why)
	}
	for _, name := range files.Replaced {
		note(d.std.err, "%s was read more than once; the last one counts", name)
	}
	return nil
}

// scope is where to look when the whole cluster is forbidden.
func (d *declarations) scope(view viewpoint) cluster.Scope {
	s := cluster.Scope{Caller: view.home, Namespaces: []string{view.request.NamespaceOf(view.caller)}}
	if parts := strings.Split(d.route, "/"); len(parts) == 3 {
		s.Namespaces = append(s.Namespaces, parts[1])
	}
	return s
}

// kind is where the expectation of a rule comes from: an object of the files goes before that of the cluster.
func (d *declarations) kind(rule *k8s.Rule) string {
	if d.client == nil || rule != nil && d.files != nil && d.files.HasRoute(rule.Ref()) {
		return diagnose.FromFile
	}
	return diagnose.FromCluster
}

// declare finds the rule that is meant for the request, and completes the view by how the request enters. The endpoints
// and pods of what the rule reaches are read for it.
func (d *declarations) declare(ctx context.Context, view *viewpoint) (diagnose.Declared, error) {
	objects, reading, err := d.read(ctx, *view)
	if err != nil {
		return diagnose.Declared{}, err
	}
	found, err := view.lookup(ctx, objects, d.route)
	if err != nil || reading == nil {
		return d.found(found, objects), err
	}
	known := knowledge(objects)
	if found.Rule != nil {
		reading.AddPods(ctx, objects.Reach(view.request, view.caller, found))
		found, err = objects.Lookup(view.request, view.caller, d.route)
	} else if !objects.Routes() && !reading.HasRoutes() {
		found.Unseen = nil // it says that there is no rule, which nobody knows
	}
	found.Unseen = append(found.Unseen, reading.Unseen()...)
	declared := d.found(found, objects)
	declared.Known = known
	return declared, err
}

func (d *declarations) found(l k8s.Lookup, o *k8s.Objects) diagnose.Declared {
	return diagnose.Declared{Read: true, Objects: o, Source: d.kind(l.Rule), Known: knowledge(o), Lookup: l}
}

// again reads the rule once more, after a run that no signal cut short. A reading that sees less, or more, than the first
// one did cannot be compared with it.
func (d *declarations) again(ctx context.Context, view viewpoint, before diagnose.Declared) *diagnose.Redeclared {
	if d.client == nil || !before.Read || signalOf(ctx) > 0 {
		return nil
	}
	ctx, done := d.patience(ctx)
	defer done()
	after, err := d.declare(ctx, &view)
	if err != nil {
		return &diagnose.Redeclared{Err: err}
	}
	if after.Known != before.Known {
		return &diagnose.Redeclared{Err: errors.New("the API server did not give the same kinds of objects again")}
	}
	return &diagnose.Redeclared{Lookup: after.Lookup}
}

// knowledge names what is known to be complete.
func knowledge(o *k8s.Objects) string {
	all := slices.Sorted(maps.Keys(o.Complete))
	for _, kind := range slices.Sorted(maps.Keys(o.CompleteIn)) {
		for _, namespace := range slices.Sorted(maps.Keys(o.CompleteIn[kind])) {
			all = append(all, kind+"/"+namespace)
		}
	}
	return strings.Join(all, " ")
}

// apiError is a cluster that cannot be read.
type apiError struct{ err error }

func (e *apiError) Error() string { return e.err.Error() }

func (e *apiError) Unwrap() error { return e.err }
