package probe

import (
	"math"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestNew_refuses(t *testing.T) {
	empty := filepath.Join(t.TempDir(), "empty.pem")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for want, change := range map[string]func(o *Options){
		"no URL given":                           func(o *Options) { o.URL = "" },
		"write http://weather-backend:5000":      func(o *Options) { o.URL = "weather-backend:5000" },
		"write http://localhost/x":               func(o *Options) { o.URL = "localhost/x" },
		"scheme ftp: use http or https":          func(o *Options) { o.URL = "ftp://x/" },
		"has no host":                            func(o *Options) { o.URL = "http://:80/" },
		"invalid port":                           func(o *Options) { o.URL = "http://x:y/" },
		"port 70000 is not between":              func(o *Options) { o.URL = "http://x:70000/" },
		"xn-- form":                              func(o *Options) { o.URL = "http://wetter.überall/" },
		"requests: -1":                           func(o *Options) { o.Requests = -1 },
		"duration: -1ns":                         func(o *Options) { o.Duration = -1 },
		"would not end":                          func(o *Options) { o.Requests = 0 },
		"concurrency: 0":                         func(o *Options) { o.Concurrency = 0 },
		"rate: -1":                               func(o *Options) { o.Rate = -1 },
		"rate: NaN":                              func(o *Options) { o.Rate = math.NaN() },
		"rate: +Inf":                             func(o *Options) { o.Rate = math.Inf(1) },
		"timeout: -1ns":                          func(o *Options) { o.Timeout = -1 },
		"connection-reuse: -1":                   func(o *Options) { o.Reuse = -1 },
		`method "GE T"`:                          func(o *Options) { o.Method = "ge t" },
		`method "CONNECT"`:                       func(o *Options) { o.Method = "CONNECT" },
		`host "a b"`:                             func(o *Options) { o.Host = "a b" },
		"host \"a\\r\\nb\"":                      func(o *Options) { o.Host = "a\r\nb" },
		"header Host":                            func(o *Options) { o.Header = http.Header{"host": {"a\nb"}} },
		"not one host":                           func(o *Options) { o.Header = http.Header{"Host": {"a", "b"}} },
		"header X-A: its value":                  func(o *Options) { o.Header = http.Header{"X-A": {"a\r\nX-B: c"}} },
		`header "X A"`:                           func(o *Options) { o.Header = http.Header{"X A": {"a"}} },
		`header ""`:                              func(o *Options) { o.Header = http.Header{"": {"a"}} },
		"header Content-Length is set":           func(o *Options) { o.Header = http.Header{"content-length": {"5"}} },
		"header Transfer-Encoding is set":        func(o *Options) { o.Header = http.Header{"Transfer-Encoding": {"chunked"}} },
		"session-header and session-cookie":      func(o *Options) { o.Session = Session{"a", "b", 5} },
		"session-requests: 0":                    func(o *Options) { o.Session = Session{Header: "a"} },
		`session: "a b"`:                         func(o *Options) { o.Session = Session{Cookie: "a b", Requests: 5} },
		"session-header host":                    func(o *Options) { o.Session = Session{Header: "host", Requests: 5} },
		"unix-socket and connect-to":             func(o *Options) { o.UnixSocket, o.ConnectTo = "/x", []string{":::"} },
		"connect-to \"a:b\": write HOST1":        func(o *Options) { o.ConnectTo = []string{"a:b"} },
		"cert and key go together":               func(o *Options) { o.TLS.CertFile = "x" },
		"cacert: open /nonexistent":              func(o *Options) { o.URL, o.TLS.CAFile = "https://x/", "/nonexistent" },
		"holds no certificate in PEM":            func(o *Options) { o.URL, o.TLS.CAFile = "https://x/", empty },
		"cert and key: open /nonexistent: no su": func(o *Options) { o.URL, o.TLS.CertFile, o.TLS.KeyFile = "https://x/", "/nonexistent", "/x" },
	} {
		o := Options{URL: "http://localhost/", Requests: 1, Concurrency: 1}
		change(&o)
		_, err := New(o)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("error %v, want one with %q", err, want)
		}
	}
}

func TestNew_preparesTheRequest(t *testing.T) {
	const agent = "User-Agent: respy\r\n"
	for _, test := range []struct {
		options Options
		want    string
	}{
		{Options{URL: "http://weather-backend:5000/version"}, "GET /version HTTP/1.1\r\nHost: weather-backend:5000\r\n" + agent + "\r\n"},
		{Options{URL: "http://x"}, "GET / HTTP/1.1\r\nHost: x\r\n" + agent + "\r\n"},
		{Options{URL: "http://x/a%2Fb?q=c d#frag"}, "GET /a%2Fb?q=c%20d HTTP/1.1\r\nHost: x\r\n" + agent + "\r\n"},
		{Options{URL: "http://[fe80::1%25eth0]:80/"}, "GET / HTTP/1.1\r\nHost: [fe80::1]:80\r\n" + agent + "\r\n"},
		{Options{URL: "http://x/", Host: "y", Header: http.Header{"Host": {"z"}}}, "GET / HTTP/1.1\r\nHost: y\r\n" + agent + "\r\n"},
		{Options{URL: "http://x/", Header: http.Header{"host": {"z"}}}, "GET / HTTP/1.1\r\nHost: z\r\n" + agent + "\r\n"},
		{Options{URL: "http://x/", Reuse: 1}, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + agent + "\r\n"},
		{Options{URL: "http://x/", Header: http.Header{"User-Agent": {""}, "b": {"2"}, "A": {"1", " 3 "}}},
			"GET / HTTP/1.1\r\nHost: x\r\nA: 1\r\nA: 3\r\nB: 2\r\n\r\n"},
		{Options{URL: "http://x/", Method: "post", Header: http.Header{"User-Agent": {"me"}}},
			"POST / HTTP/1.1\r\nHost: x\r\nUser-Agent: me\r\nContent-Length: 0\r\n\r\n"},
		{Options{URL: "http://x/", Body: []byte("a\r\nb")}, "GET / HTTP/1.1\r\nHost: x\r\n" + agent + "Content-Length: 4\r\n\r\na\r\nb"},
		{Options{URL: "http://me:secret@x/"}, "GET / HTTP/1.1\r\nHost: x\r\nAuthorization: Basic bWU6c2VjcmV0\r\n" + agent + "\r\n"},
	} {
		test.options.Requests, test.options.Concurrency = 1, 1
		p, err := New(test.options)
		if err != nil {
			t.Errorf("%+v: %v", test.options, err)
			continue
		}
		if diff := cmp.Diff(test.want, string(p.template.with(""))); diff != "" {
			t.Errorf("request (-want +got):\n%s", diff)
		}
	}
}

func TestParseSource(t *testing.T) {
	for _, text := range []string{"auto", "header:X-Version", "json:a.b", "regex:v(.*)", "regex:a:b", "body", "status", "envoy"} {
		if s, err := ParseSource(text); err != nil || s.String() != text {
			t.Errorf("%s: %v, %v", text, s, err)
		}
	}
	if got := (Source{}).String(); got != "auto" {
		t.Errorf("the zero value is %s", got)
	}
	for text, want := range map[string]string{
		"": "unknown", "x": "use auto", "header": "incomplete", "header:": "incomplete", "json:": "incomplete",
		"regex:": "incomplete", "regex:(": "missing closing", "header:a b": "no header name", "body:x": "takes nothing",
		"Header:a": "unknown", "status:": "takes nothing",
	} {
		if _, err := ParseSource(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want one with %q", text, err, want)
		}
	}
}

func TestParseRedirect(t *testing.T) {
	for text, want := range map[string]redirect{
		"a:1:b:2":              {"a", "1", "b", "2"},
		"::b:2":                {"", "", "b", "2"},
		":::":                  {},
		"a::b:":                {"a", "", "b", ""},
		"[::1]:80:[fe80::1]:8": {"::1", "80", "fe80::1", "8"},
		"a:1:[::1]:":           {"a", "1", "::1", ""},
	} {
		if got, err := parseRedirect(text); err != nil || got != want {
			t.Errorf("%q: %+v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "a", "a:1:b", "a:1:b:2:3", "a:x:b:2", "a:0:b:2", "a:1:b:65536", "[::1:80:b:2", "[::1]x:80:b:2",
		"::1:80:b:2:1", "a:1:b c:2", "a]:1:b:2", "a:1:[[b]:2"} {
		if got, err := parseRedirect(text); err == nil {
			t.Errorf("%q: no error, %+v", text, got)
		}
	}
}

func TestRedirected(t *testing.T) {
	entries := []redirect{{"a", "1", "x", ""}, {"A", "", "y", "7"}, {"", "3", "", "8"}}
	for _, test := range []struct{ host, port, wantHost, wantPort string }{
		{"a", "1", "x", "1"}, {"a", "2", "y", "7"}, {"b", "3", "b", "8"}, {"b", "4", "b", "4"},
	} {
		if host, port := redirected(entries, test.host, test.port); host != test.wantHost || port != test.wantPort {
			t.Errorf("%s:%s goes to %s:%s", test.host, test.port, host, port)
		}
	}
}

func TestFailures_areBounded(t *testing.T) {
	var f failures
	counts := make([]int64, 100)
	for i := range 1000 {
		kind := []Kind{KindStatus, KindUnidentified, KindProtocol}[i%3]
		counts[f.group(kind, 500+i, "text", string(rune('a'+i)))]++
	}
	counts[f.group(KindStatus, 500, "text", "a")] += 5000
	list := f.counted(counts)
	if len(list) > 32 || len(list) != maxGroups+3 {
		t.Errorf("%d groups", len(list))
	}
	var total int64
	for _, failure := range list {
		total += failure.Count
	}
	if total != 6000 || list[0].Count != 5001 || list[0].Status != 500 || list[1].Status != 0 {
		t.Errorf("%d in all: %+v", total, list[:3])
	}
}
