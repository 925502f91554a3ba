package main

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"html"
	"io"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"
)

// The pictures of the README are a run of the demo: its page's chain and convergence, and what it prints to a terminal.
// The same seed and one request at a time give the same answers; make pictures draws them anew.

const pictured = "demo --fault ignored --seed 7 -c 1"

func TestPicturesAreMadeByTheDemo(t *testing.T) {
	file := filepath.Join(t.TempDir(), "page.html")
	var stdout, stderr bytes.Buffer
	args := append(strings.Fields(pictured), "--no-progress", "--color", "always", "-o", "html="+file)
	if code := run(t.Context(), args, strings.NewReader(""), &stdout, &stderr); code != 1 {
		t.Fatalf("exit code %d, want that of a mismatch\n%s", code, stderr.String())
	}
	page, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	checkPicture(t, "doc/terminal.svg", terminal("respy "+pictured, stdout.String()))
	checkPicture(t, "doc/chain.svg", framed(t, string(page), "chain"))
	checkPicture(t, "doc/convergence.svg", framed(t, string(page), "convergence"))
}

// checkPicture compares a picture in the tree with what it is to show. Ports and times differ from run to run, and the
// last digits of coordinates from processor to processor.
func checkPicture(t *testing.T, file, want string) {
	t.Helper()
	checkXML(t, file, want)
	if *update {
		checkMade(t, file, want)
		return
	}
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if difference := differ(steady(want), steady(string(got))); difference != "" {
		t.Errorf("%s is not what the demo draws; draw it with make pictures: %s", file, difference)
	}
	if !strings.Contains(readme(t), "]("+file+")") {
		t.Errorf("the README does not show %s", file)
	}
}

func checkXML(t *testing.T, file, text string) {
	t.Helper()
	for d := xml.NewDecoder(strings.NewReader(text)); ; {
		_, err := d.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatalf("%s is not well-formed: %v", file, err)
		}
	}
}

// steady takes out what no two runs share, with the blanks, rules and positions that make up for its length.
func steady(s string) string {
	for _, volatile := range []string{`127\.0\.0\.1:\d+`, `[\d.]+(µs|ms|s)\b`, `<text[^>]*>[+-]+</text>`, ` textLength="[\d.]+"`, ` +`} {
		s = regexp.MustCompile(volatile).ReplaceAllString(s, "~")
	}
	return s
}

// differ says where two texts differ by more than a quarter in a number.
func differ(want, got string) string {
	number := regexp.MustCompile(`\d+(\.\d+)?`)
	a, b := number.FindAllString(want, -1), number.FindAllString(got, -1)
	if len(a) != len(b) || number.ReplaceAllString(want, "") != number.ReplaceAllString(got, "") {
		return "another text"
	}
	for i := range a {
		x, _ := strconv.ParseFloat(a[i], 64)
		y, _ := strconv.ParseFloat(b[i], 64)
		if math.Abs(x-y) > 0.25 {
			return fmt.Sprintf("%s instead of %s", b[i], a[i])
		}
	}
	return ""
}

// framed makes a picture of a page stand alone: with the page's colours and margins.
func framed(t *testing.T, page, id string) string {
	t.Helper()
	parts := regexp.MustCompile(`(?s)<svg ([^>]*) viewBox="0 0 1000 (\d+)"([^>]*"` + id + `-title[^>]*>.*?</desc>)(.*?</svg>)`).FindStringSubmatch(page)
	colours := regexp.MustCompile(`(?s)<style>\n(.*?)\* \{ box-sizing`).FindStringSubmatch(page)
	rules := regexp.MustCompile(`(?s)\n(\.c0 \{.*?)@media`).FindStringSubmatch(page)
	if parts == nil || colours == nil || rules == nil {
		t.Fatalf("the page has no picture %s, or its style has another form", id)
	}
	height, err := strconv.Atoi(parts[2])
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf(`<svg %s width="1048" height="%d" viewBox="-24 -22 1048 %[2]d"%s<style>
%s%s</style><rect x="-23.5" y="-21.5" width="1047" height="%d" rx="12" fill="var(--page)" stroke="var(--line)"/>%s
`, parts[1], height+44, parts[3], colours[1], rules[1], height+43, parts[4])
}

// terminal draws what a command prints: a line of text for each line, with its colours.
func terminal(command, printed string) string {
	const cell, line, margin = 8, 18, 20
	rows := strings.Split(strings.TrimSpace("$ "+command+"\n"+printed), "\n")
	var b strings.Builder
	columns := 0
	for i, row := range rows {
		column, class := 0, ""
		for _, piece := range regexp.MustCompile(`\x1b\[\d+m|[^\x1b]+`).FindAllString(row, -1) {
			if code, isEscape := strings.CutPrefix(piece, "\x1b["); isEscape {
				class = map[string]string{"31m": "red", "32m": "green", "33m": "yellow", "36m": "cyan", "1m": "bold"}[code]
				continue
			}
			width := utf8.RuneCountInString(piece)
			fmt.Fprintf(&b, `<text x="%d" y="%d" class="%s" textLength="%d">%s</text>`+"\n",
				margin+cell*column, margin+line*i+13, class, cell*width, html.EscapeString(piece))
			column += width
		}
		columns = max(columns, column)
	}
	width, height := 2*margin+cell*columns, 2*margin+line*len(rows)
	return fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %[1]d %[2]d" role="img" xml:space="preserve" aria-labelledby="title"><title id="title">%s</title>
<style>text { font: 13.33px ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", "Liberation Mono", monospace; fill: #e4e8ee; }
.red, .green, .yellow, .cyan { font-weight: 700; } .red { fill: #ff7b78; } .green { fill: #45cf8b; } .yellow { fill: #e5b54a; } .cyan { fill: #5ab0f5; }</style>
<rect width="%[1]d" height="%[2]d" rx="12" fill="#14171c"/>
%[4]s</svg>
`, width, height, html.EscapeString(command), b.String())
}
