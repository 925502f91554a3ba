package report

import (
	"fmt"
	"io"
	"math"
	"sort"
	"strings"

	"github.com/jedib0t/go-pretty/v6/text"

	"respy/diagnose"
)

// The measures of the pictures in a terminal, in columns.
const (
	usualWidth   = 80
	leastWidth   = 40 // under which there is no picture
	nameWidth    = 14
	maxSparkline = 58
)

// course shows the way of the run in block characters, where it is known: how the shares settled, and which version
// answered the first requests.
func course(w io.Writer, c *diagnose.Conclusion, o Options) {
	width := o.Width
	if width == 0 {
		width = usualWidth
	}
	if c.Trace == nil || len(c.Trace.Points) == 0 || width < leastWidth {
		return
	}
	sparklines(w, c, o, width)
	firstAnswers(w, c.Trace, o, width)
}

// The characters of a sparkline. Inside the band there are three below and three above the weight; the first and the last
// are out of it.
var sparks = []rune("▁▂▃▄▅▆▇█")

// sparklines writes a line for each version: its share against the number of units on a logarithmic scale, with its band
// as the height.
func sparklines(w io.Writer, c *diagnose.Conclusion, o Options, width int) {
	t, cells := c.Trace, min(maxSparkline, width-nameWidth-8)
	last := t.Points[len(t.Points)-1]
	for i, s := range traced(t) {
		line := painted{options: o}
		for k := range cells {
			level, inside := height(t, i, pointAt(t, math.Pow(float64(last.N), float64(k)/float64(cells-1))))
			line.add(string(sparks[level]), !inside)
		}
		fmt.Fprintf(w, "%s %s %s\n", pad(fit(s.name, nameWidth)), line.text(), percent(diagnose.Number(float64(last.Counts[i])/float64(last.N))))
	}
	scale := "from 0 to 100%"
	if _, _, ok := t.Band(0, last.N); ok {
		scale = fmt.Sprintf("▄ at the weight, ▁ █ out of the %s%% band", whole(diagnose.Number(100-100*t.Alpha)))
	}
	axis := fmt.Sprintf("%s 1 to %s %s", pad(""), amount(float64(last.N)), unitNames(t.Unit))
	if line := axis + ", " + scale; text.StringWidth(line) <= width {
		fmt.Fprintln(w, line)
		return
	}
	fmt.Fprintln(w, axis)
	fmt.Fprintf(w, "%*s\n", width, scale)
}

// painted is a line in the making, of which some parts are red.
type painted struct {
	options Options
	done    strings.Builder
	run     string // of one colour
	red     bool
}

func (p *painted) add(s string, red bool) {
	if red != p.red {
		p.flush()
	}
	p.run, p.red = p.run+s, red
}

func (p *painted) flush() {
	if p.red && p.run != "" {
		p.run = paint(p.run, text.FgRed, p.options)
	}
	p.done.WriteString(p.run)
	p.run = ""
}

func (p *painted) text() string {
	p.flush()
	return p.done.String()
}

// pointAt is the last point up to n.
func pointAt(t *diagnose.Trace, n float64) diagnose.Point {
	i := sort.Search(len(t.Points), func(i int) bool { return float64(t.Points[i].N) > n*(1+1e-9) })
	return t.Points[max(i-1, 0)]
}

// height is the index of a version's character at a point, and whether its share is in its band.
func height(t *diagnose.Trace, version int, p diagnose.Point) (level int, inside bool) {
	share := float64(p.Counts[version]) / float64(p.N)
	low, high, ok := t.Band(version, p.N)
	if !ok {
		return min(int(share*float64(len(sparks))), len(sparks)-1), true
	}
	weight := float64(t.Versions[version].Share)
	switch {
	case share < low:
		return 0, false
	case share > high:
		return len(sparks) - 1, false
	case share < weight:
		return 1 + min(int(3*(share-low)/(weight-low)), 2), true
	case share > weight:
		return 4 + min(int(3*(share-weight)/(high-weight)), 2), true
	}
	return 3, true
}

// marks stand for the first versions in the strip of the first requests.
const marks = "█░▒▓"

const (
	otherMark = "·"
	errorMark = "×"
)

func markOf(version int) string {
	switch runes := []rune(marks); {
	case version < 0:
		return errorMark
	case version < len(runes):
		return string(runes[version])
	default:
		return otherMark
	}
}

// firstAnswers writes a character for each of the first requests, and what the characters mean.
func firstAnswers(w io.Writer, t *diagnose.Trace, o Options, width int) {
	shown := t.First[:min(len(t.First), width-nameWidth-2)]
	line := painted{options: o}
	for _, version := range shown {
		line.add(markOf(version), version < 0)
	}
	fmt.Fprintf(w, "%s %s\n", pad(fmt.Sprintf("first %d", len(shown))), line.text())
	var legend []string
	for i, s := range traced(t) {
		if mark := markOf(i); mark != otherMark && strings.Contains(line.text(), mark) {
			legend = append(legend, mark+" "+fit(s.name, nameWidth))
		}
	}
	for _, rest := range [][2]string{{otherMark, "others"}, {errorMark, noVersion}} {
		if strings.Contains(line.text(), rest[0]) {
			legend = append(legend, rest[0]+" "+rest[1])
		}
	}
	fmt.Fprintf(w, "%s %s\n", pad(""), strings.Join(legend, "  "))
}

func pad(s string) string { return text.Pad(s, nameWidth, ' ') }
