package probe

import (
	"bytes"
	"net/http"
	"strings"
	"testing"
	"unicode/utf8"
)

func FuzzParseSource(f *testing.F) {
	for _, seed := range []string{"auto", "header:x-version", "json:a.b", "regex:v(.*)", "body", "status", "envoy", "regex:(", "header:", ":"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, err := ParseSource(text)
		if err != nil {
			return
		}
		again, err := ParseSource(s.String())
		if err != nil || again.String() != s.String() {
			t.Errorf("%q is %q, and that is %q, %v", text, s, again, err)
		}
	})
}

func FuzzRecognize(f *testing.F) {
	for _, source := range []string{"auto", "json:version", "json:a.#(b==1).c", "body", "regex:v([0-9]+)"} {
		for _, body := range []string{"single", `{"version":"single"}`, "{", `{"a":[{"b":1,"c":"x"}]}`, "\xff\xfe", "v12", strings.Repeat("x", 300)} {
			f.Add(source, []byte(body), 200, true)
		}
	}
	f.Fuzz(func(t *testing.T, source string, body []byte, status int, whole bool) {
		s, err := ParseSource(source)
		if err != nil {
			return
		}
		r, err := NewRecognizer(s, []Expected{{Name: "weather-single", Labels: []string{"v1"}}, {Name: "multiple", Mapped: []string{"2"}}})
		if err != nil {
			t.Fatal(err)
		}
		a := reply{status, headOf(http.Header{}), body, whole}
		version, kind := r.recognize(a)
		again, kindAgain := r.recognize(a)
		if version != again || kind != kindAgain {
			t.Errorf("%d %q, then %d %q", version, kind, again, kindAgain)
		}
		if (kind == "") != (version != none) || version >= len(r.Names()) {
			t.Errorf("version %d of %q, kind %q", version, r.Names(), kind)
		}
		if kind == "" && len(r.Names()[version]) > maxName+30 {
			t.Errorf("name of %d bytes", len(r.Names()[version]))
		}
	})
}

func FuzzParseRedirect(f *testing.F) {
	for _, seed := range []string{"a:1:b:2", "::b:2", "[::1]:80:[::2]:90", ":::", "[", "]:", "a:b"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r, err := parseRedirect(text)
		if err != nil {
			return
		}
		host, port, ok := r.apply("host", "80")
		if !ok && (host != "host" || port != "80") {
			t.Errorf("%q does not fit and yields %s:%s", text, host, port)
		}
		if host == "" || !isPort(port) {
			t.Errorf("%q yields %q:%q", text, host, port)
		}
	})
}

func FuzzContainsWord(f *testing.F) {
	f.Add("weather-backend: single", "single")
	f.Add("é", "\xa9")
	f.Fuzz(func(t *testing.T, text, word string) {
		if word == "" {
			return
		}
		if containsWord(text, word, false) && !strings.Contains(text, word) {
			t.Errorf("%q is not in %q", word, text)
		}
		if utf8.ValidString(word) && !containsWord("("+word+")", word, true) {
			t.Errorf("%q is not in itself", word)
		}
	})
}

func FuzzReadAnswer(f *testing.F) {
	for _, seed := range []string{ok("single"), "HTTP/1.1 100 Continue\r\n\r\n" + ok("x"), "HTTP/1.0 200 OK\r\n\r\nx",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n", "\x15\x03\x01", "H", ""} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		tr := newTranscript("GET", DefaultTimeout)
		tr.on(&readOnly{r: bytes.NewReader(raw)})
		a, err := tr.exchange(nil, nil)
		if err == nil && (a.status < 200 || a.status > 999 || len(a.body) > maxBody) {
			t.Errorf("%q is an answer of status %d with %d bytes", raw, a.status, len(a.body))
		}
		if f, isFault := err.(*fault); err != nil && (!isFault || f.kind == "" || f.text == "") {
			t.Errorf("%q: %v", raw, err)
		}
	})
}
