// Package probe sends HTTP requests to one URL and counts which version answered
// each of them.
//
// A [Prober] sends exactly the number of requests asked for, whatever the
// concurrency. With HTTP/1.1 each worker owns its connection: it dials it, writes the request,
// which is prepared once, and reads the answer itself. So it is known which
// connection every answer came on, and a request costs about half the CPU time
// that it costs through [net/http.Transport]. With HTTP/2 the workers share
// connections, through net/http.
//
// The answers are handed to [Options.Observe] in the order in which the requests
// were sent, not in the order in which they completed. A statistic that stops
// early has to look at them that way: of two versions the faster one is
// over-represented among the answers that came first.
//
// A [Recognizer] finds the version in an answer. It knows the expected names,
// nothing about their weights.
//
// Redirects are not followed, cookies are not kept (but for [Session.Cookie]),
// proxies of the environment are not used, and no compression is asked for: what
// is measured is the one route between the caller and the URL.
package probe
