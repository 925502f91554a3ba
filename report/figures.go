package report

import (
	"strconv"

	"respy/diagnose"
)

// figure is a named value of a run, for forms that hold a list of such.
type figure struct{ name, value string }

// figures are the values of a run as a whole that a later step of a pipeline may ask for. A number that does not exist is
// empty.
func figures(c *diagnose.Conclusion) []figure {
	all := []figure{
		{"verdict", string(c.Verdict)},
		{"reason", string(c.Reason)},
		{"exit-code", strconv.Itoa(c.ExitCode)},
		{"message", escape(c.Message)},
		{"requests", strconv.FormatInt(c.Requests, 10)},
		{"answered", strconv.FormatInt(c.Answered, 10)},
		{"errors", strconv.FormatInt(errorCount(c), 10)},
	}
	if t := c.Test; t != nil {
		all = append(all, figure{"p-value", exactly(t.PValue)}, figure{"alpha", exactly(t.Alpha)})
	}
	if e := c.Expectation; e != nil {
		all = append(all, figure{"route", escape(e.Route)})
	}
	return all
}

func errorCount(c *diagnose.Conclusion) int64 {
	var n int64
	for _, e := range c.Errors {
		n += e.Count
	}
	return n
}

// exactly writes a number so that it is read back the same, and nothing where there is none.
func exactly(n diagnose.Number) string {
	if !n.Exists() {
		return ""
	}
	return strconv.FormatFloat(float64(n), 'g', -1, 64)
}
