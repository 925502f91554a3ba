package diagnose

import (
	"fmt"
	"net/http"
	"strings"

	"respy/probe"
)

// What an Envoy writes into the answers that it gives itself.
const (
	saysUnhealthy  = "no healthy upstream"
	saysUpstream   = "upstream connect error or disconnect/reset before headers"
	saysOverflow   = "reset reason: overflow"
	saysProtocol   = "reset reason: protocol error"
	saysUnreached  = "reset reason: remote connection failure"
	saysTimeout    = "reset reason: connection timeout"
	saysRefused    = "Connection refused"
	saysTerminated = "reset reason: connection termination"
	saysDenied     = "RBAC: access denied"
	saysAborted    = "fault filter abort"
)

// bodies counts the answers without a version whose body holds the text.
func (j *judge) bodies(text string) int64 {
	return j.failures(func(f probe.Failure) bool { return strings.Contains(f.Body, text) })
}

// empties counts the answers with the status and an empty body.
func (j *judge) empties(status int) int64 {
	return j.failures(func(f probe.Failure) bool { return f.Status == status && f.Body == "" })
}

func (j *judge) failures(is func(probe.Failure) bool) int64 {
	var n int64
	for _, f := range j.Observed.Failures {
		if f.Kind == probe.KindStatus && is(f) {
			n += f.Count
		}
	}
	return n
}

// byProxies reports whether an answer was given by a proxy in the place of a pod.
func byProxies(f probe.Failure) bool {
	for _, text := range []string{saysUnhealthy, saysUpstream, saysDenied, saysAborted} {
		if strings.Contains(f.Body, text) {
			return true
		}
	}
	return f.Kind == probe.KindStatus && f.Body == "" && (f.Status == http.StatusServiceUnavailable || f.Status == http.StatusNotFound)
}

// answersLike says how many requests were answered like this, for the evidence of a finding.
func (j *judge) answersLike(n int64, what string) string {
	return fmt.Sprintf("%d of %d requests were answered %s", n, j.Observed.Sent, what)
}
