package report

import (
	"bufio"
	"fmt"
	"io"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/jedib0t/go-pretty/v6/text"

	"respy/diagnose"
	"respy/k8s"
)

// ExplanationFormats lists the formats that an explanation and an inventory have.
func ExplanationFormats() []Format { return []Format{FormatTable, FormatWide, FormatJSON} }

// Explanation writes what happens to a request: the cause or the outcome first, then the way as a tree, then the
// findings with their fixes. FormatWide adds the proxy's own configuration, FormatQuiet is the first sentence alone.
func Explanation(w io.Writer, format Format, x *diagnose.Explanation, o Options) error {
	out := bufio.NewWriter(w)
	switch format {
	case FormatJSON:
		return indentedJSON(w, x)
	case FormatQuiet:
		fmt.Fprintln(out, soundness(x.ExitCode, o)+escape(x.Message))
	case FormatTable, FormatWide:
		fmt.Fprintln(out, headline(x.ExitCode, x.Message, o))
		fmt.Fprintf(out, "\n%s\n%s\n", requested(x), tree(way(x, format == FormatWide)))
		explained(out, x.Findings, o)
		unseen(out, x.Unseen)
	default:
		return noExplanation(format)
	}
	return out.Flush()
}

// requested is the request's first line, with its Host header where the URL names another host.
func requested(x *diagnose.Explanation) string {
	line := escape(x.Request.Method) + " " + escape(x.Target)
	if u, err := url.Parse(x.Target); err == nil && u.Host != x.Request.Host {
		line += " with Host: " + escape(x.Request.Host)
	}
	return line
}

func noExplanation(format Format) error {
	return fmt.Errorf("%s is not the form of an explanation", format)
}

// headline is the sentence that says it all.
func headline(exitCode int, message string, o Options) string {
	word := soundness(exitCode, Options{})
	return strings.Replace(indented(word, escape(message)), word, soundness(exitCode, o), 1)
}

func soundness(exitCode int, o Options) string {
	if exitCode == 0 {
		return paint("OK", text.FgGreen, o) + "  "
	}
	return paint("FAULT", text.FgRed, o) + "  "
}

// way is the request's way as a tree: who calls, what, by which rule, to which destinations, and what the proxy has.
func way(x *diagnose.Explanation, wide bool) node {
	var root node
	root.add("caller: " + caller(x.Caller))
	if x.Service != nil {
		root.children = append(root.children, service(x))
	}
	if x.Taken != nil {
		root.children = append(root.children, rule("takes", x.Taken, x))
		root.children = append(root.children, rule("meant", x.Rule, x))
	} else if x.Rule != nil {
		root.children = append(root.children, rule("rule", x.Rule, x))
	} else if x.Service != nil {
		root.add("rule: none" + map[bool]string{true: ", any pod of the service may answer"}[x.Service.Object != ""])
	}
	if x.Rule != nil || x.Service != nil { // else they are the proxy's own
		last := &root.children[len(root.children)-1]
		for _, d := range x.Destinations {
			last.children = append(last.children, destination(d, x.Service, x.Findings, wide))
		}
	}
	for _, p := range x.Programmed {
		root.children = append(root.children, programmed(p, wide))
	}
	return root
}

func caller(c *diagnose.Caller) string {
	var parts []string
	for _, known := range []struct{ name, value string }{{"pod", c.Pod}, {"namespace", c.Namespace}, {"service account", c.ServiceAccount}} {
		if known.value != "" {
			parts = append(parts, known.name+" "+escape(known.value))
		}
	}
	if c.Labels != nil {
		parts = append(parts, "labels "+labels(c.Labels))
	}
	if len(parts) == 0 && c.Gateway == "" {
		parts = []string{"not known (see --namespace and --labels)"}
	}
	switch {
	case c.Assumed:
		parts = append(parts, "taken to have a sidecar")
	case c.Entry == "sidecar":
		parts = append(parts, "by its sidecar")
	case c.Gateway != "":
		parts = append(parts, "by the ingress gateway "+escape(c.Gateway))
	case c.Entry == "gateway":
		parts = append(parts, "by an ingress gateway")
	case c.Entry == "waypoint":
		parts = append(parts, "by the service's waypoint")
	case c.Entry == "none":
		parts = append(parts, "without a sidecar")
	}
	return strings.Join(parts, ", ")
}

func labels(set map[string]string) string {
	if len(set) == 0 {
		return "none"
	}
	var parts []string
	for _, key := range slices.Sorted(maps.Keys(set)) {
		parts = append(parts, escape(key)+"="+escape(set[key]))
	}
	return strings.Join(parts, ",")
}

func service(x *diagnose.Explanation) node {
	s := x.Service
	n := node{text: "service: " + escape(s.Host)}
	if s.Object != "" {
		n.text = "service: " + escape(s.Object) + flags(x.Findings, s.Object, "")
	}
	port := "port " + strconv.Itoa(s.Port)
	if s.PortName != "" {
		port += " (" + escape(s.PortName) + ")"
	}
	switch {
	case s.Level == "connection":
		n.add(fmt.Sprintf("%s: %s, %s: connections are routed, not requests", port, escape(s.Protocol), escape(s.Why)))
	case s.Level == "request" && s.Protocol == "":
		n.add(fmt.Sprintf("%s: its protocol is detected, as %s", port, escape(s.Why)))
	case s.Level == "request":
		n.add(fmt.Sprintf("%s: %s, %s", port, escape(s.Protocol), escape(s.Why)))
	default:
		n.add(port + ": " + escape(s.Why))
	}
	if s.Headless {
		n.add("headless: the caller dials a pod, whatever the weights")
	}
	return n
}

func rule(as string, r *diagnose.GoverningRule, x *diagnose.Explanation) node {
	n := node{text: as + ": " + escape(r.Object) + " " + escape(r.Field)}
	if r.Name != "" {
		n.text += " (" + printable(r.Name) + ")"
	}
	if r.Local != "" {
		n.text += ", " + escape(r.Local)
	}
	if !r.InEffect {
		n.text += ", NOT IN EFFECT"
	}
	n.text += flags(x.Findings, r.Object, r.Field)
	n.add("hosts: " + escape(strings.Join(r.Hosts, ", ")))
	n.add("match: " + anyOf(r.Matches))
	if r.Why != "" {
		n.add("why: " + escape(r.Why))
	}
	if r == x.Taken && r.Local == "" {
		n.add("gives: " + escape(r.Shares))
	}
	if r == x.Rule {
		for _, other := range x.Rivals {
			if other.Object != r.Object {
				n.add(fmt.Sprintf("not %s: %s", escape(other.Object), escape(other.Why)))
			}
		}
	}
	return n
}

func anyOf(matches []string) string {
	if len(matches) == 0 {
		return "every request"
	}
	return escape(strings.Join(matches, "; or "))
}

// flags names the findings about an object, and about a field of it if one is given, at its place in the tree.
func flags(list []diagnose.Finding, object, field string) string {
	ids := ""
	for _, f := range list {
		inRule := field == "" || !strings.Contains(f.Field, "[") || strings.HasPrefix(f.Field, field)
		if f.Object == object && inRule && f.Severity != k8s.SeverityInfo && !strings.Contains(ids, f.ID) {
			ids += " <-" + together + escape(f.ID)
		}
	}
	return ids
}

// destination is one line, with the pods below it. A host is left out that is the one called, and a finding about it
// stands there.
func destination(d diagnose.DestinationShare, called *diagnose.CalledService, list []diagnose.Finding, wide bool) node {
	n := node{text: fmt.Sprintf("%s %s", trimmed(d.Share), printable(d.Version))}
	if d.Weight.Exists() {
		n.text += fmt.Sprintf(" (weight %s)", whole(d.Weight))
	}
	if called == nil || d.Host != called.Host || wide {
		n.text += " to " + escape(d.Host)
		if d.Port > 0 {
			n.text += ":" + strconv.Itoa(d.Port)
		}
	}
	if d.Service != "" && (called == nil || d.Service != called.Object) {
		n.text += flags(list, d.Service, "")
	}
	n.text += ": " + selection(d, list)
	n.text = strings.TrimSuffix(n.text, ": ")
	if p := pods(d, wide); p.text != "" {
		n.children = append(n.children, p)
	}
	return n
}

// trimmed is a share with as many decimal places as it needs.
func trimmed(share diagnose.Number) string {
	if !share.Exists() {
		return absent
	}
	return inPoints(share) + "%"
}

// selection is what picks the pods of a destination.
func selection(d diagnose.DestinationShare, list []diagnose.Finding) string {
	by := objects(d.DestinationRules, list)
	switch {
	case d.Subset == "" && by == "":
		return ""
	case d.Subset == "":
		return "the whole service, by " + by
	case by == "":
		return "no DestinationRule that was read and is in effect defines subset " + escape(d.Subset)
	case d.Labels == nil:
		return "no subset " + escape(d.Subset) + " in " + by
	}
	return labels(d.Labels) + " by " + by
}

func objects(names []string, list []diagnose.Finding) string {
	parts := make([]string, len(names))
	for i, name := range names {
		parts[i] = escape(name) + flags(list, name, "")
	}
	return strings.Join(parts, ", ")
}

// pods says how many are ready, or in a file, what stands for them.
func pods(d diagnose.DestinationShare, wide bool) node {
	var names []string
	for _, p := range d.Pods {
		name := strings.TrimSpace(escape(p.Object) + " " + escape(p.Address))
		if p.Ready != nil && !*p.Ready {
			name += " (not ready)"
		}
		names = append(names, name)
	}
	switch {
	case d.ReadyPods == nil && len(names) == 0:
		return node{}
	case d.ReadyPods == nil:
		return node{text: strings.Join(names, ", ")}
	}
	n := node{text: fmt.Sprintf("%d of %s ready", *d.ReadyPods, plural(int64(len(names)), "pod"))}
	for _, name := range names {
		if wide {
			n.add(name)
		}
	}
	return n
}
