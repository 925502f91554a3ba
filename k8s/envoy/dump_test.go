package envoy

import (
	"strings"
	"testing"
)

func TestParseDumpRefusesWhatHoldsNothing(t *testing.T) {
	for text, want := range map[string]string{
		"":                             "not JSON",
		"<html>":                       "not JSON",
		`{"configs":[]} x`:             "not JSON",
		"{}":                           "holds no routes",
		"[1,null]":                     "holds no routes",
		strings.Repeat("[", 1_000_000): "not JSON",
	} {
		if _, err := ParseDump(strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.20q: got error %v, want one with %q", text, err, want)
		}
	}
}

// route1 is a dump with one virtual host for everything, that has the routes.
func route1(routes string) string {
	return `{"static_route_configs":[{"route_config":{"name":"r","virtual_hosts":[{"name":"v","domains":["*"],"routes":[` + routes + `]}]}}]}`
}

func routeOf(t *testing.T, routes string) Route {
	t.Helper()
	d, err := ParseDump(strings.NewReader(route1(routes)))
	if err != nil {
		t.Fatal(err)
	}
	return d.Route(query(t, "http://a/", ""))
}

func TestActions(t *testing.T) {
	check := func(action string, ok func(Route) bool) {
		t.Helper()
		if r := routeOf(t, `{"match":{"prefix":"/"},`+action+`}`); !ok(r) {
			t.Errorf("%s: got %+v", action, r)
		}
	}
	check(`"route":{"cluster_header":"x-to"}`, func(r Route) bool { return r.Kind == KindClusterHeader && r.ClusterHeader == "x-to" })
	check(`"route":{"cluster_specifier_plugin":"p"}`, func(r Route) bool { return r.Kind == KindOther && len(r.Notes) == 1 })
	check(`"non_forwarding_action":{}`, func(r Route) bool { return r.Kind == KindOther })
	for code, status := range map[string]int{
		"MOVED_PERMANENTLY": 301, "FOUND": 302, "SEE_OTHER": 303, "TEMPORARY_REDIRECT": 307, "PERMANENT_REDIRECT": 308, "": 301,
	} {
		check(`"redirect":{"response_code":"`+code+`"}`, func(r Route) bool { return r.Kind == KindRedirect && r.Status == status })
	}
	check(`"directResponse":{"status":403}`, func(r Route) bool { return r.Kind == KindDirectResponse && r.Status == 403 })
	check(`"route":{"weighted_clusters":{"clusters":[{"name":"a","weight":1},{"cluster_header":"h","weight":2}],
		"use_hash_policy":true,"header_name":"n","runtime_key_prefix":"k"},
		"hash_policy":[{"header":{"header_name":"x-user"}},{"cookie":{"name":"c"}},{"connection_properties":{"source_ip":true}},
			{"query_parameter":{"name":"q"}},{"filter_state":{"key":"k"}}]}`,
		func(r Route) bool {
			return r.Kind == KindWeighted && r.UseHashPolicy && r.HeaderName == "n" && r.RuntimeKeyPrefix == "k" && len(r.Notes) == 1 &&
				strings.Join(r.HashPolicies, ",") == "header x-user,cookie c,source ip,query parameter q,other"
		})
	check(`"route":{"cluster":"a"},"typed_per_filter_config":{"envoy.filters.http.fault":
		{"@type":"type.googleapis.com/envoy.config.route.v3.FilterConfig","disabled":true}}`,
		func(r Route) bool { return r.Fault == (Fault{}) })
	check(`"route":{"cluster":"a"},"typed_per_filter_config":{"envoy.filters.http.fault":
		{"@type":"type.googleapis.com/envoy.config.route.v3.FilterConfig","config":
		{"abort":{"http_status":500,"percentage":{"numerator":1,"denominator":"TEN_THOUSAND"}}}}}`,
		func(r Route) bool { return r.Fault == (Fault{Abort: 1e-4, Status: 500}) })
}

func TestNotesOnWhatCannotBeSeen(t *testing.T) {
	check := func(match string, index, notes int) {
		t.Helper()
		r := routeOf(t, `{"match":`+match+`,"route":{"cluster":"a"}},{"match":{"prefix":"/"},"route":{"cluster":"b"}}`)
		if r.Index != index || len(r.Notes) != notes {
			t.Errorf("%s: got route %d with notes %q", match, r.Index, r.Notes)
		}
	}
	check(`{"prefix":"/","runtime_fraction":{"default_value":{"numerator":50}}}`, 0, 1)
	check(`{"prefix":"/","dynamic_metadata":[{}]}`, 1, 1)
	check(`{"prefix":"/elsewhere","dynamic_metadata":[{}]}`, 1, 0)
	check(`{"path_match_policy":{}}`, 1, 1)
	check(`{"safe_regex":{"regex":"("}}`, 1, 1)
	check(`{"prefix":"/","headers":[{"name":":method","string_match":{"custom":{}}}]}`, 1, 1)
	check(`{"prefix":"/","headers":[{"name":"absent","string_match":{"custom":{}}}]}`, 1, 0)
	check(`{"connect_matcher":{}}`, 1, 0)
}

func TestHashIsOfTheContent(t *testing.T) {
	split := func(a, b string) string {
		return `{"match":{"prefix":"/","case_sensitive":true},"route":{"weighted_clusters":{"clusters":[` + a + `,` + b + `]}}}`
	}
	base := routeOf(t, split(`{"name":"a","weight":90}`, `{"name":"b","weight":10}`))
	same := func(routes string, want bool) {
		t.Helper()
		if got := routeOf(t, routes).Equal(base); got != want {
			t.Errorf("%s: got equal %v, want %v", routes, got, want)
		}
	}
	same(split(`{"name":"b","weight":1}`, `{"name":"a","weight":9}`), true)
	same(split(`{"name":"b","weight":10}`, `{"name":"c","weight":0},{"name":"a","weight":40},{"name":"a","weight":50}`), true)
	same(`{"metadata":{},"name":"n","route":{"weightedClusters":{"clusters":[{"weight":9,"name":"a"},{"name":"b","weight":1}]}},
		"match":{"caseSensitive":true,"prefix":"/"}}`, true)
	same(split(`{"name":"a","weight":91}`, `{"name":"b","weight":9}`), false)
	same(split(`{"name":"a","weight":90}`, `{"name":"c","weight":10}`), false)
	same(strings.Replace(split(`{"name":"a","weight":90}`, `{"name":"b","weight":10}`), `"case_sensitive"`, `"headers":[],"case_sensitive"`, 1), false)
	same(strings.Replace(split(`{"name":"a","weight":90}`, `{"name":"b","weight":10}`), `"match"`,
		`"typed_per_filter_config":{"envoy.filters.http.fault":{"abort":{"http_status":500,"percentage":{"numerator":1}}}},"match"`, 1), false)

	all := routeOf(t, split(`{"name":"a","weight":5}`, `{"name":"b"}`))
	if !all.Equal(routeOf(t, `{"match":{"prefix":"/","case_sensitive":true},"route":{"cluster":"a"}}`)) {
		t.Error("a split of which all goes to one cluster differs from that cluster")
	}
}

func TestPlainEnvoyBehindAMappedPort(t *testing.T) {
	text := `{"static_route_configs":[
		{"route_config":{"name":"one","virtual_hosts":[{"name":"a","domains":["a.example.com"],"routes":[{"match":{"prefix":"/"},"route":{"cluster":"a"}}]}]}},
		{"route_config":{"name":"two","virtual_hosts":[{"name":"rest","domains":["*"],"routes":[{"match":{"prefix":"/"},"route":{"cluster":"b"}}]}]}}]}`
	d, err := ParseDump(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	if r := d.Route(query(t, "http://127.0.0.1:8080/", "a.example.com")); r.Config != "one" {
		t.Errorf("named host: got %+v, want the table that names it", r)
	}
	if r := d.Route(query(t, "http://a.example.com:8080/", "")); r.Config != "two" {
		t.Errorf("named host with a port that the table does not know: got %+v, want the other table", r)
	}
	if r := d.Route(query(t, "http://b.example.com:8080/", "")); r.Config != "two" {
		t.Errorf("other host: got %+v, want the only table for every host", r)
	}
	d, err = ParseDump(strings.NewReader(strings.ReplaceAll(text, "a.example.com", "*")))
	if err != nil {
		t.Fatal(err)
	}
	if r := d.Route(query(t, "http://a.example.com:8080/", "")); r.Kind != KindNone || !strings.Contains(strings.Join(r.Notes, ""), "one, two") {
		t.Errorf("two tables for every host: got %+v, want none and their names", r)
	}
}
