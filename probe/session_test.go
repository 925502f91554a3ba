package probe

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// visitor is what a server saw of one session.
type visitor struct {
	mu    sync.Mutex // guards calls
	calls map[string][]string
}

// note adds a connection's address to a session.
func (v *visitor) note(session, remote string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.calls == nil {
		v.calls = map[string][]string{}
	}
	v.calls[session] = append(v.calls[session], remote)
}

func TestSession_byHeader(t *testing.T) {
	for _, test := range []struct{ requests, size, concurrency int }{{20, 5, 1}, {23, 5, 4}, {3, 5, 10}, {40, 1, 7}} {
		var seen visitor
		url := serveHTTP(t, func(w http.ResponseWriter, r *http.Request) {
			seen.note(strings.Join(r.Header.Values("X-User"), ","), r.RemoteAddr)
			io.WriteString(w, "single")
		})
		order := map[int64]int{}
		r := send(t, Options{URL: url, Requests: test.requests, Concurrency: test.concurrency,
			Header:  http.Header{"X-User": {"replaced"}},
			Session: Session{Header: "x-user", Requests: test.size},
			Observe: func(a Answer) bool { order[a.Session]++; return true }})
		checkCounts(t, r, map[string]int64{"single": int64(test.requests)})
		want := map[string]int{}
		for i := range test.requests {
			want[fmt.Sprintf("respy-%d", i/test.size)]++
		}
		got := map[string]int{}
		owner := map[string]string{}
		for session, calls := range seen.calls {
			got[session] = len(calls)
			for _, remote := range calls {
				if other, taken := owner[remote]; taken && other != session {
					t.Errorf("%+v: %s and %s share a connection", test, other, session)
				}
				owner[remote] = session
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%+v: requests by session (-want +got):\n%s", test, diff)
		}
		if len(owner) != len(want) || len(order) != len(want) {
			t.Errorf("%+v: %d sessions on %d connections, observed %d", test, len(want), len(owner), len(order))
		}
	}
}

func TestSession_byCookie(t *testing.T) {
	var seen visitor
	var mu sync.Mutex // guards issued
	issued := 0
	url := serveHTTP(t, func(w http.ResponseWriter, r *http.Request) {
		if len(r.Header.Values("Cookie")) != 1 {
			t.Errorf("Cookie lines: %q", r.Header.Values("Cookie"))
		}
		cookie, err := r.Cookie("sticky")
		if err != nil {
			mu.Lock()
			issued++
			cookie = &http.Cookie{Name: "sticky", Value: fmt.Sprintf("user%d", issued)}
			mu.Unlock()
			http.SetCookie(w, &http.Cookie{Name: "other", Value: "x"})
			http.SetCookie(w, cookie)
		}
		if theme, err := r.Cookie("theme"); err != nil || theme.Value != "dark" {
			t.Errorf("the user's own cookie is %v, %v", theme, err)
		}
		if _, err := r.Cookie("other"); err == nil {
			t.Error("a cookie of another name was kept")
		}
		seen.note(cookie.Value, r.RemoteAddr)
		io.WriteString(w, "single")
	})
	r := send(t, Options{URL: url, Requests: 22, Concurrency: 3, Header: http.Header{"Cookie": {"theme=dark"}},
		Session: Session{Cookie: "sticky", Requests: 4}})
	checkCounts(t, r, map[string]int64{"single": 22})
	sizes := map[int]int{}
	for _, calls := range seen.calls {
		sizes[len(calls)]++
	}
	if diff := cmp.Diff(map[int]int{4: 5, 2: 1}, sizes); diff != "" {
		t.Errorf("sessions by size (-want +got):\n%s", diff)
	}
}

func TestSession_dropsADeletedCookie(t *testing.T) {
	var cookies []string
	url := serveHTTP(t, func(w http.ResponseWriter, r *http.Request) {
		cookies = append(cookies, r.Header.Get("Cookie"))
		cookie := &http.Cookie{Name: "sticky", Value: fmt.Sprint(len(cookies))}
		if len(cookies) == 2 {
			cookie.MaxAge = -1
		}
		http.SetCookie(w, cookie)
		io.WriteString(w, "single")
	})
	send(t, Options{URL: url, Requests: 4, Session: Session{Cookie: "sticky", Requests: 4}})
	if diff := cmp.Diff([]string{"", "sticky=1", "", "sticky=3"}, cookies); diff != "" {
		t.Errorf("cookies (-want +got):\n%s", diff)
	}
}

func TestRun_keepsNoCookies(t *testing.T) {
	url := serveHTTP(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Cookie") != "" {
			t.Errorf("cookie %q", r.Header.Get("Cookie"))
		}
		http.SetCookie(w, &http.Cookie{Name: "sticky", Value: "1"})
		io.WriteString(w, "single")
	})
	send(t, Options{URL: url, Requests: 5})
}
