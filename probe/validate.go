package probe

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// validate fills in the defaults of o and returns the target. Its errors are
// about what the user asked for.
func validate(o *Options) (*url.URL, error) {
	o.Method = strings.ToUpper(o.Method)
	if o.Method == "" {
		o.Method = http.MethodGet
	}
	if o.Timeout == 0 {
		o.Timeout = DefaultTimeout
	}
	o.Header = canonical(o.Header)
	if hasToken(o.Header.Values("Connection"), "close") {
		o.Reuse = 1
	}
	target, err := parseTarget(o.URL)
	if err != nil {
		return nil, err
	}
	return target, cmp.Or(validateLoad(*o), validateRequest(*o), validateSession(o.Session), validateDial(*o), validateProtocol(*o, target))
}

// canonical returns a copy of h with canonical names.
func canonical(h http.Header) http.Header {
	c := make(http.Header, len(h))
	for _, name := range slices.Sorted(maps.Keys(h)) {
		for _, value := range h[name] {
			c.Add(name, value)
		}
	}
	return c
}

// parseTarget reads the URL.
func parseTarget(raw string) (*url.URL, error) {
	if raw == "" {
		return nil, errors.New("no URL given: write one like http://weather-backend:5000/version")
	}
	target, err := url.Parse(raw)
	if err != nil || target.Scheme == "" || target.Opaque != "" {
		if !strings.Contains(raw, "://") {
			return nil, fmt.Errorf("URL %q has no scheme: write http://%s", raw, raw)
		}
		return nil, fmt.Errorf("URL %q is not valid: %w", raw, err)
	}
	switch {
	case target.Scheme != "http" && target.Scheme != "https":
		return nil, fmt.Errorf("URL %q has the scheme %s: use http or https", raw, target.Scheme)
	case target.Hostname() == "":
		return nil, fmt.Errorf("URL %q has no host", raw)
	case !isHost(target.Host):
		return nil, fmt.Errorf("URL %q: host %q has characters that no host has; write an international name in its xn-- form", raw, target.Host)
	case target.Port() != "" && !isPort(target.Port()):
		return nil, fmt.Errorf("URL %q: port %s is not between 1 and 65535", raw, target.Port())
	}
	target.RawQuery = strings.ReplaceAll(target.RawQuery, " ", "%20") // url.Parse lets a blank pass, which would end the request target
	return target, nil
}

func validateLoad(o Options) error {
	switch {
	case o.Requests < 0:
		return fmt.Errorf("requests: %d is negative", o.Requests)
	case o.Duration < 0:
		return fmt.Errorf("duration: %v is negative", o.Duration)
	case o.Requests == 0 && o.Duration == 0:
		return errors.New("neither a number of requests nor a duration is given: the run would not end")
	case o.Concurrency < 1:
		return fmt.Errorf("concurrency: %d is less than 1", o.Concurrency)
	case o.Rate < 0 || math.IsNaN(o.Rate) || math.IsInf(o.Rate, 0):
		return fmt.Errorf("rate: %v is no number of requests per second; 0 means as fast as answers come", o.Rate)
	case o.Timeout < 0:
		return fmt.Errorf("timeout: %v is negative", o.Timeout)
	case o.Reuse < 0:
		return fmt.Errorf("connection-reuse: %d is negative; 0 means no limit", o.Reuse)
	}
	return nil
}

func validateRequest(o Options) error {
	if !isToken(o.Method) || o.Method == http.MethodConnect {
		return fmt.Errorf("method %q cannot be sent: use GET, POST or another request method", o.Method)
	}
	if o.Host != "" && !isHost(o.Host) {
		return fmt.Errorf("host %q has characters that no host has", o.Host)
	}
	for name, values := range o.Header {
		if err := validateField(name, values); err != nil {
			return err
		}
	}
	return nil
}

func validateField(name string, values []string) error {
	if !isToken(name) {
		return fmt.Errorf("header %q: a name has no blanks, colons or control characters", name)
	}
	switch http.CanonicalHeaderKey(name) {
	case "Content-Length", "Transfer-Encoding":
		return fmt.Errorf("header %s is set from the body: leave it out", name)
	case "Host":
		if len(values) > 1 || len(values) == 1 && !isHost(strings.TrimSpace(values[0])) {
			return fmt.Errorf("header Host: %q is not one host", values)
		}
	}
	for _, value := range values {
		if strings.ContainsFunc(value, isControl) {
			return fmt.Errorf("header %s: its value %q has a line break or another control character", name, value)
		}
	}
	return nil
}

func validateSession(s Session) error {
	switch {
	case s.Header != "" && s.Cookie != "":
		return errors.New("session-header and session-cookie exclude each other: give one")
	case s.on() && !isToken(s.Header+s.Cookie):
		return fmt.Errorf("session: %q is no name of a header or cookie", s.Header+s.Cookie)
	case s.Header != "" && validateField(s.Header, nil) != nil, http.CanonicalHeaderKey(s.Header) == "Host":
		return fmt.Errorf("session-header %s cannot differ from session to session: use another header", s.Header)
	case s.on() && s.Requests < 1:
		return fmt.Errorf("session-requests: %d is less than 1", s.Requests)
	}
	return nil
}

func validateDial(o Options) error {
	if o.UnixSocket != "" && len(o.ConnectTo) > 0 {
		return errors.New("unix-socket and connect-to exclude each other: give one")
	}
	if (o.TLS.CertFile == "") != (o.TLS.KeyFile == "") {
		return errors.New("cert and key go together: give both")
	}
	return nil
}

func validateProtocol(o Options, target *url.URL) error {
	switch {
	case o.Protocol == HTTP2 && target.Scheme != "https":
		return errors.New("--http2 is agreed on by TLS: give an https:// URL, or --h2c for plain text")
	case o.Protocol == H2C && target.Scheme != "http":
		return errors.New("--h2c is plain text: give an http:// URL, or --http2 for TLS")
	}
	return nil
}

// isToken reports whether s is a token of RFC 9110, section 5.6.2.
func isToken(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool {
		return r <= ' ' || r >= 0x7f || strings.ContainsRune(`"(),/:;<=>?@[\]{}`, r)
	})
}

// isHost reports whether s can stand in a Host header: ASCII without anything
// that would end the header or the host.
func isHost(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool {
		return r <= ' ' || r >= 0x7f || strings.ContainsRune(`"'(),/;<>?@\^{|}`+"`", r)
	})
}

func isControl(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }

func isPort(s string) bool {
	n, err := strconv.ParseUint(s, 10, 16)
	return err == nil && n > 0
}

// hasToken reports whether a header has an element in its comma-separated lists.
func hasToken(values []string, token string) bool {
	for _, value := range values {
		for element := range strings.SplitSeq(value, ",") {
			if strings.EqualFold(strings.TrimSpace(element), token) {
				return true
			}
		}
	}
	return false
}
