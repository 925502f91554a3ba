package probe

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/net/http2"
)

// Protocol is the version of HTTP that requests are sent by.
type Protocol int

// Protocols.
const (
	HTTP1 Protocol = iota // HTTP/1.1
	HTTP2                 // HTTP/2 over TLS, agreed on by ALPN (RFC 9113, section 3.2)
	H2C                   // HTTP/2 in plain text, by prior knowledge (RFC 9113, section 3.3)
)

// atOnce is how many requests share a connection at a time; RFC 9113, section 6.5.2, asks servers to allow that many.
const atOnce = 100

// maxUnread is how many bytes of a body the server may send ahead of their being read.
const maxUnread = 256 << 10

// streams are the HTTP/2 connections of a run, which its workers share.
type streams struct {
	*run
	transport *http.Transport
	mu        sync.Mutex    // guards what follows, and the counts of its connections
	current   *streamedConn // that takes further requests, nil if none does
}

// streamedConn is one HTTP/2 connection.
type streamedConn struct {
	*http.ClientConn
	number int64
	ready  chan struct{} // closed once others may use it
	share  func()        // closes ready
	failed error         // why it could not be dialled

	taken, open int  // requests that it was given, and those that have not ended
	closing     bool // it takes no more
	named       atomic.Bool
}

// newStreams is nil for HTTP/1.1.
func newStreams(r *run) *streams {
	if r.options.Protocol == HTTP1 {
		return nil
	}
	s := &streams{run: r, transport: &http.Transport{
		DialContext: r.dialStreams, DialTLSContext: r.dialStreams,
		DisableCompression: true, MaxResponseHeaderBytes: maxHead, Protocols: new(http.Protocols),
		IdleConnTimeout: lull(r.options),
		HTTP2: &http.HTTP2Config{
			MaxReceiveBufferPerStream: maxUnread,
			WriteByteTimeout:          r.options.Timeout, // for a server that sends what has to be acknowledged, and does not read
		},
	}}
	// Up to Go 1.26 net/http's own copy of this package locks itself out, and RoundTrip with it, on a WINDOW_UPDATE that is
	// too large. The error is that of a transport which has been configured.
	//lint:ignore SA1019 see above
	_ = http2.ConfigureTransport(s.transport)
	s.transport.Protocols.SetHTTP2(r.options.Protocol == HTTP2)
	s.transport.Protocols.SetUnencryptedHTTP2(r.options.Protocol == H2C)
	return s
}

// lull is for how long a connection may have nothing to do, 0 for ever. The transport keeps a connection that was closed in
// memory for that time too, or for five seconds: at full speed these would be thousands. Only a slow pace leaves one that
// is to take more requests without any for so long.
func lull(o Options) time.Duration {
	const long, brisk = 500 * time.Millisecond, 10 // requests of each worker in a second
	if o.Rate > 0 && o.Rate < brisk*float64(o.Concurrency) {
		return 0
	}
	return long
}

// dialStreams connects to the endpoint, whatever the address: that is what --connect-to and the like ask for.
func (r *run) dialStreams(ctx context.Context, _, _ string) (net.Conn, error) {
	deadline, _ := ctx.Deadline()
	raw, err := r.endpoint.dial(ctx, r.addresses, deadline, r.options.Timeout)
	if err != nil {
		return nil, err
	}
	release := context.AfterFunc(ctx, func() { raw.Close() })
	conn, err := r.endpoint.secure(raw, deadline, r.options.Timeout)
	release()
	if err == nil {
		err = agreed(conn)
	}
	if err != nil {
		raw.Close()
		return nil, err
	}
	return conn, raw.SetDeadline(time.Time{})
}

// agreed checks that a server with TLS has chosen HTTP/2.
func agreed(conn net.Conn) error {
	encrypted, ok := conn.(*tls.Conn)
	if !ok || encrypted.ConnectionState().NegotiatedProtocol == "h2" {
		return nil
	}
	return &fault{kind: KindTLS, text: noALPN}
}

const noALPN = "TLS handshake: the server does not offer the protocol (ALPN): try with or without --http2"

// lease returns a connection that takes one more request; fresh says that it was made for it. That request has to share
// it once it was written: so it is the first on the connection, and a server that turns it down turns all down.
func (s *streams) lease(ctx context.Context) (c *streamedConn, fresh bool, err error) {
	s.mu.Lock()
	c = s.current
	if fresh = c == nil || !s.takes(c); fresh {
		s.retire(c)
		ready := make(chan struct{})
		c = &streamedConn{number: none, ready: ready, share: sync.OnceFunc(func() { close(ready) })}
		s.current = c
	}
	c.taken++
	c.open++
	s.mu.Unlock()
	if fresh {
		if c.ClientConn, c.failed = s.dial(ctx); c.failed != nil {
			c.share()
			return c, true, c.failed
		}
		c.number = s.connections.Add(1) - 1
		return c, true, nil
	}
	select {
	case <-c.ready:
		return c, false, c.failed
	case <-ctx.Done():
		return c, false, ctx.Err()
	}
}

func (s *streams) dial(ctx context.Context) (*http.ClientConn, error) {
	scheme := "http"
	if s.options.Protocol == HTTP2 {
		scheme = "https"
	}
	return s.transport.NewClientConn(ctx, scheme, net.JoinHostPort(s.endpoint.host, s.endpoint.port))
}

// takes reports whether a connection may be given one more request.
func (s *streams) takes(c *streamedConn) bool {
	limit := s.options.Reuse
	switch {
	case c.closing, c.open >= atOnce, limit > 0 && c.taken >= limit:
		return false
	}
	select {
	case <-c.ready:
		return c.failed == nil && c.Err() == nil
	default:
		return true
	}
}

// retire gives a connection no more requests; the last one to end closes it.
func (s *streams) retire(c *streamedConn) {
	if c == nil || c.closing {
		return
	}
	c.closing = true
	if s.current == c {
		s.current = nil
	}
	if c.open == 0 && c.ClientConn != nil {
		c.Close()
	}
}

// release ends a request. A connection that is of no use any more, or has served its requests, takes no more.
func (s *streams) release(c *streamedConn, useless bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c.open--
	switch limit := s.options.Reuse; {
	case c.closing && c.open == 0 && c.ClientConn != nil:
		c.Close()
	case useless, limit > 0 && c.taken >= limit:
		s.retire(c)
	}
}

// close closes what is left once the workers are through.
func (s *streams) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.retire(s.current)
}
