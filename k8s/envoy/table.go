package envoy

import (
	"strings"
	"time"
)

// stamp is when, and as which version, a part of the configuration arrived.
type stamp struct {
	version string
	updated time.Time
}

func stampOf(m message) stamp {
	updated, _ := time.Parse(time.RFC3339Nano, m.field("last_updated").String()) // absent or strange: unknown
	return stamp{version: m.text("version_info"), updated: updated}
}

// table is one RouteConfiguration.
type table struct {
	stamp
	name       string
	ignorePort bool
	hosts      []virtualHost
}

type virtualHost struct {
	name    string
	domains []string // lower case
	body    message  // the whole: routes are looked at only when this host is asked for
}

func parseTable(m message, s stamp) table {
	t := table{stamp: s, name: m.text("name"), ignorePort: m.boolean("ignore_port_in_host_matching")}
	for _, v := range m.list("virtual_hosts") {
		host := virtualHost{name: v.text("name"), body: v}
		for _, d := range v.list("domains") {
			host.domains = append(host.domains, strings.ToLower(d.String()))
		}
		t.hosts = append(t.hosts, host)
	}
	return t
}
