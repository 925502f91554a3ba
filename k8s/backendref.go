package k8s

import (
	"fmt"
	"slices"
	"strings"
)

// backendRefused finds a backend that the control plane does not take at all: its share is answered with 500. Whether
// its Service exists is asked elsewhere.
func (o *Objects) backendRefused(r *reach) *Finding {
	b := r.backend
	if b == nil {
		return nil
	}
	f := r.finding()
	f.Evidence = []string{fmt.Sprintf("%s: %s", r.field, b)}
	switch {
	case !b.known() && (b.Group == "" || b.Group == "core" || b.Group == istioGroup || slices.Contains(r.spec.gateways, mesh)):
		f.Field = r.field + ".kind"
		f.Summary = fmt.Sprintf("a backend of the kind %s is not supported: its share is answered with 500", b.Kind)
		f.Fix = "backendRefs: [{name: SERVICE, port: PORT}]"
	case b.isService() && strings.Contains(b.Name, "."):
		f.Summary = fmt.Sprintf("%s is no name of a Service: a backend takes the name alone, not the host", b.Name)
		name, _, _ := strings.Cut(b.Name, ".")
		f.Fix = r.spec.object.patch(operation{Op: "replace", Path: pointer(f.Field), Value: name})
	case b.isService() && b.Port == 0:
		f.Field = r.field + ".port"
		f.Summary = fmt.Sprintf("the backend %s has no port, which a Service needs: the route is refused", b.Name)
		f.Fix = r.backendPort(f.Field)
	case o.ungranted(r):
		return o.grantMissing(f, r)
	default:
		return nil
	}
	return f
}

func (r *reach) backendPort(field string) string {
	if r.service == nil || len(r.service.Spec.Ports) == 0 {
		return "backendRefs: [{name: SERVICE, port: PORT}]"
	}
	return r.spec.object.patch(operation{Op: "add", Path: pointer(field), Value: r.service.Spec.Ports[0].Port})
}

// isService reports whether the reference is to a Service, the default kind; a ServiceImport is taken for one.
func (b *BackendRef) isService() bool {
	return (b.Kind == "" || b.Kind == "Service") && (b.Group == "" || b.Group == "core") || b.Kind == "ServiceImport"
}

// known reports whether Istio takes backends of the kind. Inference pools, which not every installation takes, are let
// pass, and at gateways, which may be another implementation's, so are the kinds of groups that are not Istio's.
func (b *BackendRef) known() bool {
	return b.isService() || b.Kind == "Hostname" && b.Group == istioGroup || b.Kind == "InferencePool"
}

func (b *BackendRef) String() string {
	text := firstNonEmpty(b.Kind, "Service") + " "
	if b.Namespace != "" {
		text += b.Namespace + "/"
	}
	text += b.Name
	if b.Port != 0 {
		text += fmt.Sprintf(", port %d", b.Port)
	}
	return text
}

// ungranted reports whether a route at a gateway names a Service of another namespace, and that namespace does not let
// it. In the mesh nobody asks.
func (o *Objects) ungranted(r *reach) bool {
	from := r.spec.object
	to := r.backend.Namespace
	if to == "" || to == from.meta.Namespace || !o.Complete["ReferenceGrant"] || slices.Contains(r.spec.gateways, mesh) {
		return false
	}
	return !slices.ContainsFunc(o.ReferenceGrants, func(g ReferenceGrant) bool {
		return g.Namespace == to && g.from(gatewayGroup, from.kind, from.meta.Namespace) && g.to(r.backend)
	})
}

func (g *ReferenceGrant) from(group, kind, namespace string) bool {
	for _, f := range g.Spec.From {
		if f.Group == group && f.Kind == kind && f.Namespace == namespace {
			return true
		}
	}
	return false
}

func (g *ReferenceGrant) to(b *BackendRef) bool {
	for _, t := range g.Spec.To {
		if strings.TrimPrefix(t.Group, "core") == strings.TrimPrefix(b.Group, "core") && t.Kind == firstNonEmpty(b.Kind, "Service") &&
			(t.Name == "" || t.Name == b.Name) {
			return true
		}
	}
	return false
}

func (o *Objects) grantMissing(f *Finding, r *reach) *Finding {
	from := r.spec.object
	f.Field = r.field + ".namespace"
	f.Summary = fmt.Sprintf("no ReferenceGrant of the namespace %s lets %s name its Services: the share is answered with 500", r.backend.Namespace, from)
	f.Evidence = append(f.Evidence, fmt.Sprintf("ReferenceGrants of %s: %s", r.backend.Namespace, o.grantsOf(r.backend.Namespace)))
	f.Fix = fmt.Sprintf("ReferenceGrant in %s: spec: {from: [{group: %s, kind: %s, namespace: %s}], to: [{group: \"\", kind: Service, name: %s}]}",
		r.backend.Namespace, gatewayGroup, from.kind, from.meta.Namespace, r.backend.Name)
	return f
}

func (o *Objects) grantsOf(namespace string) string {
	var names []string
	for i := range o.ReferenceGrants {
		if o.ReferenceGrants[i].Namespace == namespace {
			names = append(names, o.ReferenceGrants[i].Name)
		}
	}
	return firstNonEmpty(strings.Join(names, ", "), "none")
}
