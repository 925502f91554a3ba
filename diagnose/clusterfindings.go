package diagnose

import (
	"fmt"
	"net/http"
	"strings"

	"respy/k8s"
	"respy/k8s/envoy"
)

// Ids of findings about the clusters that a route names, and the pods behind them.
const (
	destinationNotFound = "destination-not-found"
	subsetUndefined     = "subset-undefined"
	backendInvalid      = "backend-invalid"
	subsetEmpty         = "subset-empty"
	noReadyEndpoints    = "no-ready-endpoints"
	headlessService     = "headless-service"
	overflowOrEjected   = "overflow-or-ejected"
)

// clusterFindings are those that the proxy's configuration shows of each cluster that gets a share.
func (j *judge) clusterFindings() {
	for _, h := range j.hops() {
		switch {
		case h.missing():
			j.findMissing(h)
		case h.config != nil && h.config.Type == envoy.OriginalDestination:
			j.findHeadless(h)
		default:
			j.findEmpty(h)
		}
	}
}

// findMissing names a cluster that the route names and the proxy does not have. Why that is so shows only where something
// else of the same host is there; a whole host that is missing may be hidden from the caller just as well.
func (j *judge) findMissing(h hop) {
	status := h.proxy.Before.MissingStatus
	evidence := []string{fmt.Sprintf("the proxy's route gives %s%% to cluster %s, which the proxy does not have", trim(100*h.share), h.cluster)}
	if n := j.empties(status); n > 0 {
		evidence = append(evidence, j.answersLike(n, fmt.Sprintf("with status %d and an empty body", status)))
	}
	f := k8s.Finding{ID: destinationNotFound, Severity: k8s.SeverityError, Object: routeObject(h.proxy.Before), Field: "destination", Evidence: evidence}
	base := h.base()
	switch {
	case h.Subset != "" && base != nil:
		j.findUndefined(h, *base, f)
		return
	case status == http.StatusInternalServerError && len(h.siblings()) > 0:
		f.ID, f.Field = backendInvalid, "backendRefs"
	case len(h.siblings()) > 0 && h.Port == j.targetPort():
		j.leaveOpen("programmed", "the proxy knows %s and not its port %d, so that its share is answered with %d: whether the rule names that port, or none and "+
			"so the one that is called, cannot be seen without the objects", h.Host, h.Port, status)
		return
	case len(h.siblings()) > 0:
		f.Field += ".port"
	case j.completes(h.Host):
		j.leaveOpen("programmed", "the proxy knows no %s, so that its share is answered with %d: whether there is no such Service, or it is hidden from "+
			"the caller, cannot be seen without the objects", h.Host, status)
		return
	}
	f.Summary = fmt.Sprintf("a destination is none that the proxy knows: %s on port %d; its share is answered with %d", h.Host, h.Port, status)
	f.Fix = fmt.Sprintf("kubectl get services -A   # which one, and which port, is meant by %s", h.Host)
	j.addCause(f)
}

// targetPort is the port that the requests call, 0 if it is not known.
func (j *judge) targetPort() int {
	request, err := k8s.NewRequest("", j.Target, "", nil)
	if err != nil {
		return 0
	}
	return request.Port
}

// completes reports whether a host is the full name of a Service, as the proxy's own domain has it.
func (j *judge) completes(host string) bool {
	for _, p := range j.Proxies {
		if suffix := p.Server.Node.Suffix; suffix != "" {
			return strings.HasSuffix(host, "."+suffix)
		}
	}
	return true
}

// findUndefined names a subset that the DestinationRule in effect lacks. Where that one is of the caller's namespace, or
// there is none, another that has the subset may be hidden.
func (j *judge) findUndefined(h hop, base envoy.ClusterConfig, f k8s.Finding) {
	switch rule := base.Rule; {
	case rule.Name == "":
		j.leaveOpen("programmed", "no DestinationRule is in effect for %s, so that its subset %s gets nothing but 503: whether one exists that this "+
			"caller may not see cannot be seen without the objects", h.Host, h.Subset)
		return
	case base.Namespace != "" && rule.Namespace != base.Namespace:
		j.leaveOpen("programmed", "%s is in effect for %s and has no subset %s: whether it hides another that has it cannot be seen without the objects",
			h.rule(), h.Host, h.Subset)
		return
	}
	f.ID, f.Field = subsetUndefined, "destination.subset"
	f.Summary = fmt.Sprintf("%s is in effect and has no subset %s: its share is answered with 503", h.rule(), h.Subset)
	f.Fix = fmt.Sprintf("add the subset %s to %s, or name one that it has", h.Subset, h.rule())
	j.addCause(f)
}

// findHeadless holds for a split among clusters whose host is the address that the client dialled.
func (j *judge) findHeadless(h hop) {
	if h.share >= 1 {
		return
	}
	j.addCause(k8s.Finding{ID: headlessService, Severity: k8s.SeverityError, Object: "Service " + h.Host, Field: "spec.clusterIP",
		Summary:  "the Service is headless, or its load balancer PASSTHROUGH: a cluster is drawn by weight, and the pod is the one that the caller dialled",
		Evidence: []string{fmt.Sprintf("the proxy's cluster %s is of type %s", h.cluster, h.config.Type)},
		Fix:      "give the Service a clusterIP (remove clusterIP: None), and a DestinationRule no loadBalancer PASSTHROUGH"})
}

// findEmpty names a cluster without a host that can serve, if requests went without an answer for that.
func (j *judge) findEmpty(h hop) {
	n := j.bodies(saysUnhealthy)
	if h.status == nil || j.Observed.Sent > 0 && n == 0 {
		return
	}
	ejected, healthy := 0, 0
	for _, host := range h.status.Hosts {
		if host.Healthy() {
			healthy++
		}
		if host.FailedOutlier {
			ejected++
		}
	}
	evidence := []string{fmt.Sprintf("cluster %s of the proxy has %d hosts, %d of them able to serve, %d ejected", h.cluster, len(h.status.Hosts), healthy, ejected)}
	if n > 0 {
		evidence = append(evidence, j.answersLike(n, "with 503 "+saysUnhealthy))
	}
	switch {
	case ejected > 0 && healthy == 0:
		j.findEjected(h, evidence)
	case healthy > 0:
	case h.Subset != "":
		j.addCause(k8s.Finding{ID: subsetEmpty, Severity: k8s.SeverityError, Object: h.rule(), Field: "spec.subsets[].labels", Evidence: evidence,
			Summary: fmt.Sprintf("the %s has no ready pod: its share is answered with 503", h.destination()),
			Fix:     fmt.Sprintf("compare the labels of subset %s with those of the pods, and see that they are ready: kubectl get pods --show-labels", h.Subset)})
	default:
		j.addCause(k8s.Finding{ID: noReadyEndpoints, Severity: k8s.SeverityError, Object: "Service " + h.Host, Field: "spec.selector", Evidence: evidence,
			Summary: fmt.Sprintf("%s has no ready endpoint: its share is answered with 503", h.Host),
			Fix:     "kubectl get endpointslices -A   # and see that the pods that the Service selects are ready"})
	}
}

func (j *judge) findEjected(h hop, evidence []string) {
	for _, host := range h.status.Hosts {
		if host.FailedOutlier {
			evidence = append(evidence, fmt.Sprintf("%s failed_outlier_check: %d of its %d requests failed since it is known", host.Address, host.Stats.Errors, host.Stats.Requests))
		}
	}
	j.addCause(k8s.Finding{ID: overflowOrEjected, Severity: k8s.SeverityError, Object: h.rule(), Field: "spec.trafficPolicy.outlierDetection",
		Summary:  fmt.Sprintf("outlier detection ejected every pod of the %s, as they failed: its share is answered with 503", h.destination()),
		Evidence: evidence, Fix: "see why the pods fail; maxEjectionPercent keeps a part of them"})
}
