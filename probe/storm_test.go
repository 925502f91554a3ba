package probe

import (
	"bytes"
	"io"
	"log"
	"math"
	"net"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/net/http2"
)

// storm is what a server does to its HTTP/2 connections, and what six requests, three at a time, have to come to.
type storm struct {
	serve    func(p *peer)
	kind     Kind // of all the failures; "" if each request is answered by the version "single"
	or       Kind // another kind that failures may have
	mixed    bool // some may be answered all the same
	settings []http2.Setting
	mute     bool // no settings are sent
	// connections is how many are made, 0 for any number.
	connections int64
}

func (s storm) run(t *testing.T) {
	url := serveRaw(t, func(c *net.TCPConn, _ int) {
		p := newPeer(c)
		if !s.mute {
			p.WriteSettings(s.settings...)
		}
		s.serve(p)
	})
	o := Options{URL: url, Protocol: H2C, Requests: 6, Concurrency: 3, Timeout: patient}
	if s.kind == KindTimeout {
		o.Concurrency, o.Timeout = 6, 200*time.Millisecond
	}
	log.SetOutput(io.Discard) // net/http tells what it is surprised at
	defer log.SetOutput(os.Stderr)
	r := endure(t, o, maxRow)
	if s.connections > 0 && r.Connections != s.connections {
		t.Errorf("%d connections, want %d", r.Connections, s.connections)
	}
	for _, f := range r.Failures {
		if f.Kind != s.kind && (s.or == "" || f.Kind != s.or) {
			t.Errorf("failure %+v, want kind %q", f, s.kind)
		}
	}
	for _, v := range r.Versions {
		if v.Name != "single" || s.kind != "" && !s.mixed {
			t.Errorf("%d answers with version %q, want kind %q", v.Count, v.Name, s.kind)
		}
	}
}

func TestHTTP2_goAways(t *testing.T) {
	goAway := func(code http2.ErrCode) func(*peer, uint32) {
		return func(p *peer, _ uint32) { p.WriteGoAway(0, code, nil) }
	}
	for name, test := range map[string]storm{
		"before any request": {serve: func(p *peer) { p.WriteGoAway(0, http2.ErrCodeNo, nil); p.drain() }, kind: KindReset},
		"at every request":   {serve: first(goAway(http2.ErrCodeNo)), kind: KindReset},
		"ENHANCE_YOUR_CALM":  {serve: first(goAway(http2.ErrCodeEnhanceYourCalm)), kind: KindReset},
		"that closes": {serve: func(p *peer) {
			if p.request() != 0 {
				p.WriteGoAway(math.MaxInt32, http2.ErrCodeNo, nil)
			}
		}, kind: KindReset},
		"and no answer": {serve: first(func(p *peer, _ uint32) { p.WriteGoAway(math.MaxInt32, http2.ErrCodeNo, nil) }), kind: KindTimeout},
		"after each answer": {serve: first(func(p *peer, stream uint32) {
			p.answer(stream)
			p.WriteGoAway(stream, http2.ErrCodeNo, nil)
		}), connections: 6},
		"with falling numbers": {serve: first(func(p *peer, stream uint32) {
			for last := uint32(math.MaxInt32); last > stream; last /= 2 {
				p.WriteGoAway(last|1, http2.ErrCodeNo, nil)
			}
			p.WriteGoAway(stream, http2.ErrCodeNo, nil)
			p.answer(stream)
		}), connections: 6},
		"without end": {serve: before(func(p *peer, _ uint32) {
			flood(func() error { return p.WriteGoAway(math.MaxInt32, http2.ErrCodeNo, nil) })
		})},
	} {
		t.Run(name, test.run)
	}
}

// Whom a server takes one request from on each connection is not one that fails, however many others want to share it.
func TestHTTP2_goAwayForMany(t *testing.T) {
	url := serveRaw(t, func(c *net.TCPConn, _ int) {
		p := newPeer(c)
		p.WriteSettings()
		first(func(p *peer, stream uint32) {
			p.WriteGoAway(stream, http2.ErrCodeNo, nil)
			p.answer(stream)
		})(p)
	})
	r := endure(t, Options{URL: url, Protocol: H2C, Requests: 36, Concurrency: 12, Timeout: patient}, maxRow)
	checkCounts(t, r, map[string]int64{"single": 36})
	if r.Connections != 36 {
		t.Errorf("%d connections, want one for each request", r.Connections)
	}
}

// A connection that has fallen silent, as when its server is gone without a farewell, holds up no more requests than are
// on it.
func TestHTTP2_leavesASilentConnection(t *testing.T) {
	url := serveRaw(t, func(c *net.TCPConn, number int) {
		p := newPeer(c)
		p.WriteSettings()
		if number == 0 {
			p.answer(p.request())
			p.drain()
		}
		each((*peer).answer)(p)
	})
	r := endure(t, Options{URL: url, Protocol: H2C, Requests: 20, Timeout: 500 * time.Millisecond}, maxRow)
	checkFailure(t, r, KindTimeout, 0, "no answer")
	if r.Answered != 19 {
		t.Errorf("result %+v", r)
	}
}

// What a server writes into an error does not make a request be sent again: it may have had its effect.
func TestHTTP2_isNotTalkedIntoResending(t *testing.T) {
	for _, words := range []string{"graceful shutdown GOAWAY", "REFUSED_STREAM; received from peer", "http2: client conn not usable"} {
		for name, serve := range map[string]func(*peer){
			"GOAWAY": func(p *peer) {
				p.WriteGoAway(p.request(), http2.ErrCodeInternal, []byte(words))
			},
			"header name": answers(":status", "200", words, ""),
		} {
			var served atomic.Int64
			url := serveRaw(t, func(c *net.TCPConn, _ int) {
				p := newPeer(c)
				p.WriteSettings()
				served.Add(1)
				serve(p)
			})
			r := send(t, Options{URL: url, Protocol: H2C, Method: "POST", Requests: 4, Timeout: patient})
			if r.Answered != 0 || r.Resent != 0 || served.Load() != 4 {
				t.Errorf("%s with %q: %d connections, result %+v", name, words, served.Load(), r)
			}
		}
	}
}

func TestHTTP2_resets(t *testing.T) {
	for _, code := range []http2.ErrCode{http2.ErrCodeNo, http2.ErrCodeProtocol, http2.ErrCodeRefusedStream, http2.ErrCodeCancel,
		http2.ErrCodeInternal, http2.ErrCodeEnhanceYourCalm, http2.ErrCodeHTTP11Required, math.MaxUint32} {
		t.Run("of every stream, "+code.String(), storm{kind: KindReset,
			serve: each(func(p *peer, stream uint32) { p.WriteRSTStream(stream, code) })}.run)
	}
	for name, test := range map[string]storm{
		"after the header": {kind: KindReset, serve: each(func(p *peer, stream uint32) {
			p.begin(stream)
			p.WriteRSTStream(stream, http2.ErrCodeInternal)
		})},
		"within the body": {kind: KindReset, serve: each(func(p *peer, stream uint32) {
			p.begin(stream)
			p.WriteData(stream, false, []byte("sing"))
			p.WriteRSTStream(stream, http2.ErrCodeRefusedStream)
		})},
		"after the answer": {serve: each(func(p *peer, stream uint32) {
			p.answer(stream)
			p.WriteRSTStream(stream, http2.ErrCodeNo)
		})},
		"of streams that are not there": {serve: before(func(p *peer, stream uint32) {
			for i := range uint32(2000) {
				p.WriteRSTStream(stream+1+i, http2.ErrCodeCancel)
			}
		}), or: KindReset},
	} {
		t.Run(name, test.run)
	}
}

func TestHTTP2_floods(t *testing.T) {
	for name, test := range map[string]storm{
		"PING":             {serve: before(func(p *peer, _ uint32) { flood(func() error { return p.WritePing(false, [8]byte{}) }) })},
		"PING, unread":     {serve: unread(func(p *peer) error { return p.WritePing(false, [8]byte{}) }), kind: KindTimeout, or: KindReset},
		"PING ack":         {serve: before(func(p *peer, _ uint32) { flood(func() error { return p.WritePing(true, [8]byte{}) }) })},
		"SETTINGS":         {serve: before(func(p *peer, _ uint32) { flood(func() error { return p.WriteSettings() }) })},
		"SETTINGS, unread": {serve: unread(func(p *peer) error { return p.WriteSettings() }), kind: KindTimeout, or: KindReset},
		"WINDOW_UPDATE":    {serve: before(func(p *peer, _ uint32) { flood(func() error { return p.WriteWindowUpdate(0, 1) }) })},
		"PRIORITY": {serve: before(func(p *peer, stream uint32) {
			flood(func() error { return p.WritePriority(stream, http2.PriorityParam{}) })
		})},
		"unknown frames": {serve: before(func(p *peer, stream uint32) { flood(func() error { return p.WriteRawFrame(0xbe, 0, stream, nil) }) })},
		"empty DATA": {serve: each(func(p *peer, stream uint32) {
			p.begin(stream)
			flood(func() error { return p.WriteData(stream, false, nil) })
		}), kind: KindTimeout},
		"CONTINUATION": {serve: each(func(p *peer, stream uint32) {
			p.WriteHeaders(http2.HeadersFrameParam{StreamID: stream, BlockFragment: p.encode(":status", "200")})
			for field := p.encode("x-fill", strings.Repeat("~", 10_000)); p.WriteContinuation(stream, false, field) == nil; {
			}
		}), kind: KindProtocol},
		"empty CONTINUATION": {serve: each(func(p *peer, stream uint32) {
			p.WriteHeaders(http2.HeadersFrameParam{StreamID: stream, BlockFragment: p.encode(":status", "200")})
			for p.WriteContinuation(stream, false, nil) == nil {
			}
		}), kind: KindTimeout},
		"HPACK": {serve: each(func(p *peer, stream uint32) {
			// The first field enters the table, each further byte repeats it (RFC 7541, section 6.1).
			block := p.encode(":status", "200", "x-fill", strings.Repeat("~", 3000))
			block = append(block, bytes.Repeat([]byte{0x80 | 62}, 8000)...)
			p.WriteHeaders(http2.HeadersFrameParam{StreamID: stream, BlockFragment: block, EndHeaders: true, EndStream: true})
		}), kind: KindProtocol},
		"interim answers": {serve: each(func(p *peer, stream uint32) {
			for range 2000 {
				p.header(stream, false, ":status", "103", "link", strings.Repeat("x", 1000))
			}
		}), kind: KindProtocol},
		"trailer": {serve: each(func(p *peer, stream uint32) {
			p.begin(stream)
			p.WriteHeaders(http2.HeadersFrameParam{StreamID: stream, BlockFragment: p.encode("x-fill", "0"), EndStream: true})
			for field := p.encode("x-fill", strings.Repeat("~", 10_000)); p.WriteContinuation(stream, false, field) == nil; {
			}
		}), kind: KindProtocol},
		"DATA beyond the window": {serve: each(func(p *peer, stream uint32) {
			p.begin(stream)
			for data := range slices.Chunk(make([]byte, 2<<20), 16<<10) {
				p.WriteData(stream, false, data)
			}
		}), kind: KindProtocol, mixed: true}, // unless all of it is read in time,
	} {
		t.Run(name, test.run)
	}
}

// flood sends two thousand frames.
func flood(send func() error) {
	for range 2000 {
		if send() != nil {
			return
		}
	}
}

// unread floods the client with what it has to acknowledge, and reads nothing.
func unread(send func(p *peer) error) func(*peer) {
	return func(p *peer) {
		for p.request() != 0 && send(p) == nil {
			for send(p) == nil {
			}
		}
	}
}

// TestHTTP2_breaches has servers that break the rules of the protocol, or go to their limits.
func TestHTTP2_breaches(t *testing.T) {
	setting := func(id http2.SettingID, value uint32) storm {
		return storm{serve: each((*peer).answer), settings: []http2.Setting{{ID: id, Val: value}}}
	}
	none, one := setting(http2.SettingMaxConcurrentStreams, 0), setting(http2.SettingMaxConcurrentStreams, 1)
	none.serve, none.kind = (*peer).drain, KindTimeout
	one.serve, one.connections = each(oneAtATime), 1
	push, window := setting(http2.SettingEnablePush, 2), setting(http2.SettingInitialWindowSize, 1<<31)
	push.kind, window.kind = KindProtocol, KindProtocol
	push.or, window.or = KindReset, KindReset // of a request that came later
	for name, test := range map[string]storm{
		"no streams at all":          none,
		"one stream at a time":       one,
		"ENABLE_PUSH 2":              push,
		"INITIAL_WINDOW_SIZE 2^31":   window,
		"no SETTINGS, silent":        {mute: true, serve: (*peer).drain, kind: KindTimeout},
		"no SETTINGS before":         {mute: true, serve: each((*peer).answer), kind: KindProtocol},
		"SETTINGS ack too many":      {serve: each(func(p *peer, _ uint32) { p.WriteSettingsAck(); p.WriteSettingsAck() }), kind: KindProtocol},
		"WINDOW_UPDATE overflow":     {serve: each(func(p *peer, _ uint32) { p.WriteWindowUpdate(0, math.MaxInt32) }), kind: KindProtocol},
		"WINDOW_UPDATE of a stream":  {serve: each(func(p *peer, stream uint32) { p.WriteWindowUpdate(stream, math.MaxInt32) }), kind: KindProtocol},
		"WINDOW_UPDATE of 0":         {serve: each(func(p *peer, _ uint32) { p.WriteWindowUpdate(0, 0) }), kind: KindProtocol},
		"PUSH_PROMISE":               {serve: each(push2), kind: KindProtocol},
		"DATA before HEADERS":        {serve: each(func(p *peer, stream uint32) { p.WriteData(stream, true, []byte("single")) }), kind: KindProtocol},
		"DATA of no stream":          {serve: each(func(p *peer, _ uint32) { p.WriteData(99, true, []byte("single")) }), kind: KindProtocol},
		"DATA after the end":         {serve: each(func(p *peer, stream uint32) { p.answer(stream); p.WriteData(stream, true, []byte("other")) })},
		"HEADERS of other streams":   {serve: before(func(p *peer, stream uint32) { p.header(stream+101, true, ":status", "200", "x-version", "other") })},
		"frame too long":             {serve: each(func(p *peer, stream uint32) { p.WriteRawFrame(http2.FrameHeaders, 0, stream, make([]byte, 1<<20)) }), kind: KindProtocol},
		"frame cut short":            {serve: func(p *peer) { p.request(); p.conn.Write([]byte{0, 0, 9, 1, 4, 0, 0, 0, 1, 0x88}) }, kind: KindReset},
		"HPACK garbage":              {serve: each(func(p *peer, stream uint32) { p.WriteRawFrame(http2.FrameHeaders, 4, stream, []byte{0xff, 0xff, 0xff}) }), kind: KindProtocol},
		"no status":                  {serve: answers("x-version", "single"), kind: KindProtocol},
		"status of letters":          {serve: answers(":status", "abc"), kind: KindProtocol},
		"upper-case name":            {serve: answers(":status", "200", "X-Version", "single"), kind: KindProtocol},
		"line break in a value":      {serve: answers(":status", "200", "x-version", "single\r\nx: y"), kind: KindProtocol},
		"Content-Length and no body": {serve: answers(":status", "200", "content-length", "6"), kind: KindProtocol},
		"Content-Length too long":    {serve: each(body("9")), kind: KindProtocol},
		"Content-Length too short":   {serve: each(body("3")), kind: KindProtocol},
		"Content-Length, and closes": {serve: func(p *peer) { p.header(p.request(), false, ":status", "200", "content-length", "6") }, kind: KindReset},
		"header and no body":         {serve: each((*peer).begin), kind: KindTimeout},
		"interim answer alone":       {serve: each(func(p *peer, stream uint32) { p.header(stream, false, ":status", "100") }), kind: KindTimeout},
		"interim answer at the end":  {serve: answers(":status", "103"), kind: KindProtocol},
		"trailer":                    {serve: each(trailer(true, "x-end", "yes"))},
		"trailer without end":        {serve: each(trailer(false, "x-end", "yes")), kind: KindProtocol},
		"trailer with a status":      {serve: each(trailer(true, ":status", "200")), kind: KindProtocol},
	} {
		t.Run(name, test.run)
	}
}

// oneAtATime refuses what comes while a request is under way: until the client has answered a PING, by which time it
// knows the settings.
func oneAtATime(p *peer, stream uint32) {
	p.WritePing(false, [8]byte{})
	for {
		switch f, _ := p.ReadFrame(); f := f.(type) {
		case nil:
			return
		case *http2.HeadersFrame:
			p.WriteRSTStream(f.StreamID, http2.ErrCodeRefusedStream)
		case *http2.PingFrame:
			p.answer(stream)
			return
		}
	}
}

func push2(p *peer, stream uint32) {
	p.WritePushPromise(http2.PushPromiseParam{StreamID: stream, PromiseID: 2, EndHeaders: true, BlockFragment: p.encode(":method", "GET")})
}

// answers sends these fields and no body.
func answers(all ...string) func(*peer) {
	return each(func(p *peer, stream uint32) { p.header(stream, true, all...) })
}

// body answers with a body that is said to have another length.
func body(length string) func(*peer, uint32) {
	return func(p *peer, stream uint32) {
		p.header(stream, false, ":status", "200", "content-length", length)
		p.WriteData(stream, true, []byte("single"))
	}
}

func trailer(end bool, fields ...string) func(*peer, uint32) {
	return func(p *peer, stream uint32) {
		p.begin(stream)
		p.header(stream, end, fields...)
	}
}
