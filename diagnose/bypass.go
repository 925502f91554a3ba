package diagnose

import (
	"fmt"
	"slices"
	"strings"

	"respy/k8s"
	"respy/k8s/envoy"
	"respy/stats"
)

const (
	noSidecar          = "no-sidecar"
	envoyFilterOnRoute = "envoyfilter-on-route"
)

// wrongSplit reports whether the answers contradict the weights, or are no draws of requests at all.
func (j *judge) wrongSplit() bool {
	return j.tested && (j.split.outcome == stats.Outside || j.tally.intruders > 0 || j.unit == unitConnection)
}

// findBypass holds when the answers contradict the weights and the proxies that were read have counted nothing meanwhile.
func (j *judge) findBypass() {
	answered := j.identifiedAnswers()
	if len(j.Proxies) == 0 {
		j.findBare()
		return
	}
	if len(j.chosen.clusters) > 0 || answered == 0 || !j.wrongSplit() {
		return
	}
	var ids []string
	for _, p := range j.Proxies {
		if p.Delta == nil || p.Delta.Cluster(envoy.PassthroughCluster).Total.Requests > 0 || p.Delta.Left || p.Delta.Reset || p.Restarted {
			return
		}
		ids = append(ids, p.Server.Node.ID)
	}
	j.addCause(k8s.Finding{ID: noSidecar, Severity: k8s.SeverityError, Object: "the caller",
		Summary:  "the requests did not pass the proxy that was read: no rule of the mesh applied to them",
		Evidence: []string{fmt.Sprintf("%d requests were answered, and the clusters of %s counted none of them", answered, strings.Join(ids, ", "))},
		Fix: "send from a container whose outbound traffic the sidecar intercepts: not as user or group 1337, not with hostNetwork, " +
			"and without traffic.sidecar.istio.io/excludeOutboundPorts or excludeOutboundIPRanges for this port"})
}

// findBare holds when the answers contradict a rule of the mesh in which nothing is wrong, and nothing of a sidecar listens
// beside the caller. In an ambient mesh there would be none.
func (j *judge) findBare() {
	rule := j.Declared.Rule
	if !j.Bare || rule == nil || !j.Declared.InEffect || !slices.Contains(rule.Gateways, "mesh") || !j.wrongSplit() ||
		j.Declared.Objects == nil || j.Declared.Objects.MaybeAmbient(j.Declared.Caller) {
		return
	}
	j.addCause(k8s.Finding{ID: noSidecar, Severity: k8s.SeverityError, Object: "the caller",
		Summary:  "the caller has no sidecar: an endpoint is picked for each connection, and no rule of the mesh applies",
		Evidence: []string{"nothing listens at the ports of a sidecar, 15000 and 15021, where the requests are sent from", "the namespace is not ambient"},
		Fix:      "send from a pod with a sidecar: kubectl label pod or namespace, sidecar.istio.io/inject=true or istio-injection=enabled, and start the pod anew"})
}

// raiseEnvoyFilter makes an EnvoyFilter on the route the cause where what is programmed differs from what is declared.
func (j *judge) raiseEnvoyFilter() {
	if !j.programmed.differs || j.Declared.Rule == nil || j.explained() {
		return
	}
	i := slices.IndexFunc(j.findings, func(f Finding) bool { return f.ID == envoyFilterOnRoute })
	if i < 0 {
		return
	}
	f := &j.findings[i]
	f.Severity = k8s.SeverityError
	f.Evidence = append(slices.Clone(f.Evidence), "declared: "+j.weightsText(), "programmed: "+Describe(j.programmed.route))
	if f.Fix == "" {
		f.Fix = "remove the patch, or declare the weights that it sets"
	}
}

// noteUnexplained says what would be needed to name the cause, where the split is wrong and nothing that was seen tells why.
func (j *judge) noteUnexplained() {
	if j.Expectation == nil || j.explained() {
		return
	}
	wrong := j.wrongSplit() || j.programmed.differs
	for _, p := range j.Proxies {
		if p.Before != nil && p.Before.Kind == envoy.KindNone && p.Before.VirtualHost == "" {
			j.noteOnce("programmed", "the proxy has no route for this request in table %s: it has refused what the control plane sent, or waits for it "+
				"(istioctl proxy-status tells)", orNone(p.Before.Config))
		}
		if p.Before != nil && !j.Declared.Read && wrong && !j.Expectation.follows(p.Before) {
			j.noteOnce("declared", "the proxy has %s, and why not the expected weights cannot be seen without the objects (-f, --kubeconfig)", Describe(p.Before))
		}
	}
}

// leaveOpen notes what the proxy alone cannot tell, unless the objects do.
func (j *judge) leaveOpen(stage, format string, args ...any) {
	if !j.objectsTell {
		j.noteOnce(stage, format, args...)
	}
}

func (j *judge) noteOnce(stage, format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if !slices.ContainsFunc(j.unseen, func(u Unseen) bool { return u.Why == text }) {
		j.note(stage, "%s", text)
	}
}

func orNone(text string) string {
	if text == "" {
		return "of this port"
	}
	return text
}
