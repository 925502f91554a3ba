package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func serve(t *testing.T, env map[string]string) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(application(func(name string) string { return env[name] }))
	t.Cleanup(s.Close)
	return s
}

func TestApplications(t *testing.T) {
	backend := serve(t, map[string]string{"NAME": "weather-backend", "VERSION": "single"})
	for name, test := range map[string]struct {
		env    map[string]string
		status int
		want   string
	}{
		"text":       {map[string]string{"NAME": "weather-backend", "VERSION": "multiple"}, 200, "weather-backend: multiple\n"},
		"page":       {map[string]string{"COLOR": "indigo"}, 200, "background-color: indigo"},
		"frontend":   {map[string]string{"BACKEND": strings.TrimPrefix(backend.URL, "http://")}, 200, "weather-backend: single"},
		"no backend": {map[string]string{"BACKEND": "127.0.0.1:1"}, 502, "refused"},
		"bad name":   {map[string]string{"BACKEND": " "}, 500, "invalid"},
	} {
		t.Run(name, func(t *testing.T) {
			response, err := http.Get(serve(t, test.env).URL + "/version")
			if err != nil {
				t.Fatal(err)
			}
			defer response.Body.Close()
			body, err := io.ReadAll(response.Body)
			if err != nil || response.StatusCode != test.status || !strings.Contains(string(body), test.want) {
				t.Errorf("%s (%v): %s", response.Status, err, body)
			}
		})
	}
}
