package envoy

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"
)

const (
	defaultPort = "15000" // of Istio's sidecars

	dialTimeout  = 2 * time.Second
	shortTimeout = 5 * time.Second  // small answers
	longTimeout  = 20 * time.Second // dumps and counters: megabytes in a large mesh

	shortLimit = 1 << 20   // bytes
	longLimit  = 256 << 20 // bytes
)

// An Admin is a client of one Envoy's admin interface. It may be used by several goroutines at once.
type Admin struct {
	base   *url.URL
	client *http.Client
}

// New returns a client for the address: a host, host:port, a port alone (on 127.0.0.1), or an http or https URL, whose path
// is kept so that `kubectl proxy` can stand between. The default port is 15000, of https 443. The error is one for the user to read.
func New(address string) (*Admin, error) {
	base, err := parseAddress(address)
	if err != nil {
		return nil, fmt.Errorf("address of an Envoy admin port %q: %w; write host, host:port or http://host:port", address, err)
	}
	return &Admin{base: base, client: newClient()}, nil
}

// newClient neither follows redirects nor uses the environment's proxies: the answer must be that of the very port asked.
// A connection is used once, so that none is left open during the run.
func newClient() *http.Client {
	return &http.Client{
		Transport: &http.Transport{
			DialContext:       (&net.Dialer{Timeout: dialTimeout}).DialContext,
			DisableKeepAlives: true,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

func parseAddress(address string) (*url.URL, error) {
	if address == "" {
		return nil, fmt.Errorf("it is empty")
	}
	text := address
	if !strings.Contains(text, "://") {
		text = "http://" + bracketed(text)
	}
	u, err := url.Parse(text)
	if err != nil {
		return nil, err
	}
	if u.Scheme != "http" && u.Scheme != "https" {
		return nil, fmt.Errorf("scheme %s is not http or https", u.Scheme)
	}
	if u.User != nil || u.RawQuery != "" || u.ForceQuery || u.Fragment != "" {
		return nil, fmt.Errorf("only a scheme, host, port and path are possible")
	}
	if err := fillHost(u, u.Scheme == "http"); err != nil {
		return nil, err
	}
	u.Path, u.RawPath = strings.TrimRight(u.Path, "/"), strings.TrimRight(u.RawPath, "/")
	return u, nil
}

// bracketed makes the host and port part of a URL from the shorter forms: a port alone and a bare IPv6 address.
func bracketed(address string) string {
	if _, err := strconv.ParseUint(address, 10, 16); err == nil {
		return ":" + address
	}
	if ip := net.ParseIP(address); ip != nil && strings.Contains(address, ":") {
		return "[" + address + "]"
	}
	return address
}

func fillHost(u *url.URL, wantPort bool) error {
	host, port := u.Hostname(), u.Port()
	if host == "" {
		host = "127.0.0.1"
	}
	if port == "" && wantPort {
		port = defaultPort
	}
	if !isHost(host) {
		return fmt.Errorf("host %q is neither a name nor an IP address", host)
	}
	if port == "" {
		u.Host = strings.TrimSuffix(net.JoinHostPort(host, ""), ":")
		return nil
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
		return fmt.Errorf("port %s is not one of 1 to 65535", port)
	}
	u.Host = net.JoinHostPort(host, port)
	return nil
}

// isHost reports whether a text is an IP address or of the characters that names of hosts have.
func isHost(text string) bool {
	if _, err := netip.ParseAddr(text); err == nil {
		return true
	}
	return !strings.ContainsFunc(text, func(r rune) bool {
		return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || strings.ContainsRune("-._", r))
	})
}

// String is the address, as host:port where it is not an unusual URL.
func (a *Admin) String() string {
	if a.base.Scheme == "http" && a.base.Path == "" {
		return a.base.Host
	}
	return a.base.String()
}

// answer is the response to a GET; status is 0 if there was none.
type answer struct {
	status int
	body   []byte
}

func (a *Admin) get(ctx context.Context, path string, query url.Values, timeout time.Duration, limit int64) (answer, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	target := a.base.JoinPath(path)
	target.RawQuery = query.Encode()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, target.String(), nil)
	if err != nil {
		return answer{}, fmt.Errorf("asking Envoy at %s for %s: %w", a, path, err)
	}
	res, err := a.client.Do(req)
	if err != nil {
		return answer{}, fmt.Errorf("asking Envoy at %s for %s: %w", a, path, cause(err))
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, limit+1))
	if err != nil {
		return answer{}, fmt.Errorf("reading %s of Envoy at %s: %w", path, a, err)
	}
	if int64(len(body)) > limit {
		return answer{}, fmt.Errorf("reading %s of Envoy at %s: larger than %d MiB", path, a, limit>>20)
	}
	return answer{status: res.StatusCode, body: body}, nil
}

// cause takes off the method and the URL that net/http puts around an error: the caller says them better.
func cause(err error) error {
	if e, ok := err.(*url.Error); ok {
		return e.Err
	}
	return err
}
