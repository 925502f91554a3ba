package k8s

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// audit finds what is wrong with a rule for whatever request: what it shows by itself, and what a request that it was
// written for would meet on its way to it, on every port of every host, from the mesh and by a gateway.
func (o *Objects) audit(s *spec, r *Rule, caller Caller) []Finding {
	findings := o.inspect(s, r, caller, 0)
	for _, host := range s.hosts {
		for _, entry := range s.entries() {
			for _, port := range o.portsOf(s, host, entry, caller) {
				for _, m := range s.alternatives() {
					findings = append(findings, o.meet(s, m, visit{host, port, entry, caller})...)
				}
			}
		}
	}
	return once(findings)
}

// entries are the ways in that a rule is bound to.
func (s *spec) entries() []Entry {
	var entries []Entry
	if len(s.gateways) == 0 || slices.Contains(s.gateways, mesh) {
		entries = append(entries, EntryMesh)
	}
	if slices.ContainsFunc(s.gateways, func(g string) bool { return g != mesh }) {
		entries = append(entries, EntryGateway)
	}
	return entries
}

// visit is a request to be made up: to whom, by which way, and as whom.
type visit struct {
	host   string
	port   int
	entry  Entry
	caller Caller
}

// meet looks up a request that a match of a rule takes, and keeps what concerns the rule. Where another object has the
// request, it is looked up again as one that is meant for the rule's.
func (o *Objects) meet(s *spec, m match, v visit) []Finding {
	request, caller, ok := v.sample(s, m)
	if !ok {
		return nil
	}
	var findings []Finding
	l, err := o.Lookup(request, caller, "")
	if both := new(ambiguousError); errors.As(err, &both) {
		findings = o.contend(request, caller, both)
	}
	if err != nil || !s.makes(l.Rule) && !s.makes(l.Trail.Taken) {
		l, err = o.Lookup(request, caller, s.owner().ref())
	}
	if err == nil && (s.makes(l.Rule) || s.makes(l.Trail.Taken)) {
		findings = append(findings, l.Findings...)
	}
	findings = slices.DeleteFunc(findings, s.foreign)
	for i := range findings {
		if findings[i].ID == idIgnoredAtIngress {
			findings[i].Severity = SeverityWarning // weights that hold in the mesh alone may be meant
		}
	}
	return findings
}

// foreign reports whether a finding is about another rule, which is audited itself.
func (s *spec) foreign(f Finding) bool {
	kind, _, _ := strings.Cut(f.Object, " ")
	switch {
	case f.Object == s.object.String():
		rule, _, isRule := strings.Cut(f.Field, "]")
		return isRule && !strings.HasPrefix(rule, "spec.hosts") && rule+"]" != s.field
	case f.Object == s.owner().String():
		return false
	}
	return kind == "VirtualService" || kind == "HTTPRoute" || kind == "GRPCRoute"
}

// contend is the finding that two objects are for one host and that the older one will win, whichever it is.
func (o *Objects) contend(request Request, caller Caller, both *ambiguousError) []Finding {
	a, errA := o.Lookup(request, caller, both.a.ref())
	b, errB := o.Lookup(request, caller, both.b.ref())
	takenA, takenB := a.Trail.Taken, b.Trail.Taken
	if errA != nil || errB != nil || takenA == nil && takenB == nil {
		return nil
	}
	f := Finding{ID: "conflicting-routes", Severity: SeverityError, Object: both.b.String(), Field: "spec.hosts",
		Summary:  fmt.Sprintf("%s is for the same host: the older one will be in effect alone, whichever is created first", both.a),
		Evidence: []string{"neither has a creationTimestamp"},
		Fix:      fmt.Sprintf("delete one of %s and %s, or put the rules of both into one", both.a, both.b)}
	if takenA != nil && takenB != nil && takenA.sameShares(takenB) {
		f.Severity = SeverityWarning
	}
	return []Finding{f}
}

// owner is the object whose hosts a rule goes by.
func (s *spec) owner() object {
	if s.root != nil {
		return *s.root
	}
	return s.object
}

func (s *spec) makes(r *Rule) bool {
	return r != nil && r.Ref() == s.object.ref() && r.Field == s.field
}

// portsOf are the ports on which a rule's host may be called: those of the Service that suit the rule, else all.
func (o *Objects) portsOf(s *spec, host string, entry Entry, caller Caller) []int {
	service := o.serviceOf(firstNonEmpty(expand(host, "", caller.domain()), host), caller)
	if service == nil || entry == EntryGateway {
		return []int{80}
	}
	var all, suitable []int
	for _, p := range service.Spec.Ports {
		if all = append(all, p.Port); p.opaque() == (s.protocol != "http") {
			suitable = append(suitable, p.Port)
		}
	}
	if len(suitable) > 0 {
		return suitable
	}
	return all
}

// sample makes a request that a match takes, from a caller that its static conditions are for. It is not ok when none
// is found, as for most regular expressions.
func (v visit) sample(s *spec, m match) (r Request, from Caller, ok bool) {
	host := v.host
	if fqdn := expand(host, "", v.caller.domain()); v.entry == EntryMesh && fqdn != "" {
		host = fqdn
	}
	if host == "" || strings.HasPrefix(host, "*") {
		return r, from, false
	}
	r = Request{Scheme: "http", Method: http.MethodGet, Host: host, Port: v.port, Authority: host, Path: "/",
		Query: url.Values{}, Header: http.Header{}}
	if s.protocol == "tls" {
		r.Scheme = "https"
	}
	from = Caller{Domain: v.caller.Domain, Entry: v.entry}
	if v.entry == EntryMesh {
		from.Namespace = firstNonEmpty(v.caller.Namespace, s.owner().meta.Namespace)
	}
	for _, p := range m {
		p.fulfil(&r, &from)
	}
	return r, from, m.takes(r)
}

// fulfil makes a request, and its caller, meet a condition, if that is simple.
func (p predicate) fulfil(r *Request, from *Caller) {
	text := "x"
	switch {
	case p.not:
		return
	case p.op == regex:
		text, _ = regexp.MustCompile(p.values[0]).LiteralPrefix()
	case len(p.values) > 0:
		text = p.values[0]
	}
	switch p.on {
	case onPath:
		r.Path = firstNonEmpty(text, r.Path)
	case onMethod:
		r.Method = text
	case onScheme:
		r.Scheme = text
	case onAuthority:
		r.Authority = text
	case onHeader:
		r.Header.Set(p.name, text)
	case onQuery:
		r.Query.Set(p.name, text)
	case onSNI:
		r.Host = text
	case onSourceNamespace:
		from.Namespace = text
	}
}
