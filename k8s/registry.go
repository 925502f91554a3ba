package k8s

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// entriesOf are the ServiceEntries that make a host known to a caller.
func (o *Objects) entriesOf(host string, caller Caller) []*ServiceEntry {
	return slices.DeleteFunc(o.entriesFor(host), func(e *ServiceEntry) bool { return !caller.sees(e.Spec.ExportTo, e.Namespace) })
}

// entriesFor are the ServiceEntries that name a host, or end as it does, whoever may see them; the nearest come first.
func (o *Objects) entriesFor(host string) []*ServiceEntry {
	var entries []*ServiceEntry
	best := map[*ServiceEntry]int{}
	for i := range o.ServiceEntries {
		e := &o.ServiceEntries[i]
		for _, h := range e.Spec.Hosts {
			best[e] = max(best[e], rank(strings.ToLower(h), host))
		}
		if best[e] > rankAny {
			entries = append(entries, e)
		}
	}
	slices.SortStableFunc(entries, func(a, b *ServiceEntry) int { return cmp.Compare(best[b], best[a]) })
	return entries
}

// exportTo is who may see a Service: the annotation lists namespaces, "." its own and "*" everyone.
func (s *Service) exportTo() []string {
	text := s.Annotations[exportAnnotation]
	if text == "" {
		return nil
	}
	var list []string
	for name := range strings.SplitSeq(text, ",") {
		list = append(list, strings.TrimSpace(name))
	}
	return list
}

// concrete follows Services of the type ExternalName to the host that the proxy's clusters are for.
func (o *Objects) concrete(host string, caller Caller) string {
	for range 8 { // a chain, which may be a ring
		s := o.serviceOf(host, caller)
		if s == nil || s.Spec.Type != "ExternalName" || s.Spec.ExternalName == "" {
			break
		}
		host = strings.ToLower(strings.TrimSuffix(s.Spec.ExternalName, "."))
	}
	return host
}

// headless reports whether the Service has no address of its own: its clusters then keep the address that was dialled.
func (s *Service) headless() bool { return s.Spec.ClusterIP == "None" }

// targetPort is the port of the pods behind a port of the Service; 0 when a name stands for it that the pod, which may
// be nil, does not explain.
func (s *Service) targetPort(number int, pod *Pod) int {
	i := s.port(number)
	if i < 0 {
		return 0
	}
	switch target := s.Spec.Ports[i].TargetPort.(type) {
	case nil:
		return number
	case float64:
		return int(target)
	case string:
		return pod.port(target)
	}
	return 0
}

func (p *Pod) port(name string) int {
	if p == nil {
		return 0
	}
	for _, c := range slices.Concat(p.Spec.Containers, p.Spec.InitContainers) {
		for _, port := range c.Ports {
			if port.Name == name {
				return port.ContainerPort
			}
		}
	}
	return 0
}

// object names the Service in findings.
func (s *Service) object() object { return object{"Service", &s.Meta} }

// selectCommand is the command that shows the pods of a selector.
func selectCommand(namespace string, selector map[string]string) string {
	return fmt.Sprintf("kubectl get pods -n %s -l %s --show-labels", shellQuote(namespace), shellQuote(writeLabels(selector)))
}
