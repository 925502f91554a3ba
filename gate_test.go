package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"respy/diagnose"
	"respy/internal/fakemesh"
)

// serveGate starts a gate for checkers and returns its URL.
func serveGate(t *testing.T, limit time.Duration, checkers map[string]checker) (*gate, string) {
	t.Helper()
	g := &gate{limit: limit, targets: map[string]*target{}, log: io.Discard}
	for name, c := range checkers {
		g.targets[name] = newTarget(name, "http://"+name+"/", c)
	}
	s := httptest.NewServer(g.handler())
	t.Cleanup(s.Close)
	return g, s.URL
}

func concludes(verdict diagnose.Verdict) checker {
	return func(context.Context) (*diagnose.Conclusion, error) {
		c := diagnose.Undecided("http://weather/", "for a test")
		c.Verdict = verdict
		return c, nil
	}
}

// post returns the status and the body of an answer.
func post(t *testing.T, url, body string) (int, string) {
	t.Helper()
	resp, err := http.Post(url, "application/json", strings.NewReader(body))
	if err != nil {
		t.Error(err)
		return 0, ""
	}
	defer resp.Body.Close()
	text, _ := io.ReadAll(resp.Body)
	return resp.StatusCode, string(text)
}

func TestGateAnswers(t *testing.T) {
	_, url := serveGate(t, time.Second, map[string]checker{
		"right": concludes(diagnose.Match), "wrong": concludes(diagnose.Mismatch), "open": concludes(diagnose.Inconclusive),
		"broken": func(context.Context) (*diagnose.Conclusion, error) { return nil, errors.New("no such file") },
	})
	for _, test := range []struct {
		path, body string
		status     int
		contains   string
	}{
		{"/check", `{"target":"right"}`, 200, `"verdict": "match"`},
		{"/check?target=wrong", ``, 200, `"verdict": "mismatch"`},
		{"/check", `{"target":"open"}`, 200, `"verdict": "inconclusive"`},
		{"/check", `{"target":"broken"}`, 502, `no such file`},
		{"/check", `{"target":"http://elsewhere/"}`, 404, `no target`},
		{"/check", `{}`, 400, `name a target`},
		{"/check", `{"target":`, 400, `no JSON object`},
		{"/check", `{"target":1}`, 400, `no JSON object`},
		{"/check", `[1]`, 400, `no JSON object`},
		{"/check", `"` + strings.Repeat("x", maxBody) + `"`, 413, `more than 65536 bytes`},
		{"/flagger", `{"name":"weather","namespace":"default","phase":"Progressing","metadata":{"target":"right"}}`, 200, "MATCH"},
		{"/flagger", `{"metadata":{"target":"wrong"}}`, 412, "MISMATCH"},
		{"/flagger", `{"metadata":{"target":"open"}}`, 503, "INCONCLUSIVE"},
		{"/flagger", `{"metadata":{"target":"broken"}}`, 502, "no such file"},
	} {
		status, body := post(t, url+test.path, test.body)
		if status != test.status || !strings.Contains(body, test.contains) {
			t.Errorf("%s %.60s: %d %.200s, want %d with %q", test.path, test.body, status, body, test.status, test.contains)
		}
	}
	for path, want := range map[string]int{"/healthz": 200, "/readyz": 200, "/metrics": 200, "/check": 405, "/": 404} {
		resp, err := http.Get(url + path)
		if err != nil {
			t.Fatal(err)
		}
		if resp.Body.Close(); resp.StatusCode != want {
			t.Errorf("GET %s: %d, want %d", path, resp.StatusCode, want)
		}
	}
}

// Flagger logs the body, of which each finding is a line whatever it quotes.
func TestGateKeepsFindingsOnTheirLines(t *testing.T) {
	_, url := serveGate(t, time.Second, map[string]checker{"wrong": func(ctx context.Context) (*diagnose.Conclusion, error) {
		c, err := concludes(diagnose.Mismatch)(ctx)
		c.Findings = []diagnose.Finding{{ID: "id", Summary: "of \x1b[31ma\nb", Fix: "c\u009b"}}
		return c, err
	}})
	if _, body := post(t, url+"/flagger", ""); !strings.HasSuffix(body, "\nid: of [31ma b; fix: c\n") {
		t.Errorf("got %q", body)
	}
}

// Two hundred ask at once for a target that hangs: one check runs, a few wait, and all are answered in time.
func TestGateUnderACrowd(t *testing.T) {
	var running, most atomic.Int64
	g, url := serveGate(t, time.Second, map[string]checker{"slow": func(ctx context.Context) (*diagnose.Conclusion, error) {
		most.Store(max(most.Load(), running.Add(1)))
		defer running.Add(-1)
		<-ctx.Done()
		time.Sleep(300 * time.Millisecond) // it does not end with its context at once
		return nil, ctx.Err()
	}})
	before := runtime.NumGoroutine()
	started := time.Now()
	statuses := map[int]int{}
	var mu sync.Mutex
	var crowd sync.WaitGroup
	for range 200 {
		crowd.Go(func() {
			status, _ := post(t, url+"/check", "")
			mu.Lock()
			defer mu.Unlock()
			statuses[status]++
		})
	}
	crowd.Wait()
	if took := time.Since(started); took > 8*time.Second {
		t.Errorf("the answers took %s", took)
	}
	if most.Load() != 1 || statuses[http.StatusOK] == 0 || statuses[http.StatusTooManyRequests] < 100 {
		t.Errorf("%d checks at once, answers %v", most.Load(), statuses)
	}
	g.running.Wait()
	http.DefaultClient.CloseIdleConnections()
	for range 100 {
		if runtime.NumGoroutine() <= before+2 {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Errorf("%d goroutines, %d before", runtime.NumGoroutine(), before)
}

// The whole command, from flags to verdicts, against a mesh; a client that sends nothing is in nobody's way.
func TestServeChecksItsTargetsAlone(t *testing.T) {
	right, err := fakemesh.Start(fakemesh.Options{Versions: []string{"single", "multiple"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { right.Close() })
	url, end := startServe(t, "--target", "right="+right.URL()+"/version", "--target", "wrong="+right.URL()+"/version",
		"--expect", "single=50,multiple=50", "--alpha", rare, "--kube=false", "--envoy", "off")
	idle, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer idle.Close()
	status, body := post(t, url+"/check", `{"target":"wrong"}`)
	var c diagnose.Conclusion
	if err := json.Unmarshal([]byte(body), &c); err != nil || status != http.StatusOK || c.Verdict != diagnose.Mismatch || c.Test.Name != "e-process" {
		t.Errorf("%d %s %v", status, body, err)
	}
	checkMetrics(t, url, `respy_checks_total{outcome="mismatch",target="wrong"} 1`)
	if code := end(); code != 0 {
		t.Errorf("exit %d after it was asked to end", code)
	}
}

// startServe starts the command; end asks it to stop and returns its exit code.
func startServe(t *testing.T, args ...string) (url string, end func() int) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	reader, writer := io.Pipe()
	code := make(chan int, 1)
	go func() {
		code <- run(ctx, append([]string{"serve", "--listen", "127.0.0.1:0"}, args...), strings.NewReader(""), io.Discard, writer)
		writer.Close()
	}()
	line := make([]byte, 200)
	n, err := reader.Read(line)
	if err != nil {
		t.Fatal(err)
	}
	go io.Copy(io.Discard, reader)
	_, rest, found := strings.Cut(string(line[:n]), "http://")
	if !found {
		t.Fatalf("serve says %q", line[:n])
	}
	address, _, _ := strings.Cut(rest, " ")
	return "http://" + address, func() int { cancel(); return <-code }
}

// checkMetrics looks for a line, and has promtool read all of them where it is installed.
func checkMetrics(t *testing.T, url, want string) {
	t.Helper()
	resp, err := http.Get(url + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, _ := io.ReadAll(resp.Body)
	if !strings.Contains(string(text), want+"\n") {
		t.Errorf("metrics lack %s:\n%s", want, text)
	}
	command := exec.Command(tool(t, "promtool"), "check", "metrics")
	command.Stdin = bytes.NewReader(text)
	if out, err := command.CombinedOutput(); err != nil {
		t.Errorf("promtool: %v\n%s", err, out)
	}
}

func TestServeRefusesWhatIsNoTarget(t *testing.T) {
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for _, test := range []struct {
		args []string
		want string
	}{
		{[]string{"http://weather/"}, "takes no arguments"},
		{[]string{"--target", "weather"}, "NAME=URL"},
		{[]string{"--target", "a b=http://weather/"}, "no name for a target"},
		{[]string{"--target", "a=http://x/", "--target", "a=http://y/"}, "two targets a"},
		{[]string{"--target", "a=weather"}, "scheme"},
		{[]string{"--target", "a=http://x/", "--alpha", "2"}, "--alpha"},
		{[]string{"--target", "a=http://x/", "-f", "-"}, "give a file"},
		{[]string{"--timeout-check", "1ms"}, "too short"},
		{[]string{"--config", filepath.Join(dir, "absent")}, "no such file"},
		{[]string{"--config", file("unknown.yaml", "targets: {a: {adress: x}}")}, "adress"},
		{[]string{"--config", file("flags.yaml", "targets: {a: {url: 'http://x/', flags: [--nonsense]}}")}, "nonsense"},
		{[]string{"--config", file("output.yaml", "targets: {a: {url: 'http://x/', flags: [-o, json]}}")}, "prints nothing"},
		{[]string{"--config", file("two.yaml", "targets: {d: {}, c: {}, b: {}, a: {flags: [x]}, e: {}}")}, "target a: \"x\""},
		{[]string{"--config", file("twice.yaml", "targets: {a: {url: 'http://x/'}, a: {url: 'http://y/'}}")}, "already set"},
		{[]string{"--target", "d=x", "--target", "c=x", "--target", "b=x", "--target", "a=x"}, "target a: "},
	} {
		var stderr bytes.Buffer
		code := run(context.Background(), append([]string{"serve", "--listen", "127.0.0.1:0"}, test.args...), strings.NewReader(""), io.Discard, &stderr)
		if code != exitTrouble || !strings.Contains(stderr.String(), test.want) || strings.Count(stderr.String(), "\n") != 1 {
			t.Errorf("%v: exit %d, %q, want %q", test.args, code, stderr.String(), test.want)
		}
	}
	c := config{}
	s := serveConfig{file: file("good.yaml", fmt.Sprintf("targets: {a: {url: 'http://x/', flags: ['--expect=v1=90,v2=10', -n, '%d']}}", 500)), limit: 8 * time.Second, check: c}
	g, err := s.gate(streams{err: io.Discard})
	if err != nil || g.targets["a"] == nil {
		t.Errorf("%v, %v", g, err)
	}
}
