package cluster

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

const emptyServices = `{"kind":"ServiceList","apiVersion":"v1","metadata":{},"items":[]}`

// onlyServices answers for Services as a function says, and knows no other kind.
func onlyServices(serve http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasSuffix(r.URL.Path, "/services") {
			http.NotFound(w, r)
			return
		}
		serve(w, r)
	}
}

func TestServersThatFail(t *testing.T) {
	for name, test := range map[string]struct {
		serve http.HandlerFunc
		want  string
	}{
		"unauthorized": {func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusUnauthorized)
			io.WriteString(w, `{"kind":"Status","message":"Unauthorized"}`)
		}, "does not accept the credentials: status 401: Unauthorized"},
		"another web server": {http.NotFound, "it is no API server of Kubernetes: it knows no Services, Pods or EndpointSlices"},
		"a page":             {func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "<html>") }, "the answer is not a list of the Kubernetes API: invalid character"},
		"another list":       {func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, `{"kind":"PodList","items":[]}`) }, "cannot be read"},
		"cut off": {func(w http.ResponseWriter, _ *http.Request) {
			io.WriteString(w, `{"kind":"ServiceList","items":[{"metadata"`)
		}, "it is cut off"},
		"not closed": {func(w http.ResponseWriter, _ *http.Request) {
			io.WriteString(w, strings.TrimSuffix(emptyServices, "}"))
		}, "it is cut off"},
		"an object": {func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, `{}`) }, "its kind is"},
		"escapes":   {func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, `{"kind":"`+"\\u001b\\u000a"+`"}`) }, "its kind is"},
		"redirect":  {func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/elsewhere", http.StatusFound) }, "status 302"},
		"busy":      {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) }, "status 503"},
	} {
		t.Run(name, func(t *testing.T) {
			c := handler(t, test.serve)
			_, err := c.Read(t.Context(), Scope{})
			if err == nil || !strings.Contains(err.Error(), test.want) || strings.ContainsAny(err.Error(), "\n\x1b") {
				t.Errorf("got %v, want %q in it", err, test.want)
			}
		})
	}
}

// TestAPartFails has one kind that cannot be read, and objects that no API server would have stored.
func TestAPartFails(t *testing.T) {
	c := handler(t, func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasSuffix(r.URL.Path, "/services"):
			io.WriteString(w, `{"kind":"ServiceList","items":[{"metadata":{"name":"a","namespace":"b"}},{"metadata":{"name":"A"}},7]}`)
		case strings.HasSuffix(r.URL.Path, "/virtualservices"):
			io.WriteString(w, `{"kind":"VirtualServiceList","items":null,"metadata":{"resourceVersion":"1"}}`)
		case strings.HasSuffix(r.URL.Path, "/destinationrules"):
			io.WriteString(w, "garbage")
		default:
			http.NotFound(w, r)
		}
	})
	r := read(t, c, Scope{})
	if len(r.Objects.Services) != 1 || r.Objects.Complete["Service"] || r.Objects.Complete["DestinationRule"] || !r.Objects.Complete["VirtualService"] {
		t.Errorf("Services %v, complete %v", r.Objects.Services, r.Objects.Complete)
	}
	all := strings.Join(sentences(r.Unseen()), "\n")
	for _, want := range []string{"did not give DestinationRules", "left out, as it cannot be read: Service", "a number where an object is needed"} {
		if !strings.Contains(all, want) {
			t.Errorf("%q lacks %q", all, want)
		}
	}
}

func TestBusyServerIsAskedAgain(t *testing.T) {
	var mu sync.Mutex
	asked := 0
	c := handler(t, onlyServices(func(w http.ResponseWriter, _ *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		if asked++; asked < attempts {
			w.Header().Set("Retry-After", "0")
			w.WriteHeader(http.StatusTooManyRequests)
			return
		}
		io.WriteString(w, emptyServices)
	}))
	read(t, c, Scope{})
	if asked != attempts {
		t.Errorf("asked %d times, want %d", asked, attempts)
	}
}

func TestExpiredListIsBegunAgainOnce(t *testing.T) {
	for name, expires := range map[string]int{"once": 1, "always": 99} {
		t.Run(name, func(t *testing.T) {
			var mu sync.Mutex
			expired, begun := 0, 0
			c := handler(t, onlyServices(func(w http.ResponseWriter, r *http.Request) {
				mu.Lock()
				defer mu.Unlock()
				switch {
				case r.URL.Query().Get("continue") == "":
					begun++
					io.WriteString(w, `{"kind":"ServiceList","metadata":{"continue":"x"},"items":[{"metadata":{"name":"a","namespace":"b"}}]}`)
				case expired < expires:
					expired++
					w.WriteHeader(http.StatusGone)
				default:
					io.WriteString(w, `{"kind":"ServiceList","items":[{"metadata":{"name":"c","namespace":"b"}}]}`)
				}
			}))
			r, err := c.Read(t.Context(), Scope{})
			if begun != 2 {
				t.Errorf("the list was begun %d times, want 2", begun)
			}
			if expires == 1 && (err != nil || len(r.Objects.Services) != 2 || len(r.Objects.Replaced) > 0) {
				t.Errorf("got %+v, %v", r, err)
			}
			if expires > 1 && (err != nil || r.Objects.Complete["Service"]) {
				t.Errorf("a list that was never read whole counts as complete: %v", err)
			}
		})
	}
}

func TestSlowServer(t *testing.T) {
	done := make(chan struct{})
	c := handler(t, func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-r.Context().Done():
		case <-done:
		}
	})
	t.Cleanup(func() { close(done) })
	cause := errors.New("no more than that")
	ctx, cancel := context.WithTimeoutCause(t.Context(), 50*time.Millisecond, cause)
	defer cancel()
	started := time.Now()
	_, err := c.Read(ctx, Scope{})
	if err == nil || !strings.Contains(err.Error(), cause.Error()) {
		t.Errorf("got %v, want %v in it", err, cause)
	}
	if took := time.Since(started); took > 5*time.Second {
		t.Errorf("took %s", took)
	}
}
