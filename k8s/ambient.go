package k8s

import (
	"fmt"
	"slices"
	"strings"
)

// Labels by which pods and namespaces join an ambient mesh, and Services choose a waypoint.
const (
	dataplaneLabel         = "istio.io/dataplane-mode"
	waypointLabel          = "istio.io/use-waypoint"
	waypointNamespaceLabel = "istio.io/use-waypoint-namespace"
	waypointForLabel       = "istio.io/waypoint-for"
)

// ambient reports whether the workloads of a namespace are in the ambient mesh: there ztunnel takes their requests. The
// labels are those of the pod, nil when they are not known.
func (o *Objects) ambient(namespace string, labels map[string]string) state {
	if mode, ok := labels[dataplaneLabel]; ok {
		return stateOf(mode == "ambient")
	}
	if n := o.namespace(namespace); n != nil {
		return stateOf(n.Labels[dataplaneLabel] == "ambient")
	}
	return unknown
}

// callerAmbient also looks at the caller's pod, if it is here.
func (o *Objects) callerAmbient(caller Caller) state {
	labels := caller.Labels
	for i := range o.Pods {
		if p := &o.Pods[i]; caller.Pod != "" && p.Name == caller.Pod && p.Namespace == caller.Namespace {
			labels = p.Labels
		}
	}
	return o.ambient(caller.Namespace, labels)
}

// MaybeAmbient reports whether a caller may be in an ambient mesh, as far as the objects tell: where its namespace is not
// known, none may be.
func (o *Objects) MaybeAmbient(caller Caller) bool {
	if caller.Namespace != "" {
		return o.callerAmbient(caller) != no
	}
	return !o.Complete["Namespace"] || slices.ContainsFunc(o.Namespaces, func(n Namespace) bool { return n.Labels[dataplaneLabel] == "ambient" })
}

// namespace finds a Namespace by name; nil when it is not here.
func (o *Objects) namespace(name string) *Namespace {
	for i := range o.Namespaces {
		if o.Namespaces[i].Name == name {
			return &o.Namespaces[i]
		}
	}
	return nil
}

// waypoint is the proxy that applies rules to the requests of a Service in an ambient mesh.
type waypoint struct {
	has       state
	namespace string
	evidence  []string // why it has none
}

// waypointOf finds the waypoint of a Service: by the Service's label, else by its namespace's.
func (o *Objects) waypointOf(service *Service) waypoint {
	if service == nil {
		return waypoint{}
	}
	from, labels := object{"Service", &service.Meta}.String(), service.Labels
	name, ok := labels[waypointLabel]
	if !ok {
		n := o.namespace(service.Namespace)
		if n == nil {
			return waypoint{}
		}
		from, labels = "Namespace "+n.Name, n.Labels
		name = labels[waypointLabel]
	}
	w := waypoint{has: yes, namespace: firstNonEmpty(labels[waypointNamespaceLabel], service.Namespace)}
	switch {
	case name == "" && !ok:
		w.lack("neither %s nor Namespace %s has the label %s", object{"Service", &service.Meta}, service.Namespace, waypointLabel)
	case name == "" || strings.EqualFold(name, "none"):
		w.lack("%s: %s: %s", from, waypointLabel, name)
	default:
		o.checkWaypoint(&w, name, service)
	}
	return w
}

func (w *waypoint) lack(format string, args ...any) {
	w.has = no
	w.evidence = append(w.evidence, fmt.Sprintf(format, args...))
}

// checkWaypoint looks whether the waypoint is there and meant for Services.
func (o *Objects) checkWaypoint(w *waypoint, name string, service *Service) {
	g := o.kubeGateway(w.namespace, name)
	switch {
	case g == nil && o.Complete["KubeGateway"]:
		w.lack("%s: %s/%s, and there is no such Gateway", waypointLabel, w.namespace, name)
	case g != nil && (g.Labels[waypointForLabel] == "workload" || g.Labels[waypointForLabel] == "none"):
		w.lack("%s: %s: %s", object{"Gateway", &g.Meta}, waypointForLabel, g.Labels[waypointForLabel])
	}
	for _, c := range service.Status.Conditions {
		if c.Type == "istio.io/WaypointBound" && c.Status == "False" {
			w.lack("%s: %s is False: %s %s", object{"Service", &service.Meta}, c.Type, c.Reason, c.Message)
		}
	}
}

// kubeGateway finds a Gateway of the Gateway API; nil when it is not here.
func (o *Objects) kubeGateway(namespace, name string) *KubeGateway {
	for i := range o.KubeGateways {
		if o.KubeGateways[i].Namespace == namespace && o.KubeGateways[i].Name == name {
			return &o.KubeGateways[i]
		}
	}
	return nil
}

// bare reports whether the caller is known to have no proxy that would apply the rules of the mesh, and why not.
func (s *search) bare() (bool, state) {
	ambient := s.objects.callerAmbient(s.caller)
	switch {
	case s.caller.Entry == EntryGateway || s.caller.Entry == EntryWaypoint || s.caller.Sidecar == Present:
		return false, ambient
	case s.caller.Sidecar == Absent:
		return true, ambient
	case s.caller.Entry == EntryMesh:
		return false, ambient
	}
	service := s.objects.serviceOf(s.names.service, s.caller)
	if s.caller.Namespace == "" && service != nil {
		ambient = s.objects.ambient(service.Namespace, nil)
	}
	return ambient == yes, ambient
}

// bareView is that of a caller without a sidecar. In an ambient mesh the waypoint of the Service applies the rules,
// else nobody does, and what is meant for the mesh is not in effect. Rules that are bound to a gateway may be, as the
// request may enter by it.
func (s *search) bareView(ambient state) (*view, error) {
	service := s.objects.serviceOf(s.names.service, s.caller)
	w := s.objects.waypointOf(service)
	if ambient == yes && w.has == yes {
		behind := *s
		behind.caller = Caller{Entry: EntryWaypoint, Namespace: w.namespace, Domain: s.caller.Domain}
		behind.scope = scope{}
		return behind.waypointView()
	}
	v, err := s.outerView()
	if err != nil || v.meant == nil && v.hit == nil || !v.mesh {
		return v, err
	}
	if ambient == yes && w.has == unknown && service != nil {
		s.statedWaypoint(&w, v)
	}
	if ambient == unknown || ambient == yes && w.has == unknown {
		v.note("the caller has no proxy of its own, and whether a waypoint takes its requests is not known")
		return v, nil
	}
	r := v.meant
	if r == nil {
		r = v.hit
	}
	if !r.spec.divides() {
		return v, nil
	}
	v.meant, v.hit = r, nil
	if ambient == yes {
		v.find(noWaypoint(service, w, r.spec.object, firstNonEmpty(s.caller.Namespace, service.Namespace)))
	} else {
		v.find(noSidecar(s.caller, r.spec.object))
	}
	return v, nil
}

// statedWaypoint reads from the status of an HTTPRoute that the Service has no waypoint, where labels could not be read.
// Istio says so by the message alone, the status stays True (pilot/pkg/config/kube/gateway/conditions.go).
func (s *search) statedWaypoint(w *waypoint, v *view) {
	all, err := s.objects.attachedRoutes(s.caller.domain())
	if err != nil {
		return
	}
	for i := range all {
		a := &all[i]
		if v.meant == nil || !a.object.is(v.meant.spec.object) {
			continue
		}
		for _, p := range a.parents {
			c, stated := a.condition(p, "ResolvedWaypoints")
			if stated && s.parent(a, p) && strings.Contains(c.Message, waypointLabel+" label missing") {
				w.lack("%s: %s", a.object, c.evidence())
			}
		}
	}
}

// divides reports whether it matters to the versions that a rule is in effect.
func (s *spec) divides() bool {
	return s.weighted() || len(s.targets) == 1 && s.targets[0].subset != ""
}

func noSidecar(caller Caller, rule object) Finding {
	pod := "Pod " + firstNonEmpty(caller.Namespace, "(unknown)") + "/" + firstNonEmpty(caller.Pod, "(unknown)")
	return Finding{ID: "no-sidecar", Severity: SeverityError, Object: pod, Field: "spec.containers",
		Summary:  fmt.Sprintf("the caller has no proxy: %s, which is for the mesh, does not apply, and kube-proxy picks a pod by connection", rule),
		Evidence: []string{"no istio-proxy in " + pod, "Namespace " + firstNonEmpty(caller.Namespace, "(unknown)") + " is not ambient"},
		Fix: fmt.Sprintf("kubectl label namespace %s istio-injection=enabled   # then start the pod anew",
			shellQuote(firstNonEmpty(caller.Namespace, defaultNamespace)))}
}

func noWaypoint(service *Service, w waypoint, rule object, caller string) Finding {
	o := object{"Service", &service.Meta}
	return Finding{ID: "ambient-no-waypoint", Severity: SeverityError, Object: o.String(),
		Field:    fmt.Sprintf("metadata.labels[%s]", waypointLabel),
		Summary:  fmt.Sprintf("the Service has no waypoint: %s does not apply, and ztunnel picks a pod by connection", rule),
		Evidence: append([]string{"the caller is in the ambient mesh, namespace " + caller}, w.evidence...),
		Fix: fmt.Sprintf("istioctl waypoint apply -n %[1]s && kubectl label service %[2]s -n %[1]s --overwrite %[3]s=waypoint",
			shellQuote(o.meta.Namespace), shellQuote(o.meta.Name), waypointLabel)}
}
