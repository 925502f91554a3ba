package probe

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"
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
	for _, source := range []string{"auto", "json:version", "json:a.#(b==1).c", "header:x-version", "body", "status", "regex:v([0-9]+)"} {
		for _, body := range []string{"single", `{"version":"single"}`, "{", `{"a":[{"b":1,"c":"x"}]}`, "\xff\xfe", "v12", strings.Repeat("x", 300)} {
			f.Add(source, "", []byte(body), []byte("weather-backend: multiple"), 200, true)
		}
	}
	f.Add("auto", " v1 ", []byte(`{"version":1.10}`), []byte("v1"), 503, true)
	f.Add("auto", "", []byte(`{"version": "reviews-v2", "x": "version"}`), []byte(`{"version": true}`), 200, true)
	f.Add("json:@this|version", "", []byte(`{"version":"a"`), []byte(`{}`), 200, false)
	f.Add("json:..#.version", "", []byte("{\"version\":\"a\"}\n{\"version\":\"b\"}"), []byte{}, 404, false)
	f.Fuzz(func(t *testing.T, source, header string, body, other []byte, status int, whole bool) {
		s, err := ParseSource(source)
		if err != nil {
			return
		}
		fields := http.Header{}
		if header != "" {
			fields.Set("X-Version", header)
		}
		a := reply{status, headOf(fields), body, whole}
		r := weatherRecognizer(t, s)
		version, kind := r.recognize(a)
		again, kindAgain := r.recognize(a)
		if version != again || kind != kindAgain {
			t.Errorf("%d %q, then %d %q", version, kind, again, kindAgain)
		}
		if (kind == "") != (version != none) || version >= len(r.Names()) {
			t.Fatalf("version %d of %q, kind %q", version, r.Names(), kind)
		}
		late := weatherRecognizer(t, s)
		late.recognize(reply{status, headOf(http.Header{}), other, whole})
		lately, kindLately := late.recognize(a)
		if kind != kindLately {
			t.Errorf("kind %q, after another answer %q", kind, kindLately)
		}
		if kind != "" {
			return
		}
		name := r.Names()[version]
		if len(name) > maxName+30 || name == "" {
			t.Errorf("the name %q of %d bytes", name, len(name))
		}
		if name != late.Names()[lately] {
			t.Errorf("the name %q, after another answer %q", name, late.Names()[lately])
		}
		if want, ok := versionField(body); ok && header == "" && whole && (source == "auto" || source == "json:version") {
			checkVersionField(t, s, a, want)
		}
	})
}

func weatherRecognizer(t *testing.T, s Source) *Recognizer {
	t.Helper()
	r, err := NewRecognizer(s, []Expected{{Name: "weather-single", Labels: []string{"v1"}}, {Name: "multiple", Mapped: []string{"2"}}})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// versionField is the text at version of a JSON object, as another reader of JSON finds it, where there is no doubt: no
// escapes, and the key once.
func versionField(body []byte) (string, bool) {
	var fields map[string]any
	if err := json.Unmarshal(body, &fields); err != nil || bytes.Count(body, []byte("version")) != 1 || bytes.ContainsFunc(body, isDoubtful) {
		return "", false
	}
	text, ok := fields["version"].(string)
	text = strings.TrimSpace(text)
	return text, ok && text != "" && len(text) < maxName
}

func isDoubtful(r rune) bool { return r == '\\' || r < ' ' || r > '~' }

func checkVersionField(t *testing.T, s Source, a reply, want string) {
	t.Helper()
	r, err := NewRecognizer(s, nil)
	if err != nil {
		t.Fatal(err)
	}
	if version, kind := r.recognize(a); kind != "" || r.Names()[version] != want {
		t.Errorf("%s: got %q of %q, want %q", a.body, kind, r.Names(), want)
	}
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
		for _, hyphens := range []bool{false, true} {
			isWord := func(w string) bool { return w == word && utf8.ValidString(text) }
			words := strings.FieldsFunc(text, func(r rune) bool { return !inWord(r, hyphens) })
			if slices.ContainsFunc(words, isWord) && !containsWord(text, word, hyphens) {
				t.Errorf("%q is not among the words %q", word, words)
			}
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
