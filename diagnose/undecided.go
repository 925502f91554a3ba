package diagnose

import "time"

// Undecided is the conclusion of a check that had no time to come to one.
func Undecided(target, why string) *Conclusion {
	return &Conclusion{
		Schema: Schema, Target: target, Started: time.Now(), Verdict: Inconclusive, Reason: ReasonInterrupted,
		Message: why, ExitCode: ExitInconclusive,
		Unseen: []Unseen{}, Errors: []Failure{}, Versions: []Version{}, Findings: []Finding{},
	}
}
