package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"respy/diagnose"
	"respy/report"
)

// gate answers HTTP requests with the verdicts of checks.
type gate struct {
	limit   time.Duration // for a check
	targets map[string]*target
	log     io.Writer
	closing atomic.Bool
	running sync.WaitGroup // checks
}

// maxBody limits what a request may hold; those of Argo Rollouts and Flagger have a few hundred bytes.
const maxBody = 64 << 10

func (g *gate) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /check", g.answerCheck)
	mux.HandleFunc("POST /flagger", g.answerFlagger)
	mux.HandleFunc("GET /metrics", g.answerMetrics)
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) {
		if g.closing.Load() {
			http.Error(w, "shutting down", http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintln(w, "ok")
	})
	return mux
}

// refusal is an answer without a verdict.
type refusal struct {
	status int
	why    string
}

func (r *refusal) Error() string { return r.why }

func refuse(status int, format string, args ...any) error {
	return &refusal{status, fmt.Sprintf(format, args...)}
}

// answerCheck answers 200 with the report, whatever the verdict: the conditions of the web metric look at it.
func (g *gate) answerCheck(w http.ResponseWriter, r *http.Request) {
	c, err := g.check(w, r)
	if err != nil {
		g.answerError(w, err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	report.JSON(w, c)
}

// answerFlagger answers 200 on a match alone: to Flagger every status above 202 is a failed check, of which it logs the body.
func (g *gate) answerFlagger(w http.ResponseWriter, r *http.Request) {
	c, err := g.check(w, r)
	if err != nil {
		g.answerError(w, err)
		return
	}
	status := http.StatusServiceUnavailable
	switch c.Verdict {
	case diagnose.Match:
		status = http.StatusOK
	case diagnose.Mismatch:
		status = http.StatusPreconditionFailed
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	report.Quiet(w, c, report.Options{})
	for _, f := range c.Findings {
		fmt.Fprintln(w, sentence(fmt.Sprintf("%s: %s; fix: %s", f.ID, f.Summary, f.Fix)))
	}
}

func (g *gate) answerError(w http.ResponseWriter, err error) {
	status := http.StatusBadGateway
	if r := new(refusal); errors.As(err, &r) {
		status = r.status
	}
	if status == http.StatusTooManyRequests {
		w.Header().Set("Retry-After", "1")
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(map[string]string{"error": err.Error()})
}

// check has the target checked that the request names.
func (g *gate) check(w http.ResponseWriter, r *http.Request) (*diagnose.Conclusion, error) {
	if g.closing.Load() {
		return nil, refuse(http.StatusServiceUnavailable, "shutting down")
	}
	t, err := g.named(w, r)
	if err != nil {
		return nil, err
	}
	c, err := t.ask(r.Context(), g.limit, &g.running)
	if err != nil {
		note(g.log, "%s: %v", t.name, err)
		return nil, err
	}
	note(g.log, "%s: %s: %s", t.name, c.Verdict, c.Message)
	return c, nil
}

// ask is the body of a request, which may be empty. Flagger sends its own fields, with the user's under metadata.
type ask struct {
	Target   string `json:"target"`
	Metadata struct {
		Target string `json:"target"`
	} `json:"metadata"`
}

// named finds the target: by ?target=NAME, by the body, or because there is but one.
func (g *gate) named(w http.ResponseWriter, r *http.Request) (*target, error) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if tooLarge := new(http.MaxBytesError); errors.As(err, &tooLarge) {
		return nil, refuse(http.StatusRequestEntityTooLarge, "the body has more than %d bytes", maxBody)
	} else if err != nil {
		return nil, refuse(http.StatusBadRequest, "the body could not be read: %v", err)
	}
	var a ask
	if text := strings.TrimSpace(string(body)); text != "" {
		if err := json.Unmarshal([]byte(text), &a); err != nil {
			return nil, refuse(http.StatusBadRequest, `the body is no JSON object such as {"target": "NAME"}: %v`, err)
		}
	}
	name := r.URL.Query().Get("target")
	for _, other := range []string{a.Target, a.Metadata.Target} {
		if name == "" {
			name = other
		}
	}
	if t := g.targets[name]; t != nil {
		return t, nil
	}
	if name != "" {
		return nil, refuse(http.StatusNotFound, "there is no target %q: targets are named when respy starts", name)
	}
	return g.only()
}

func (g *gate) only() (*target, error) {
	if len(g.targets) != 1 {
		return nil, refuse(http.StatusBadRequest, `name a target, as in {"target": "NAME"}: there are %d`, len(g.targets))
	}
	for _, t := range g.targets {
		return t, nil
	}
	return nil, nil
}
