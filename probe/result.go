package probe

import "time"

// Kind says why a request yielded no version.
type Kind string

// The kinds of failure. The empty Kind means that there was none.
const (
	KindRefused      Kind = "refused"      // no connection could be made
	KindReset        Kind = "reset"        // the connection was closed or reset in place of an answer
	KindTimeout      Kind = "timeout"      // no complete answer in time
	KindDNS          Kind = "dns"          // the host has no address
	KindTLS          Kind = "tls"          // no TLS session could be agreed on, or only one side spoke TLS
	KindStatus       Kind = "status"       // a status other than 2xx, without a version
	KindUnidentified Kind = "unidentified" // a 2xx answer without a version
	KindProtocol     Kind = "protocol"     // an answer that is not proper HTTP/1
)

// Answer tells how one request ended.
type Answer struct {
	// Seq numbers the requests in send order, from 0.
	Seq int64
	// Version is an index into Recognizer.Names, or -1 if there is none.
	Version int
	// Kind is the reason why there is no version; "" if there is one.
	Kind Kind
	// Status is the HTTP status; 0 if there was no HTTP answer.
	Status int
	// Conn numbers the connections from 0; -1 if none could be made.
	Conn int64
	// First marks the first answer with a version on its connection.
	First bool
	// Session numbers the sessions from 0; -1 without sessions.
	Session int64
	// Sent is when the request was sent, since the start of the run.
	Sent time.Duration
	// Latency is the time until the end of the answer, dialling included. Under
	// Options.Rate it counts from when the request should have been sent, if all
	// workers were busy then.
	Latency time.Duration
	// Resent marks a request that was sent a second time, because the server had
	// closed the kept connection before the first byte of an answer.
	Resent bool
}

// Result is the sum of a run. Sent is Answered plus the failures without an HTTP
// answer, plus, in an interrupted run, the requests that were cut off.
type Result struct {
	// Started is when the first request could be sent.
	Started time.Time
	// Elapsed is the time from Started to the last answer.
	Elapsed time.Duration
	// Sent counts the requests, without repetitions.
	Sent int64
	// Answered counts the requests that got an HTTP answer of whatever status,
	// with or without a version.
	Answered int64
	// Resent counts the requests that were sent twice.
	Resent int64
	// Connections counts the connections that were made.
	Connections int64
	// Interrupted is set if the context ended the run.
	Interrupted bool
	// GaveUp is set if the run was stopped because no request got an answer.
	GaveUp bool
	// Versions holds the expected versions in the given order, then the others
	// that answered, by name, and last the one that gathers the overflow.
	Versions []Version
	// Failures holds what yielded no version, the most frequent first.
	Failures []Failure
	// Addresses are those that the dialled name resolved to, in the order in
	// which they are tried; none with a unix socket.
	Addresses []string
}

// Version is what was seen of one version.
type Version struct {
	Name     string
	Expected bool
	// Index is that of the version in the answers of the run.
	Index int
	// Count is the number of answers, ServerErrors that of them whose status was
	// 5xx, other than with the source "status".
	Count, ServerErrors int64
	Latency             Latency
	// Curve is the distribution of the latency: at most 64 quantiles, closer
	// together at the slow end. It is empty without answers.
	Curve []Quantile
}

// Quantile is a latency, and the share of the answers that took no longer.
type Quantile struct {
	Share   float64
	Latency time.Duration
}

// Latency holds quantiles, exact to three digits; all 0 without answers.
type Latency struct {
	P50, P95, P99 time.Duration
}

// Failure is a group of requests that failed alike.
type Failure struct {
	Kind Kind
	// Status is the HTTP status; 0 if there was no HTTP answer, or if the group
	// gathers the failures of its kind that are too diverse to be kept apart.
	Status int
	Count  int64
	// Sample is a sentence about the first of them. It may quote the server:
	// control characters are left as they came.
	Sample string
	// Body is the start of the first answer's body; "" if it had none.
	Body string
}
