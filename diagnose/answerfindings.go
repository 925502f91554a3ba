package diagnose

import (
	"fmt"
	"net/http"

	"respy/k8s"
	"respy/k8s/envoy"
)

// Ids of findings that the answers of proxies show.
const (
	portWrongProtocol = "port-wrong-protocol"
	mtlsConflict      = "mtls-conflict"
	accessDenied      = "access-denied"
	allWeightsZero    = "all-weights-zero"
)

// answerFindings are those that the answers show which a proxy gave in the place of a pod.
func (j *judge) answerFindings() {
	j.findOverflow()
	j.findWrongProtocol()
	j.findTLSConflict()
	j.findDenied()
	j.findNoWeights()
}

// findOverflow holds when a circuit breaker refused requests.
func (j *judge) findOverflow() {
	n := j.bodies(saysOverflow)
	if n == 0 {
		return
	}
	f := k8s.Finding{ID: overflowOrEjected, Severity: k8s.SeverityError, Object: j.destinationRule(), Field: "spec.trafficPolicy.connectionPool",
		Summary:  "a connection pool is too small for the requests: those that it has no room for are answered with 503 and do not reach the version drawn",
		Evidence: []string{j.answersLike(n, "with 503 "+saysOverflow)},
		Fix:      "raise connectionPool (maxConnections, http1MaxPendingRequests, http2MaxRequests), or send with a lower --concurrency"}
	for _, h := range j.hops() {
		if h.config == nil || !h.config.Limited {
			continue
		}
		if f.Object = h.rule(); j.chosen.exclusive {
			f.Evidence = append(f.Evidence, fmt.Sprintf("cluster %s has limits: %d requests went through", h.cluster, h.delta.Total.Requests))
		}
	}
	j.addCause(f)
}

// findWrongProtocol holds when the proxy and the application speak different versions of HTTP.
func (j *judge) findWrongProtocol() {
	n := j.bodies(saysProtocol)
	if n == 0 {
		return
	}
	f := k8s.Finding{ID: portWrongProtocol, Severity: k8s.SeverityError, Object: "Service " + j.host(), Field: "spec.ports[].name",
		Summary:  "the port is of another protocol than the application speaks: proxies and pods do not understand each other",
		Evidence: []string{j.answersLike(n, "with "+saysProtocol)},
		Fix:      "name the port by what the application speaks, as in appProtocol: http, or grpc for HTTP/2"}
	for _, h := range j.hops() {
		if h.config == nil {
			continue
		}
		if h.config.HTTP2 {
			f.Summary = "the port's name or appProtocol makes it HTTP/2 or gRPC for the mesh, and the application does not speak that"
			f.Fix = "appProtocol: http"
		}
		if !j.chosen.exclusive {
			continue
		}
		f.Evidence = append(f.Evidence, fmt.Sprintf("cluster %s (%s): %d of %d requests failed", h.cluster, protocolOf(h.config),
			h.delta.Total.Errors, max(h.delta.Total.Requests, h.delta.Total.Errors)))
	}
	j.addCause(f)
}

func protocolOf(c *envoy.ClusterConfig) string {
	if c.HTTP2 {
		return "HTTP/2"
	}
	return "HTTP/1.1"
}

// findTLSConflict holds when every connection to a cluster fails that is to be made with TLS, and it is not that nobody
// listens there.
func (j *judge) findTLSConflict() {
	n := j.bodies(saysUnreached)
	if n == 0 || j.bodies(saysRefused) > 0 {
		return
	}
	for _, h := range j.hops() {
		counted := h.delta.Total
		if !j.chosen.exclusive && h.status != nil {
			counted = h.status.Total // since the proxy knows the pods, whoever called them
		}
		if h.config == nil || !h.config.TLS || counted.ConnectFailures == 0 || counted.Successes > 0 {
			continue
		}
		j.addCause(k8s.Finding{ID: mtlsConflict, Severity: k8s.SeverityError, Object: h.rule(), Field: "spec.trafficPolicy.tls",
			Summary: fmt.Sprintf("the proxy is told to use TLS to the %s, and its pods do not accept that", h.destination()),
			Evidence: []string{j.answersLike(n, "with 503 "+saysUnreached),
				fmt.Sprintf("cluster %s uses TLS: %d of %d connections failed", h.cluster, counted.ConnectFailures, counted.Connections)},
			Fix: "remove the tls settings of the DestinationRule, or give the pods sidecars, so that both sides agree"})
	}
}

func (j *judge) findDenied() {
	n := j.bodies(saysDenied)
	if n == 0 {
		return
	}
	j.addCause(k8s.Finding{ID: accessDenied, Severity: k8s.SeverityError, Object: "AuthorizationPolicy of " + j.host(), Field: "spec.rules",
		Summary:  "an AuthorizationPolicy refuses the requests of this caller",
		Evidence: []string{j.answersLike(n, "with 403 "+saysDenied)},
		Fix:      "kubectl get authorizationpolicies -A   # allow this caller's service account, namespace or path"})
}

// findNoWeights holds for what Istio makes of an HTTPRoute rule that leaves no backend: an answer of the proxy's own.
func (j *judge) findNoWeights() {
	for _, p := range j.Proxies {
		r := p.Before
		if r == nil || !noBackend(r) {
			continue
		}
		j.addCause(k8s.Finding{ID: allWeightsZero, Severity: k8s.SeverityError, Object: routeObject(r), Field: "backendRefs",
			Summary:  "the rule has no backend with a positive weight: the proxy answers 500",
			Evidence: []string{fmt.Sprintf("the proxy's route answers with status %d by itself", r.Status)},
			Fix:      "give at least one of backendRefs a positive weight"})
	}
}

// noBackend reports whether a route is what Istio makes of an HTTPRoute rule without a backend that gets anything.
func noBackend(r *envoy.Route) bool {
	return r.Kind == envoy.KindDirectResponse && r.Status == http.StatusInternalServerError && generated(r)
}

// host is the service that the request is for, as far as it is known.
func (j *judge) host() string {
	for _, h := range j.hops() {
		if h.Direction != "" {
			return h.Host
		}
	}
	if r := j.Declared.Rule; r != nil && len(r.Destinations) > 0 {
		return r.Destinations[0].Host
	}
	return j.Target
}
