//go:build linux

package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync/atomic"
)

// serveCommand makes this program a server, in a process of its own: its CPU time is not the client's.
const serveCommand = "serve"

// serve prints its address, and the number of requests so far after each line that it reads. It answers for the version
// single with a probability given in thousandths, until its input ends.
func serve(single string, in io.Reader, out io.Writer) error {
	perMille, err := strconv.Atoi(single)
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	defer l.Close()
	var served atomic.Int64
	go accept(l, perMille, &served)
	fmt.Fprintln(out, l.Addr())
	lines := bufio.NewScanner(in)
	for lines.Scan() {
		fmt.Fprintln(out, served.Load())
	}
	return lines.Err()
}

func accept(l net.Listener, perMille int, served *atomic.Int64) {
	for {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		go answer(conn, perMille, served)
	}
}

// answer answers what comes in one segment as one request.
func answer(conn net.Conn, perMille int, served *atomic.Int64) {
	defer conn.Close()
	single, multiple := response("single"), response("multiple")
	request := make([]byte, 4096)
	for {
		if _, err := conn.Read(request); err != nil {
			return
		}
		text := multiple
		if rand.IntN(1000) < perMille {
			text = single
		}
		served.Add(1)
		if _, err := conn.Write(text); err != nil {
			return
		}
	}
}

// response looks like one of Envoy's; ab asks for the word on the connection.
func response(version string) []byte {
	body := "weather-backend: " + version + "\n"
	return fmt.Appendf(nil, "HTTP/1.1 200 OK\r\nserver: envoy\r\ndate: Mon, 01 Jan 2024 00:00:00 GMT\r\ncontent-type: text/plain\r\n"+
		"x-envoy-upstream-service-time: 1\r\nconnection: keep-alive\r\ncontent-length: %d\r\n\r\n%s", len(body), body)
}

// server is the process.
type server struct {
	url     string
	command *exec.Cmd
	in      io.WriteCloser
	out     *bufio.Reader
}

// startServer starts a server on the core that is not the client's.
func startServer(ctx context.Context, perMille int) (*server, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	s := &server{command: exec.CommandContext(ctx, "taskset", "-c", serverCore, self, serveCommand, strconv.Itoa(perMille))}
	s.command.Stderr = os.Stderr
	if s.in, err = s.command.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := s.command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	s.out = bufio.NewReader(out)
	if err := s.command.Start(); err != nil {
		return nil, err
	}
	address, err := s.out.ReadString('\n')
	if err != nil {
		return nil, errors.Join(fmt.Errorf("starting the server: %w", err), s.stop())
	}
	s.url = "http://" + strings.TrimSpace(address) + "/version"
	return s, nil
}

// served is the number of requests so far.
func (s *server) served() (int64, error) {
	if _, err := fmt.Fprintln(s.in); err != nil {
		return 0, err
	}
	line, err := s.out.ReadString('\n')
	if err != nil {
		return 0, err
	}
	return strconv.ParseInt(strings.TrimSpace(line), 10, 64)
}

func (s *server) stop() error {
	s.in.Close()
	return s.command.Wait()
}
