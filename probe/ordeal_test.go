package probe

import (
	"bufio"
	"io"
	"net"
	"strings"
	"testing"
	"time"
)

// maxRow is what the four requests of an ordeal may allocate in all: for each a head of the greatest length, and some
// times that for the values that it is read into, if they are many and small.
const maxRow = 4 * 16 * maxHead

const (
	ok200   = "HTTP/1.1 200 OK\r\n"
	named   = ok200 + "X-Version: single\r\n"
	chunked = named + "Transfer-Encoding: chunked\r\n\r\n"
	chunks  = "6\r\nsingle\r\n0\r\n\r\n"
	hint    = "HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n"
)

// ordeal is what a server does to a request, and what four such requests have to come to.
type ordeal struct {
	serve func(c *net.TCPConn)
	kind  Kind // of all the failures; "" if each request is answered by the version "single"
	// either is set where RFC 9112 lets a client choose: the answer may as well be taken.
	either bool
	method string
}

// TestRun_endless has servers of HTTP/1.1 that do not come to an end, at full speed or slowly.
func TestRun_endless(t *testing.T) {
	for name, test := range map[string]ordeal{
		"body":                    {serve: floods(named+"\r\n", "0123456789")},
		"body of some length":     {serve: floods(named+"Content-Length: 9223372036854775807\r\n\r\n", "0123456789")},
		"chunks":                  {serve: floods(chunked, "80\r\n"+strings.Repeat("0", 128)+"\r\n")},
		"chunk":                   {serve: floods(chunked+"7fffffffffffffff\r\n", "0123456789")},
		"chunk extension":         {serve: floods(chunked+"5;", "0123456789"), kind: KindProtocol},
		"chunk size":              {serve: floods(chunked, "0123456789"), kind: KindProtocol},
		"trailer lines":           {serve: floods(chunked+"0\r\n", "X-Fill: 0123456789\r\n"), kind: KindProtocol},
		"trailer line":            {serve: floods(chunked+"0\r\nX-Fill: ", "0123456789"), kind: KindProtocol},
		"interim answers":         {serve: floods("", strings.Replace(hint, "style", strings.Repeat("x", 200), 1)), kind: KindProtocol},
		"long interim answers":    {serve: floods("", strings.Replace(hint, "style", strings.Repeat("x", 4000), 1)), kind: KindProtocol},
		"100 and silence":         {serve: stalls("HTTP/1.1 100 Continue\r\n\r\n"), kind: KindTimeout},
		"header and silence":      {serve: stalls(named + "Content-Length: 6\r\n\r\n"), kind: KindTimeout},
		"chunk and silence":       {serve: stalls(chunked + "9\r\nsingle\r\n"), kind: KindTimeout},
		"slow interim answers":    {serve: drips(strings.Repeat("HTTP/1.1 100 Continue\r\n\r\n", 100)), kind: KindTimeout},
		"slow chunk size":         {serve: drips(chunked + strings.Repeat("0", 600)), kind: KindTimeout},
		"slow trailer":            {serve: dripsAfter(chunked + "0\r\nX-Fill: "), kind: KindTimeout},
		"slow body":               {serve: dripsAfter(named + "\r\n"), kind: KindTimeout},
		"redirects":               {serve: repeats("HTTP/1.1 302 Found\r\nLocation: /version\r\nContent-Length: 0\r\n\r\n"), kind: KindStatus},
		"hundred interim answers": {serve: repeats(strings.Repeat(hint, 100) + ok("single"))},
	} {
		t.Run(name, test.run)
	}
}

// TestRun_lies has servers of HTTP/1.1 that say one thing about their answer and do another, or break off. Those that
// repeat their answer keep the connection: what is left of one must not be taken for the next.
func TestRun_lies(t *testing.T) {
	for name, test := range map[string]ordeal{
		"closes after the header":     {serve: writes(named + "Content-Length: 6\r\n\r\n"), kind: KindProtocol},
		"closes, chunked":             {serve: writes(chunked), kind: KindProtocol},
		"closes, no length":           {serve: writes(ok200 + "\r\n"), kind: KindUnidentified},
		"closes, no length, named":    {serve: writes(named + "\r\n")},
		"resets after the header":     {serve: resets(named + "Content-Length: 6\r\n\r\n"), kind: KindReset},
		"resets, chunked":             {serve: resets(chunked + "6\r\nsingle\r\n"), kind: KindReset},
		"resets, no length":           {serve: resets(named + "\r\nsingle"), kind: KindReset},
		"Content-Length too short":    {serve: repeats(ok200 + "Content-Length: 6\r\n\r\nsingle, or more")},
		"Content-Length in C":         {serve: writes(named + "Content-Length: 0x6\r\n\r\nsingle"), kind: KindProtocol},
		"Content-Length beyond 64 b":  {serve: writes(named + "Content-Length: 18446744073709551617\r\n\r\ns"), kind: KindProtocol},
		"two answers at once":         {serve: repeats(ok("single") + ok("other"))},
		"an answer and a half":        {serve: repeats(ok("single") + "HTTP/1.1 200 OK\r\nContent-Le")},
		"204 with a body":             {serve: repeats("HTTP/1.1 204 No Content\r\nX-Version: single\r\nContent-Length: 5\r\n\r\nother")},
		"304 with a body":             {serve: repeats("HTTP/1.1 304 Not Modified\r\nX-Version: single\r\nContent-Length: 5\r\n\r\nother")},
		"HEAD with a body":            {serve: repeats(named + "Content-Length: 5\r\n\r\nother"), method: "HEAD"},
		"chunk longer than its data":  {serve: writes(chunked + "9\r\nsingle\r\n0\r\n\r\n"), kind: KindProtocol},
		"chunk shorter than its data": {serve: writes(chunked + "3\r\nsingle\r\n0\r\n\r\n"), kind: KindProtocol},
		"chunk of a negative size":    {serve: writes(chunked + "-6\r\nsingle\r\n0\r\n\r\n"), kind: KindProtocol},
		"chunk of a huge size":        {serve: writes(chunked + "ffffffffffffffffff\r\nsingle"), kind: KindProtocol},
		"chunk size in C":             {serve: writes(chunked + "0x6\r\nsingle\r\n0\r\n\r\n"), kind: KindProtocol},
		"chunk without a size":        {serve: writes(chunked + "\r\nsingle\r\n0\r\n\r\n"), kind: KindProtocol},
		"chunks, and more":            {serve: repeats(chunked + chunks + "more")},
		"length and chunks":           {serve: repeats(ok200 + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks), kind: KindProtocol, either: true},
		"chunked twice":               {serve: writes(named + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks), kind: KindProtocol},
		"unknown Transfer-Encoding":   {serve: writes(named + "Transfer-Encoding: gzip, chunked\r\n\r\n" + chunks), kind: KindProtocol},
		"HTTP/0.9":                    {serve: writes("single"), kind: KindProtocol},
		"folded line":                 {serve: repeats(ok200 + "X-Version:\r\n single\r\nContent-Length: 0\r\n\r\n")},
		"NUL in a value":              {serve: writes(named + "X-A: \x00\r\nContent-Length: 0\r\n\r\n"), kind: KindProtocol, either: true},
		"NUL in a name":               {serve: writes(named + "X\x00: a\r\nContent-Length: 0\r\n\r\n"), kind: KindProtocol},
		"escape in a name":            {serve: writes(named + "X\x1b[2J: a\r\nContent-Length: 0\r\n\r\n"), kind: KindProtocol},
		"line without a colon":        {serve: writes(named + "X-A\r\nContent-Length: 0\r\n\r\n"), kind: KindProtocol},
	} {
		t.Run(name, test.run)
	}
}

// run sends four requests and checks what they come to.
func (o ordeal) run(t *testing.T) {
	url := serveRaw(t, func(c *net.TCPConn, _ int) {
		if readRequest(bufio.NewReader(c)) {
			o.serve(c)
		}
	})
	o.send(t, Options{URL: url, Method: o.method})
}

func (o ordeal) send(t *testing.T, options Options) {
	t.Helper()
	options.Requests, options.Concurrency, options.Timeout = 4, 2, patient
	if o.kind == KindTimeout {
		options.Timeout = 150 * time.Millisecond
	}
	r := endure(t, options, maxRow)
	for _, f := range r.Failures {
		if f.Kind != o.kind {
			t.Errorf("failure %+v, want kind %q", f, o.kind)
		}
	}
	for _, v := range r.Versions {
		if v.Name != "single" || o.kind != "" && !o.either {
			t.Errorf("%d answers with version %q, want kind %q", v.Count, v.Name, o.kind)
		}
	}
}

// stalls answers with text and then keeps still.
func stalls(text string) func(*net.TCPConn) {
	return func(c *net.TCPConn) {
		io.WriteString(c, text)
		io.Copy(io.Discard, c)
	}
}

// repeats answers with text, and so every further request on the connection.
func repeats(text string) func(*net.TCPConn) {
	return func(c *net.TCPConn) {
		io.WriteString(c, text)
		for r := bufio.NewReader(c); readRequest(r); {
			io.WriteString(c, text)
		}
	}
}
