package report

import (
	"fmt"
	"io"
	"strings"

	"respy/diagnose"
)

// programmed is what a proxy has; wide, also the places where istioctl proxy-config shows it.
func programmed(p diagnose.Programmed, wide bool) node {
	n := node{text: "proxy: " + escape(p.Does)}
	switch {
	case p.Equals == nil:
	case *p.Equals:
		n.text += ", as declared"
	default:
		n.text += ", NOT AS DECLARED"
	}
	if p.ID != "" {
		n.add("of " + escape(p.ID))
	}
	if p.Source != "" {
		n.add("made from " + escape(p.Source))
	}
	if wide {
		routes(&n, p)
	}
	for _, note := range p.Notes {
		n.add(escape(note))
	}
	for _, c := range p.Clusters {
		if wide || c.Hosts != nil {
			n.children = append(n.children, cluster(c, wide))
		}
	}
	return n
}

// routes is what proxy-config routes shows of the request's route.
func routes(n *node, p diagnose.Programmed) {
	place := node{text: fmt.Sprintf("route config %s (%s)", escape(p.RouteConfig), escape(p.Protocol))}
	if p.VirtualHost != "" {
		place.add("virtual host " + escape(p.VirtualHost) + ", by its domain " + escape(p.Domain))
	}
	if p.Route != "" {
		place.add("route " + escape(p.Route))
	}
	if p.Match != "" {
		place.add("match " + escape(p.Match))
	}
	n.children = append(n.children, place)
}

// cluster is what proxy-config clusters and endpoints show of it.
func cluster(c diagnose.ProgrammedCluster, wide bool) node {
	n := node{text: fmt.Sprintf("%s %s: %s", trimmed(c.Share), printable(c.Version), health(c.Hosts))}
	if wide {
		n.text = fmt.Sprintf("%s cluster %s%s", trimmed(c.Share), escape(c.Name), configuration(c))
		if c.Hosts != nil {
			n.add(health(c.Hosts))
		}
	}
	for _, h := range c.Hosts {
		if wide || h.Healthy != nil && !*h.Healthy {
			n.add(strings.Join(strings.Fields(strings.Join([]string{escape(h.Address), escape(h.Pod), strings.ToLower(escape(h.Health))}, " ")), " "))
		}
	}
	return n
}

func configuration(c diagnose.ProgrammedCluster) string {
	if c.Type == "" {
		return ""
	}
	parts := []string{escape(c.Type), strings.ToLower(escape(c.LBPolicy))}
	if c.HTTP2 {
		parts = append(parts, "as HTTP/2")
	}
	if c.TLS {
		parts = append(parts, "with TLS")
	}
	if c.Rule != "" {
		parts = append(parts, "by "+escape(c.Rule))
	}
	return ": " + strings.Join(parts, ", ")
}

func health(hosts []diagnose.ProgrammedHost) string {
	if len(hosts) == 0 {
		return "no hosts, its share is answered with 503"
	}
	healthy := 0
	for _, h := range hosts {
		if h.Healthy == nil {
			return plural(int64(len(hosts)), "host")
		}
		if *h.Healthy {
			healthy++
		}
	}
	return fmt.Sprintf("%d of %s healthy", healthy, plural(int64(len(hosts)), "host"))
}

// explained shows findings as a report does, within the width of the tree.
func explained(w io.Writer, list []diagnose.Finding, o Options) {
	for _, f := range list {
		word := f.Severity + " " + escape(f.ID) + ": "
		first, rest, _ := strings.Cut(strings.Join(fold(word+escape(f.Summary), treeWidth), "\n  "), "\n")
		fmt.Fprintf(w, "\n%s\n", strings.Replace(first, f.Severity, paint(f.Severity, severityColor(f.Severity), o), 1))
		if rest != "" {
			fmt.Fprintln(w, rest)
		}
		if f.Object != "" {
			fmt.Fprintln(w, indented("  where: ", escape(f.Object)+" "+escape(f.Field)))
		}
		for _, e := range f.Evidence {
			fmt.Fprintln(w, indented("  seen:  ", escape(e)))
		}
		if f.Fix != "" {
			fmt.Fprintf(w, "  fix:   %s\n", escape(f.Fix))
		}
	}
}
