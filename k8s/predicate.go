package k8s

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// subject is what a predicate looks at. The static ones are decided by the control plane, before any request.
type subject string

const (
	onPath            subject = "uri"
	onMethod          subject = "method"
	onScheme          subject = "scheme"
	onAuthority       subject = "authority"
	onHeader          subject = "headers"
	onQuery           subject = "queryParams"
	onSNI             subject = "sniHosts"
	onPort            subject = "port"
	onGateways        subject = "gateways"
	onSourceLabel     subject = "sourceLabels"
	onSourceNamespace subject = "sourceNamespace"
	onSubnet          subject = "destinationSubnets"
)

func (s subject) static() bool {
	switch s {
	case onPort, onGateways, onSourceLabel, onSourceNamespace, onSubnet:
		return true
	}
	return false
}

type operator string

const (
	exact   operator = "exact"
	prefix  operator = "prefix"      // of the string: /foo takes /foobar
	element operator = "path prefix" // by path element: /foo takes /foo/bar, not /foobar
	regex   operator = "regex"       // RE2, the whole text
	present operator = "present"
)

// predicate is one condition. Several values are alternatives.
type predicate struct {
	on     subject
	name   string // of the header, the query parameter or the label
	op     operator
	values []string
	fold   bool // ignore case
	not    bool
	re     *regexp.Regexp
}

// match is a conjunction; empty, it takes every request.
type match []predicate

// newPredicate completes a StringMatch. An empty one, and Istio's regex "*" for headers, ask for presence.
func newPredicate(on subject, name string, m StringMatch) (predicate, error) {
	p := predicate{on: on, name: name, op: present}
	switch {
	case m.Exact != nil:
		p.op, p.values = exact, []string{*m.Exact}
	case m.Prefix != nil:
		p.op, p.values = prefix, []string{*m.Prefix}
	case m.Regex != nil && on == onHeader && *m.Regex == "*":
	case m.Regex != nil:
		p.op, p.values = regex, []string{*m.Regex}
		return p, p.compile()
	}
	return p, nil
}

// compile prepares a regular expression for Envoy's full match.
func (p *predicate) compile() error {
	if _, err := regexp.Compile(p.values[0]); err != nil {
		return fmt.Errorf("%s: %w", p.on, err)
	}
	var err error
	p.re, err = regexp.Compile(`\A(?:` + p.values[0] + `)\z`)
	return err
}

// takes reports whether the predicate, which is not a static one, holds for a request.
func (p predicate) takes(r Request) bool {
	value, ok := p.value(r)
	return (ok && p.accepts(value)) != p.not
}

func (p predicate) value(r Request) (value string, ok bool) {
	switch p.on {
	case onPath:
		return r.Path, true
	case onMethod:
		return r.Method, true
	case onScheme:
		return r.Scheme, true
	case onAuthority:
		return r.Authority, true
	case onSNI:
		return r.Host, true
	case onHeader:
		values := r.Header.Values(p.name)
		return strings.Join(values, ","), len(values) > 0
	case onQuery:
		return r.Query.Get(p.name), r.Query.Has(p.name)
	}
	return "", false
}

func (p predicate) accepts(value string) bool {
	if p.on == onSNI {
		return slices.ContainsFunc(p.values, func(h string) bool { return rank(strings.ToLower(h), value) > rankNone })
	}
	switch p.op {
	case exact:
		return p.folded(value) == p.folded(p.values[0])
	case prefix:
		return strings.HasPrefix(p.folded(value), p.folded(p.values[0]))
	case element:
		return hasElementPrefix(value, p.values[0])
	case regex:
		return p.re.MatchString(value)
	default:
		return true
	}
}

func (p predicate) folded(text string) string {
	if p.fold {
		return strings.ToLower(text)
	}
	return text
}

// hasElementPrefix is the Gateway API's PathPrefix: a slash at the end of the prefix makes no difference.
func hasElementPrefix(path, prefix string) bool {
	rest, ok := strings.CutPrefix(path, strings.TrimSuffix(prefix, "/"))
	return ok && (rest == "" || rest[0] == '/')
}

// String writes the predicate the same way every time: it goes into a rule's hash.
func (p predicate) String() string {
	text := string(p.on)
	if p.name != "" {
		text += " " + p.name
	}
	if p.not {
		text += " not"
	}
	text += " " + string(p.op)
	if p.fold {
		text += " (any case)"
	}
	if len(p.values) > 0 {
		text += " " + strings.Join(p.values, ", ")
	}
	return text
}

func (m match) takes(r Request) bool {
	for _, p := range m {
		if !p.on.static() && !p.takes(r) {
			return false
		}
	}
	return true
}

func (m match) String() string {
	texts := make([]string, len(m))
	for i, p := range m {
		texts[i] = p.String()
	}
	return strings.Join(texts, " and ")
}

// sortedPredicates makes a predicate of each entry, in the order of the keys.
func sortedPredicates(on subject, entries map[string]StringMatch, not bool) (match, error) {
	var m match
	for _, name := range slices.Sorted(maps.Keys(entries)) {
		p, err := newPredicate(on, name, entries[name])
		if err != nil {
			return nil, err
		}
		p.not = not
		m = append(m, p)
	}
	return m, nil
}
