package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/jedib0t/go-pretty/v6/text"

	"respy/diagnose"
	"respy/k8s"
)

// samples shows one example of each kind of error.
func samples(w io.Writer, c *diagnose.Conclusion) {
	for _, e := range c.Errors {
		fmt.Fprintf(w, "%s, %s: %s\n", escape(e.Kind), plural(e.Count, "time"), cut(escape(e.Sample), 2*longest))
	}
}

// placed explains the second number of a row.
func placed(w io.Writer, c *diagnose.Conclusion) {
	for _, v := range c.Versions {
		if v.Draws > v.Count {
			fmt.Fprintln(w, "+N: requests without an answer in the version's name that the proxy sent to it; they count for the split.")
			return
		}
	}
}

// statistics says in plain language what the test found and what it could have noticed.
func statistics(w io.Writer, c *diagnose.Conclusion, wide bool) {
	t := c.Test
	if t == nil {
		return
	}
	if t.Method == "sequential" {
		saved := ""
		if t.RequestsSaved > 0 {
			saved = fmt.Sprintf(", %s fewer than planned", plural(t.RequestsSaved, "request"))
		}
		fmt.Fprintf(w, "Stopped early after %s%s: ln E = %s, p %s, alpha %s.\n",
			plural(draws(c), t.Unit), saved, short(t.LnE), pValue(t.PValue), short(t.Alpha))
		return
	}
	fmt.Fprintf(w, "%s test of %s: p %s", testName(t), plural(draws(c), t.Unit), pValue(t.PValue))
	fmt.Fprintf(w, ", alpha %s.\n", short(t.Alpha))
	if t.Statistic.Exists() {
		fmt.Fprintf(w, "Chi-square %s, df %d, p %s.\n", short(t.Statistic), t.DF, pValue(t.ChiSquarePValue))
	}
	if t.DetectableShift.Exists() {
		fmt.Fprintf(w, "A shift of %s points would have been noticed nine times in ten.\n", short(100*t.DetectableShift))
	}
	if wide {
		fmt.Fprintf(w, "Effect size w %s; method %s; %s needed.\n", short(t.EffectSize), t.Method, plural(t.RequestsRequired, t.Unit))
	}
}

func testName(t *diagnose.Test) string {
	switch t.Method {
	case "exact":
		return "Exact " + t.Name
	case "monte-carlo":
		return fmt.Sprintf("%s (Monte Carlo, %d draws)", t.Name, t.Samples)
	default:
		return t.Name
	}
}

func draws(c *diagnose.Conclusion) int64 {
	var n int64
	for _, v := range c.Versions {
		n += v.Draws
	}
	return n
}

// findings shows each finding with its evidence and its fix.
func findings(w io.Writer, list []diagnose.Finding, o Options) {
	for _, f := range list {
		fmt.Fprintf(w, "\n%s %s: %s\n", paint(f.Severity, severityColor(f.Severity), o), escape(f.ID), escape(f.Summary))
		if f.Object != "" {
			fmt.Fprintf(w, "  where: %s\n", strings.TrimSpace(escape(f.Object)+" "+escape(f.Field)))
		}
		for _, e := range f.Evidence {
			fmt.Fprintf(w, "  seen:  %s\n", escape(e))
		}
		if f.Fix != "" {
			fmt.Fprintf(w, "  fix:   %s\n", escape(f.Fix))
		}
	}
}

func severityColor(severity string) text.Color {
	switch severity {
	case k8s.SeverityError:
		return text.FgRed
	case k8s.SeverityWarning:
		return text.FgYellow
	default:
		return text.FgCyan
	}
}

// unseen lists the stages that could not be looked at.
func unseen(w io.Writer, list []diagnose.Unseen) {
	if len(list) == 0 {
		return
	}
	fmt.Fprintln(w)
	for _, u := range list {
		fmt.Fprintf(w, "not seen: %s: %s\n", escape(u.Stage), escape(u.Why))
	}
}
