package envoy

import (
	"context"
	"fmt"
	"net/url"
	"regexp"
	"strings"
)

// DumpFor reads what decides the route of one request: from a sidecar only the listeners that may take its connection and
// the tables that these name, since in a large mesh a port alone may have thousands. Where the dialled host has no known
// address, and from any other proxy, it is Dump.
func (a *Admin) DumpFor(ctx context.Context, node Node, q Query) (*Dump, error) {
	if node.Role != Sidecar || q.Request.Port == 0 || len(q.Addresses) == 0 {
		return a.Dump(ctx, node, q.Request.Port)
	}
	d := Dump{Node: node}
	if err := a.addDump(ctx, &d, url.Values{"resource": {"dynamic_listeners"}, "name_regex": {listenerNames(q)}}); err != nil {
		return nil, err
	}
	if err := a.addDump(ctx, &d, url.Values{"resource": {"dynamic_route_configs"}, "name_regex": {d.tableNames(q)}}); err != nil {
		return nil, err
	}
	return &d, nil
}

// listenerNames are those that Istio gives the listeners on the addresses dialled, on any address, and on none.
func listenerNames(q Query) string {
	hosts := []string{"0.0.0.0", "::"}
	for _, address := range q.Addresses {
		hosts = append(hosts, address.String())
	}
	return fmt.Sprintf(`\[?(%s)\]?_%d|%s`, strings.Join(quoted(hosts), "|"), q.Request.Port, virtualOutbound)
}

// tableNames are those that the listeners name, that of the port, and those of the services that the host may stand for.
func (d *Dump) tableNames(q Query) string {
	names := []string{fmt.Sprint(q.Request.Port)}
	for _, service := range d.completions(q.normal()) {
		names = append(names, fmt.Sprintf("%s:%d", service, q.Request.Port))
	}
	for _, l := range d.listeners {
		for _, c := range l.chains {
			if c.rds != "" {
				names = append(names, c.rds)
			}
		}
	}
	return strings.Join(quoted(names), "|")
}

// quoted are regular expressions for exactly these texts.
func quoted(texts []string) []string {
	list := make([]string, 0, len(texts))
	for _, text := range texts {
		list = append(list, regexp.QuoteMeta(text))
	}
	return list
}
