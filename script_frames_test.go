package main

import (
	"io"
	"net"

	"github.com/rogpeppe/go-internal/testscript"
	"golang.org/x/net/http2"
)

// framesCommand starts a server of HTTP/2 in plain text that answers with v1, and before with frames of types that no
// client knows: frames.
func framesCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) > 0 {
		ts.Fatalf("usage: frames")
	}
	l := listen(ts)
	ts.Setenv("URL", "http://"+l.Addr().String())
	go acceptEach(l, serveFrames)
}

func serveFrames(conn net.Conn) {
	defer conn.Close()
	io.CopyN(io.Discard, conn, int64(len(http2.ClientPreface)))
	f := http2.NewFramer(conn, conn)
	f.WriteSettings()
	for {
		got, err := f.ReadFrame()
		if err != nil {
			return
		}
		if request, ok := got.(*http2.HeadersFrame); ok {
			f.WriteRawFrame(0xbe, 0, request.StreamID, nil)
			f.WriteHeaders(http2.HeadersFrameParam{StreamID: request.StreamID, EndHeaders: true, BlockFragment: []byte{0x88}}) // status 200
			f.WriteData(request.StreamID, true, []byte("v1"))
		}
	}
}
