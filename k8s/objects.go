package k8s

import (
	"maps"
	"slices"
	"strings"
)

// Objects is everything that is declared, from whatever source. The zero value is empty and ready for use.
type Objects struct {
	VirtualServices  []VirtualService
	DestinationRules []DestinationRule
	HTTPRoutes       []HTTPRoute
	GRPCRoutes       []GRPCRoute
	Services         []Service
	ServiceEntries   []ServiceEntry
	Gateways         []Gateway
	KubeGateways     []KubeGateway
	ReferenceGrants  []ReferenceGrant
	Sidecars         []Sidecar
	EnvoyFilters     []EnvoyFilter
	Workloads        []Workload
	Pods             []Pod
	EndpointSlices   []EndpointSlice
	Namespaces       []Namespace

	PeerAuthentications   []PeerAuthentication
	AuthorizationPolicies []AuthorizationPolicy

	// Kinds counts the objects by kind, those of no interest included.
	Kinds map[string]int
	// Complete has the kinds of which every object that matters was read, as from a cluster: what is absent there does
	// not exist. Files are never complete. KubeGateway is the Gateway of the Gateway API.
	Complete map[string]bool
	// CompleteIn has, by kind, the namespaces of which every object was read, where the kind is not complete.
	CompleteIn map[string]map[string]bool

	// Replaced names the objects that were read more than once, of which the last one counts.
	Replaced []string
	// Refused says which objects were left out, as no API server would take them, and why.
	Refused []string

	at     map[string]int   // position in its list, by kind, namespace and name
	sorted map[string][]int // positions of slices by their Service, of pods and workloads by each of their labels
}

// Routes reports whether there is an object that may hold weights.
func (o *Objects) Routes() bool {
	return len(o.VirtualServices)+len(o.HTTPRoutes)+len(o.GRPCRoutes) > 0
}

// Knows reports whether every object of the kind in the namespace was read: what is absent there does not exist.
func (o *Objects) Knows(kind, namespace string) bool {
	return o.Complete[kind] || o.CompleteIn[kind][namespace]
}

// kinds lists the kinds that were met, for messages.
func (o *Objects) kinds() string {
	return strings.Join(slices.Sorted(maps.Keys(o.Kinds)), ", ")
}

// put appends an item, or replaces the one of the same name: the last one wins, as when they are applied in turn.
func put[T any, P interface {
	*T
	meta() *Meta
}](o *Objects, kind string, list *[]T, item T) {
	m := P(&item).meta()
	key := kind + "/" + m.Namespace + "/" + m.Name
	if i, ok := o.at[key]; ok {
		(*list)[i] = item
		o.sort(i, &item)
		o.Replaced = append(o.Replaced, object{kind, m}.String())
		return
	}
	if o.at == nil {
		o.at = map[string]int{}
	}
	o.at[key] = len(*list)
	o.sort(len(*list), &item)
	*list = append(*list, item)
}

// service finds a Service by namespace and name; nil when it is not here.
func (o *Objects) service(namespace, name string) *Service {
	for i := range o.Services {
		if o.Services[i].Namespace == namespace && o.Services[i].Name == name {
			return &o.Services[i]
		}
	}
	return nil
}

// virtualService finds a VirtualService by namespace and name; nil when it is not here.
func (o *Objects) virtualService(namespace, name string) *VirtualService {
	for i := range o.VirtualServices {
		if o.VirtualServices[i].Namespace == namespace && o.VirtualServices[i].Name == name {
			return &o.VirtualServices[i]
		}
	}
	return nil
}

// namespaces lists every namespace that an object is in.
func (o *Objects) namespaces() map[string]bool {
	found := map[string]bool{}
	note := func(m *Meta) { found[m.Namespace] = true }
	for i := range o.VirtualServices {
		note(&o.VirtualServices[i].Meta)
	}
	for i := range o.HTTPRoutes {
		note(&o.HTTPRoutes[i].Meta)
	}
	for i := range o.DestinationRules {
		note(&o.DestinationRules[i].Meta)
	}
	for i := range o.Services {
		note(&o.Services[i].Meta)
	}
	return found
}
