package main

import (
	"encoding/pem"
	"flag"
	"fmt"
	"io"
	"log"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// app is a plain server. The n-th request gets the n-th draw, so that the counts of a run of N requests do not depend on
// what came when.
type app struct {
	versions []string
	weights  []float64
	body     string // a template: VERSION, NUMBER (of the request, from 0), HOST, and Go's escapes as in \x1b
	header   string // a template likewise: Name: VERSION
	status   int
	failing  int64 // every so many-th request is answered with 503 and no version; 0 for none
	delay    time.Duration

	mu       sync.Mutex // guards what follows
	random   *rand.Rand
	received int64
}

// serveCommand starts a plain server: serve [-split v1=90,v2=10] [-body TEMPLATE] [-header TEMPLATE] [-status CODE]
// [-failing EVERY] [-delay D] [-seed N] [-tls | -unix FILE]. With -tls it writes its certificate to cert.pem.
func serveCommand(ts *testscript.TestScript, neg bool, args []string) {
	a := &app{}
	flags := flag.NewFlagSet("serve", flag.ContinueOnError)
	split := flags.String("split", "v1=90,v2=10", "")
	flags.StringVar(&a.body, "body", "VERSION", "")
	flags.StringVar(&a.header, "header", "", "")
	flags.IntVar(&a.status, "status", http.StatusOK, "")
	flags.Int64Var(&a.failing, "failing", 0, "")
	flags.DurationVar(&a.delay, "delay", 0, "")
	seed := flags.Uint64("seed", 1, "")
	secure := flags.Bool("tls", false, "")
	socket := flags.String("unix", "", "")
	if neg || flags.Parse(args) != nil || flags.NArg() > 0 {
		ts.Fatalf("usage: serve [flags]")
	}
	ts.Check(a.divide(*split))
	a.random = rand.New(rand.NewPCG(*seed, 1))
	body, err := strconv.Unquote(`"` + strings.ReplaceAll(a.body, `"`, `\"`) + `"`)
	ts.Check(err)
	a.body = body
	server := httptest.NewUnstartedServer(a)
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // a client that does not trust the certificate is no surprise
	a.start(ts, server, *secure, *socket)
	sceneOf(ts).received = a.count
}

func (a *app) start(ts *testscript.TestScript, server *httptest.Server, secure bool, socket string) {
	if socket != "" {
		l, err := net.Listen("unix", ts.MkAbs(socket))
		ts.Check(err)
		server.Listener.Close()
		server.Listener = l
	}
	if secure {
		server.StartTLS()
		certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
		ts.Check(os.WriteFile(ts.MkAbs("cert.pem"), certificate, 0o600))
	} else {
		server.Start()
	}
	ts.Defer(server.Close)
	ts.Setenv("URL", server.URL+"/version")
	ts.Setenv("ADDR", server.Listener.Addr().String())
	if _, port, err := net.SplitHostPort(server.Listener.Addr().String()); err == nil {
		ts.Setenv("PORT", port)
	}
}

func (a *app) divide(split string) error {
	for part := range strings.SplitSeq(split, ",") {
		name, weight, _ := strings.Cut(part, "=")
		w, err := strconv.ParseFloat(weight, 64)
		if err != nil {
			return fmt.Errorf("-split %s: %w", split, err)
		}
		a.versions, a.weights = append(a.versions, name), append(a.weights, w)
	}
	return nil
}

// ServeHTTP implements http.Handler.
func (a *app) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	version, n := a.draw()
	select {
	case <-time.After(a.delay):
	case <-r.Context().Done():
		return
	}
	if a.failing > 0 && n%a.failing == 0 {
		http.Error(w, "upstream connect error", http.StatusServiceUnavailable)
		return
	}
	fill := strings.NewReplacer("VERSION", version, "NUMBER", strconv.FormatInt(n, 10), "HOST", r.Host)
	if name, value, ok := strings.Cut(a.header, ": "); ok {
		w.Header().Set(name, fill.Replace(value))
	}
	w.WriteHeader(a.status)
	fill.WriteString(w, a.body)
}

func (a *app) draw() (version string, number int64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	number = a.received
	a.received++
	total := 0.0
	for _, w := range a.weights {
		total += w
	}
	at := a.random.Float64() * total
	for i, w := range a.weights {
		if at < w {
			return a.versions[i], number
		}
		at -= w
	}
	return a.versions[len(a.versions)-1], number
}

func (a *app) count() int64 {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.received
}
