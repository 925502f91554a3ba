package envoy

import (
	"fmt"
	"slices"
	"strings"
)

// services are the full names that the dialled host may stand for, the likeliest first. The table of the port lists every
// spelling of its services' names and their virtual IPs as domains; what it does not know is completed as DNS would.
func (d *Dump) services(q Query) []string {
	var names []string
	for _, t := range d.tables {
		if t.name != fmt.Sprint(q.Request.Port) {
			continue
		}
		if v, domain, ok := t.virtualHost(q.Dialed); ok && domain != "*" {
			names = append(names, strings.ToLower(withoutPort(v.name)))
		}
	}
	return append(names, d.completions(q)...)
}

func (d *Dump) completions(q Query) []string {
	namespace, suffix := q.Namespace, d.Node.Suffix
	if namespace == "" {
		namespace = d.Node.Namespace
	}
	if namespace == "" {
		namespace = "default"
	}
	if suffix == "" {
		suffix = "svc.cluster.local"
	}
	_, domain, _ := strings.Cut(suffix, ".")
	return []string{
		q.Dialed,
		q.Dialed + "." + namespace + "." + suffix,
		q.Dialed + "." + suffix,
		q.Dialed + "." + domain,
	}
}

// byHost takes the only table that knows the host, where neither the tables' names nor the listeners tell: a gateway's port
// is not the one dialled (its Service maps it), and a plain Envoy may stand behind a mapped port. In a sidecar another
// port's table would be the wrong one.
func (d *Dump) byHost(q Query) (Route, bool) {
	if d.Node.Role == Sidecar {
		return Route{}, false
	}
	tables := d.tables
	if d.Node.Role == Router {
		tables = gatewayTables(tables, q.Request.Scheme)
	}
	found := d.knowing(tables, q, true)
	if len(found) == 0 {
		found = d.knowing(tables, q, false)
	}
	switch len(found) {
	case 0:
		return Route{}, false
	case 1:
		return found[0].route(q.Request), true
	}
	return Route{
		Kind: KindNone, Protocol: HTTP, Index: -1,
		Notes: []string{fmt.Sprintf("several route tables know the host %s and none is of port %d: %s",
			q.Request.Host, q.Request.Port, strings.Join(tableNames(found), ", "))},
	}, true
}

// knowing are the tables with a virtual host for the request, of those the ones that name its port if there are any: Istio
// names a gateway's virtual hosts HOST:PORT, with the port that the Gateway object gives. named leaves out the domain *.
func (d *Dump) knowing(tables []table, q Query, named bool) []table {
	var all, samePort []table
	for _, t := range tables {
		v, domain, ok := t.virtualHost(q.Request.Authority)
		if !ok || named && domain == "*" {
			continue
		}
		all = append(all, t)
		if strings.HasSuffix(v.name, fmt.Sprintf(":%d", q.Request.Port)) {
			samePort = append(samePort, t)
		}
	}
	if len(samePort) > 0 {
		return samePort
	}
	return all
}

// gatewayTables are "http.PORT" and "https.PORT.NAME.GATEWAY.NAMESPACE"; a gateway's other tables serve its own probes.
func gatewayTables(tables []table, scheme string) []table {
	return slices.DeleteFunc(slices.Clone(tables), func(t table) bool { return !strings.HasPrefix(t.name, scheme+".") })
}

func tableNames(tables []table) []string {
	names := make([]string, 0, len(tables))
	for _, t := range tables {
		names = append(names, t.name)
	}
	slices.Sort(names)
	return names
}
