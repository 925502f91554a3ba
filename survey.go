package main

import (
	"context"
	"errors"

	"respy/diagnose"
	"respy/k8s"
)

// survey is what was found before any request is sent.
type survey struct {
	view    viewpoint
	objects *k8s.Objects // nil when none were read
	proxies []*proxy
}

// survey looks at the stages that are there without a request: who calls, what is declared, what the proxies have. The
// evidence takes what was seen, and the expectation if there is one.
func (c *config) survey(ctx context.Context, s *settings, e *diagnose.Evidence, std streams) (*survey, error) {
	request, err := k8s.NewRequest(s.method, c.target, c.send.host, s.header)
	if err != nil {
		return nil, usagef("%v", err)
	}
	v := new(survey)
	if v.proxies, err = c.openProxies(ctx, e, std); err != nil {
		return nil, err
	}
	v.view = viewpoint{request: request, caller: c.caller(v.proxies), dialed: hostOf(c.target)}
	if v.objects, err = c.declare(e, v.view, std); err != nil {
		return nil, err
	}
	for _, p := range v.proxies {
		p.look(ctx, v.view, e)
	}
	e.Expectation = expectation(s, e.Declared, v.proxies)
	return v, nil
}

// declare reads the objects and finds the rule that is meant for the request. Without any there is a note in the evidence.
func (c *config) declare(e *diagnose.Evidence, view viewpoint, std streams) (*k8s.Objects, error) {
	if len(c.expect.files) == 0 {
		if c.expect.route != "" {
			return nil, usagef("--route %s names an object, and there is no -f to find it in", c.expect.route)
		}
		e.Unseen = append(e.Unseen, diagnose.Unseen{Stage: "declared", Why: "no -f was given"})
		return nil, nil
	}
	objects, err := c.readObjects(view.caller, std)
	if err != nil && !(errors.Is(err, k8s.ErrNoRoutes) && c.expect.shares != "") {
		return nil, usagef("%v", err)
	}
	lookup, err := objects.Lookup(view.request, view.caller, c.expect.route)
	if err != nil {
		return nil, usagef("%v", err)
	}
	e.Declared = diagnose.Declared{Read: true, Lookup: lookup}
	return objects, nil
}

// readObjects reads the files.
func (c *config) readObjects(caller k8s.Caller, std streams) (*k8s.Objects, error) {
	objects, err := k8s.Load(c.expect.files, std.in, caller.Namespace)
	if objects == nil {
		return nil, err
	}
	for _, name := range objects.Replaced {
		note(std.err, "%s was read more than once; the last one counts", name)
	}
	return objects, err
}
