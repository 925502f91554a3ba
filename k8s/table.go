package k8s

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// route is a rule with one of its matches: what becomes one route of a proxy.
type route struct {
	spec  *spec
	match match
	at    string // where it stands: the match, or the rule if it has none
	doubt string // a static condition of which it is not known whether it holds; "" when all do
}

// exclusion is a route that the control plane leaves out for this caller.
type exclusion struct {
	route
	because predicate
}

// table is what becomes the routes of one virtual host: a VirtualService, or all HTTPRoutes of a Service.
type table struct {
	object   object
	hosts    []string
	rank     int  // how specifically its hosts name the request's
	tier     int  // 0 private, 1 exported to the caller's namespace, 2 public
	own      bool // HTTPRoutes of the caller's namespace come first in their tier
	forced   bool // --route names the object, whatever its hosts are
	merged   bool // made of HTTPRoutes or GRPCRoutes
	guessed  bool // its hosts are not the request's; it sends shares to the Service that is called
	live     []route
	excluded []exclusion
	gaps     []gap
	fault    *Finding // why this caller's proxy does not have it; nil when it does
}

// fill sorts the routes of rules into those that are in effect for the caller and those that are not.
func (t *table) fill(specs []*spec, in place) {
	for _, s := range specs {
		for i, m := range s.alternatives() {
			r := route{spec: s, match: m, at: s.place(i)}
			if p, out := in.excludes(m); out {
				t.excluded = append(t.excluded, exclusion{r, p})
				continue
			}
			r.doubt = in.doubts(m)
			t.live = append(t.live, r)
		}
	}
}

// inEffect reports whether the proxy has anything of the table: a VirtualService of which every rule is filtered out
// leaves the service to its default route.
func (t *table) inEffect() bool { return t.fault == nil && len(t.live) > 0 }

// before orders the tables that may govern a host: the more specific host, the nearer tier, the caller's own
// HTTPRoutes, the older object.
func (t *table) before(other *table) int {
	return cmp.Or(cmp.Compare(other.rank, t.rank), cmp.Compare(t.tier, other.tier),
		cmp.Compare(boolInt(other.own), boolInt(t.own)), byAge(t.object.meta, other.object.meta))
}

// unordered reports whether nothing but their names orders two tables: neither was created yet.
func (t *table) unordered(other *table) bool {
	return t.rank == other.rank && t.tier == other.tier && t.own == other.own &&
		t.object.meta.CreationTimestamp.IsZero() && other.object.meta.CreationTimestamp.IsZero()
}

// holds reports whether a rule of the object is in the table.
func (t *table) holds(o object) bool {
	has := func(r route) bool { return r.spec.object.is(o) }
	return t.object.is(o) || slices.ContainsFunc(t.live, has) ||
		slices.ContainsFunc(t.excluded, func(e exclusion) bool { return has(e.route) })
}

// take finds the route that a request takes. Routes of which it is not known whether they are in effect are taken or
// passed over, whichever leads to a route that is wanted; passed are then the conditions of those before it.
func take(routes []route, request Request, wanted func(route) bool) (hit *route, passed []string) {
	var possible []*route
	for i := range routes {
		if !routes[i].match.takes(request) {
			continue
		}
		possible = append(possible, &routes[i])
		if routes[i].doubt == "" {
			break
		}
	}
	if len(possible) == 0 {
		return nil, nil
	}
	at := slices.IndexFunc(possible, func(r *route) bool { return wanted(*r) })
	if at < 0 {
		at = len(possible) - 1
	}
	for _, r := range possible[:at] {
		passed = append(passed, r.doubt)
	}
	return possible[at], passed
}

// supposed is what was taken to be so of a caller that takes a route and passes others over; "" when all is known.
func supposed(hit *route, passed []string) string {
	var all []string
	if hit != nil && hit.doubt != "" {
		all = append(all, "meets "+strconv.Quote(hit.doubt))
	}
	for _, doubt := range passed {
		all = append(all, "does not meet "+strconv.Quote(doubt))
	}
	return strings.Join(all, " and ")
}

// place is where static conditions are decided: at a sidecar, or at a gateway.
type place struct {
	caller  Caller
	request Request
	mesh    bool
	ports   []int // of the gateway's servers; nil when unknown
	of      string
}

// excludes finds a static condition that does not hold.
func (in place) excludes(m match) (predicate, bool) {
	for _, p := range m {
		if p.on.static() && in.state(p) == no {
			return p, true
		}
	}
	return predicate{}, false
}

// doubts names the first static condition of which nothing is known.
func (in place) doubts(m match) string {
	for _, p := range m {
		if p.on.static() && in.state(p) == unknown {
			return p.String()
		}
	}
	return ""
}

type state int

const (
	unknown state = iota
	yes
	no
)

func stateOf(holds bool) state {
	if holds {
		return yes
	}
	return no
}

func (in place) state(p predicate) state {
	switch p.on {
	case onPort:
		return in.port(p.values[0])
	case onGateways:
		if in.mesh {
			return stateOf(slices.Contains(p.values, mesh))
		}
		return stateOf(in.caller.through(p.values, in.of))
	case onSourceLabel:
		if in.caller.Entry == EntryWaypoint {
			return no // a waypoint drops matches that ask for labels of the source
		}
		if in.caller.Labels == nil {
			return unknown
		}
		value, ok := in.caller.Labels[p.name]
		return stateOf(ok && value == p.values[0])
	case onSourceNamespace:
		if in.caller.Namespace == "" {
			return unknown
		}
		return stateOf(strings.EqualFold(in.caller.Namespace, p.values[0]))
	}
	return unknown
}

// port compares the service's port at a sidecar. At a gateway the condition is about the gateway's server, and the port
// that was dialled may be another one.
func (in place) port(wanted string) state {
	same := func(port int) bool { return wanted == strconv.Itoa(port) }
	switch {
	case in.mesh || len(in.ports) == 0 && same(in.request.Port):
		return stateOf(same(in.request.Port))
	case len(in.ports) == 0:
		return unknown
	default:
		return stateOf(slices.ContainsFunc(in.ports, same))
	}
}
