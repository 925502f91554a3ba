package probe

import (
	"bytes"
	"io"
	"net"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// peer is the server's end of an HTTP/2 connection, frame by frame. Its errors are left to the client to notice.
type peer struct {
	*http2.Framer
	conn  net.Conn
	block bytes.Buffer
	hpack *hpack.Encoder
}

// newPeer reads the preface of a client and sends nothing yet.
func newPeer(conn net.Conn) *peer {
	io.CopyN(io.Discard, conn, int64(len(http2.ClientPreface)))
	p := &peer{Framer: http2.NewFramer(conn, conn), conn: conn}
	p.AllowIllegalWrites, p.AllowIllegalReads = true, true
	p.hpack = hpack.NewEncoder(&p.block)
	return p
}

// request waits for a request and returns the number of its stream, 0 when the client has closed.
func (p *peer) request() uint32 {
	for {
		f, err := p.ReadFrame()
		if err != nil {
			return 0
		}
		if h, ok := f.(*http2.HeadersFrame); ok {
			return h.StreamID
		}
	}
}

// drain reads until the client closes, so that none of what was sent to it is lost.
func (p *peer) drain() {
	for p.request() != 0 {
	}
}

// header sends a header or a trailer of fields by name and value.
func (p *peer) header(stream uint32, end bool, fields ...string) {
	p.WriteHeaders(http2.HeadersFrameParam{StreamID: stream, BlockFragment: p.encode(fields...), EndHeaders: true, EndStream: end})
}

func (p *peer) encode(fields ...string) []byte {
	p.block.Reset()
	for i := 0; i < len(fields); i += 2 {
		p.hpack.WriteField(hpack.HeaderField{Name: fields[i], Value: fields[i+1]})
	}
	return p.block.Bytes()
}

// begin sends the header of an answer whose body is to come.
func (p *peer) begin(stream uint32) { p.header(stream, false, ":status", "200", "x-version", "single") }

// answer sends an answer with a version.
func (p *peer) answer(stream uint32) { p.header(stream, true, ":status", "200", "x-version", "single") }

// each does the same to every request.
func each(serve func(p *peer, stream uint32)) func(*peer) {
	return func(p *peer) {
		for stream := p.request(); stream != 0; stream = p.request() {
			serve(p, stream)
		}
	}
}

// first does something to the first request of a connection and disregards the rest.
func first(serve func(p *peer, stream uint32)) func(*peer) {
	return func(p *peer) {
		if stream := p.request(); stream != 0 {
			serve(p, stream)
			p.drain()
		}
	}
}

// before sends something ahead of each answer.
func before(send func(p *peer, stream uint32)) func(*peer) {
	return each(func(p *peer, stream uint32) {
		send(p, stream)
		p.answer(stream)
	})
}
