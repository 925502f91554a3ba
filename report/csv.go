package report

import (
	"encoding/csv"
	"io"
	"math"
	"strconv"
	"strings"
	"time"

	"respy/diagnose"
)

// CSV writes a row for each version (RFC 4180, with a header); the columns of the run as a whole have the same values in
// every row. Without any version there is one row, whose version is empty.
//
// A name that a spreadsheet would take for a formula has an apostrophe before it. Control and invisible characters are
// written as Go escapes, so that a row is a line.
func CSV(w io.Writer, c *diagnose.Conclusion) error {
	out := csv.NewWriter(w)
	if err := out.Write(csvHeader()); err != nil {
		return err
	}
	rows := c.Versions
	if len(rows) == 0 {
		none := diagnose.Number(math.NaN())
		rows = []diagnose.Version{{Weight: none, ExpectedShare: none, ProgrammedShare: none, Share: none, Low: none, High: none,
			Latency: diagnose.Latency{P50: none, P95: none, P99: none}}}
	}
	for _, v := range rows {
		if err := out.Write(csvRow(c, v)); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

func csvHeader() []string {
	return []string{
		"version", "weight", "expected_share", "programmed_share", "chosen", "count", "draws", "share", "low", "high",
		"p50_seconds", "p95_seconds", "p99_seconds",
		"target", "started", "verdict", "reason", "exit_code", "p_value", "requests", "answered", "errors",
	}
}

func csvRow(c *diagnose.Conclusion, v diagnose.Version) []string {
	chosen, p := "", ""
	if v.Chosen != nil {
		chosen = strconv.FormatInt(*v.Chosen, 10)
	}
	if c.Test != nil {
		p = exactly(c.Test.PValue)
	}
	return []string{
		cell(v.Name), exactly(v.Weight), exactly(v.ExpectedShare), exactly(v.ProgrammedShare), chosen,
		strconv.FormatInt(v.Count, 10), strconv.FormatInt(v.Draws, 10), exactly(v.Share), exactly(v.Low), exactly(v.High),
		exactly(v.Latency.P50), exactly(v.Latency.P95), exactly(v.Latency.P99),
		cell(c.Target), c.Started.UTC().Format(time.RFC3339), string(c.Verdict), string(c.Reason), strconv.Itoa(c.ExitCode), p,
		strconv.FormatInt(c.Requests, 10), strconv.FormatInt(c.Answered, 10), strconv.FormatInt(errorCount(c), 10),
	}
}

// cell is a text from outside that no spreadsheet evaluates: see https://owasp.org/www-community/attacks/CSV_Injection,
// also for the wide forms of the characters.
func cell(s string) string {
	s = escape(s)
	if start := strings.TrimLeft(s, " \"'"); start != "" && strings.ContainsRune("=+-@＝＋－＠", []rune(start)[0]) {
		return "'" + s
	}
	return s
}
