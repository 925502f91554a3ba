package report_test

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
	"time"

	"respy/diagnose"
	"respy/k8s"
	"respy/report"
)

// drawn is a conclusion with all that pictures show, of a run with so many answers by weight.
func drawn(answers int64, weights ...float64) *diagnose.Conclusion {
	random := rand.New(rand.NewPCG(1, 2))
	c := match()
	c.Requests, c.Answered, c.Versions = answers, answers, nil
	c.Trace = &diagnose.Trace{Unit: "request", Alpha: 0.01}
	all := 0.0
	for _, w := range weights {
		all += w
	}
	for i, w := range weights {
		share := w / all
		name := fmt.Sprintf("v%d", i+1)
		c.Versions = append(c.Versions, row(name, w, share, int64(share*float64(answers)), share, share*0.9, min(1, share*1.1)))
		curve := []diagnose.Quantile{}
		for k := range 60 {
			curve = append(curve, diagnose.Quantile{Share: float64(k) / 59, Seconds: 0.001 * math.Pow(1.09, float64(k+i))})
		}
		c.Trace.Versions = append(c.Trace.Versions, diagnose.Traced{Row: i, Name: name, Share: diagnose.Number(share), Curve: curve})
	}
	draw := func() int {
		for u, i := random.Float64()*all, 0; ; i++ {
			if u -= weights[i]; u < 0 || i == len(weights)-1 {
				return i
			}
		}
	}
	for n := 1.0; int64(n) <= answers; n = math.Max(n+1, n*math.Pow(10, 1.0/32)) {
		p := diagnose.Point{N: int64(n), Counts: make([]int64, len(weights))}
		left := p.N
		for i := range weights[1:] {
			p.Counts[i+1] = int64(n * weights[i+1] / all)
			left -= p.Counts[i+1]
		}
		p.Counts[0] = left
		c.Trace.Points = append(c.Trace.Points, p)
	}
	for range 300 {
		c.Trace.First = append(c.Trace.First, draw())
	}
	c.Trace.First[7] = -1
	for range 60 {
		counts := make([]int64, len(weights))
		for range 10 {
			counts[draw()]++
		}
		c.Trace.Connections = append(c.Trace.Connections, counts)
	}
	for i, name := range []string{"declared", "programmed", "chosen", "observed"} {
		s := diagnose.Stage{Name: name, Seen: i != 1, Why: "no proxy was read", Link: diagnose.LinkBroken}
		for _, v := range c.Versions {
			s.Shares = append(s.Shares, v.Share)
		}
		c.Chain = append(c.Chain, s)
	}
	c.Chain[0].Link, c.Chain[1].Link, c.Chain[2].Elsewhere = diagnose.LinkNone, diagnose.LinkNone, 0.25
	return c
}

// drawnEverywhere is a conclusion with pictures and the text in every place that text from outside can come to.
func drawnEverywhere(s string) *diagnose.Conclusion {
	c := drawn(5000, 50, 30, 20)
	e := everywhere(s, diagnose.Mismatch)
	c.Verdict, c.Target, c.Message, c.Expectation.Route = e.Verdict, e.Target, e.Message, e.Expectation.Route
	c.Errors, c.Findings, c.Unseen, c.Proxy = e.Errors, e.Findings, e.Unseen, &diagnose.Proxy{ID: s}
	for i := range c.Versions {
		c.Versions[i].Name, c.Trace.Versions[i].Name, c.Chain[i+1].Why = s, s, s
	}
	return c
}

var pictures = regexp.MustCompile(`(?s)<svg.*?</svg>`)

// checkPictures reads every picture of a page as XML and returns how many there are.
func checkPictures(t *testing.T, page string) int {
	t.Helper()
	all := pictures.FindAllString(page, -1)
	for _, picture := range all {
		d := xml.NewDecoder(strings.NewReader(picture))
		for {
			_, err := d.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("a picture is not well-formed: %v\n%.300s", err, picture)
			}
		}
		for _, want := range []string{`role="img"`, "<title ", "<desc ", "aria-labelledby="} {
			if !strings.Contains(picture, want) {
				t.Errorf("a picture lacks %s: %.200s", want, picture)
			}
		}
		if strings.Contains(picture, "NaN") || strings.Contains(picture, "Inf") {
			t.Errorf("a picture has a coordinate that is no number: %.200s", picture)
		}
	}
	return len(all)
}

func TestPageHasEveryPicture(t *testing.T) {
	check := func(name string, c *diagnose.Conclusion, want int) {
		t.Helper()
		page := render(t, report.FormatHTML, c)
		if got := checkPictures(t, page); got != want {
			t.Errorf("%s: %d pictures, want %d", name, got, want)
		}
		if got := strings.Count(page, "<details>"); want > 1 && got != want-1 {
			t.Errorf("%s: %d tables for %d plots", name, got, want-1)
		}
	}
	check("a run", drawn(1000, 90, 10), 6)
	check("three versions", drawn(1000, 50, 30, 20), 6)
	check("twelve versions", drawn(100_000, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12), 6)
	check("one answer", drawn(1, 1), 6)
	single := drawn(1000, 90, 10)
	single.Trace.Connections = [][]int64{{1, 0}, {0, 1}}
	check("an answer a connection", single, 5)
	check("counts from elsewhere", mismatch(), 1)
	lost := drawn(1000, 90, 10)
	lost.Trace.Points, lost.Trace.Connections, lost.Versions = nil, nil, lost.Versions[:0]
	lost.Trace.Versions, lost.Trace.First = nil, []int{-1, -1, -1}
	check("errors alone", lost, 1)
}

// Every golden conclusion has a page that says the verdict first.
func TestPageSaysTheVerdict(t *testing.T) {
	for name, c := range conclusions() {
		page := render(t, report.FormatHTML, c)
		checkPictures(t, page)
		word := strings.ToUpper(string(c.Verdict))
		if c.Verdict == diagnose.None {
			word = "NO VERDICT"
		}
		_, body, _ := strings.Cut(page, "<h1>")
		if head, _, _ := strings.Cut(body, "</h1>"); !strings.HasSuffix(head, word) {
			t.Errorf("%s: the heading is %q, want %s", name, head, word)
		}
	}
}

// Nothing is asked of anybody, and nothing runs.
func TestPageStandsAlone(t *testing.T) {
	for name, c := range conclusions() {
		page := render(t, report.FormatHTML, c)
		for _, unwanted := range []string{"<script", "<img", "<iframe", "<object", "src=", "@import", "url(", "javascript:", "onload"} {
			if strings.Contains(page, unwanted) {
				t.Errorf("%s: the page has %s", name, unwanted)
			}
		}
	}
}

// Text from outside adds no element: the page has the same ones whatever the text, but for the lines of a wrapped text.
func TestHostileTextIsInertInThePage(t *testing.T) {
	tags, lines := regexp.MustCompile(`<[^>]*>`), regexp.MustCompile(`</?text`)
	shape := func(page string) int { return len(tags.FindAllString(page, -1)) - len(lines.FindAllString(page, -1)) }
	want := shape(render(t, report.FormatHTML, drawnEverywhere("plain")))
	texts := hostile()
	texts["script"] = `<script>alert(1)</script>`
	texts["end of a title"] = `</title></svg><img src=x onerror=alert(1)>`
	texts["quotes"] = `" onload="alert(1)" x='`
	texts["cdata"] = `]]><![CDATA[<b>--><!--`
	texts["template"] = `{{.}}{{template "table"}}`
	texts["entity"] = `&lt;script&gt;&#0;&bogus;`
	for name, s := range texts {
		page := render(t, report.FormatHTML, drawnEverywhere(s))
		checkPictures(t, page)
		if got := shape(page); got != want {
			t.Errorf("%s: the page has %d tags, want %d", name, got, want)
		}
		for _, r := range page {
			if r != '\n' && (r < ' ' || r >= 0x7f && r <= 0x9f || r >= 0x200b && r <= 0x200f || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069) {
				t.Errorf("%s: the page holds %U", name, r)
				break
			}
		}
	}
}

// A run of ten million requests has a page as small as any, and is rendered at once.
func TestPageOfTenMillionRequests(t *testing.T) {
	c := drawn(10_000_000, 30, 20, 15, 12, 10, 8, 4, 1)
	for range 40 {
		c.Findings = append(c.Findings, diagnose.Finding{ID: "x", Severity: k8s.SeverityInfo, Summary: strings.Repeat("s", 300), Evidence: []string{"e"}})
	}
	page, best := "", time.Hour
	for range 5 { // the best of them tells what it takes on a machine that has other things to do
		start := time.Now()
		page = render(t, report.FormatHTML, c)
		best = min(best, time.Since(start))
	}
	if best > time.Second {
		t.Errorf("rendering took %s, want less than 1 s", best)
	}
	t.Logf("%s, %d bytes", best, len(page))
	if len(page) > 300_000 {
		t.Errorf("the page has %d bytes, want at most 300,000", len(page))
	}
}
