package probe

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestRecognizer_sources(t *testing.T) {
	version := http.Header{"X-Version": {" single "}}
	for _, test := range []struct {
		source string
		status int
		header http.Header
		body   string
		want   string // name, or kind in brackets
	}{
		{"auto", 200, version, "multiple", "single"},
		{"auto", 200, http.Header{"X-App-Version": {"single"}}, "multiple", "single"},
		{"auto", 200, http.Header{"X-Version": {""}, "X-App-Version": {"single"}}, "", "single"},
		{"auto", 200, http.Header{"X-App-Version": {"multiple"}, "X-Version": {"single"}}, "", "single"},
		{"auto", 200, nil, " single\n", "single"},
		{"auto", 200, nil, "weather-backend: single", "single"},
		{"auto", 200, nil, `{"version":"single","x":1}`, "single"},
		{"auto", 200, nil, `{"version":1.10}`, "1.10"},
		{"auto", 200, nil, `{"version":true}`, "true"},
		{"auto", 200, nil, `{"version":null}`, `{"version":null}`},
		{"auto", 200, nil, `{"version":{"a":1}}`, `{"version":{"a":1}}`},
		{"auto", 200, nil, `{"x":{"version":"2"}}`, `{"x":{"version":"2"}}`},
		{"auto", 200, nil, `{"version":"2"`, `{"version":"2"`},
		{"auto", 200, nil, `["version"]`, `["version"]`},
		{"auto", 200, nil, " \r\n\t", "[unidentified]"},
		{"auto", 503, nil, "single", "[status]"},
		{"auto", 301, nil, "single", "[status]"},
		{"auto", 404, version, "", "single"},
		{"auto", 503, nil, `{"version":"single"}`, "single"},
		{"header:x-app", 200, http.Header{"X-App": {"single"}}, "", "single"},
		{"header:X-App", 500, http.Header{"X-App": {"single"}}, "", "single"},
		{"header:x-app", 200, version, "single", "[unidentified]"},
		{"header:x-app", 500, version, "single", "[status]"},
		{"json:a.b.1", 200, nil, `{"a":{"b":["x","single"]}}`, "single"},
		{"json:a", 200, nil, `{"a":"  "}`, "[unidentified]"},
		{"json:a", 200, nil, `not json "a":"single"`, "[unidentified]"},
		{"json:a", 503, nil, `{"a":"single"}`, "single"},
		{"json:a", 503, nil, `{"b":"single"}`, "[status]"},
		{"regex:backend: (\\w+)", 200, nil, "weather-backend: single!", "single"},
		{"regex:v[0-9.]+", 200, nil, "this is v1.2 of it", "v1.2"},
		{"regex:v[0-9.]+", 200, nil, "this is it", "[unidentified]"},
		{"regex:(v)?[0-9]+", 200, nil, "12", "[unidentified]"},
		{"regex:v[0-9.]+", 500, nil, "v1.2", "[status]"},
		{"body", 200, version, "multiple", "multiple"},
		{"body", 200, nil, `{"version":"single"}`, "single"},
		{"body", 502, version, "single", "[status]"},
		{"status", 200, version, "", "200"},
		{"status", 503, nil, "", "503"},
		{"envoy", 200, nil, "", EnvoyAnswers},
		{"envoy", 204, version, "single", EnvoyAnswers},
		{"envoy", 503, version, "single", "[status]"},
	} {
		r := expecting(t, test.source, "single", "multiple")
		got := name(r, reply{test.status, headOf(test.header), []byte(test.body), true})
		if got != test.want {
			t.Errorf("%s of %d %v %q: got %s, want %s", test.source, test.status, test.header, test.body, got, test.want)
		}
	}
}

// name returns the name of the recognised version, or the kind in brackets.
func name(r *Recognizer, a reply) string {
	version, kind := r.recognize(a)
	if kind != "" {
		return "[" + string(kind) + "]"
	}
	return r.Names()[version]
}

func TestRecognizer_readsTheStartOfLongJSON(t *testing.T) {
	r := expecting(t, "auto")
	if got := name(r, reply{200, headOf(nil), []byte(`{"version":"2","rest":"xxx`), false}); got != "2" {
		t.Errorf("got %s", got)
	}
}

func TestMatcher_tiers(t *testing.T) {
	expected := []Expected{
		{Name: "weather-single", Mapped: []string{"1.0", "both"}, Labels: []string{"stable", "one", "all"}},
		{Name: "weather-multiple", Mapped: []string{"2.0", "both"}, Labels: []string{"canary", "all", "1.0"}},
		{Name: "v1"},
		{Name: "shop/v2", Labels: []string{"v2"}},
	}
	m := newMatcher(expected)
	for text, want := range map[string]int{
		"weather-single":                0,
		"is weather-single, really":     0,
		"weather-single weather-single": 0,
		"weather-single v1":             none, // two names, and then two parts
		"1.0":                           0,    // what is mapped wins over labels
		"version=2.0;":                  1,
		"2.0.1":                         none,
		"both":                          none,
		"stable":                        0,
		"the canary sings":              1,
		"all":                           none,
		"stable canary":                 none,
		"single":                        0,
		"app-multiple-7d9f8-x2x":        1,
		"weather":                       none,
		"singles":                       none,
		"v1":                            2,
		"v1.2":                          none,
		"v1_2":                          none,
		"xv1":                           none,
		"év1":                           none,
		"(v1)":                          2,
		"app-v1-abc":                    2,
		"shop/v2":                       3,
		"v2":                            3,
		"":                              none,
		"1.0 canary":                    0,
		"\xffv1\xff":                    2,
	} {
		if got := m.find(text); got != want {
			t.Errorf("%q: got %d, want %d", text, got, want)
		}
	}
}

func TestRecognizer_boundsTheVersions(t *testing.T) {
	r := expecting(t, "body", "single", "multiple")
	var workers sync.WaitGroup
	for w := range 4 {
		workers.Go(func() {
			for i := range 10000 {
				r.recognize(reply{200, headOf(nil), fmt.Appendf(nil, "at %d", (i+w*2500)%10000), true})
			}
		})
	}
	workers.Wait()
	names := r.Names()
	if len(names) != maxVersions+1 || names[0] != "single" || names[maxVersions] != Overflow {
		t.Errorf("%d names, %q … %q", len(names), names[0], names[len(names)-1])
	}
	if got := name(r, reply{200, headOf(nil), []byte("at last"), true}); got != Overflow {
		t.Errorf("one more is %q", got)
	}
	if got := name(r, reply{200, headOf(nil), []byte("single"), true}); got != "single" {
		t.Errorf("single is %q", got)
	}
	if got := name(r, reply{200, headOf(nil), []byte("it is multiple"), true}); got != "multiple" {
		t.Errorf("multiple is %q", got)
	}
	if got := name(r, reply{200, headOf(nil), []byte(names[5]), true}); got != names[5] {
		t.Errorf("%q is %q", names[5], got)
	}
}

func TestRecognizer_remembersAFewTexts(t *testing.T) {
	r := expecting(t, "body", "single")
	for i := range 3 * maxLearned {
		if got := name(r, reply{200, headOf(nil), fmt.Appendf(nil, "single at %d", i), true}); got != "single" {
			t.Fatalf("got %s", got)
		}
	}
	if got := len(r.table.Load().versions); got > maxLearned {
		t.Errorf("%d texts remembered", got)
	}
}

func TestRecognizer_namesLongTexts(t *testing.T) {
	r := expecting(t, "body", "single")
	page := strings.Repeat("é", 500)
	a, b := name(r, reply{200, headOf(nil), []byte(page + "1"), true}), name(r, reply{200, nil, []byte(page + "2"), true})
	if a == b || len(a) > maxName+30 || !strings.HasPrefix(a, strings.Repeat("é", 100)+"…") {
		t.Errorf("names %q and %q", a, b)
	}
	if again := name(r, reply{200, headOf(nil), []byte(page + "1"), true}); again != a {
		t.Errorf("%q then %q", a, again)
	}
	if got := name(r, reply{200, headOf(nil), []byte(page + " single"), true}); got != "single" {
		t.Errorf("got %q", got)
	}
}

func TestRecognizer_manyExpected(t *testing.T) {
	var names []string
	for i := range 100 {
		names = append(names, fmt.Sprintf("v%d", i))
	}
	r := expecting(t, "body", names...)
	if got := name(r, reply{200, headOf(nil), []byte("v99"), true}); got != "v99" {
		t.Errorf("got %s", got)
	}
	if got := name(r, reply{200, headOf(nil), []byte("other"), true}); got != Overflow {
		t.Errorf("got %s", got)
	}
	if diff := cmp.Diff(append(names, Overflow), r.Names()); diff != "" {
		t.Errorf("names (-want +got):\n%s", diff)
	}
}

func TestNewRecognizer_refuses(t *testing.T) {
	for _, expected := range [][]Expected{{{Name: ""}}, {{Name: "a"}, {Name: "b"}, {Name: "a"}}} {
		if r, err := NewRecognizer(Source{}, expected); err == nil {
			t.Errorf("%v: no error, %v", expected, r.Names())
		}
	}
}

func TestRecognizer_hotPathDoesNotAllocate(t *testing.T) {
	r := expecting(t, "auto", "single", "multiple")
	a := reply{200, headOf(http.Header{"Date": {"x"}}), []byte("weather-backend: single\n"), true}
	r.recognize(a)
	if n := testing.AllocsPerRun(100, func() { r.recognize(a) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestRun_ordersVersions(t *testing.T) {
	var n int
	bodies := []string{"zebra", "single", "ant", "zebra"}
	url := serveHTTP(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Write([]byte(bodies[n%len(bodies)]))
		n++
	})
	r := send(t, Options{URL: url, Requests: 8, Recognizer: expecting(t, "auto", "multiple", "single")})
	var got []string
	for _, v := range r.Versions {
		got = append(got, fmt.Sprintf("%s %v %d", v.Name, v.Expected, v.Count))
	}
	if diff := cmp.Diff([]string{"multiple true 0", "single true 2", "ant false 2", "zebra false 4"}, got); diff != "" {
		t.Errorf("versions (-want +got):\n%s", diff)
	}
}

func TestRun_countsServerErrors(t *testing.T) {
	failing := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Version", "single")
		w.WriteHeader(http.StatusBadGateway)
	}
	r := send(t, Options{URL: serveHTTP(t, failing), Requests: 3})
	if v := r.Versions[0]; v.Count != 3 || v.ServerErrors != 3 || len(r.Failures) != 0 {
		t.Errorf("a version that fails: %+v", r)
	}
	r = send(t, Options{URL: serveHTTP(t, failing), Requests: 3, Recognizer: expecting(t, "status")})
	if v := r.Versions[0]; v.Name != "502" || v.Count != 3 || v.ServerErrors != 0 {
		t.Errorf("status as the version: %+v", r)
	}
}

func TestRun_bodiesThatAllDiffer(t *testing.T) {
	var n int
	url := serveHTTP(t, func(w http.ResponseWriter, _ *http.Request) {
		n++
		fmt.Fprintf(w, "body %d", n)
	})
	r := send(t, Options{URL: url, Requests: 10000, Recognizer: expecting(t, "auto", "single")})
	if len(r.Versions) != maxVersions+1 {
		t.Fatalf("%d versions", len(r.Versions))
	}
	if last := r.Versions[maxVersions]; last.Name != Overflow || last.Count != 10000-(maxVersions-1) {
		t.Errorf("overflow %+v", last)
	}
}
