package envoy

import (
	"net/netip"
	"slices"
	"strings"
)

// virtualOutbound is the listener of Istio's sidecars for connections that no other one takes.
const virtualOutbound = "virtualOutbound"

type listener struct {
	stamp
	name      string
	addresses []netip.AddrPort // without those that are no IP address
	chains    []chain          // the default one last
}

// chain is a filter chain that ends in HTTP routing (rds or inline) or in a TCP proxy (tcp); others are left out.
type chain struct {
	fallback    bool // the default filter chain
	port        int  // it takes only connections to this port; 0 = any
	serverNames []string
	rds         string // name of the route table
	inline      *table
	stripPort   bool // the Host header's port is taken off before the table is asked
	tcp         message
	source      Source
}

func (c chain) http() bool { return c.rds != "" || c.inline != nil }

func parseListener(m message, s stamp) listener {
	l := listener{stamp: s, name: m.text("name")}
	l.addAddress(m.field("address"))
	for _, more := range m.list("additional_addresses") {
		l.addAddress(more.field("address"))
	}
	for _, one := range m.list("filter_chains") {
		l.addChain(one, false)
	}
	if last := m.field("default_filter_chain"); last.present() {
		l.addChain(last, true)
	}
	return l
}

func (l *listener) addAddress(m message) {
	m = m.field("socket_address")
	ip, err := netip.ParseAddr(m.field("address").String())
	port := m.number("port_value")
	if err == nil && port <= 65535 {
		l.addresses = append(l.addresses, netip.AddrPortFrom(ip.Unmap(), uint16(port)))
	}
}

func (l *listener) addChain(m message, fallback bool) {
	match := m.field("filter_chain_match")
	c := chain{
		fallback:    fallback,
		port:        int(match.number("destination_port")),
		serverNames: match.texts("server_names"),
		source:      parseSource(m),
	}
	for _, filter := range m.list("filters") {
		config := filter.field("typed_config")
		switch {
		case config.isType("HttpConnectionManager"):
			c.rds = config.field("rds").text("route_config_name")
			c.stripPort = config.boolean("strip_any_host_port") || config.boolean("strip_matching_host_port")
			if inline := config.field("route_config"); inline.present() {
				t := parseTable(inline, l.stamp)
				c.inline = &t
			}
		case config.isType("TcpProxy"):
			c.tcp = config
		}
	}
	if c.http() || c.tcp.present() {
		l.chains = append(l.chains, c)
	}
}

// on tells whether the listener takes connections to the port; specific, whether its address is one of those given rather
// than any address or the loopback one.
func (l listener) on(port int, addresses []netip.Addr) (takes, specific bool) {
	for _, a := range l.addresses {
		if int(a.Port()) != port {
			continue
		}
		takes = takes || a.Addr().IsUnspecified() || a.Addr().IsLoopback()
		specific = specific || slices.Contains(addresses, a.Addr())
	}
	return takes || specific, specific
}

// httpChain is the first chain with HTTP routing.
func (l listener) httpChain() (chain, bool) {
	i := slices.IndexFunc(l.chains, chain.http)
	if i < 0 {
		return chain{}, false
	}
	return l.chains[i], true
}

// tcpChain is the TCP proxy for a connection to the port with that server name ("" = no TLS): a chain for this name before
// one for a wildcard, before one for any, before the default.
func (l listener) tcpChain(port int, serverName string) (chain, bool) {
	var found chain
	best := -1
	for _, c := range l.chains {
		if !c.tcp.present() || (c.port != 0 && c.port != port) {
			continue
		}
		if rank := c.rank(serverName); rank > best {
			found, best = c, rank
		}
	}
	return found, best >= 0
}

// rank is -1 for a chain that does not take the server name, else greater for a closer match.
func (c chain) rank(serverName string) int {
	switch {
	case c.fallback:
		return 0
	case len(c.serverNames) == 0:
		return 1
	case serverName == "":
		return -1
	}
	rank := -1
	for _, name := range c.serverNames {
		suffix, wild := strings.CutPrefix(strings.ToLower(name), "*")
		if wild && strings.HasSuffix(serverName, suffix) {
			rank = max(rank, 1+len(suffix))
		}
		if !wild && suffix == serverName {
			return 1 << 16
		}
	}
	return rank
}
