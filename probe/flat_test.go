package probe

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"
)

// plainAnswers are some that flat reads, and others that it leaves to net/http.
func plainAnswers() map[string]bool {
	head := "HTTP/1.1 200 OK\r\n"
	return map[string]bool{
		ok("single"): true,
		ok(""):       true,
		"HTTP/1.1 503 Service Unavailable\r\ncontent-length: 19\r\ndate: x\r\n\r\nno healthy upstream": true,
		"HTTP/1.1 200 \r\nCONTENT-LENGTH:1\r\nConnection: Keep-Alive\r\n\r\nx":                         true,
		head + "X-Version: \t single \t\r\nX-Version: multiple\r\nContent-Length: 0\r\n\r\n":           true,
		head + "Content-Length: 1\r\n\r\nxy":                                                           true, // and the start of something else
		head + "Content-Length: 2\r\n\r\nx":                                                            false,
		head + "Content-Length: 1\r\nContent-Length: 1\r\n\r\nx":                                       false,
		head + "Content-Length: +1\r\n\r\nx":                                                           false,
		head + "Content-Length: 99999999\r\n\r\nx":                                                     false,
		head + "Content-Length:\r\n\r\nx":                                                              false,
		head + "\r\nx":                                                                                 false,
		head + "Transfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n":                               false,
		head + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n":                               false,
		head + "Connection: close\r\nContent-Length: 1\r\n\r\nx":                                       false,
		head + "Content-Length : 1\r\n\r\nx":                                                           false,
		head + "Content-Length: 1\r\n folded\r\n\r\nx":                                                 false,
		head + ": x\r\nContent-Length: 1\r\n\r\nx":                                                     false,
		head + "A\r\nContent-Length: 1\r\n\r\nx":                                                       false,
		head + "A: \x00\r\nContent-Length: 1\r\n\r\nx":                                                 false,
		head + "A: 1\nContent-Length: 1\r\n\r\nx":                                                      false,
		head + strings.Repeat("A: 1\r\n", maxFields) + "Content-Length: 0\r\n\r\n":                     false,
		"HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nx":                                                false,
		"HTTP/1.1 200\r\nContent-Length: 1\r\n\r\nx":                                                   false,
		"HTTP/1.1  200 OK\r\nContent-Length: 1\r\n\r\nx":                                               false,
		"HTTP/1.1 2x0 OK\r\nContent-Length: 1\r\n\r\nx":                                                false,
		"HTTP/1.1 100 Continue\r\nContent-Length: 0\r\n\r\n":                                           false,
		"HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n":                                         false,
		"HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n":                                       false,
		"HTTP/1.1 200 OK": false,
		"":                false,
	}
}

func TestFlat_takesPlainAnswersAlone(t *testing.T) {
	for answer, want := range plainAnswers() {
		var f flat
		if _, _, got := f.read([]byte(answer)); got != want {
			t.Errorf("%q: plain is %v, want %v", answer, got, want)
		}
		checkAsNetHTTP(t, []byte(answer))
	}
}

// What is read without net/http is what net/http reads.
func FuzzReadPlain(f *testing.F) {
	for answer := range plainAnswers() {
		f.Add([]byte(answer))
	}
	f.Fuzz(checkAsNetHTTP)
}

func checkAsNetHTTP(t *testing.T, raw []byte) {
	var plain flat
	head, body, ok := plain.read(raw)
	if !ok {
		return
	}
	resp, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(raw)), &http.Request{Method: "GET"})
	if err != nil {
		t.Fatalf("%q is plain, and net/http says: %v", raw, err)
	}
	got, err := io.ReadAll(resp.Body)
	if err != nil || !bytes.Equal(got, raw[head:head+body]) {
		t.Errorf("%q has the body %q, and net/http reads %q, %v", raw, raw[head:head+body], got, err)
	}
	if resp.StatusCode != plain.code() || resp.Status != plain.statusLine() || resp.Close {
		t.Errorf("%q: %s, and net/http has %d %s, close %v", raw, plain.line, resp.StatusCode, resp.Status, resp.Close)
	}
	for _, field := range plain.fields {
		name := http.CanonicalHeaderKey(string(field.name))
		if want := (parsed{resp}).first(name); !bytes.Equal(plain.first(name), want) {
			t.Errorf("%q has %s: %q, and net/http reads %q", raw, name, plain.first(name), want)
		}
	}
}
