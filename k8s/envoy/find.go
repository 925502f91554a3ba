package envoy

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"respy/k8s"
)

// A Query is a request whose route is asked for.
type Query struct {
	Request k8s.Request

	// Dialed is the host that the connection goes to, where it is not the one of the Host header: routing on a port whose
	// protocol Istio detects goes by the address, and no header is looked at. "" = Request.Host.
	Dialed string

	// Addresses are those that Dialed resolves to, as far as they are known: they tell which service's virtual IP it is.
	Addresses []netip.Addr

	// Namespace is the caller's, where short names are completed. "" = the proxy's, else default.
	Namespace string
}

// normal is the query with its host filled in, as the proxy's configuration writes hosts.
func (q Query) normal() Query {
	if q.Dialed == "" {
		q.Dialed = q.Request.Host
	}
	q.Dialed = strings.ToLower(strings.TrimSuffix(q.Dialed, "."))
	return q
}

// Route finds out what the proxy does with the request: the table or listener that takes it, the virtual host by the
// domain, the first route that matches. It never fails: where the dump has nothing for the request, the Kind is KindNone.
func (d *Dump) Route(q Query) Route {
	q = q.normal()
	for _, find := range []func(Query) (Route, bool){
		d.byAddress, d.byService, d.byTCPService, d.byPort, d.byListener, d.byHost, d.uncaught,
	} {
		if r, ok := find(q); ok {
			return r
		}
	}
	return Route{
		Kind: KindNone, Protocol: HTTP, Index: -1,
		Notes: []string{fmt.Sprintf("the proxy has no route table and no listener for %s on port %d", q.Dialed, q.Request.Port)},
	}
}

// byAddress takes the listener on the virtual IP that is dialled.
func (d *Dump) byAddress(q Query) (Route, bool) {
	for _, l := range d.listeners {
		if _, specific := l.on(q.Request.Port, q.Addresses); specific {
			return d.ofListener(l, q)
		}
	}
	return Route{}, false
}

// byService takes the table of one service: "FQDN:PORT" of a port whose protocol is detected (the table of the port holds
// the same routes, but is not the one in use), or "inbound-vip|PORT|http|FQDN" of a waypoint. A table without any virtual
// host is what remains, while its listener drains, of a port that was HTTP.
func (d *Dump) byService(q Query) (Route, bool) {
	port := q.Request.Port
	for _, name := range d.services(q) {
		for _, t := range d.tables {
			if len(t.hosts) == 0 {
				continue
			}
			c := ParseClusterName(t.name)
			waypoint := c.Direction == "inbound-vip" && c.Port == port && c.Host == name
			if waypoint || strings.EqualFold(t.name, fmt.Sprintf("%s:%d", name, port)) && d.used(t) {
				return t.route(q.Request), true
			}
		}
	}
	return Route{}, false
}

// byTCPService takes a listener of the port that has nothing but TCP proxies, to a cluster of the service.
func (d *Dump) byTCPService(q Query) (Route, bool) {
	names := d.services(q)
	for _, l := range d.listeners {
		onPort := slices.ContainsFunc(l.addresses, func(a netip.AddrPort) bool { return int(a.Port()) == q.Request.Port })
		if _, http := l.httpChain(); http || !onPort {
			continue
		}
		r, ok := d.ofListener(l, q)
		if ok && slices.ContainsFunc(r.Clusters, func(c WeightedCluster) bool {
			return slices.Contains(names, ParseClusterName(c.Name).Host)
		}) {
			return r, true
		}
	}
	return Route{}, false
}

// byPort takes the table that is named after the port: "5000" of a sidecar, "http.80" of a gateway.
func (d *Dump) byPort(q Query) (Route, bool) {
	port := strconv.Itoa(q.Request.Port)
	for _, t := range d.tables {
		if (t.name == port || t.name == q.Request.Scheme+"."+port) && d.used(t) {
			return t.route(q.Request), true
		}
	}
	return Route{}, false
}

// used reports whether a listener of the sidecar names the table. A table outlives the Service for as long as the
// connections of its old listener drain, and takes no new ones then.
func (d *Dump) used(t table) bool {
	return d.Node.Role != Sidecar || len(d.listeners) == 0 || slices.ContainsFunc(d.listeners, func(l listener) bool {
		return slices.ContainsFunc(l.chains, func(c chain) bool { return c.rds == t.name })
	})
}

// byListener takes the listener of the port, which names its table.
func (d *Dump) byListener(q Query) (Route, bool) {
	for _, l := range d.listeners {
		if takes, _ := l.on(q.Request.Port, q.Addresses); takes {
			if r, ok := d.ofListener(l, q); ok {
				return r, true
			}
		}
	}
	return Route{}, false
}

// ofListener prefers HTTP: a listener with both kinds of chains detects the protocol, and the request is HTTP.
func (d *Dump) ofListener(l listener, q Query) (Route, bool) {
	if c, ok := l.httpChain(); ok {
		if c.stripPort {
			q.Request.Authority = withoutPort(q.Request.Authority)
		}
		if c.inline != nil {
			return c.inline.route(q.Request), true
		}
		if i := slices.IndexFunc(d.tables, func(t table) bool { return t.name == c.rds }); i >= 0 {
			return d.tables[i].route(q.Request), true
		}
		return Route{}, false
	}
	var serverName string
	if q.Request.Scheme == "https" {
		serverName = q.Request.Host
	}
	if c, ok := l.tcpChain(q.Request.Port, serverName); ok {
		return c.route(l), true
	}
	return Route{}, false
}

// route is what a TCP proxy does with every connection.
func (c chain) route(l listener) Route {
	r := Route{
		Protocol: TCP, Config: l.name, Index: -1, Source: c.source, Version: l.version, Updated: l.updated,
		Match: strings.Join(c.serverNames, ","),
	}
	r.setClusters(c.tcp)
	return r
}

// uncaught is what a sidecar does with connections to a port for which it has no listener.
func (d *Dump) uncaught(q Query) (Route, bool) {
	for _, l := range d.listeners {
		if l.name == virtualOutbound {
			return d.ofListener(l, q)
		}
	}
	return Route{}, false
}
