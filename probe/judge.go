package probe

import (
	"bytes"
	"context"
	"errors"
	"net/http"
)

// judge finds the version of an answer and keeps the session's cookie.
func (w *worker) judge(o *outcome, a answer) {
	w.answered.mark()
	o.status = int16(a.StatusCode)
	if w.options.Session.Cookie != "" {
		w.remember(a.Response)
	}
	version, kind := w.recognizer.recognize(a.reply)
	if kind != "" {
		body := excerpt(a.body)
		o.group = int16(w.failures.group(kind, a.StatusCode, statusText(a.Response, body), body))
		return
	}
	o.version = int32(version)
	o.first = !w.conn.named
	w.conn.named = true
}

// failed describes a request without an answer.
func (w *worker) failed(ctx context.Context, o outcome, err error) (outcome, state) {
	if ctx.Err() != nil {
		return o, cut
	}
	f, ok := errors.AsType[*fault](err)
	if !ok {
		f = &fault{kind: KindProtocol, text: err.Error()}
	}
	o.group = int16(w.failures.group(f.kind, 0, f.text, ""))
	return o, ended
}

// excerpt returns the start of a body's text.
func excerpt(body []byte) string {
	return clip(string(bytes.TrimSpace(body[:min(len(body), 2*maxExcerpt)])), maxExcerpt)
}

// begin starts a session: a new user comes over a new connection.
func (w *worker) begin(session int64) {
	w.drop()
	w.session = session
	w.wire = w.template.with(w.visits.first(session))
	w.cookie = ""
}

// remember makes the session send the cookie that the server has set.
func (w *worker) remember(resp *http.Response) {
	line, set := w.visits.next(resp)
	if !set || line == w.cookie {
		return
	}
	w.cookie = line
	w.wire = w.template.with(line)
}
