package diagnose

import (
	"fmt"
	"slices"
	"strings"

	"respy/k8s"
	"respy/probe"
)

// failingAtLeast is how many failures of one version make a finding.
const failingAtLeast = 5

// findVersionFailing looks for a version whose answers fail while those of the others do not. Answers that a proxy gave in
// the place of a pod are no version's.
func (j *judge) findVersionFailing() {
	if j.Expectation == nil || j.failed < failingAtLeast || 2*j.failures(j.unclear) >= j.failed {
		return
	}
	for i, v := range j.Expectation.Versions {
		failures, draws := j.failuresOf(i), j.tally.counts[i]
		if failures < failingAtLeast || 2*failures < j.failed || !j.overBudget(failures, draws) {
			continue
		}
		j.addFailing(v.Name, fmt.Sprintf("%d of %d requests to %s failed, %d of all others", failures, draws, v.Name, j.failed-failures))
		return
	}
}

func (j *judge) addFailing(name string, evidence ...string) {
	if len(j.Observed.Failures) > 0 {
		evidence = append(evidence, j.Observed.Failures[0].Sample)
	}
	j.add(k8s.Finding{ID: versionFailing, Severity: k8s.SeverityError, Object: name,
		Summary: name + " answers with errors", Evidence: evidence, Fix: "look at the logs of the pods of " + name})
}

// failuresOf is how many requests to a version failed: those that its errors named, and those of which the proxy shows
// that they went there and that nobody answered in its name.
func (j *judge) failuresOf(i int) int64 {
	var failures int64
	if i < len(j.Observed.Versions) {
		failures = j.Observed.Versions[i].ServerErrors
	}
	if !j.ByProxy && i < len(j.Observed.Versions) {
		failures += j.tally.counts[i] - j.Observed.Versions[i].Count
	}
	return failures
}

// unclear reports whether a failure is a proxy's answer that says nothing of the application: that it cannot be reached
// may be a matter of TLS, unless the proxy uses none.
func (j *judge) unclear(f probe.Failure) bool {
	switch {
	case !byProxies(f) || strings.Contains(f.Body, saysRefused):
		return false
	case strings.Contains(f.Body, saysUnreached):
		return slices.ContainsFunc(j.hops(), func(h hop) bool { return h.config == nil || h.config.TLS }) || len(j.Proxies) == 0
	case strings.Contains(f.Body, saysTerminated):
		return !j.Declared.complete("PeerAuthentication")
	case f.Body == "":
		return !j.chosen.usable() || slices.ContainsFunc(j.hops(), hop.missing) // else it came from a pod
	}
	return true
}
