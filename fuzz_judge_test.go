package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"respy/diagnose"
	"respy/probe"
	"respy/report"
)

// judgeText has a text judged that comes from standard input. The conclusion is nil where the text cannot be judged.
func judgeText(t *testing.T, text string, flags ...string) *diagnose.Conclusion {
	t.Helper()
	var stdout, stderr bytes.Buffer
	args := slices.Concat([]string{"judge", "--no-progress", "-o", "json"}, flags)
	code := run(context.Background(), args, strings.NewReader(text), &stdout, &stderr)
	if code == exitTrouble {
		if stdout.Len() > 0 {
			t.Errorf("trouble, and a report: %s", stdout.String())
		}
		checkSentence(t, stderr.String())
		return nil
	}
	c := new(diagnose.Conclusion)
	if err := json.Unmarshal(stdout.Bytes(), c); err != nil || stderr.Len() > 0 {
		t.Fatalf("exit code %d, %v, %s", code, err, stderr.String())
	}
	if c.ExitCode != code {
		t.Errorf("exit code %d, and %d in the report", code, c.ExitCode)
	}
	checkShares(t, c)
	return c
}

// checkShares holds that the shares of a report fit each other.
func checkShares(t *testing.T, c *diagnose.Conclusion) {
	t.Helper()
	drawn, share := int64(0), 0.0
	for _, v := range c.Versions {
		if v.Count < 0 || v.Draws < 0 || v.ServerErrors < 0 {
			t.Errorf("version %q: %d answers, %d draws, %d of status 5xx", v.Name, v.Count, v.Draws, v.ServerErrors)
		}
		drawn += v.Draws
		if v.Share.Exists() {
			share += float64(v.Share)
			if !(v.Low <= v.Share+1e-9 && v.Share <= v.High+1e-9) && v.Low.Exists() {
				t.Errorf("version %q: share %g is not between %g and %g", v.Name, v.Share, v.Low, v.High)
			}
		}
	}
	if drawn > 0 && (share < 1-1e-6 || share > 1+1e-6) {
		t.Errorf("the shares add up to %g", share)
	}
	if c.Test != nil && c.Test.PValue.Exists() && !(c.Test.PValue >= 0 && c.Test.PValue <= 1) {
		t.Errorf("p = %g", c.Test.PValue)
	}
}

// checkSum holds that every answer is counted once.
func checkSum(t *testing.T, c *diagnose.Conclusion) {
	t.Helper()
	counted := int64(0)
	for _, v := range c.Versions {
		counted += v.Count
		if v.ServerErrors > v.Count {
			t.Errorf("version %q: %d of %d answers have a status of 5xx", v.Name, v.ServerErrors, v.Count)
		}
	}
	for _, e := range c.Errors {
		counted += e.Count
	}
	if counted != c.Requests || c.Answered > c.Requests {
		t.Errorf("%d are counted, and %d answered, of %d requests", counted, c.Answered, c.Requests)
	}
}

// counts are those of a report, by version; what is not counted there has no place.
func counts(c *diagnose.Conclusion) map[string]int64 {
	by := map[string]int64{}
	for _, v := range c.Versions {
		if v.Count > 0 {
			by[v.Name] += v.Count
		}
	}
	return by
}

// checkSame holds that two texts are the same evidence.
func checkSame(t *testing.T, how string, a, b *diagnose.Conclusion) {
	t.Helper()
	switch {
	case (a == nil) != (b == nil):
		t.Errorf("%s: only one of the two can be judged", how)
	case a == nil:
	case a.Verdict != b.Verdict || a.Requests != b.Requests:
		t.Errorf("%s: %s of %d requests (%s) is %s of %d (%s)", how, a.Verdict, a.Requests, a.Message, b.Verdict, b.Requests, b.Message)
	default:
		if diff := cmp.Diff(counts(a), counts(b)); diff != "" {
			t.Errorf("%s: other counts (-want +got):\n%s", how, diff)
		}
	}
}

// checkPooled holds that a report, judged by itself, says what it said.
func checkPooled(t *testing.T, c *diagnose.Conclusion) {
	t.Helper()
	text, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	checkSame(t, "its report, judged", c, judgeText(t, string(text)))
}

// FuzzJudgeLines reads versions that stand one a line, or with their numbers as uniq -c prints them.
func FuzzJudgeLines(f *testing.F) {
	for _, text := range []string{
		"v1\nv1\nv2\n", strings.Repeat("v1\n", 90) + strings.Repeat("v2\r\n", 10), "    900 v1\n    100 v2\n", "1234567 v1\n    100 v2\n",
		"\n \n\t\n", "      3 \n", "v1", "weather-backend: v1\n{\"version\":\"v2\"}\n", "\xff\xfe\nv1\n", "      0 v1\n", "v3\n", "\x1b[31mv1\n",
		"4611686018427387903 v1\n4611686018427387903 v1\n", "     -1 v1\n",
	} {
		f.Add(text, "v1=90,v2=10", "auto")
	}
	f.Add("{\"a\":{\"b\":\"v1\"}}\n", "v1=1", "json:a.b")
	f.Add("GET /v1 200\nGET /v2 200\n", "v1=50,v2=50", "regex:GET /(v.)")
	f.Fuzz(func(t *testing.T, text, expect, source string) {
		flags := []string{"--expect=" + expect, "--version-from=" + source}
		c := judgeText(t, text, flags...)
		lines := slices.Collect(strings.Lines(text))
		if c == nil || strings.Contains(text, `{"seq":`) || strings.Contains(text, diagnose.Schema) || len(c.Versions) > 60 {
			return
		}
		checkSum(t, c)
		if last := len(lines) - 1; !strings.HasSuffix(lines[last], "\n") {
			lines[last] += "\n"
		}
		slices.Sort(lines)
		checkSame(t, "its lines, sorted", c, judgeText(t, strings.Join(lines, ""), flags...))
		if !slices.ContainsFunc(lines, func(l string) bool { n, _ := repeated([]byte(l)); return n != 1 }) {
			checkSame(t, "its lines, by uniq -c", c, judgeText(t, uniq(lines), flags...))
		}
		checkPooled(t, c)
	})
}

// uniq is what uniq -c makes of lines, without the blank ones.
func uniq(sorted []string) string {
	var b strings.Builder
	for len(sorted) > 0 {
		n := 1
		for n < len(sorted) && sorted[n] == sorted[0] {
			n++
		}
		if strings.TrimSpace(sorted[0]) != "" {
			fmt.Fprintf(&b, "%7d %s", n, sorted[0])
		}
		sorted = sorted[n:]
	}
	return b.String()
}

// listedAnswers are answers as a run lists them: of every kind, and every tenth of the smaller version.
func listedAnswers(n int, sessions bool) string {
	var b bytes.Buffer
	w := report.NewAnswers(&b, func() []string { return []string{"v1", "v2", "other"} })
	for i := range int64(n) {
		a := probe.Answer{Seq: i, Status: 200, Conn: i / 3, First: i%3 == 0, Session: -1, Sent: time.Duration(i) * time.Millisecond, Latency: time.Millisecond}
		if sessions {
			a.Session = i / 2
		}
		switch {
		case i%10 == 9:
			a.Version = 1
		case i%25 == 24:
			a.Version, a.Kind, a.Status = -1, probe.KindTimeout, 0
		case i%25 == 23:
			a.Resent, a.Status = true, 503
		}
		w.Write(a)
	}
	w.Flush()
	return b.String()
}

// FuzzJudgeAnswers reads the answers of a run, as -o jsonl lists them.
func FuzzJudgeAnswers(f *testing.F) {
	for _, text := range []string{
		listedAnswers(3, false), listedAnswers(50, false), listedAnswers(12, true), `{"seq":0}`, `{"seq":0,"version":null,"kind":"status","status":503}`,
		`{"seq":0,"version":"v1","conn":-5,"first":true,"session":-7,"sent":1e300,"latency":-1e300}` + "\n" + `{"seq":0,"version":"v1"}`,
		`{"seq":9223372036854775807,"version":"v2","conn":9223372036854775807,"session":9223372036854775807}`, `{"seq":0` + "\n",
	} {
		f.Add(text, "v1=90,v2=10", "auto")
		f.Add(text, "v1=1", "exact")
	}
	f.Fuzz(func(t *testing.T, text, expect, test string) {
		if !strings.HasPrefix(text, `{"seq":`) {
			return
		}
		flags := []string{"--expect=" + expect, "--test=" + test}
		c := judgeText(t, text, flags...)
		if c == nil {
			return
		}
		checkSum(t, c)
		var again strings.Builder
		for line := range strings.Lines(text) {
			a, err := report.ParseAnswer([]byte(line))
			if err != nil {
				t.Fatalf("judged, and then: %v", err)
			}
			line, err := json.Marshal(a)
			if err != nil {
				t.Fatal(err)
			}
			again.Write(append(line, '\n'))
		}
		checkSame(t, "written again", c, judgeText(t, again.String(), flags...))
	})
}

// FuzzJudgeReports pools reports.
func FuzzJudgeReports(f *testing.F) {
	for _, text := range seedFiles(f, "report/testdata/[!ph]*.json") {
		f.Add(text, "")
		f.Add(text, text)
	}
	const small = `{"schema":"respy/v1","expectation":{"source":"flag"},"requests":%d,"versions":[{"version":"a","weight":1,"draws":%[1]d,"count":%[1]d},{"version":"b","weight":%[2]s}]}`
	for _, weight := range []string{"1", "0", "-1", "1e308", "null", "1e-320"} {
		f.Add(fmt.Sprintf(small, 1000, weight), fmt.Sprintf(small, 10, weight))
	}
	f.Add(fmt.Sprintf(small, -5, "1"), fmt.Sprintf(small, int64(1)<<62, "1"))
	f.Add(`{"schema":"respy/v1","versions":null,"test":{"method":"sequential","lnE":1e308},"expectation":{}}`, `{"schema":"respy/v1","errors":[{}]}`)
	f.Fuzz(func(t *testing.T, one, two string) {
		if !strings.HasPrefix(one, "{") || !strings.Contains(one, `"`+diagnose.Schema+`"`) {
			return
		}
		c := judgeText(t, one+"\n"+two)
		if c == nil {
			return
		}
		var reports []string
		for d := json.NewDecoder(strings.NewReader(one + "\n" + two)); d.More(); {
			again := new(diagnose.Conclusion)
			if err := d.Decode(again); err != nil {
				t.Fatalf("judged, and then: %v", err)
			}
			text, err := json.Marshal(again)
			if err != nil {
				t.Fatal(err)
			}
			reports = append(reports, string(text))
		}
		if !strings.Contains(reports[0], `"`+diagnose.Schema+`"`) {
			return // the schema stood elsewhere in it
		}
		checkSame(t, "written again", c, judgeText(t, strings.Join(reports, "\n")))
		slices.Reverse(reports)
		if strings.Contains(reports[0], `"`+diagnose.Schema+`"`) {
			checkSame(t, "the other way round", c, judgeText(t, strings.Join(reports, "\n")))
		}
	})
}
