package diagnose

import (
	"fmt"

	"respy/k8s"
	"respy/probe"
	"respy/stats"
)

// Exit codes of verdicts; a signal adds its number to ExitSignal.
const (
	exitMatch        = 0
	exitMismatch     = 1
	exitTrouble      = 2
	ExitInconclusive = 3
	exitUnreachable  = 4
	ExitSignal       = 128
)

// outcome is what a rule of the verdict concludes.
type outcome struct {
	verdict Verdict
	reason  Reason
	message string
}

// decide tries the rules of the verdict in their order; the first that holds settles it.
func (j *judge) decide(c *Conclusion) {
	rules := []func() (outcome, bool){
		j.unreachable, j.withoutExpectation, j.changed, j.declaredLost, j.restarted, j.unfitShard, j.unrecognised, j.impossible, j.shardImpossible, j.interrupted,
		j.cutShard, j.programmedDiffers, j.shardDiffers, j.tooManyErrors, j.shardsStopped, j.shardsDisagree, j.untravelled, j.mixed, j.testRejects,
		j.noRuleTakes, j.drifts, j.tooSmall,
	}
	o := outcome{Match, ReasonTest, j.matchMessage()}
	for _, rule := range rules {
		if found, ok := rule(); ok {
			o = found
			break
		}
	}
	c.Verdict, c.Reason, c.Message = o.verdict, o.reason, o.message
	c.ExitCode = j.exitCode(o)
}

func (j *judge) exitCode(o outcome) int {
	switch {
	case j.Signal > 0:
		return ExitSignal + j.Signal
	case o.reason == ReasonUnreachable:
		return exitUnreachable
	case o.verdict == Mismatch:
		return exitMismatch
	case o.verdict == Inconclusive && !(j.Pass && o.reason != ReasonRecognition && o.reason != ReasonInterrupted):
		return ExitInconclusive
	case o.verdict == None && j.Explicit:
		return exitTrouble
	default:
		return exitMatch
	}
}

func (j *judge) unreachable() (outcome, bool) {
	if j.Watch != nil || j.Observed.Answered > 0 || j.Signal > 0 && len(j.Observed.Failures) == 0 {
		return outcome{}, false
	}
	message := fmt.Sprintf("no answer from %s", j.Target)
	if len(j.Observed.Failures) > 0 {
		f := j.Observed.Failures[0]
		message += ": " + f.Sample + nextStep(f.Kind)
	}
	return outcome{Inconclusive, ReasonUnreachable, message}, true
}

// nextStep is what to do about a target that does not answer.
func nextStep(kind probe.Kind) string {
	switch kind {
	case probe.KindDNS:
		return "; check the name, and where it is to be resolved"
	case probe.KindRefused:
		return "; check the port, and that the service runs"
	case probe.KindTimeout:
		return "; check that it is up, or allow more time with --timeout"
	case probe.KindTLS:
		return "; see --cacert, --sni and --insecure, or http:// for a port without TLS"
	}
	return "; check what listens there"
}

// withoutExpectation settles a run that had nothing to compare with: errors over the budget fail it, and so does a host
// that has rules of which none takes the request.
func (j *judge) withoutExpectation() (outcome, bool) {
	if j.Expectation != nil {
		return outcome{}, false
	}
	if o, ok := j.interrupted(); ok {
		return o, true
	}
	if f, ok := j.finding(NoRuleMatches); ok {
		return outcome{Mismatch, ReasonErrors, f.Summary}, true
	}
	if o, ok := j.tooManyErrors(); ok {
		return o, true
	}
	return outcome{None, ReasonNoExpectation, "nothing to compare the answers with: " + j.WhyNone}, true
}

// identifiedAnswers is how many answers named a version: some did where a rule took the requests after all.
func (j *judge) identifiedAnswers() int64 {
	var n int64
	for _, v := range j.Observed.Versions {
		n += v.Count
	}
	return n
}

// noRuleTakes holds when the counts agree with a rule that does not take the request, by chance or by another rule.
func (j *judge) noRuleTakes() (outcome, bool) {
	f, ok := j.finding(NoRuleMatches)
	return outcome{Mismatch, ReasonProgrammedDiffers, f.Summary}, ok && !j.Declared.InEffect
}

func (j *judge) changed() (outcome, bool) {
	f, ok := j.finding(weightsChanged)
	return outcome{Inconclusive, ReasonChanged, f.Summary}, ok && j.readAsChanged
}

func (j *judge) restarted() (outcome, bool) {
	for _, p := range j.Proxies {
		if p.Restarted || p.Delta != nil && p.Delta.Reset {
			return outcome{Inconclusive, ReasonProxyRestarted, "the proxy was restarted, or ended, during the run"}, true
		}
	}
	return outcome{}, false
}

// unrecognised holds when answers came and named versions, or none, but not one an expected version.
func (j *judge) unrecognised() (outcome, bool) {
	if j.ByProxy {
		return outcome{Inconclusive, ReasonRecognition, "the versions are the proxy's choices, and its counters could not be read or were shared with other traffic"},
			!j.chosen.usable()
	}
	unidentified := j.unidentified()
	if j.named > 0 || j.tally.intruders+unidentified == 0 {
		return outcome{}, false
	}
	return outcome{Inconclusive, ReasonRecognition, j.recognitionMessage(unidentified)}, true
}

// unidentified is how many answers named no version although they were successful.
func (j *judge) unidentified() int64 {
	var n int64
	for _, f := range j.Observed.Failures {
		if f.Kind == probe.KindUnidentified {
			n += f.Count
		}
	}
	return n
}

func (j *judge) impossible() (outcome, bool) {
	all := j.tally
	if !j.ByProxy {
		all = j.answers() // also those that are no draws
	}
	if all.intruders+all.zero(j.Expectation.Weights()) == 0 {
		return outcome{}, false
	}
	return outcome{Mismatch, ReasonImpossibleVersion, j.impossibleMessage(all)}, true
}

func (j *judge) interrupted() (outcome, bool) {
	if j.Signal == 0 && !j.Observed.Interrupted {
		return outcome{}, false
	}
	by := ""
	if j.Signal > 0 {
		by = " by a signal"
	}
	return outcome{Inconclusive, ReasonInterrupted, fmt.Sprintf("cut short%s after %s", by, j.progress())}, true
}

func (j *judge) progress() string {
	if j.Requests == 0 {
		return fmt.Sprintf("%d requests", j.Observed.Sent)
	}
	return fmt.Sprintf("%d of %d requests", j.Observed.Sent, j.Requests)
}

func (j *judge) programmedDiffers() (outcome, bool) {
	if !j.programmed.differs {
		return outcome{}, false
	}
	return outcome{Mismatch, ReasonProgrammedDiffers, fmt.Sprintf("the proxy does not follow %s: it has %s",
		j.weightsText(), Describe(j.programmed.route))}, true
}

func (j *judge) tooManyErrors() (outcome, bool) {
	sent := j.Observed.Sent
	if sent == 0 || !j.overBudget(j.failed, sent) {
		return outcome{}, false
	}
	message := fmt.Sprintf("%d of %d requests failed (%s%%), more than the %s%% allowed", j.failed, sent,
		trim(100*float64(j.failed)/float64(sent)), trim(100*j.MaxErrors))
	if len(j.Observed.Failures) > 0 {
		message += ": " + j.Observed.Failures[0].Sample
	}
	return outcome{Mismatch, ReasonErrors, message}, true
}

// overBudget reports whether more requests failed than may. The slack keeps exactly as many as allowed from being too many
// by rounding.
func (j *judge) overBudget(failed, sent int64) bool {
	const slack = 1e-9
	return float64(failed) > j.MaxErrors*float64(sent)*(1+slack)
}

// testRejects holds when the test rejects the expected shares: for certain, or for some of the versions that the errors
// may belong to.
func (j *judge) testRejects() (outcome, bool) {
	if !j.tested {
		return outcome{Inconclusive, ReasonTooSmall, "not one answer named a version"}, true
	}
	switch {
	case !j.split.robust:
		return outcome{Inconclusive, ReasonErrorsCouldFlip, j.flipMessage()}, true
	case j.split.outcome == stats.Outside:
		return outcome{Mismatch, ReasonTest, j.mismatchMessage()}, true
	case j.split.outcome == stats.Undecided:
		return outcome{Inconclusive, ReasonTooSmall, j.undecidedMessage()}, true
	}
	return outcome{}, false
}

// drifts holds when the weights changed while the run went on, although all answers together fit.
func (j *judge) drifts() (outcome, bool) {
	for _, id := range []string{weightsChanged, propagationLag} {
		if f, ok := j.finding(id); ok {
			return outcome{Inconclusive, ReasonChanged, f.Summary}, true
		}
	}
	return outcome{}, false
}

// tooSmall compares the number that was asked for, so that a few errors do not make a run too small; a run limited by
// its duration asked for what it sent. A run that the sequential test ended was large enough.
func (j *judge) tooSmall() (outcome, bool) {
	asked := j.asked()
	if asked >= j.split.required || j.split.stopped {
		return outcome{}, false
	}
	return outcome{Inconclusive, ReasonTooSmall, j.tooSmallMessage(asked)}, true
}

// asked is how many units the run was to have.
func (j *judge) asked() int64 {
	switch {
	case j.unit == unitConnection || len(j.Shards) > 0:
		return j.tally.total() + j.unplaced
	case j.unit == unitSession:
		return (j.Observed.Sent + int64(j.Sessions) - 1) / int64(j.Sessions)
	}
	return j.Observed.Sent
}

// finding returns the first finding with an id.
func (j *judge) finding(id string) (Finding, bool) {
	for _, f := range j.findings {
		if f.ID == id {
			return f, true
		}
	}
	return Finding{}, false
}

func (j *judge) add(f k8s.Finding) {
	f.Evidence = orEmpty(f.Evidence)
	j.findings = append(j.findings, Finding(f))
}

func (j *judge) note(stage, format string, args ...any) {
	j.unseen = append(j.unseen, Unseen{Stage: stage, Why: fmt.Sprintf(format, args...)})
}
