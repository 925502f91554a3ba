package fakemesh

import (
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
)

// begin starts a mesh that ends with the test.
func begin(t *testing.T, o Options) *Mesh {
	t.Helper()
	m, err := Start(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	})
	return m
}

// client returns a client that uses each connection for one request, or for all.
func client(t *testing.T, keep bool) *http.Client {
	t.Helper()
	transport := &http.Transport{DisableKeepAlives: !keep}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

// get returns the trimmed body with the status before it where that is not 200.
func get(t *testing.T, c *http.Client, r *http.Request) (string, *http.Response) {
	t.Helper()
	resp, err := c.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	text := strings.TrimSpace(string(body))
	if resp.StatusCode != http.StatusOK {
		text = strconv.Itoa(resp.StatusCode) + " " + text
	}
	return text, resp
}

func request(t *testing.T, url string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// send returns the answers to n requests in order.
func send(t *testing.T, m *Mesh, c *http.Client, n int) []string {
	t.Helper()
	answers := make([]string, n)
	for i := range answers {
		answers[i], _ = get(t, c, request(t, m.URL()))
	}
	return answers
}

func tally(answers []string) map[string]int {
	counts := make(map[string]int)
	for _, a := range answers {
		counts[a]++
	}
	return counts
}

// admin decodes what the admin endpoint answers for a path.
func admin[T any](t *testing.T, m *Mesh, path string) T {
	t.Helper()
	text, _ := get(t, client(t, false), request(t, "http://"+m.AdminAddr()+path))
	var v T
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%s: %v in %s", path, err, text)
	}
	return v
}
