package fakemesh

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"sync"
)

// server is an HTTP server on a loopback port of its own, which waits for all
// of its goroutines when it is closed.
type server struct {
	http     *http.Server
	listener net.Listener
	cancel   context.CancelFunc
	running  sync.WaitGroup // the accept loop and one goroutine a connection
	accept   chan struct{}  // closed when the accept loop has ended
}

// hooks are called when a connection comes and goes; nil ones are skipped.
type hooks struct {
	opened func(context.Context, net.Conn) context.Context
	closed func(net.Conn)
}

func listen() (net.Listener, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("open a loopback port: %w", err)
	}
	return l, nil
}

func serve(l net.Listener, handler http.Handler, h hooks) *server {
	ctx, cancel := context.WithCancel(context.Background())
	s := &server{listener: l, cancel: cancel, accept: make(chan struct{})}
	s.http = &http.Server{
		Handler:     handler,
		BaseContext: func(net.Listener) context.Context { return ctx },
		ConnContext: h.opened,
		ConnState:   func(c net.Conn, state http.ConnState) { s.track(c, state, h) },
	}
	s.running.Go(func() {
		defer close(s.accept)
		_ = s.http.Serve(l) // ErrServerClosed: nothing but close ends it
	})
	return s
}

func (s *server) track(c net.Conn, state http.ConnState, h hooks) {
	switch state {
	case http.StateNew:
		s.running.Add(1)
	case http.StateClosed:
		if h.closed != nil {
			h.closed(c)
		}
		s.running.Done()
	}
}

func (s *server) address() string { return s.listener.Addr().String() }

func (s *server) port() int { return s.listener.Addr().(*net.TCPAddr).Port }

// close ends all connections, also within an answer.
func (s *server) close() error {
	s.cancel()
	err := s.http.Close()
	<-s.accept
	// A connection that was accepted while the first Close ran is not among
	// those that it closed.
	_ = s.http.Close()
	s.running.Wait()
	if err != nil {
		return fmt.Errorf("close %s: %w", s.address(), err)
	}
	return nil
}
