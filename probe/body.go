package probe

import (
	"io"
	"net/http"
)

const (
	maxBody  = 64 << 10 // bytes of a body that versions are recognised from
	maxDrain = 1 << 20  // bytes of a body that are read to its end all the same
)

// bodyReader reads bodies into one buffer, which the first of them makes.
type bodyReader struct{ buffer []byte }

// read reads the body: its start into memory, the rest so that the connection can be kept, or not at all if the rest is
// long. The reply is valid until the next read; ended says whether the body came to its end.
func (b *bodyReader) read(resp *http.Response) (r reply, ended bool, err error) {
	n := 0
	for {
		if n == len(b.buffer) {
			b.grow()
		}
		m, err := resp.Body.Read(b.buffer[n:])
		n += m
		switch {
		case err == io.EOF:
			return b.reply(resp, n, true), true, nil
		case err != nil:
			return reply{}, false, err
		case n == maxBody:
			return b.drain(resp, n)
		}
	}
}

func (b *bodyReader) grow() {
	grown := make([]byte, min(max(4*len(b.buffer), 4<<10), maxBody))
	copy(grown, b.buffer)
	b.buffer = grown
}

func (b *bodyReader) drain(resp *http.Response, n int) (r reply, ended bool, err error) {
	if resp.ContentLength > maxBody+maxDrain {
		return b.reply(resp, n, false), false, nil
	}
	rest, err := io.CopyN(io.Discard, resp.Body, maxDrain)
	if err != nil && err != io.EOF {
		return reply{}, false, err
	}
	return b.reply(resp, n, rest == 0), err == io.EOF, nil
}

func (b *bodyReader) reply(resp *http.Response, n int, whole bool) reply {
	return reply{status: resp.StatusCode, head: parsed{resp}, body: b.buffer[:n], whole: whole}
}
