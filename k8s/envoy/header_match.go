package envoy

import (
	"net/http"
	"strconv"
	"strings"

	"respy/k8s"
)

// headerValues are those that Envoy sees under a name. The pseudo headers of HTTP/2 stand for the request line in every
// version of HTTP.
func headerValues(r k8s.Request, name string) []string {
	switch strings.ToLower(name) {
	case ":method":
		return []string{r.Method}
	case ":authority", "host":
		return []string{r.Authority}
	case ":scheme":
		return []string{r.Scheme}
	case ":path":
		return []string{pathAndQuery(r)}
	}
	return r.Header[http.CanonicalHeaderKey(name)]
}

func pathAndQuery(r k8s.Request) string {
	if len(r.Query) == 0 {
		return r.Path
	}
	return r.Path + "?" + r.Query.Encode()
}

// matchHeader evaluates a HeaderMatcher. A header that is not there matches nothing, not even inverted, unless
// treat_missing_header_as_empty is set. Of a header that is there several times any value may match, as in Envoy 1.40;
// older releases joined the values by commas.
func matchHeader(m message, r k8s.Request) (match, ok bool) {
	values := headerValues(r, m.field("name").String())
	invert := m.boolean("invert_match")
	if want, is := presenceWanted(m); is {
		return (len(values) > 0 == want) != invert, true
	}
	if len(values) == 0 && m.boolean("treat_missing_header_as_empty") {
		values = []string{""}
	}
	for _, value := range values {
		one, ok := matchHeaderValue(m, value)
		if !ok {
			return false, false
		}
		match = match || one
	}
	return len(values) > 0 && match != invert, true
}

// presenceWanted tells whether the matcher asks only if the header is there; one without any specifier does.
func presenceWanted(m message) (want, is bool) {
	if m.has("present_match") {
		return m.boolean("present_match"), true
	}
	for _, specifier := range []string{
		"string_match", "exact_match", "prefix_match", "suffix_match", "contains_match", "safe_regex_match", "range_match",
	} {
		if m.has(specifier) {
			return false, false
		}
	}
	return true, true
}

func matchHeaderValue(m message, value string) (match, ok bool) {
	pattern := func(name string) string { return m.field(name).String() }
	switch {
	case m.has("string_match"):
		return matchText(m.field("string_match"), value)
	case m.has("exact_match"):
		return value == pattern("exact_match"), true
	case m.has("prefix_match"):
		return strings.HasPrefix(value, pattern("prefix_match")), true
	case m.has("suffix_match"):
		return strings.HasSuffix(value, pattern("suffix_match")), true
	case m.has("contains_match"):
		return strings.Contains(value, pattern("contains_match")), true
	case m.has("safe_regex_match"):
		return matchRegex(m.field("safe_regex_match"), value)
	}
	limits := m.field("range_match")
	n, err := strconv.ParseInt(value, 10, 64)
	return err == nil && n >= limits.field("start").Int() && n < limits.field("end").Int(), true
}

// matchQuery evaluates a QueryParameterMatcher; of a parameter given twice the first counts.
func matchQuery(m message, r k8s.Request) (match, ok bool) {
	values, present := r.Query[m.field("name").String()]
	switch {
	case m.has("present_match"):
		return present == m.boolean("present_match"), true
	case !m.has("string_match"):
		return present, true
	case !present || len(values) == 0:
		return false, true
	}
	return matchText(m.field("string_match"), values[0])
}
