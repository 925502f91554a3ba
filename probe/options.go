package probe

import (
	"net/http"
	"time"
)

// DefaultTimeout is the time a request gets when Options.Timeout is 0.
const DefaultTimeout = 5 * time.Second

// Options say what to send, how fast, and what to make of the answers.
// URL and Concurrency are required, and one of Requests and Duration.
type Options struct {
	// URL is the absolute http or https URL that is requested.
	URL string
	// Method is the request method; "" means GET.
	Method string
	// Header holds further header fields. An entry Host is the Host header.
	Header http.Header
	// Host is the Host header. It wins over an entry of Header; "" means the
	// host of the URL, unless Header has one.
	Host string
	// Body is sent with every request.
	Body []byte

	// Requests is the exact number of requests; 0 means no limit.
	Requests int
	// Duration is the time after which no more requests are sent; answers that
	// are under way are awaited. 0 means no limit.
	Duration time.Duration
	// Concurrency is the number of workers. With HTTP/1.1 each has a connection of
	// its own.
	Concurrency int
	// Rate is the number of requests per second, in total. They are sent on
	// schedule whether or not earlier answers have come, as long as a worker is
	// free. 0 means as fast as the answers come.
	Rate float64
	// Timeout limits each request, from dialling to the end of the answer;
	// 0 means DefaultTimeout.
	Timeout time.Duration
	// Reuse is the number of requests that go over one connection: 1 means a new
	// one for each request, 0 no limit.
	Reuse int

	// Ahead bounds how many requests are sent before the oldest one has its
	// answer, and so how many more than needed a run sends that Observe stops;
	// it is rounded up to a power of two. A late answer then holds the others
	// back. 0 means 65536, which is also the most.
	Ahead int

	// Protocol is the version of HTTP; HTTP2 is for https URLs, H2C for http ones.
	// Up to 100 workers then share a connection, of which each request is a stream.
	Protocol Protocol

	// ConnectTo redirects connections, each in curl's form
	// HOST1:PORT1:HOST2:PORT2: what would be dialled at HOST1:PORT1 is dialled at
	// HOST2:PORT2. An empty part of the left side means any, an empty part of
	// the right side leaves it as it is. The first that fits is used.
	ConnectTo []string
	// UnixSocket is the path of a socket that is dialled in place of the URL's
	// host and port.
	UnixSocket string
	// TLS is used for https URLs.
	TLS TLS

	// Session groups the requests into the visits of separate users.
	Session Session

	// Recognizer finds the version of an answer; nil means one that expects no
	// names and looks at the places that Source's zero value looks at.
	Recognizer *Recognizer
	// Observe, if not nil, is given each answer in send order, by the goroutine
	// that called Run. When it returns false, no more requests are sent. Those
	// already sent are awaited and observed too.
	Observe func(Answer) bool
}

// TLS says whom to trust and who to be on https URLs.
type TLS struct {
	// CAFile holds PEM certificates that replace the system's roots; "" keeps
	// the system's.
	CAFile string
	// CertFile and KeyFile hold the client certificate in PEM; both or none.
	CertFile, KeyFile string
	// ServerName is sent as SNI and verified; "" means the Host header's name if
	// one is set, else the URL's.
	ServerName string
	// Insecure accepts any server certificate.
	Insecure bool
}

// Session makes groups of successive requests look like one user each. Header
// and Cookie exclude each other; without either there are no sessions.
type Session struct {
	// Header is the name of a header that carries the session's own value.
	Header string
	// Cookie is the name of a cookie that the session keeps once the server has
	// set it. Its first request comes without one.
	Cookie string
	// Requests is the number of requests in a session. The last session is
	// shorter if Options.Requests is no multiple of it.
	Requests int
}

// on reports whether the requests are grouped at all.
func (s Session) on() bool { return s.Header != "" || s.Cookie != "" }
