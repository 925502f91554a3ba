package k8s

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Trail is how a lookup came to its rule: what a person who doubts it wants to see.
type Trail struct {
	Entry  Entry   // where the request meets its first proxy, as it was taken
	Taken  *Rule   // the rule that the request takes; nil when none does
	If     string  // the caller "meets …": what of it was only taken to be so; "" when all that counts is known
	Why    string  // its object governs the host and not another; "" when none does
	Rivals []Rival // the other objects that name the host
}

// Rival is an object that names the request's host and does not govern it.
type Rival struct {
	Object string
	Why    string // it does not
}

func (s *search) trail(v *view) Trail {
	t := Trail{Entry: v.entry(), If: v.supposed}
	if v.hit != nil {
		t.Taken = v.hit.spec.rule(s.objects, v.caller)
	}
	if v.governs != nil {
		t.Why = v.governs.reign(v.tables)
	}
	for _, other := range v.tables {
		if other != v.governs {
			t.Rivals = append(t.Rivals, Rival{Object: other.object.String(), Why: other.loses(v.governs)})
		}
	}
	slices.SortStableFunc(t.Rivals, func(a, b Rival) int { return strings.Compare(a.Object, b.Object) })
	return t
}

func (v *view) entry() Entry {
	switch {
	case v.mesh:
		return EntryMesh
	case v.caller.Entry == EntryWaypoint:
		return EntryWaypoint
	}
	return EntryGateway
}

// reign says why a table governs its host.
func (t *table) reign(all []*table) string {
	live, _ := partition(all)
	if len(live) < 2 {
		return "nothing else in effect names the host"
	}
	second := live[0]
	for _, other := range live {
		if other != t && (second == t || other.before(second) < 0) {
			second = other
		}
	}
	switch {
	case t.rank != second.rank:
		return "its host is the most specific of " + fmt.Sprint(len(live))
	case t.tier != second.tier && second.tier == tierUnlikely:
		return "it is exported to every namespace"
	case t.tier != second.tier:
		return "its exportTo names fewer namespaces than that of the others"
	case t.own != second.own:
		return "it is in the caller's own namespace"
	case t.unordered(second):
		return "it was chosen: none of those that name the host has a creationTimestamp"
	case t.object.meta.CreationTimestamp.Equal(second.object.meta.CreationTimestamp):
		return "it comes first by name, of those created at the same time"
	}
	return "it is the oldest that names the host" + t.created()
}

// loses says why a table does not govern its host. The winner is nil when none does.
func (t *table) loses(winner *table) string {
	switch {
	case t.fault != nil:
		return t.fault.Summary
	case len(t.live) == 0:
		return "none of its rules is for this caller"
	case winner == nil:
		return "it is not in effect"
	case t.rank != winner.rank:
		return "its host is less specific"
	case t.tier != winner.tier && t.tier == tierUnlikely:
		return "it is exported to some namespaces, and the caller's is not known"
	case t.tier != winner.tier:
		return "its exportTo names more namespaces"
	case t.own != winner.own:
		return "it is not in the caller's namespace"
	case t.unordered(winner):
		return "the other one was chosen"
	}
	return "it is younger" + t.created()
}

func (t *table) created() string {
	at := t.object.meta.CreationTimestamp
	if at.IsZero() {
		return ", as it is not created yet"
	}
	return ", created " + at.UTC().Format(time.RFC3339)
}

// Called is the Service that a request calls, and what its port is to the mesh.
type Called struct {
	Host     string // fully qualified; as it was sent where it is no Service's
	Object   string // "Service default/reviews"; "" when it is not known
	Port     int
	Name     string // of the port
	Protocol string // "http", "grpc", "tcp", …; "" when it is detected per connection, or not known
	Opaque   bool   // the proxy sees connections, not requests
	Why      string // the protocol is that; what is not known
	Headless bool   // no address of its own: the caller dials a pod
	Listens  bool   // the Service is known, and has the port
}

// Called finds the Service of a request.
func (o *Objects) Called(request Request, caller Caller) Called {
	n := o.namesOf(request.Host, caller)
	c := Called{Host: firstNonEmpty(n.service, n.literal), Port: request.Port}
	service := o.serviceOf(n.service, caller)
	switch {
	case service != nil:
		c.Object = object{"Service", &service.Meta}.String()
		c.Headless = service.Spec.ClusterIP == "None"
		c.describe(service)
	case o.hasEntry(c.Host):
		c.Object, c.Why = o.entryOf(c.Host), "of a ServiceEntry"
	case o.Complete["Service"]:
		c.Why = "there is no such Service"
	default:
		c.Why = "its Service was not read"
	}
	return c
}

func (c *Called) describe(s *Service) {
	i := s.port(c.Port)
	if i < 0 {
		c.Why = fmt.Sprintf("the Service has no port %d, but %s", c.Port, s.listPorts())
		return
	}
	p := s.Spec.Ports[i]
	c.Listens = true
	c.Name, c.Protocol, c.Opaque = p.Name, p.protocol(), p.opaque()
	switch {
	case c.Protocol == "udp":
		c.Why = "by its protocol"
	case p.AppProtocol != "" && c.Protocol == "":
		c.Why = fmt.Sprintf("its appProtocol %s says none", p.AppProtocol)
	case p.AppProtocol != "":
		c.Why = "by its appProtocol " + p.AppProtocol
	case c.Protocol == "":
		c.Why = "its name says none"
	case strings.HasPrefix(strings.ToLower(p.Name), c.Protocol):
		c.Why = "by its name"
	default:
		c.Why = "by its number"
	}
}

func (o *Objects) entryOf(host string) string {
	for i := range o.ServiceEntries {
		for _, h := range o.ServiceEntries[i].Spec.Hosts {
			if rank(strings.ToLower(h), host) > rankNone {
				return object{"ServiceEntry", &o.ServiceEntries[i].Meta}.String()
			}
		}
	}
	return ""
}
