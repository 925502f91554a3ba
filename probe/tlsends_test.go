package probe

import (
	"bufio"
	"crypto/tls"
	"io"
	"net"
	"strings"
	"testing"
	"time"
)

// spliced is a connection that reads from next once that is set.
type spliced struct {
	net.Conn
	next io.Reader
}

func (s *spliced) Read(p []byte) (int, error) {
	if s.next != nil {
		return s.next.Read(p)
	}
	return s.Conn.Read(p)
}

// fatal makes the server send an alert, as it does on a record that is not genuine. Then it reads what there is: to close
// before would reset the connection.
func fatal(c *tls.Conn, below *spliced) {
	below.next = strings.NewReader("\x17\x03\x03\x00\x20" + string(make([]byte, 32)))
	io.Copy(io.Discard, c)
	io.Copy(io.Discard, below.Conn)
}

// TestRun_tlsEndsWithinTheAnswer tells the ends of TLS apart: an alert that says what is wrong, one that says goodbye
// (RFC 8446, section 6.1), and none at all, where somebody may have cut the answer short.
func TestRun_tlsEndsWithinTheAnswer(t *testing.T) {
	certificate := newAuthority(t).server(t, time.Hour, "weather.example")
	goodbye := func(c *tls.Conn, _ *spliced) { c.CloseWrite() }
	none := func(*tls.Conn, *spliced) {}
	for name, test := range map[string]struct {
		answer string
		end    func(*tls.Conn, *spliced)
		kind   Kind
	}{
		"fatal alert before an answer":    {"", fatal, KindTLS},
		"fatal alert within the header":   {named, fatal, KindTLS},
		"fatal alert within the body":     {named + "Content-Length: 9\r\n\r\nsingle", fatal, KindTLS},
		"fatal alert within chunks":       {chunked + "9\r\nsing", fatal, KindTLS},
		"fatal alert, no length":          {named + "\r\nsingle", fatal, KindTLS},
		"close_notify before an answer":   {"", goodbye, KindReset},
		"close_notify within the header":  {named, goodbye, KindProtocol},
		"close_notify within the body":    {named + "Content-Length: 9\r\n\r\nsingle", goodbye, KindProtocol},
		"close_notify within chunks":      {chunked + "9\r\nsing", goodbye, KindProtocol},
		"close_notify, no length":         {named + "\r\nsingle", goodbye, ""},
		"end without an alert":            {named + "Content-Length: 9\r\n\r\nsingle", none, KindProtocol},
		"end without an alert, no length": {named + "\r\nsingle", none, ""}, // crypto/tls does not tell
	} {
		t.Run(name, func(t *testing.T) {
			url := serveRaw(t, func(conn *net.TCPConn, _ int) {
				below := &spliced{Conn: conn}
				c := tls.Server(below, &tls.Config{Certificates: []tls.Certificate{certificate}})
				if readRequest(bufio.NewReader(c)) {
					io.WriteString(c, test.answer)
					test.end(c, below)
				}
			})
			ordeal{kind: test.kind}.send(t, Options{URL: "https" + strings.TrimPrefix(url, "http"), TLS: TLS{Insecure: true}})
		})
	}
}

func TestHTTP2_tlsEndsWithinTheAnswer(t *testing.T) {
	certificate := newAuthority(t).server(t, time.Hour, "weather.example")
	for name, test := range map[string]struct {
		end  func(*tls.Conn, *spliced)
		kind Kind
	}{
		"fatal alert":  {fatal, KindTLS},
		"close_notify": {func(c *tls.Conn, _ *spliced) { c.CloseWrite() }, KindReset},
	} {
		for answer, begin := range map[string]func(*peer, uint32){"": func(*peer, uint32) {}, " within the answer": (*peer).begin} {
			t.Run(name+answer, func(t *testing.T) {
				url := serveRaw(t, func(conn *net.TCPConn, _ int) {
					below := &spliced{Conn: conn}
					c := tls.Server(below, &tls.Config{Certificates: []tls.Certificate{certificate}, NextProtos: []string{"h2"}})
					p := newPeer(c)
					p.WriteSettings()
					if stream := p.request(); stream != 0 {
						begin(p, stream)
						test.end(c, below)
					}
				})
				o := Options{URL: "https" + strings.TrimPrefix(url, "http"), Protocol: HTTP2, Requests: 3, Timeout: patient, TLS: TLS{Insecure: true}}
				r := endure(t, o, maxRow)
				if len(r.Failures) != 1 || r.Failures[0].Kind != test.kind || r.Failures[0].Count != 3 {
					t.Errorf("result %+v, want %s", r, test.kind)
				}
			})
		}
	}
}
