package envoy

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"respy/internal/envoytest"
	"respy/k8s"
)

// answering makes one virtual host whose routes have these matches and answer with the host's name and their index.
func answering(name string, domains []string, matches ...string) envoytest.VirtualHost {
	v := envoytest.VirtualHost{Name: name, Domains: domains}
	for i, m := range matches {
		v.Routes = append(v.Routes, envoytest.Answer(m, 200, fmt.Sprintf("%s/%d", name, i)))
	}
	return v
}

func differentialHosts() []envoytest.VirtualHost {
	all := `{"prefix":"/"}`
	return []envoytest.VirtualHost{
		answering("exact", []string{"Exact.Example.com", "exact.example.com.", "10.0.0.1", "[2001:db8::1]"}, all),
		answering("suffix", []string{"*.example.com"}, all),
		answering("long-suffix", []string{"*-x.example.com"}, all),
		answering("prefix", []string{"exact.*"}, all),
		answering("long-prefix", []string{"exact.example.*"}, all),
		answering("paths", []string{"paths"},
			`{"path":"/exact"}`,
			`{"path":"/Folded","case_sensitive":false}`,
			`{"path_separated_prefix":"/separated"}`,
			`{"prefix":"/pre"}`,
			`{"prefix":"/FOLD","case_sensitive":false}`,
			`{"safe_regex":{"regex":"/re/[0-9]+"}}`,
			`{"safe_regex":{"regex":"/a|/b"}}`,
			`{"prefix":"/escaped%20path"}`,
		),
		answering("headers", []string{"headers"},
			`{"path":"/exact","headers":[{"name":"x","string_match":{"exact":"One"}}]}`,
			`{"path":"/exact","headers":[{"name":"x","string_match":{"exact":"TWO","ignore_case":true}}]}`,
			`{"path":"/exact","headers":[{"name":"x","exact_match":"three"}]}`,
			`{"path":"/exact","headers":[{"name":"X","string_match":{"exact":"a,b"}}]}`,
			`{"path":"/exact","headers":[{"name":"x","string_match":{"exact":"c"}}]}`,
			`{"path":"/exact","headers":[{"name":"x","string_match":{"exact":"d"},"invert_match":true},{"name":"z"}]}`,
			`{"path":"/parts","headers":[{"name":"x","string_match":{"prefix":"pre"}}]}`,
			`{"path":"/parts","headers":[{"name":"x","string_match":{"suffix":"post"}}]}`,
			`{"path":"/parts","headers":[{"name":"x","string_match":{"contains":"Mid","ignore_case":true}}]}`,
			`{"path":"/parts","headers":[{"name":"x","string_match":{"safe_regex":{"regex":"r[0-9]"}}}]}`,
			`{"path":"/older","headers":[{"name":"x","prefix_match":"pre"}]}`,
			`{"path":"/older","headers":[{"name":"x","suffix_match":"post"}]}`,
			`{"path":"/older","headers":[{"name":"x","contains_match":"MID"}]}`,
			`{"path":"/older","headers":[{"name":"x","safe_regex_match":{"regex":"r[0-9]"}}]}`,
			`{"path":"/there","headers":[{"name":"x","present_match":true}]}`,
			`{"path":"/there","headers":[{"name":"y","present_match":false}]}`,
			`{"path":"/there"}`,
			`{"path":"/there-inverted","headers":[{"name":"x","present_match":true,"invert_match":true}]}`,
			`{"path":"/bare","headers":[{"name":"x"}]}`,
			`{"path":"/bare-inverted","headers":[{"name":"x","invert_match":true}]}`,
			`{"path":"/not","headers":[{"name":"x","string_match":{"exact":"one"},"invert_match":true}]}`,
			`{"path":"/not-or-missing","headers":[{"name":"x","string_match":{"exact":"one"},"invert_match":true,"treat_missing_header_as_empty":true}]}`,
			`{"path":"/range","headers":[{"name":"x","range_match":{"start":-1,"end":10}}]}`,
			`{"path":"/range","headers":[{"name":"x","range_match":{"start":10,"end":12},"invert_match":true}]}`,
			`{"path":"/pseudo","headers":[{"name":":method","string_match":{"exact":"PUT"}}]}`,
			`{"path":"/pseudo","headers":[{"name":":path","string_match":{"suffix":"?q=1"}}]}`,
			`{"path":"/pseudo","headers":[{"name":":authority","string_match":{"suffix":":81"}}]}`,
			`{"path":"/pseudo","headers":[{"name":":scheme","string_match":{"exact":"http"}}]}`,
			`{"path":"/grpc","grpc":{}}`,
		),
		answering("queries", []string{"queries"},
			`{"path":"/q","query_parameters":[{"name":"a","string_match":{"exact":"1"}}]}`,
			`{"path":"/q","query_parameters":[{"name":"a","present_match":true},{"name":"b","string_match":{"prefix":"x"}}]}`,
			`{"path":"/q","query_parameters":[{"name":"c"}]}`,
			`{"path":"/absent","query_parameters":[{"name":"a","present_match":false}]}`,
		),
	}
}

// differentialRequests are METHOD HOST PATH [HEADER:VALUE…].
func differentialRequests() []string {
	out := []string{
		"GET exact.example.com /", "GET EXACT.EXAMPLE.COM /", "GET exact.example.com:80 /", "GET exact.example.com. /",
		"GET a.example.com /", "GET a-x.example.com /", "GET -x.example.com /", "GET .example.com /", "GET example.com /",
		"GET exact.org /", "GET exact.example.org /", "GET exact. /", "GET 10.0.0.1 /", "GET 10.0.0.1:81 /",
		"GET [2001:db8::1]:80 /", "GET [2001:db8::1] /", "GET unknown /",
		"PUT headers /pseudo", "GET headers /pseudo?q=1", "GET headers:81 /pseudo", "GET headers /pseudo",
		"GET headers /grpc content-type:application/grpc", "GET headers /grpc content-type:application/grpc+proto",
		"GET headers /grpc content-type:application/json", "GET headers /exact x:a x:b", "GET headers /exact x:a,b", "GET headers /exact x:c x:e", "GET headers /exact x:e x:c",
		"GET headers /exact x:d x:e z:1", "GET headers /exact x:e x:f z:1", "GET headers /exact z:1",
	}
	for _, path := range []string{
		"/exact", "/exact/", "/Exact", "/exact?x=/pre", "/folded", "/FOLDED?a", "/separated", "/separated/x", "/separatedx",
		"/separated?x", "/pre", "/prefix", "/PRE", "/fold", "/Folder", "/re/12", "/re/12?x", "/re/x", "/xre/1", "/re/1x",
		"/a", "/ab", "/b", "/xb", "/escaped%20path", "/escaped path",
	} {
		out = append(out, "GET paths "+strings.ReplaceAll(path, " ", "%2520"))
	}
	for _, path := range []string{
		"exact", "parts", "older", "there", "there-inverted", "bare", "bare-inverted", "not", "not-or-missing", "range",
	} {
		out = append(out, "GET headers /"+path, "GET headers /"+path+" y:1")
		for _, x := range []string{
			"One", "one", "two", "three", "prefix", "xpost", "aMIDb", "r5", "r55", "-1", "0", "9", "10", "11", "12", "", "9x",
		} {
			out = append(out, "GET headers /"+path+" x:"+x)
		}
	}
	for _, q := range []string{"a=1", "a=2", "a=2&b=xy", "a=2&b=y", "b=x", "c", "c=", "a=0&a=1", "a=1&a=0", "d", "a"} {
		out = append(out, "GET queries /q?"+q, "GET queries /absent?"+q)
	}
	return out
}

// TestRoutingAgreesWithEnvoy asks a real Envoy which route takes a request, and this package the same from its dump.
func TestRoutingAgreesWithEnvoy(t *testing.T) {
	p := envoytest.Start(t, envoytest.Config{Listeners: []envoytest.Listener{{Name: "http", VirtualHosts: differentialHosts()}}})
	d := dumpOf(t, p, 0)
	for _, text := range differentialRequests() {
		req := parseRequest(t, p.Address("http"), text)
		got := d.Route(Query{Request: routed(t, req, p.Port("http"))})
		if want := answerOf(t, req); label(got) != want {
			t.Errorf("%s: got %s, Envoy says %s", text, label(got), want)
		}
	}
}

func label(r Route) string {
	if r.Kind == KindNone {
		return "404"
	}
	return fmt.Sprintf("%s/%d", r.VirtualHost, r.Index)
}

func parseRequest(t *testing.T, address, text string) *http.Request {
	t.Helper()
	fields := strings.Fields(text)
	req, err := http.NewRequest(fields[0], "http://"+address+fields[2], nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Host = fields[1]
	for _, f := range fields[3:] {
		name, value, _ := strings.Cut(f, ":")
		req.Header.Add(name, value)
	}
	return req
}

func routed(t *testing.T, req *http.Request, port int) k8s.Request {
	t.Helper()
	r, err := k8s.NewRequest(req.Method, req.URL.String(), req.Host, req.Header)
	if err != nil {
		t.Fatal(err)
	}
	r.Port = port
	return r
}

func answerOf(t *testing.T, req *http.Request) string {
	t.Helper()
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	if res.StatusCode != http.StatusOK {
		return fmt.Sprint(res.StatusCode)
	}
	if text := res.Header.Get("Grpc-Message"); text != "" { // where Envoy puts its own answers to gRPC requests
		return text
	}
	return string(body)
}

func dumpOf(t *testing.T, p *envoytest.Proxy, port int) *Dump {
	t.Helper()
	a := adminOf(t, p)
	s, err := a.Server(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	d, err := a.Dump(context.Background(), s.Node, port)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func adminOf(t *testing.T, p *envoytest.Proxy) *Admin {
	t.Helper()
	a, err := New(p.Admin())
	if err != nil {
		t.Fatal(err)
	}
	return a
}
