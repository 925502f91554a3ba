package k8s

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

func text(s string) *string { return &s }

func exactly(s string) StringMatch  { return StringMatch{Exact: text(s)} }
func prefixed(s string) StringMatch { return StringMatch{Prefix: text(s)} }
func matching(s string) StringMatch { return StringMatch{Regex: text(s)} }

func TestHTTPMatch(t *testing.T) {
	request := Request{
		Scheme: "http", Method: "GET", Host: "reviews", Port: 9080, Authority: "reviews:9080", Path: "/v1/Reviews/7",
		Query:  url.Values{"q": {"red", "blue"}, "empty": {""}},
		Header: http.Header{"X-User": {"jason"}, "X-Multi": {"a", "b"}, "X-Empty": {""}},
	}
	uri := func(m StringMatch) HTTPMatch { return HTTPMatch{URI: &m} }
	fold := func(m StringMatch) HTTPMatch { return HTTPMatch{URI: &m, IgnoreURICase: true} }
	header := func(name string, m StringMatch) HTTPMatch { return HTTPMatch{Headers: map[string]StringMatch{name: m}} }
	without := func(name string, m StringMatch) HTTPMatch {
		return HTTPMatch{WithoutHeaders: map[string]StringMatch{name: m}}
	}
	query := func(name string, m StringMatch) HTTPMatch {
		return HTTPMatch{QueryParams: map[string]StringMatch{name: m}}
	}
	check := func(m HTTPMatch, want bool) {
		t.Helper()
		got, err := m.match()
		if err != nil {
			t.Fatal(err)
		}
		if got.takes(request) != want {
			t.Errorf("%s: got %t, want %t", got, !want, want)
		}
	}
	check(HTTPMatch{}, true)

	check(uri(exactly("/v1/Reviews/7")), true)
	check(uri(exactly("/v1/reviews/7")), false)
	check(uri(exactly("/v1/Reviews")), false)
	check(fold(exactly("/V1/REVIEWS/7")), true)
	check(uri(prefixed("/")), true)
	check(uri(prefixed("/v1/Rev")), true)
	check(uri(prefixed("/v1/rev")), false)
	check(fold(prefixed("/v1/rev")), true)
	check(uri(prefixed("/v1/Reviews/77")), false)
	check(uri(matching("/v1/.*")), true)
	check(uri(matching("/v1")), false)
	check(uri(matching("/v1/Reviews/[0-9]|/other")), true)
	check(uri(matching("/v1/Reviews/|7")), false)
	check(fold(matching("/v1/reviews/.*")), false)
	check(uri(matching("(?i)/v1/reviews/.*")), true)

	check(header("x-user", exactly("jason")), true)
	check(header("X-USER", exactly("jason")), true)
	check(header("x-user", exactly("Jason")), false)
	check(header("x-user", prefixed("ja")), true)
	check(header("x-user", matching("ja.*")), true)
	check(header("x-user", matching("ja")), false)
	check(header("x-user", matching("*")), true)
	check(header("x-user", StringMatch{}), true)
	check(header("x-none", StringMatch{}), false)
	check(header("x-none", exactly("")), false)
	check(header("x-none", matching(".*")), false)
	check(header("x-empty", exactly("")), true)
	check(header("x-empty", StringMatch{}), true)
	check(header("x-multi", exactly("a,b")), true)
	check(header("x-multi", exactly("a")), false)

	check(without("x-user", StringMatch{}), false)
	check(without("x-none", StringMatch{}), true)
	check(without("x-user", exactly("jason")), false)
	check(without("x-user", exactly("other")), true)
	check(without("x-none", exactly("other")), true)

	check(query("q", exactly("red")), true)
	check(query("q", exactly("blue")), false)
	check(query("q", prefixed("re")), true)
	check(query("q", matching("r.d")), true)
	check(query("Q", exactly("red")), false)
	check(query("empty", exactly("")), true)
	check(query("none", exactly("")), false)
	check(query("none", StringMatch{}), false)

	for _, c := range []struct {
		m    StringMatch
		want bool
	}{{exactly("reviews:9080"), true}, {exactly("reviews"), false}, {prefixed("reviews"), true}, {matching("reviews(:.*)?"), true}} {
		check(HTTPMatch{Authority: &c.m}, c.want)
	}
	get, post, https := exactly("GET"), exactly("POST"), exactly("https")
	check(HTTPMatch{Method: &get}, true)
	check(HTTPMatch{Method: &post}, false)
	check(HTTPMatch{Scheme: &https}, false)
	all := header("x-user", exactly("jason"))
	all.Method = &post
	check(all, false)
	all.Method = &get
	check(all, true)
}

func TestInvalidRegex(t *testing.T) {
	o := mustRead(t, virtualService("vs", "  hosts: [weather-backend]\n  http: [{match: [{uri: {regex: 'a)(b'}}]}]"))
	_, err := o.Lookup(mustRequest(t, versionURL), Caller{}, "")
	want := "VirtualService default/vs: spec.http[0].match[0].uri: error parsing regexp: unexpected ): `a)(b`"
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestElementPrefix(t *testing.T) {
	check := func(prefix, path string, want bool) {
		t.Helper()
		if got := hasElementPrefix(path, prefix); got != want {
			t.Errorf("prefix %s, path %s: got %t, want %t", prefix, path, got, want)
		}
	}
	check("/", "/", true)
	check("/", "/a", true)
	check("/foo", "/foo", true)
	check("/foo", "/foo/", true)
	check("/foo", "/foo/bar", true)
	check("/foo", "/foobar", false)
	check("/foo", "/fo", false)
	check("/foo", "/Foo", false)
	check("/foo/", "/foo", true)
	check("/foo/", "/foo/bar", true)
	check("/foo/", "/foobar", false)
	check("/foo/bar", "/foo", false)
}

func TestCovers(t *testing.T) {
	build := func(m HTTPMatch) match {
		t.Helper()
		built, err := m.match()
		if err != nil {
			t.Fatal(err)
		}
		return built
	}
	uri := func(m StringMatch) match { return build(HTTPMatch{URI: &m}) }
	fold := func(m StringMatch) match { return build(HTTPMatch{URI: &m, IgnoreURICase: true}) }
	header := func(m StringMatch) match { return build(HTTPMatch{Headers: map[string]StringMatch{"x": m}}) }
	without := func(m StringMatch) match { return build(HTTPMatch{WithoutHeaders: map[string]StringMatch{"x": m}}) }
	by := func(value string) match { return match{{on: onPath, op: element, values: []string{value}}} }
	check := func(wide, narrow match, want bool) {
		t.Helper()
		if got := covers(wide, narrow); got != want {
			t.Errorf("%q covers %q: got %t, want %t", wide, narrow, got, want)
		}
	}
	check(nil, uri(exactly("/a")), true)
	check(uri(prefixed("/")), nil, true)
	check(by("/"), nil, true)
	check(uri(matching(".*")), nil, true)
	check(uri(prefixed("/a")), nil, false)
	check(uri(prefixed("/a")), uri(prefixed("/ab")), true)
	check(uri(prefixed("/ab")), uri(prefixed("/a")), false)
	check(uri(prefixed("/a")), uri(exactly("/ab")), true)
	check(uri(prefixed("/a")), by("/ab"), true)
	check(uri(prefixed("/a/")), by("/a"), false)
	check(by("/a"), uri(prefixed("/ab")), false)
	check(by("/a"), uri(prefixed("/a/b")), true)
	check(by("/a"), uri(exactly("/a/b")), true)
	check(by("/a"), by("/a/b"), true)
	check(by("/a/b"), by("/a"), false)
	check(by("//"), by("/"), false) // which takes /0
	check(uri(exactly("/a")), uri(prefixed("/a")), false)
	check(uri(matching("/a.*")), uri(exactly("/ab")), true)
	check(uri(matching("/a.*")), uri(prefixed("/ab")), false)
	check(uri(matching("/a.*")), uri(matching("/a.*")), true)
	check(uri(prefixed("/a")), fold(prefixed("/a")), false)
	check(fold(prefixed("/A")), uri(prefixed("/ab")), true)
	check(header(StringMatch{}), header(exactly("1")), true)
	check(header(exactly("1")), header(StringMatch{}), false)
	check(header(exactly("1")), nil, false)
	check(nil, header(exactly("1")), true)
	check(without(exactly("1")), without(StringMatch{}), true)
	check(without(StringMatch{}), without(exactly("1")), false)
	check(without(exactly("1")), header(exactly("2")), false)
}

// FuzzMatch holds prefix, element and exact matching against their definitions, full matching of regular expressions
// against a quoted text, and covers against what it promises.
func FuzzMatch(f *testing.F) {
	for _, seed := range [][3]string{{"/foo", "/foo/bar", "/f"}, {"/", "/", ""}, {"/a.b", "/aXb", "/a"}, {"/É", "/é", "/e"}, {"/a/", "/a", "/a//b"}} {
		f.Add(seed[0], seed[1], seed[2])
	}
	f.Fuzz(func(t *testing.T, value, path, other string) {
		request := Request{Path: path}
		takes := func(op operator, value string) bool {
			return match{{on: onPath, op: op, values: []string{value}}}.takes(request)
		}
		if got, want := takes(exact, value), value == path; got != want {
			t.Errorf("exact %q, %q: %t", value, path, got)
		}
		if got, want := takes(prefix, value), len(value) <= len(path) && path[:min(len(value), len(path))] == value; got != want {
			t.Errorf("prefix %q, %q: %t", value, path, got)
		}
		wide := strings.TrimSuffix(value, "/")
		if got, want := takes(element, value), path == wide || strings.HasPrefix(path, wide+"/"); got != want {
			t.Errorf("element %q, %q: %t", value, path, got)
		}
		p, err := newPredicate(onPath, "", StringMatch{Regex: text(regexp.QuoteMeta(value))})
		if err == nil && p.takes(request) != (value == path) {
			t.Errorf("quoted regex %q, %q: %t", value, path, p.takes(request))
		}
		for _, a := range []operator{exact, prefix, element} {
			for _, b := range []operator{exact, prefix, element} {
				outer := match{{on: onPath, op: a, values: []string{value}}}
				inner := match{{on: onPath, op: b, values: []string{other}}}
				if strings.HasPrefix(path, "/") && covers(outer, inner) && inner.takes(request) && !outer.takes(request) {
					t.Errorf("%s covers %s, and %q is taken by the narrow one alone", outer, inner, path)
				}
			}
		}
	})
}
