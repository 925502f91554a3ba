package diagnose

import (
	"strings"

	"respy/probe"
)

// noteAnswers says what failed requests leave open where nothing names their cause.
func (j *judge) noteAnswers() {
	if j.explained() || !j.overBudget(j.failed, j.Observed.Sent) {
		return
	}
	for _, f := range j.Observed.Failures {
		if text, known := openQuestion(f); known && j.overBudget(f.Count, j.Observed.Sent) {
			j.noteOnce("chosen", "%s", text)
		}
	}
	own := j.failures(func(f probe.Failure) bool { return !byProxies(f) })
	if j.Expectation != nil && !j.chosen.usable() && j.overBudget(own, j.Observed.Sent) {
		j.noteOnce("chosen", "which version the failed requests were meant for cannot be seen without the proxy's counters (--envoy)")
	}
}

// openQuestion is what an answer of a proxy says, and what it does not.
func openQuestion(f probe.Failure) (text string, known bool) {
	switch {
	case strings.Contains(f.Body, saysUnhealthy):
		text = "some destination had no pod able to serve (503 no healthy upstream)"
	case strings.Contains(f.Body, saysUnreached), strings.Contains(f.Body, saysTimeout):
		text = "the proxy could not connect to some pods (503 remote connection failure)"
	case strings.Contains(f.Body, saysTerminated):
		text = "pods ended the proxy's connections without an answer (503 connection termination), as they do when they crash or refuse plain text"
	case strings.Contains(f.Body, saysUpstream):
		text = "the proxy got no answer from some pods (" + clip(f.Body) + ")"
	case f.Body == "" && f.Status == 503:
		text = "answers with status 503 and an empty body are those of a proxy that lacks a destination"
	case f.Body == "" && f.Status == 404:
		text = "answers with status 404 and an empty body are those of a proxy without a route for the request"
	default:
		return "", false
	}
	return text + ": which, and why, neither the proxy nor the objects that were read show", true
}
