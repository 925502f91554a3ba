package probe

import (
	"bytes"
	"context"
	"errors"
)

// judge finds the version of an answer, and reports whether there is one.
func (r *run) judge(o *outcome, got reply) bool {
	r.answered.mark()
	o.status = int16(got.status)
	version, kind := r.recognizer.recognize(got)
	if kind != "" {
		body := excerpt(got.body)
		o.group = int16(r.failures.group(kind, got.status, statusText(got, body), body))
		return false
	}
	o.version = int32(version)
	return true
}

// failed describes a request without an answer.
func (r *run) failed(ctx context.Context, o outcome, err error) (outcome, state) {
	if ctx.Err() != nil {
		return o, cut
	}
	f, ok := errors.AsType[*fault](err)
	if !ok {
		f = &fault{kind: KindProtocol, text: err.Error()}
	}
	o.group = int16(r.failures.group(f.kind, 0, f.text, ""))
	return o, ended
}

// excerpt returns the start of a body's text.
func excerpt(body []byte) string {
	return clip(string(bytes.TrimSpace(body[:min(len(body), 2*maxExcerpt)])), maxExcerpt)
}
