package k8s

import (
	"fmt"
	"strconv"
)

// peerMode is the mode of mutual TLS that a pod's sidecar asks for on a port, and the object that says so; without one
// it takes plain text as well. Port 0 is one that is not known: then a mode that hangs on the port is not known either.
func (o *Objects) peerMode(pod *Pod, labels map[string]string, port int) (mode string, by *PeerAuthentication, field string) {
	mode = "PERMISSIVE"
	for _, level := range []func(*PeerAuthentication) bool{
		func(p *PeerAuthentication) bool { return p.Namespace == rootNamespace && p.wide() },
		func(p *PeerAuthentication) bool {
			return p.Namespace == pod.Namespace && p.Namespace != rootNamespace && p.wide()
		},
		func(p *PeerAuthentication) bool {
			return p.Namespace == pod.Namespace && p.Namespace != rootNamespace && !p.wide() && selects(p.Spec.Selector.MatchLabels, labels)
		},
	} {
		p := o.oldestPeer(level)
		if p == nil {
			continue
		}
		if !unset(p.Spec.MTLS.Mode) {
			mode, by, field = p.Spec.MTLS.Mode, p, "spec.mtls.mode"
		}
		if port == 0 && len(p.Spec.PortLevelMTLS) > 0 && !p.wide() {
			return "", nil, ""
		}
		if at, ok := p.Spec.PortLevelMTLS[strconv.Itoa(port)]; ok && !p.wide() && !unset(at.Mode) {
			mode, by, field = at.Mode, p, fmt.Sprintf("spec.portLevelMtls.%d.mode", port)
		}
	}
	return mode, by, field
}

// wide reports whether the object is for a whole namespace, or from the root namespace for the mesh.
func (p *PeerAuthentication) wide() bool {
	return p.Spec.Selector == nil || len(p.Spec.Selector.MatchLabels) == 0
}

func unset(mode string) bool { return mode == "" || mode == "UNSET" }

// oldestPeer finds the one that counts among those of a level.
func (o *Objects) oldestPeer(level func(*PeerAuthentication) bool) *PeerAuthentication {
	var oldest *PeerAuthentication
	for i := range o.PeerAuthentications {
		p := &o.PeerAuthentications[i]
		if level(p) && (oldest == nil || byAge(&p.Meta, &oldest.Meta) < 0) {
			oldest = p
		}
	}
	return oldest
}

// mtlsConflict finds a DestinationRule that makes the caller's proxy speak what the pods do not take. Its mode replaces
// what the mesh would find out by itself.
func (o *Objects) mtlsConflict(r *reach) *Finding {
	mode := r.settings.mode()
	if mode == "" || r.service == nil {
		return nil
	}
	all, _ := r.pods()
	var refusing []backend
	var why string
	for _, b := range all {
		if reason := o.refuses(r, b, mode); reason != "" {
			refusing, why = append(refusing, b), firstNonEmpty(why, reason)
		}
	}
	if len(refusing) == 0 {
		return nil
	}
	tls := r.settings.tls
	field := tls.field + ".mode"
	f := &Finding{ID: "mtls-conflict", Severity: SeverityError, Object: tls.object().String(), Field: field,
		Summary: fmt.Sprintf("the proxy speaks %s to %s, and %s: they answer with 503 or not at all", speech(mode), r.name(), why),
		Evidence: []string{fmt.Sprintf("%s %s: %s", tls.object(), field, mode), why,
			fmt.Sprintf("%d of %d pods: %s", len(refusing), len(all), describeBackends(refusing))},
		Fix: tls.object().patch(operation{Op: "remove", Path: pointer(tls.field)})}
	return f
}

func speech(mode string) string {
	switch mode {
	case "DISABLE":
		return "plain text"
	case "SIMPLE":
		return "TLS without a certificate of its own"
	}
	return "the mesh's mutual TLS"
}

// refuses says why a pod does not take what a mode makes the proxy speak; "" when it does, or when that is not known:
// an application may end TLS itself, and MUTUAL may use certificates that the mesh knows.
func (o *Objects) refuses(r *reach, b backend, mode string) string {
	if b.pod == nil {
		return ""
	}
	sidecar := o.sidecar(b)
	if sidecar == Absent && mode == "ISTIO_MUTUAL" && o.ambient(b.pod.Namespace, b.labels) != yes {
		return "the pods have no sidecar that would understand it"
	}
	if sidecar != Present {
		return ""
	}
	return o.modeConflict(r, b, mode)
}

// modeConflict says which PeerAuthentication makes a pod's sidecar refuse what a mode makes the proxy speak; "" when none
// does.
func (o *Objects) modeConflict(r *reach, b backend, mode string) string {
	wanted, by, field := o.peerMode(b.pod, b.labels, r.service.targetPort(r.port, b.pod))
	if by == nil {
		return ""
	}
	if wanted == "STRICT" && (mode == "DISABLE" || mode == "SIMPLE") || wanted == "DISABLE" && mode == "ISTIO_MUTUAL" {
		return fmt.Sprintf("%s %s is %s", object{"PeerAuthentication", &by.Meta}, field, wanted)
	}
	return ""
}
