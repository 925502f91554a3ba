package main

import (
	"context"

	"respy/diagnose"
	"respy/k8s"
)

// survey is what was found before any request is sent.
type survey struct {
	view         viewpoint
	declarations *declarations
	proxies      []*proxy
}

// survey looks at the stages that are there without a request: who calls, what is declared, what the proxies have. The
// evidence takes what was seen, and the expectation if there is one. Where nothing is going to be sent, the target is not
// dialled and its name not looked up either.
func (c *config) survey(ctx context.Context, s *settings, e *diagnose.Evidence, sending bool, std streams) (*survey, error) {
	request, err := k8s.NewRequest(s.method, c.target, c.send.host, s.header)
	if err != nil {
		return nil, usagef("%v", err)
	}
	if c.send.unixSocket != "" || len(c.send.connectTo) > 0 {
		request.Dialed = "" // something else
	}
	v := &survey{view: viewpoint{request: request, dialed: hostOf(c.target), resolving: sending,
		redirected: c.send.unixSocket != "" || len(c.send.connectTo) > 0}}
	if v.declarations, err = c.openDeclarations(std); err != nil {
		return nil, err
	}
	if sending {
		if v.view.caller.Sidecar, err = c.awaitProxy(ctx, v.declarations); err != nil {
			return nil, err
		}
	}
	if v.proxies, err = c.openProxies(ctx, e, std); err != nil {
		return nil, err
	}
	if err := c.look(ctx, e, v); err != nil {
		return nil, err
	}
	for _, p := range v.proxies {
		p.look(ctx, v.view, e)
	}
	e.Expectation = expectation(s, e.Declared, v.proxies)
	return v, nil
}

// look finds out who calls and what is declared, from the cluster only as long as its patience lasts.
func (c *config) look(ctx context.Context, e *diagnose.Evidence, v *survey) (err error) {
	ctx, done := v.declarations.patience(ctx)
	defer done()
	pod, unseen := v.declarations.pod(ctx, v.proxies)
	e.Unseen = append(e.Unseen, unseen...)
	v.view.caller = c.caller(v.view.caller.Sidecar, v.proxies, v.declarations.place, pod)
	v.view.home = v.view.caller.Namespace
	return c.declare(ctx, e, &v.view, v.declarations)
}
