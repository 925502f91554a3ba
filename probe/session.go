package probe

import (
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
)

// visits makes the header lines that tell one session from another.
type visits struct {
	Session
	cookies string // that the user gave, for all requests
}

// omitted names the fields that these lines replace.
func (v visits) omitted() []string {
	switch {
	case v.Header != "":
		return []string{v.Header}
	case v.Cookie != "":
		return []string{"Cookie"}
	}
	return nil
}

// first returns the lines of a session's first request.
func (v visits) first(session int64) string {
	if v.Header != "" {
		return v.Header + ": respy-" + strconv.FormatInt(session, 10) + "\r\n"
	}
	return v.line("")
}

// next returns the lines after an answer, and false if it changes nothing.
func (v visits) next(resp *http.Response) (string, bool) {
	line, set := "", false
	for _, cookie := range resp.Cookies() {
		if cookie.Name != v.Cookie {
			continue
		}
		set = true
		line = v.line(cookie.Name + "=" + cookie.Value)
		if cookie.MaxAge < 0 {
			line = v.line("")
		}
	}
	return line, set
}

// line returns the one Cookie line that a request may have (RFC 6265, section
// 5.4), empty if there is no cookie.
func (v visits) line(own string) string {
	var all []string
	for _, cookie := range []string{v.cookies, own} {
		if cookie != "" {
			all = append(all, cookie)
		}
	}
	if len(all) == 0 {
		return ""
	}
	return "Cookie: " + strings.Join(all, "; ") + "\r\n"
}

// quota deals out the requests, a session at a time: only the last one of a run
// can be short. Without sessions each request is dealt by itself.
type quota struct {
	requests int64 // 0 means no limit
	size     int64 // of a session
	next     atomic.Int64
}

func newQuota(o Options) *quota {
	q := &quota{requests: int64(o.Requests), size: 1}
	if o.Session.on() {
		q.size = int64(o.Session.Requests)
	}
	return q
}

// take returns the number of the next session and its requests; none are left
// when that is 0.
func (q *quota) take() (session, requests int64) {
	session = q.next.Add(1) - 1
	if q.requests == 0 {
		return session, q.size
	}
	return session, max(0, min(q.size, q.requests-session*q.size))
}
