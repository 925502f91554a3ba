package report_test

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"respy/diagnose"
	"respy/report"
)

// browser is Chromium, which make tools installs.
func browser(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	if os.Getenv("CI") == "true" {
		t.Fatal("no chromium: run make tools")
	}
	t.Skip("no chromium: run make tools")
	return ""
}

// visits are the requests that a server got.
type visits struct {
	mu   sync.Mutex // guards list
	list []string
}

func (v *visits) add(r *http.Request) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.list = append(v.list, r.Method+" "+r.URL.String())
}

func (v *visits) all() string {
	v.mu.Lock()
	defer v.mu.Unlock()
	return strings.Join(v.list, ", ")
}

// Chromium shows the page without a complaint on its console and without a request to anyone, hostile names or not. What
// the page may not do is an error on the console too, as its policy forbids it.
func TestBrowserLoadsThePage(t *testing.T) {
	chromium := browser(t)
	for name, conclude := range map[string]func(url string) *diagnose.Conclusion{
		"a run": func(string) *diagnose.Conclusion { return drawn(1000, 90, 10) },
		"hostile": func(url string) *diagnose.Conclusion {
			return drawnEverywhere(`"'><img src=` + url + `/img onerror=console.error(1)><script src=` + url + `/js></script></svg><style>@import "` + url + `/css"`)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var seen visits
			server := httptest.NewUnstartedServer(nil)
			page := render(t, report.FormatHTML, conclude("http://"+server.Listener.Addr().String()))
			server.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				seen.add(r)
				w.Header().Set("Content-Type", "text/html")
				w.Write([]byte(page))
			})
			server.Start()
			defer server.Close()
			dom, log := load(t, chromium, server.URL+"/")
			if got := seen.all(); got != "GET /" {
				t.Errorf("the browser sent %q, want the page's request alone", got)
			}
			if lines := regexp.MustCompile(`.*CONSOLE.*`).FindAllString(log, -1); len(lines) > 0 {
				t.Errorf("the console says %q", lines)
			}
			for _, want := range []string{"</footer>", `role="img"`, `<h1><span aria-hidden="true">`} {
				if !strings.Contains(dom, want) {
					t.Errorf("the document lacks %s", want)
				}
			}
			for _, unwanted := range []string{"<script", "<img"} {
				if strings.Contains(dom, unwanted) {
					t.Errorf("the document holds %s", unwanted)
				}
			}
		})
	}
}

// A page that does what a report never does is noticed: else the test above would prove nothing.
func TestBrowserNoticesRequestsAndErrors(t *testing.T) {
	chromium := browser(t)
	var seen visits
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen.add(r)
		w.Header().Set("Content-Type", "text/html")
		w.Write([]byte(`<!DOCTYPE html><img src="/other"><script>console.error("trouble")</script>`))
	}))
	defer server.Close()
	_, log := load(t, chromium, server.URL+"/")
	if !strings.Contains(seen.all(), "GET /other") || !strings.Contains(log, "trouble") {
		t.Errorf("the browser sent %q and logged %s", seen.all(), log)
	}
}

// load opens a URL and returns the document as the browser has it, and its log. Nothing but loopback is reached.
func load(t *testing.T, chromium, url string) (dom, log string) {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), 2*time.Minute)
	defer stop()
	cmd := exec.CommandContext(ctx, chromium, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
		"--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
		"--user-data-dir="+t.TempDir(), "--proxy-server="+closedPort(t), "--enable-logging=stderr", "--dump-dom", url)
	var out, err strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &err
	if e := cmd.Run(); e != nil {
		t.Fatalf("chromium: %v\n%s", e, err.String())
	}
	return out.String(), err.String()
}

// closedPort is a proxy that takes no requests; those to loopback go without it.
func closedPort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}
