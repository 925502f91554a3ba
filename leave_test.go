package main

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"respy/diagnose"
	"respy/k8s"
)

func TestLastWords(t *testing.T) {
	match := &diagnose.Conclusion{Target: "http://a/<b>", Verdict: diagnose.Match, Reason: diagnose.ReasonTest, Message: "fine"}
	long := &diagnose.Conclusion{Target: "http://a", Verdict: diagnose.Mismatch, Message: strings.Repeat("é\x1b", 4000)}
	found := &diagnose.Conclusion{Verdict: diagnose.Mismatch, Message: "off", Findings: []diagnose.Finding{{ID: "a", Summary: "b", Fix: "c"}}}
	many := &diagnose.Conclusion{Verdict: diagnose.Mismatch, Message: "off", Findings: []diagnose.Finding{{ID: "first"}, {ID: "last", Fix: strings.Repeat("x", 5000)}}}
	broad := &diagnose.Conclusion{Message: "off", Findings: []diagnose.Finding{{Fix: strings.Repeat("x", 5000)}}}
	for name, test := range map[string]struct {
		conclusion *diagnose.Conclusion
		code       int
		err        error
		want       string
	}{
		"match":   {match, 0, nil, `{"schema":"respy/v1","target":"http://a/<b>","verdict":"match","reason":"test","message":"fine","exitCode":0}` + "\n"},
		"trouble": {nil, 2, errors.New("no URL"), `{"schema":"respy/v1","message":"no URL","exitCode":2}` + "\n"},
		"long":    {long, 1, nil, ""},
		"found":   {found, 1, nil, `{"schema":"respy/v1","verdict":"mismatch","message":"off","exitCode":1,"findings":[{"id":"a","summary":"b","fix":"c"}]}` + "\n"},
		"many":    {many, 1, nil, `{"schema":"respy/v1","verdict":"mismatch","message":"off","exitCode":1,"findings":[{"id":"first","summary":"","fix":""}]}` + "\n"},
		"broad":   {broad, 1, nil, `{"schema":"respy/v1","message":"off","exitCode":1}` + "\n"},
	} {
		t.Run(name, func(t *testing.T) {
			got := lastWords(test.conclusion, test.code, test.err)
			if test.want != "" && string(got) != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
			var m message
			if err := json.Unmarshal(got, &m); err != nil || len(got) > terminationMax || strings.Count(string(got), "\n") != 1 || m.ExitCode != test.code {
				t.Errorf("%d bytes, %v: %s", len(got), err, got)
			}
			if strings.ContainsRune(m.Message, '\uFFFD') {
				t.Errorf("cut within a letter: %q", m.Message)
			}
		})
	}
}

func TestTerminationFile(t *testing.T) {
	there := t.TempDir()
	absent := filepath.Join(there, "absent")
	named := config{terminationLog: "named"}
	for _, test := range []struct {
		c        config
		pid      int
		kubelets string
		want     string
	}{
		{named, 7, absent, "named"}, {named, 1, there, "named"},
		{config{}, 1, there, there}, {config{}, 1, absent, ""}, {config{}, 7, there, ""},
	} {
		if got := test.c.terminationFile(test.pid, test.kubelets); got != test.want {
			t.Errorf("%+v: got %q", test, got)
		}
	}
}

func TestQuitProxy(t *testing.T) {
	classic := &k8s.Pod{Spec: k8s.PodSpec{Containers: []k8s.PodContainer{{Name: "app"}, {Name: "istio-proxy"}}}}
	native := &k8s.Pod{Spec: k8s.PodSpec{InitContainers: []k8s.PodContainer{{Name: "istio-proxy", RestartPolicy: "Always"}}}}
	for name, test := range map[string]struct {
		pod    *k8s.Pod
		status int
		posted bool
		want   string
	}{
		"classic":     {classic, 200, true, ""},
		"native":      {native, 200, false, ""},
		"none":        {&k8s.Pod{}, 200, false, ""},
		"not known":   {nil, 200, false, "grant get on pods"},
		"agent fails": {classic, 500, true, "answers 500"},
	} {
		t.Run(name, func(t *testing.T) {
			posted := false
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				posted = r.Method == http.MethodPost && r.URL.Path == "/quitquitquit"
				w.WriteHeader(test.status)
			}))
			defer server.Close()
			err := quitProxy(t.Context(), server.URL, test.pod)
			if posted != test.posted {
				t.Errorf("posted %v", posted)
			}
			if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
	if native.Sidecar() != k8s.Present || classic.Sidecar() != k8s.Present || (&k8s.Pod{}).Sidecar() != k8s.Absent {
		t.Error("which pods have a sidecar")
	}
}
