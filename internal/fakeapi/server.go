package fakeapi

import (
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Options say what the server holds and what it refuses. Kinds are written as in URLs: virtualservices.
type Options struct {
	Manifests []byte
	Forbidden []string // kinds that the user may not read; "*" for all
	Within    []string // namespaces in which the user may read them all the same
	Absent    []string // kinds that are not installed, or as kind/version that version of it
	Token     string   // that requests must bear; "" = any
	PageSize  int      // of a list, if it is less than what the request asks for; 0 = as asked

	Then []byte // manifests of a kind from when it is listed the second time; nil = the same
	Gone bool   // the server hangs up when a kind is listed the second time

	Silent bool // requests get no answer
}

// Server is an API server with a certificate of its own. Close it.
type Server struct {
	*httptest.Server
	options Options

	objects []object
	then    []object

	mu     sync.Mutex // guards what follows
	listed map[string]int
	paths  []string
}

// Start starts a server on the loopback device.
func Start(o Options) (*Server, error) {
	s := &Server{options: o, listed: map[string]int{}}
	var err error
	if s.objects, err = parse(o.Manifests); err != nil {
		return nil, err
	}
	if s.then, err = parse(o.Then); err != nil {
		return nil, err
	}
	s.Server = httptest.NewUnstartedServer(s)
	s.Config.ErrorLog = log.New(io.Discard, "", 0) // clients that give up are no surprise
	s.StartTLS()
	return s, nil
}

// Kubeconfig writes a kubeconfig for the server into a directory: its context is called test.
func (s *Server) Kubeconfig(dir string) (string, error) {
	ca := filepath.Join(dir, "ca.crt")
	if err := os.WriteFile(ca, s.CA(), 0o600); err != nil {
		return "", err
	}
	config := fmt.Sprintf(`apiVersion: v1
kind: Config
clusters: [{name: test, cluster: {server: %q, certificate-authority: ca.crt}}]
users: [{name: test, user: {token: %q}}]
contexts: [{name: test, context: {cluster: test, user: test}}]
current-context: test
`, s.URL, s.options.Token)
	file := filepath.Join(dir, "kubeconfig")
	return file, os.WriteFile(file, []byte(config), 0o600)
}

// Paths are the requests so far, with their queries.
func (s *Server) Paths() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.paths)
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if s.options.Silent {
		<-r.Context().Done()
		return
	}
	a, ok := parseAddress(r.URL.Path)
	objects := s.objects
	if s.note(r, a) {
		if s.options.Gone {
			panic(http.ErrAbortHandler)
		}
		if s.options.Then != nil {
			objects = s.then
		}
	}
	switch {
	case s.options.Token != "" && r.Header.Get("Authorization") != "Bearer "+s.options.Token:
		refuse(w, http.StatusUnauthorized, "Unauthorized")
	case !ok:
		http.NotFound(w, r)
	case s.forbids(a):
		refuse(w, http.StatusForbidden, fmt.Sprintf("%s is forbidden: User cannot list resource %q", a.plural, a.plural))
	case slices.Contains(s.options.Absent, a.plural) || slices.Contains(s.options.Absent, a.plural+"/"+a.version):
		http.NotFound(w, r)
	case a.name != "":
		one(w, a, objects)
	default:
		s.list(w, r, a, objects)
	}
}

// note remembers a request, and reports whether its kind is listed for the second time at least.
func (s *Server) note(r *http.Request, a address) (again bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.paths = append(s.paths, r.URL.RequestURI())
	key := a.group + "/" + a.plural
	if !r.URL.Query().Has("continue") && a.name == "" && a.namespace == "" {
		s.listed[key]++
	}
	return s.listed[key] > 1
}

func (s *Server) forbids(a address) bool {
	if slices.Contains(s.options.Within, a.namespace) {
		return false
	}
	return slices.Contains(s.options.Forbidden, "*") || slices.Contains(s.options.Forbidden, a.plural)
}

func one(w http.ResponseWriter, a address, objects []object) {
	found := find(objects, a, nil)
	if len(found) == 0 {
		refuse(w, http.StatusNotFound, fmt.Sprintf("%s %q not found", a.plural, a.name))
		return
	}
	w.Write(found[0].text)
}

func (s *Server) list(w http.ResponseWriter, r *http.Request, a address, objects []object) {
	found := find(objects, a, labelsOf(r.URL.Query().Get("labelSelector")))
	start, _ := strconv.Atoi(r.URL.Query().Get("continue")) // the server's own token
	size, err := strconv.Atoi(r.URL.Query().Get("limit"))
	if err != nil || s.options.PageSize > 0 {
		size = max(s.options.PageSize, 1)
	}
	end := min(start+size, len(found))
	list := page{Items: []json.RawMessage{}}
	list.Kind, list.APIVersion = a.kind()+"List", a.apiVersion()
	if end < len(found) {
		list.Metadata.Continue = strconv.Itoa(end)
	}
	for _, o := range found[min(start, end):end] {
		list.Items = append(list.Items, o.text)
	}
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(list)
}

// page is a list as it goes over the wire.
type page struct {
	Kind       string `json:"kind"`
	APIVersion string `json:"apiVersion"`
	Metadata   struct {
		Continue string `json:"continue,omitempty"`
	} `json:"metadata"`
	Items []json.RawMessage `json:"items"`
}

func find(objects []object, a address, labels map[string]string) []object {
	var found []object
	for _, o := range objects {
		if o.group == a.group && o.plural == a.plural && (a.namespace == "" || o.namespace == a.namespace) &&
			(a.name == "" || o.name == a.name) && o.has(labels) {
			found = append(found, o)
		}
	}
	return found
}

func (o object) has(labels map[string]string) bool {
	for key, value := range labels {
		if o.labels[key] != value {
			return false
		}
	}
	return true
}

// CA is the certificate of the server, in PEM.
func (s *Server) CA() []byte { return encodeCertificate(s.Certificate().Raw) }

func labelsOf(selector string) map[string]string {
	labels := map[string]string{}
	for term := range strings.SplitSeq(selector, ",") {
		if key, value, ok := strings.Cut(term, "="); ok {
			labels[key] = value
		}
	}
	return labels
}
