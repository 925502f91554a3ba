package envoy

import (
	"iter"
	"net/netip"
)

// Routes are all routes of the dump's tables, those inline in a listener included, whatever they match.
func (d *Dump) Routes() iter.Seq[Route] {
	return func(yield func(Route) bool) {
		for t := range d.allTables {
			for _, v := range t.hosts {
				for i, m := range v.body.list("routes") {
					r := Route{Protocol: HTTP, Config: t.name, VirtualHost: v.name, Index: i, Version: t.version, Updated: t.updated}
					r.describe(m, v.body)
					if !yield(r) {
						return
					}
				}
			}
		}
	}
}

func (d *Dump) allTables(yield func(table) bool) {
	for _, t := range d.tables {
		if !yield(t) {
			return
		}
	}
	for _, l := range d.listeners {
		for _, c := range l.chains {
			if c.inline != nil && !yield(*c.inline) {
				return
			}
		}
	}
}

// VirtualIPs are the addresses among the domains of a route's virtual host, in whichever table of the port Istio lists those
// of the service.
func (d *Dump) VirtualIPs(r Route) []netip.Addr {
	var addresses []netip.Addr
	for t := range d.allTables {
		for _, v := range t.hosts {
			if v.name != r.VirtualHost {
				continue
			}
			for _, domain := range v.domains {
				if a, err := netip.ParseAddr(domain); err == nil {
					addresses = append(addresses, a.Unmap())
				}
			}
		}
	}
	return addresses
}
