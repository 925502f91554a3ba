package main

import (
	"time"

	"respy/report"
)

const mainSynopsis = "respy [flags] URL"

const about = `respy checks that traffic really splits the way a VirtualService or HTTPRoute says, says why when it does not, and fails
the pipeline.`

const exitCodes = `Exit codes: 0 match, 1 mismatch, 2 usage or trouble, 3 inconclusive, 4 target unreachable (not one answer),
128+N ended by signal N. Without anything to compare with, the shares of the answers are printed and the code is 0.`

// mainCommand binds the flags of the main job to c.
func mainCommand(c *config) command {
	return command{
		synopsis: mainSynopsis + "\n       respy explain [flags] [URL]\n       respy judge [flags] [COUNT|VERSION=COUNT|FILE]…\n       respy watch [flags] URL\n       respy plan [flags] [URL]\n       respy demo [flags]\n       respy serve [flags]\n       respy completion bash|zsh|fish\n       respy version",
		about:    about,
		groups:   []group{sendFlags(c), expectFlags(c), recogniseFlags(c), earlyStopFlag(decideFlags(c), &c.decide), podFlags(c), printFlags(c)},
		epilogue: exitCodes,
	}
}

func sendFlags(c *config) group {
	g, s := newGroup("Send"), &c.send
	f := g.flags
	f.StringVarP(&c.target, "url", "u", "", "the `URL`, where it is not an argument")
	f.IntVarP(&s.requests, "requests", "n", defaultRequests, "how many requests; when not given, raised to what the expectation needs")
	f.IntVarP(&s.concurrency, "concurrency", "c", 10, "how many at a time")
	f.DurationVarP(&s.duration, "duration", "z", 0, "stop sending after this `time`; with -n, the first limit reached ends the run")
	f.Float64VarP(&s.rate, "rate", "q", 0, "requests per second in total, 0 for no limit")
	f.DurationVarP(&s.timeout, "timeout", "t", 5*time.Second, "`time` for one request, connecting included")
	f.StringVarP(&s.method, "method", "m", "", "HTTP `method` (GET; POST with a body)")
	f.StringArrayVarP(&s.headers, "header", "H", nil, "`'Name: value'`, repeatable; Host works")
	f.StringVar(&s.host, "host", "", "the Host header")
	f.StringVarP(&s.body, "body", "d", "", "request body")
	f.StringVarP(&s.bodyFile, "body-file", "D", "", "`file` that holds the request body")
	f.StringArrayVar(&s.connectTo, "connect-to", nil, "`HOST1:PORT1:HOST2:PORT2`: connect to the second where the URL says the first, repeatable")
	f.StringVar(&s.unixSocket, "unix-socket", "", "connect to this Unix `socket`")
	f.StringVar(&s.tls.CAFile, "cacert", "", "PEM `file` of the authorities to trust")
	f.StringVar(&s.tls.CertFile, "cert", "", "PEM `file` of the client certificate")
	f.StringVar(&s.tls.KeyFile, "key", "", "PEM `file` of its key")
	f.BoolVarP(&s.tls.Insecure, "insecure", "k", false, "do not verify the server's certificate")
	f.StringVar(&s.tls.ServerName, "sni", "", "server `name` for TLS (the host of --host or of the URL)")
	f.BoolVar(&s.http2, "http2", false, "HTTP/2 over TLS")
	f.BoolVar(&s.h2c, "h2c", false, "HTTP/2 in plain text")
	f.IntVar(&s.reuse, "connection-reuse", 10, "requests per connection; 1 is a new one each, 0 is no limit (1 with --early-stop)")
	f.StringVar(&s.session.Header, "session-header", "", "sticky users: `name` of a header with a value of its own in each session")
	f.StringVar(&s.session.Cookie, "session-cookie", "", "sticky users: `name` of a cookie that the server sets and each session keeps")
	f.IntVar(&s.session.Requests, "session-requests", 5, "requests of a session")
	return g
}

func expectFlags(c *config) group {
	g, e := newGroup("Expect"), &c.expect
	f := g.flags
	f.StringVar(&e.shares, "expect", "", "`VERSION=WEIGHT,…`, as in single=90,multiple=10; overrides the weights of the route")
	f.StringArrayVarP(&e.files, "route-file", "f", nil, "`file`, directory or - (stdin) with the VirtualService or HTTPRoute, repeatable")
	f.StringVar(&e.route, "route", "", "the route, as virtualservice/NAME or httproute/NAME, else found from the URL as Istio does")
	f.StringVar(&e.kubeconfig, "kubeconfig", "", "`file` that says how to reach the cluster ($KUBECONFIG, ~/.kube/config, or the pod's service account)")
	f.StringVar(&e.context, "context", "", "`name` of the kubeconfig's context")
	f.BoolVar(&e.kube, "kube", true, "read the cluster's objects, unless -f gives them; --kube=false never does")
	f.StringVar(&e.namespace, "namespace", "", "the caller's namespace, and that of objects that name none")
	f.StringToStringVar(&e.labels, "labels", nil, "the caller's labels, `key=value,…`")
	f.StringArrayVar(&e.envoy, "envoy", nil, "admin `address` of the caller's Envoy, repeatable; off for none (127.0.0.1:15000 or [::1]:15000 if it answers)")
	f.StringVar(&e.envoyDump, "envoy-dump", "", "`file` with a saved config_dump of the caller's Envoy")
	f.StringArrayVar(&e.mapEntries, "map", nil, "`DESTINATION=VERSION`: a subset, host, host/subset or Envoy cluster, and the version that it answers with, repeatable")
	return g
}

func recogniseFlags(c *config) group {
	g := newGroup("Recognise")
	g.flags.StringVar(&c.versionFrom, "version-from", "auto", "auto, header:`NAME`, json:PATH, regex:RE, body, status or envoy")
	return g
}

func decideFlags(c *config) group {
	g, d := newGroup("Decide"), &c.decide
	f := g.flags
	f.Float64Var(&d.alpha, "alpha", 0.01, "probability of a false alarm, for each run")
	f.StringVar(&d.test, "test", "auto", "auto, exact or chi-square")
	f.Float64Var(&d.tolerance, "tolerance", 0, "percentage `points` by which a share may be off; a match then has to be proven")
	f.StringVar(&d.maxErrors, "max-errors", "1%", "share of the requests that may fail")
	f.StringVar(&d.inconclusive, "inconclusive", "fail", "fail (exit 3) or pass (exit 0); never for failed recognition or an interrupted run")
	return g
}

// earlyStopFlag is for runs alone: counts that are already there have no order.
func earlyStopFlag(g group, d *decideConfig) group {
	g.flags.BoolVar(&d.earlyStop, "early-stop", false, "end the run as soon as the verdict is sure; alpha holds all the same")
	return g
}

func podFlags(c *config) group {
	g := waitFlag(c)
	g.flags.DurationVar(&c.waitProxy, "wait-for-proxy", 30*time.Second, "`time` that the pod's own sidecar may take to be ready, 0 for no waiting")
	return leaveFlags(g, c)
}

func waitFlag(c *config) group {
	g := newGroup("In a pod")
	g.flags.DurationVar(&c.waitProgrammed, "wait-programmed", 10*time.Second, "`time` that the proxy may take to follow the declared weights")
	return g
}

func leaveFlags(g group, c *config) group {
	g.flags.BoolVar(&c.quitProxy, "quit-proxy", false, "have the pod's classic sidecar end after the run, so that a Job completes")
	g.flags.StringVar(&c.terminationLog, "termination-log", "", "`file` for the outcome as one line of JSON (/dev/termination-log, for a container's own process)")
	return g
}

func printFlags(c *config) group {
	g, p := newGroup("Print"), &c.print
	f := g.flags
	f.StringArrayVarP(&p.outputs, "output", "o", nil, "`FORMAT[=FILE]`: "+report.FormatNames()+"; repeatable")
	f.BoolVar(&p.quiet, "quiet", false, "print the verdict line alone")
	f.BoolVar(&p.noProgress, "no-progress", false, "no progress on stderr")
	f.StringVar(&p.color, "color", "auto", "auto, always or never; NO_COLOR is respected")
	return g
}
