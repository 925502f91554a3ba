package k8s

import (
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// Request is what a proxy looks at to choose a rule.
type Request struct {
	Scheme    string
	Method    string
	Host      string // lower case, without port and final dot
	Dialed    string // host of the URL, which Host may differ from
	Port      int    // that is dialled
	Authority string // the Host header as sent
	Path      string // escaped, without the query; at least "/"
	Query     url.Values
	Header    http.Header
}

// NewRequest describes a request for an absolute http or https URL. No method means GET. The host, else an entry Host
// of the header, else the URL's host is the Host header.
func NewRequest(method, rawURL, host string, header http.Header) (Request, error) {
	u, err := url.Parse(rawURL)
	if err != nil {
		return Request{}, fmt.Errorf("read the URL: %w", err)
	}
	if (u.Scheme != "http" && u.Scheme != "https") || u.Hostname() == "" {
		return Request{}, fmt.Errorf("URL %q is not absolute: write it as http://HOST:PORT/PATH", rawURL)
	}
	port, err := portOf(u)
	if err != nil {
		return Request{}, fmt.Errorf("URL %q: %w", rawURL, err)
	}
	r := Request{Scheme: u.Scheme, Method: method, Port: port, Path: u.EscapedPath(), Query: u.Query(), Header: header}
	if r.Method == "" {
		r.Method = http.MethodGet
	}
	if r.Path == "" {
		r.Path = "/"
	}
	r.Dialed = strings.ToLower(strings.TrimSuffix(u.Hostname(), "."))
	r.Authority = firstNonEmpty(host, header.Get("Host"), u.Host)
	r.Host = strings.ToLower(strings.TrimSuffix(withoutPort(r.Authority), "."))
	return r, nil
}

func portOf(u *url.URL) (int, error) {
	switch {
	case u.Port() != "":
		port, err := strconv.ParseUint(u.Port(), 10, 16)
		if err != nil || port == 0 {
			return 0, fmt.Errorf("port %s is not between 1 and 65535", u.Port())
		}
		return int(port), nil
	case u.Scheme == "https":
		return 443, nil
	default:
		return 80, nil
	}
}

func withoutPort(authority string) string {
	if host, _, err := net.SplitHostPort(authority); err == nil {
		return host
	}
	return strings.Trim(authority, "[]")
}

func firstNonEmpty(texts ...string) string {
	for _, text := range texts {
		if text != "" {
			return text
		}
	}
	return ""
}
