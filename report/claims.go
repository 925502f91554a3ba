package report

import (
	"fmt"
	"slices"

	"respy/diagnose"
)

// state is how a claim fared.
type state string

const (
	passed  state = "passed"
	failed  state = "failed"
	errored state = "error"   // the check could not be made
	skipped state = "skipped" // not judged, or inconclusive where that passes
)

// claim is one thing that a run asserts: a test case for the formats that have such.
type claim struct {
	name    string
	state   state
	message string
}

// claims takes a conclusion apart. The first claim is the verdict: it is in order exactly if the exit code is 0, and where
// it is, so are the others.
func claims(c *diagnose.Conclusion) []claim {
	all := []claim{{"split", splitState(c), escape(c.Message)}}
	for i, name := range names(c) {
		if v := c.Versions[i]; v.Weight.Exists() {
			all = append(all, shareClaim(c, v, name))
		}
	}
	return append(all,
		reasonClaim(c, "no unexpected version", diagnose.ReasonImpossibleVersion),
		reasonClaim(c, "error budget", diagnose.ReasonErrors),
		reasonClaim(c, "sample size", diagnose.ReasonTooSmall),
		reasonClaim(c, "weights stable", diagnose.ReasonChanged, diagnose.ReasonProxyRestarted),
	)
}

// splitState is the verdict as the state of a test case.
func splitState(c *diagnose.Conclusion) state {
	switch {
	case c.ExitCode == 0 && c.Verdict == diagnose.Match:
		return passed
	case c.ExitCode == 0:
		return skipped
	case c.Verdict == diagnose.Mismatch || c.ExitCode == diagnose.ExitInconclusive:
		return failed
	default:
		return errored
	}
}

// shareClaim says whether a version's interval holds the share that its weight asks for. The intervals are no second
// test: they speak only where the verdict is a mismatch.
func shareClaim(c *diagnose.Conclusion, v diagnose.Version, name string) claim {
	s := claim{name: "share of " + name, message: fmt.Sprintf("%s of %s where %s are expected", percent(v.Share),
		plural(draws(c), unit(c)), percent(v.ExpectedShare))}
	if limits := interval(v.Low, v.High); limits != "" {
		s.message += ", interval " + limits
	}
	switch {
	case c.Verdict == diagnose.Inconclusive || !v.Low.Exists() || !v.High.Exists():
		s.state = skipped
	case c.Verdict == diagnose.Mismatch && (v.ExpectedShare < v.Low || v.ExpectedShare > v.High):
		s.state = failed
	default:
		s.state = passed
	}
	return s
}

func unit(c *diagnose.Conclusion) string {
	if c.Test == nil {
		return "request"
	}
	return c.Test.Unit
}

// reasonClaim is settled by its own reasons, of which any breaks it. Reasons are tried in an order, and the first that
// holds ends the search: what comes after it was not judged.
func reasonClaim(c *diagnose.Conclusion, name string, own ...diagnose.Reason) claim {
	switch {
	case slices.Contains(own, c.Reason):
		return claim{name, splitState(c), escape(c.Message)}
	case precedence(c.Reason) < precedence(own[0]):
		return claim{name, skipped, "not judged: " + escape(c.Message)}
	}
	return claim{name, passed, ""}
}

// precedence is the place of a reason in the order in which they are tried.
func precedence(r diagnose.Reason) int {
	return slices.Index([]diagnose.Reason{
		diagnose.ReasonUnreachable, diagnose.ReasonNoExpectation, diagnose.ReasonChanged, diagnose.ReasonProxyRestarted,
		diagnose.ReasonRecognition, diagnose.ReasonImpossibleVersion, diagnose.ReasonInterrupted,
		diagnose.ReasonProgrammedDiffers, diagnose.ReasonErrors, diagnose.ReasonErrorsCouldFlip, diagnose.ReasonTooSmall,
		diagnose.ReasonTest,
	}, r)
}

// names are the versions' names, safe to show, and each there once: of two that look alike after that, the second has a
// number.
func names(c *diagnose.Conclusion) []string {
	seen := map[string]bool{}
	all := make([]string, len(c.Versions))
	for i, v := range c.Versions {
		all[i] = escape(v.Name)
		for n := 2; seen[all[i]]; n++ {
			all[i] = fmt.Sprintf("%s (%d)", escape(v.Name), n)
		}
		seen[all[i]] = true
	}
	return all
}
