package main

import (
	"context"
	"io"

	"respy/diagnose"
	"respy/k8s"
	"respy/report"
)

// listRules lists every rule of the files, or of the caller's namespace in the cluster.
func (c *config) listRules(ctx context.Context, s *settings, std streams) (int, error) {
	if c.expect.namesProxy() || c.expect.envoyDump != "" || c.expect.shares != "" {
		return 0, usagef("a proxy, or --expect, is compared for one request: give its URL")
	}
	d, err := c.openDeclarations(std)
	if err != nil {
		return 0, err
	}
	if d.empty() {
		return 0, usagef("nothing to explain, and no cluster is read: %s; give a URL, or manifests with -f", d.why)
	}
	v, err := c.inventory(ctx, d)
	if err != nil {
		return 0, usagef("%v", err)
	}
	return writeExplained(s.outputs, v.ExitCode, c.print.color, std, func(w io.Writer, f report.Format, o report.Options) error {
		return report.Inventory(w, f, v, o)
	}), nil
}

func (c *config) inventory(ctx context.Context, d *declarations) (*diagnose.Inventory, error) {
	ctx, done := d.patience(ctx)
	defer done()
	pod, notes := d.pod(ctx, nil)
	view := viewpoint{caller: c.caller(k8s.PresenceUnknown, nil, d.place, pod)}
	view.home = view.caller.Namespace
	objects, reading, err := d.read(ctx, view)
	if err != nil {
		return nil, err
	}
	rules, err := c.rules(objects, d, view.caller)
	if err != nil {
		return nil, err
	}
	if reading != nil {
		reading.AddPods(ctx, objects.Reach(view.request, view.caller, rules...))
		if rules, err = c.rules(objects, d, view.caller); err != nil {
			return nil, err
		}
		for _, u := range reading.Unseen() {
			notes = append(notes, diagnose.Unseen(u))
		}
	}
	listed := make([]diagnose.Listed, len(rules))
	for i, l := range rules {
		listed[i] = diagnose.Listed{Lookup: l, Source: d.kind(l.Rule), Backends: objects.Backends(l.Rule, view.caller)}
	}
	return diagnose.List(listed, c.sidecarConflicts(objects, d, view.caller), view.caller, notes), nil
}

// rules are those of the object that --route names, else of the files where there are any, else of the caller's namespace.
func (c *config) rules(objects *k8s.Objects, d *declarations, caller k8s.Caller) ([]k8s.Lookup, error) {
	switch {
	case c.expect.route != "":
		return objects.RulesOf(c.expect.route, caller)
	case d.client == nil:
		return objects.Rules(caller)
	case d.files != nil:
		return objects.RulesIn(d.files.HasRoute, caller)
	}
	return objects.RulesIn(func(ref string) bool { return k8s.NamespaceOfRef(ref) == listedIn(caller) }, caller)
}

// listedIn is the namespace of a cluster of which the rules are listed.
func listedIn(caller k8s.Caller) string {
	if caller.Namespace == "" {
		return "default"
	}
	return caller.Namespace
}

// sidecarConflicts are those that matter to the rules that are listed: none where --route names one.
func (c *config) sidecarConflicts(objects *k8s.Objects, d *declarations, caller k8s.Caller) []k8s.Finding {
	switch {
	case c.expect.route != "":
		return nil
	case d.client == nil || d.files != nil:
		return objects.SidecarConflicts("")
	}
	return objects.SidecarConflicts(listedIn(caller))
}
