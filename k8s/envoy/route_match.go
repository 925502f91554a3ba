package envoy

import (
	"fmt"
	"strings"

	"respy/k8s"
)

// matchRoute evaluates a RouteMatch. Every condition must hold. Notes say what could not be evaluated from outside: a
// fraction of the requests is taken as all of them, any other condition as not holding.
func matchRoute(m message, r k8s.Request) (match bool, notes []string) {
	match, ok := matchPath(m, r.Path)
	if !ok {
		return false, []string{"a route is matched by a path specifier that cannot be evaluated here"}
	}
	for _, name := range []string{"tls_context", "dynamic_metadata", "filter_state", "cookies"} {
		if m.has(name) && match {
			return false, []string{fmt.Sprintf("a route is matched by %s, which cannot be evaluated here", name)}
		}
	}
	match = match && (!m.has("grpc") || isGRPC(r))
	all := func(field string, evaluate func(message, k8s.Request) (bool, bool)) {
		for _, one := range m.list(field) {
			holds, ok := evaluate(one, r)
			if match && !ok {
				notes = append(notes, fmt.Sprintf("the match of %s %s cannot be evaluated here", field, one.text("name")))
			}
			match = match && holds
		}
	}
	all("headers", matchHeader)
	all("query_parameters", matchQuery)
	if match && m.has("runtime_fraction") {
		notes = append(notes, "the route takes only a fraction of the requests (runtime_fraction)")
	}
	return match, notes
}

// matchPath compares the path without query and fragment.
func matchPath(m message, path string) (match, ok bool) {
	path, _, _ = strings.Cut(path, "?")
	path, _, _ = strings.Cut(path, "#")
	if m.has("safe_regex") { // case_sensitive does not concern it
		return matchRegex(m.field("safe_regex"), path)
	}
	fold := func(s string) string { return s }
	if m.has("case_sensitive") && !m.boolean("case_sensitive") {
		fold, path = strings.ToLower, strings.ToLower(path)
	}
	pattern := func(name string) string { return fold(m.field(name).String()) }
	switch {
	case m.has("path"):
		return path == pattern("path"), true
	case m.has("path_separated_prefix"):
		rest, found := strings.CutPrefix(path, pattern("path_separated_prefix"))
		return found && (rest == "" || rest[0] == '/'), true
	case m.has("prefix"):
		return strings.HasPrefix(path, pattern("prefix")), true
	case m.has("connect_matcher"):
		return false, true // for CONNECT alone
	}
	return false, false
}

func isGRPC(r k8s.Request) bool {
	for _, kind := range headerValues(r, "content-type") {
		if kind == "application/grpc" || strings.HasPrefix(kind, "application/grpc+") {
			return true
		}
	}
	return false
}
