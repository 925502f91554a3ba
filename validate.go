package main

import (
	"net/url"
	"slices"
	"strings"

	"respy/probe"
)

func (s sendConfig) validate() error {
	switch {
	case s.given && s.requests <= 0:
		return usagef("-n %d sends nothing: ask for at least one request", s.requests)
	case s.concurrency <= 0:
		return usagef("-c %d sends nothing: ask for at least one request at a time", s.concurrency)
	case s.rate < 0:
		return usagef("-q %g is negative: give requests per second, or 0 for no limit", s.rate)
	case s.duration < 0:
		return usagef("-z %s is negative: give a duration such as 30s", s.duration)
	case s.timeout <= 0:
		return usagef("-t %s leaves no time to answer: give a duration such as 5s", s.timeout)
	case s.reuse < 0:
		return usagef("--connection-reuse %d is negative: 1 is a new connection for each request, 0 is no limit", s.reuse)
	case s.session.Header != "" && s.session.Cookie != "":
		return usagef("--session-header and --session-cookie exclude each other: give one of them")
	case s.hasSessions() && s.session.Requests <= 0:
		return usagef("--session-requests %d: a session has at least one request", s.session.Requests)
	case s.http2 && s.h2c:
		return usagef("--http2 and --h2c exclude each other: --http2 is over TLS, --h2c in plain text")
	case s.body != "" && s.bodyFile != "":
		return usagef("--body and --body-file exclude each other: give one of them")
	}
	return nil
}

// validate checks the sources of the expectation against each other.
func (e expectConfig) validate() error {
	switch {
	case !e.kube && e.namesCluster():
		return usagef("--kube=false and --kubeconfig or --context exclude each other: leave one of them out")
	case len(e.envoy) > 1 && slices.Contains(e.envoy, "off"):
		return usagef("--envoy off and --envoy ADDRESS exclude each other: give one of them")
	case e.envoyDump != "" && e.namesProxy():
		return usagef("--envoy and --envoy-dump exclude each other: give one of them")
	case len(slices.Compact(slices.Sorted(slices.Values(e.envoy)))) < len(e.envoy):
		return usagef("--envoy is given the same address twice: its requests would count twice")
	}
	return nil
}

func (s sendConfig) hasSessions() bool { return s.session.Header != "" || s.session.Cookie != "" }

// sessions is what the prober is to know of them; nothing without any.
func (s sendConfig) sessions() probe.Session {
	if !s.hasSessions() {
		return probe.Session{}
	}
	return s.session
}

func checkTarget(target string) error {
	if target == "" {
		return usagef("no URL given: write one like http://weather-backend:5000/version")
	}
	if !strings.Contains(target, "://") {
		return usagef("%q is no URL, its scheme is missing: write http://%s", target, target)
	}
	u, err := url.Parse(target)
	switch {
	case err != nil:
		return usagef("%q is no URL: %v", target, err)
	case u.Scheme != "http" && u.Scheme != "https":
		return usagef("%q: the scheme %s is not served; use http or https", target, u.Scheme)
	case u.Hostname() == "":
		return usagef("%q names no host: write http://HOST:PORT/PATH", target)
	}
	return nil
}
