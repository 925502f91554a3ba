package probe

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// userAgent is sent unless the user sets another.
const userAgent = "respy"

// template is the request as bytes. Only the fields that a session adds between
// head and tail differ from request to request.
type template struct {
	head []byte // request line and header fields
	tail []byte // the empty line and the body

	method string
	target *url.URL
	host   string
	header http.Header
	length int
}

// request is the same as a value, without the body; header fields may be added to it.
func (t template) request() *http.Request {
	return &http.Request{
		Method: t.method, URL: t.target, Host: t.host, Header: t.header.Clone(), ContentLength: int64(t.length),
		Proto: "HTTP/2.0", ProtoMajor: 2,
	}
}

// with returns the request with further header lines, each ending in CRLF.
func (t template) with(fields string) []byte {
	return slices.Concat(t.head, []byte(fields), t.tail)
}

// newTemplate prepares the request that valid options describe. Fields named in
// omit are left out.
func newTemplate(o Options, target *url.URL, omit ...string) template {
	header := fields(o, target, omit)
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s %s HTTP/1.1\r\nHost: %s\r\n", o.Method, target.RequestURI(), hostHeader(o, target))
	writeFields(&b, header)
	if len(o.Body) > 0 || expectsBody(o.Method) {
		fmt.Fprintf(&b, "Content-Length: %d\r\n", len(o.Body))
	}
	return template{
		head: b.Bytes(), tail: append([]byte("\r\n"), o.Body...),
		method: o.Method, target: target, host: hostHeader(o, target), header: header, length: len(o.Body),
	}
}

// fields returns the header fields, those named in omit left out.
func fields(o Options, target *url.URL, omit []string) http.Header {
	header := canonical(o.Header)
	if _, set := header["User-Agent"]; !set {
		header.Set("User-Agent", userAgent)
	}
	if user := target.User; user != nil && header.Get("Authorization") == "" {
		password, _ := user.Password()
		basic := base64.StdEncoding.EncodeToString([]byte(user.Username() + ":" + password))
		header.Set("Authorization", "Basic "+basic)
	}
	switch {
	case o.Protocol != HTTP1:
		omit = append(omit, "Connection") // HTTP/2 has no such field (RFC 9113, section 8.2.2)
	case o.Reuse == 1 && header.Get("Connection") == "":
		header.Set("Connection", "close")
	}
	for _, name := range append(omit, "Host") {
		header.Del(name)
	}
	return header
}

// writeFields writes the header lines by name; a field set to "" alone is left
// out, so that a default can be taken away.
func writeFields(b *bytes.Buffer, header http.Header) {
	for _, name := range slices.Sorted(maps.Keys(header)) {
		for _, value := range header[name] {
			if value = strings.TrimSpace(value); value != "" || name != "User-Agent" {
				fmt.Fprintf(b, "%s: %s\r\n", name, value)
			}
		}
	}
}

// expectsBody reports whether a request of this method says that its body is
// empty (RFC 9110, section 8.6).
func expectsBody(method string) bool {
	return method == http.MethodPost || method == http.MethodPut || method == http.MethodPatch
}

// resendable reports whether a request may be sent again when the connection
// was closed before its answer: the idempotent methods of RFC 9110, section
// 9.2.2.
func resendable(method string) bool {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodPut, http.MethodDelete, http.MethodTrace:
		return true
	}
	return false
}

// hostHeader returns the value of the Host header.
func hostHeader(o Options, target *url.URL) string {
	switch {
	case o.Host != "":
		return o.Host
	case o.Header.Get("Host") != "":
		return strings.TrimSpace(o.Header.Get("Host"))
	}
	return withoutZone(target.Host)
}

// withoutZone takes the zone off an IPv6 address: it means something on this
// machine only (RFC 6874, section 4).
func withoutZone(host string) string {
	zone := strings.IndexByte(host, '%')
	end := strings.LastIndexByte(host, ']')
	if zone < 0 || end < zone {
		return host
	}
	return host[:zone] + host[end:]
}
