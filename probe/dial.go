package probe

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strings"
	"time"
)

// fallback is the time an address gets if another one is left to try. RFC 8305,
// section 5, has the same delay between attempts (250 ms).
const fallback = 300 * time.Millisecond

// endpoint is where connections go: a host and port, or a socket.
type endpoint struct {
	host, port string
	socket     string
	tls        *tls.Config // nil for plain HTTP
}

// resolve returns the IP addresses of the host, in the order in which they are
// to be tried (RFC 6724); none with a socket.
func (e endpoint) resolve(ctx context.Context, timeout time.Duration) ([]string, error) {
	if e.socket != "" {
		return nil, nil
	}
	if _, err := netip.ParseAddr(e.host); err == nil {
		return []string{e.host}, nil
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	found, err := net.DefaultResolver.LookupNetIP(ctx, "ip", e.host)
	if err != nil {
		return nil, dnsFault(e.host, err)
	}
	addresses := make([]string, len(found))
	for i, address := range found {
		addresses[i] = address.Unmap().String()
	}
	return addresses, nil
}

// targets returns what to dial: the resolved addresses with the port.
func (e endpoint) targets(addresses []string) []string {
	if e.socket != "" {
		return []string{e.socket}
	}
	targets := make([]string, len(addresses))
	for i, address := range addresses {
		targets[i] = net.JoinHostPort(address, e.port)
	}
	return targets
}

// dial connects to the first of the targets that accepts.
func (e endpoint) dial(ctx context.Context, targets []string, deadline time.Time, timeout time.Duration) (net.Conn, error) {
	network := "tcp"
	if e.socket != "" {
		network = "unix"
	}
	var failed error
	for i, target := range targets {
		// Connections live for seconds: probes for dead peers are not worth their
		// system calls.
		d := net.Dialer{Deadline: deadline, KeepAlive: -1}
		if i < len(targets)-1 {
			d.Timeout = fallback
		}
		conn, err := d.DialContext(ctx, network, target)
		if err == nil {
			return conn, nil
		}
		failed = dialFault(target, timeout, err)
	}
	return nil, failed
}

// secure sets the deadline of a new connection, and agrees on TLS over it if the
// endpoint has that.
func (e endpoint) secure(raw net.Conn, deadline time.Time, timeout time.Duration) (net.Conn, error) {
	if err := raw.SetDeadline(deadline); err != nil {
		return nil, exchangeFault(err, false, timeout)
	}
	if e.tls == nil {
		return raw, nil
	}
	conn := tls.Client(raw, e.tls)
	if err := conn.Handshake(); err != nil {
		return nil, handshakeFault(err, timeout)
	}
	return conn, nil
}

func handshakeFault(err error, timeout time.Duration) *fault {
	invalid, expired := errors.AsType[x509.CertificateInvalidError](err)
	expired = expired && invalid.Reason == x509.Expired
	header, notTLS := errors.AsType[tls.RecordHeaderError](err)
	switch {
	case isTimeout(err):
		return &fault{kind: KindTimeout, text: fmt.Sprintf("TLS handshake: no session within %v", timeout), err: err}
	case notTLS && looksLikeHTTP(header.RecordHeader[:]):
		return &fault{kind: KindTLS, text: "TLS handshake: the port speaks plain HTTP: use an http:// URL", err: err}
	case strings.HasSuffix(err.Error(), "no application protocol"): // alert 120 (RFC 7301, section 3.2)
		return &fault{kind: KindTLS, text: noALPN, err: err}
	case expired:
		return &fault{kind: KindTLS, text: "TLS handshake: " + validity(invalid.Cert), err: err}
	case errors.Is(err, io.EOF):
		return &fault{kind: KindTLS, text: "TLS handshake: the server closed the connection", err: err}
	}
	return &fault{kind: KindTLS, text: "TLS handshake: " + strings.TrimPrefix(reason(err), "tls: "), err: err}
}

// validity says when a certificate is valid; the text of the error itself has
// the time of day, and so is new every second.
func validity(cert *x509.Certificate) string {
	return fmt.Sprintf("x509: certificate has expired or is not yet valid: it is valid from %s to %s",
		cert.NotBefore.UTC().Format(time.RFC3339), cert.NotAfter.UTC().Format(time.RFC3339))
}

// looksLikeHTTP reports whether what came in place of a TLS record begins like a
// status line.
func looksLikeHTTP(start []byte) bool { return strings.HasPrefix(string(start), "HTTP/") }
