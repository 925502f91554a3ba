package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"respy/diagnose"
)

// FuzzTargets reads the file that serve's --config names.
func FuzzTargets(f *testing.F) {
	dir := f.TempDir()
	path, body := filepath.Join(dir, "targets.yaml"), filepath.Join(dir, "body")
	if err := os.WriteFile(body, []byte("text"), 0o600); err != nil {
		f.Fatal(err)
	}
	for _, text := range []string{
		"", "targets: {}", "targets: {weather: {url: 'http://weather-backend:5000/version', flags: [--expect, 'single=90,multiple=10', -n, '500']}}",
		"targets:\n  a: {url: http://a/, flags: [--envoy, 'off', --kube=false, --expect=v1=1]}\n  b:\n    url: https://b/\n    flags: ['--version-from=json:a.b', -H, 'x: y']\n",
		"targets: {b: {url: ''}, a: {url: ''}}", "targets: {a: {url: 'http://a/'}, a: {url: 'http://b/'}}", "targets: {a: {adress: x}}", "targets: [a]",
		"targets: {a: {url: 'http://x/', flags: [--help]}}", "targets: {a: {url: 'http://x/', flags: [\"--\\e[31m\"]}}", "targets: {'a b': {url: 'http://x/'}}",
		"targets: {a: {url: 'http://x/', flags: [-f, -]}}", "a: &a [*a]", "targets: {a: {url: 'http://x/', flags: [-D, x]}}",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		names, err := gated(path, body)
		if err != nil {
			checkTrouble(t, err)
		}
		again, same := gated(path, body)
		if fmt.Sprint(names, err) != fmt.Sprint(again, same) {
			t.Errorf("read once: %v, %v; read again: %v, %v", names, err, again, same)
		}
		for _, name := range names {
			if !targetName.MatchString(name) {
				t.Errorf("a target of the name %q", name)
			}
		}
	})
}

// gated are the names of the targets in a file, each of them ready to be checked with the body in place of its own.
func gated(path, body string) ([]string, error) {
	s := serveConfig{file: path}
	configs, err := s.configs()
	if err != nil {
		return nil, err
	}
	var names []string
	for name := range configs {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		c := configs[name]
		if c.send.bodyFile != "" {
			c.send.bodyFile = body
		}
		if _, err := c.gated(8 * time.Second); err != nil {
			return names, err
		}
	}
	return names, nil
}

// FuzzGate posts what Argo Rollouts, Flagger and others may send.
func FuzzGate(f *testing.F) {
	for _, body := range []string{
		"", "{}", `{"target":"right"}`, `{"target":"wrong"}`, `{"target":"http://elsewhere/"}`, `{"target":`, `{"target":1}`, "[1]", "null", `{"TARGET":"right"}`,
		`{"name":"weather","namespace":"default","phase":"Progressing","checksum":"85d557f47b","metadata":{"target":"right"}}`,
		`{"name":"weather","namespace":"default","phase":"Progressing","metadata":{"target":"open","eventMessage":"a","eventType":"Normal","timestamp":"1578607635167"}}`,
		`{"metadata":null,"target":"right","target":"wrong"}`, "\ufeff{}", `{"target":"\u001b[31m"}`,
	} {
		f.Add("", []byte(body))
		f.Add("target=right", []byte(body))
	}
	f.Add("target=%zz&target=wrong;", []byte("{}"))
	f.Fuzz(func(t *testing.T, query string, body []byte) {
		asked := checkAsked(t, "/check", query, body)
		if flagger := checkAsked(t, "/flagger", query, body); flagger != asked {
			t.Errorf("/check asks for %q, and /flagger for %q", asked, flagger)
		}
		if values, _ := url.ParseQuery(query); asked != "" && values.Get("target") != "" && values.Get("target") != asked {
			t.Errorf("the query %q asks for %q", query, asked)
		}
		if !json.Valid(body) {
			return
		}
		var indented bytes.Buffer
		json.Indent(&indented, body, "\n", "\t")
		if other := checkAsked(t, "/check", query, indented.Bytes()); other != asked && indented.Len() <= maxBody {
			t.Errorf("indented, the body asks for %q and not for %q", other, asked)
		}
	})
}

// checkAsked posts to a gate of three targets, and returns the one that was checked, "" for none.
func checkAsked(t *testing.T, path, query string, body []byte) string {
	t.Helper()
	asked := ""
	var log bytes.Buffer
	g := &gate{limit: time.Minute, targets: map[string]*target{}, log: &log}
	verdicts := map[string]diagnose.Verdict{"right": diagnose.Match, "wrong": diagnose.Mismatch, "open": diagnose.Inconclusive}
	for name, verdict := range verdicts {
		g.targets[name] = newTarget(name, "http://"+name+"/", func(ctx context.Context) (*diagnose.Conclusion, error) {
			asked += name
			return concludes(verdict)(ctx)
		})
	}
	answer := httptest.NewRecorder()
	request := httptest.NewRequest(http.MethodPost, path, bytes.NewReader(body))
	request.URL.RawQuery = query
	g.handler().ServeHTTP(answer, request)
	g.running.Wait()
	if asked == "" {
		checkRefusal(t, answer)
		return ""
	}
	checkSentence(t, log.String())
	want := http.StatusOK
	if path == "/flagger" {
		want = map[diagnose.Verdict]int{diagnose.Match: 200, diagnose.Mismatch: 412, diagnose.Inconclusive: 503}[verdicts[asked]]
	}
	if answer.Code != want {
		t.Errorf("%s for %q: status %d, want %d", path, asked, answer.Code, want)
	}
	return asked
}

// checkRefusal holds that an answer without a verdict says why, and is no success to anyone.
func checkRefusal(t *testing.T, answer *httptest.ResponseRecorder) {
	t.Helper()
	if !slices.Contains([]int{http.StatusBadRequest, http.StatusNotFound, http.StatusRequestEntityTooLarge}, answer.Code) {
		t.Errorf("status %d without a check", answer.Code)
	}
	var why struct{ Error string }
	if err := json.Unmarshal(answer.Body.Bytes(), &why); err != nil || why.Error == "" || strings.ContainsFunc(why.Error, unicode.IsControl) {
		t.Errorf("got %q, %v", answer.Body, err)
	}
}
