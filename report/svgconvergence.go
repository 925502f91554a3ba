package report

import (
	"cmp"
	"fmt"
	"html/template"
	"math"
	"slices"
	"strconv"

	"respy/diagnose"
)

// ribbon is the way of one version's share, and the band that a working split keeps it in.
type ribbon struct {
	series
	expected  float64 // NaN when nothing is
	n         []int64
	share     []float64
	low, high []float64 // none when nothing is expected
	left      int       // the first point outside of the band, -1 for none
}

// ribbons follow the shares of a trace. A part of them is no different from the whole, but cheaper to draw.
func ribbons(t *diagnose.Trace) []ribbon {
	list := make([]ribbon, len(t.Versions))
	for i, s := range traced(t) {
		r := ribbon{series: s, expected: float64(t.Versions[i].Share), left: -1}
		for _, p := range t.Points {
			share := float64(p.Counts[i]) / float64(p.N)
			r.n, r.share = append(r.n, p.N), append(r.share, share)
			low, high, ok := t.Band(i, p.N)
			if !ok {
				continue
			}
			r.low, r.high = append(r.low, low), append(r.high, high)
			if r.left < 0 && (share < low || share > high) {
				r.left = len(r.n) - 1
			}
		}
		list[i] = r
	}
	return list
}

// convergence draws the shares against the number of units.
func convergence(c *diagnose.Conclusion, list []ribbon) template.HTML {
	f := frame{left: 56, top: 14, right: 800, bottom: 330}
	d := newDrawing("convergence", "Convergence of the shares", convergenceText(c, list), 374)
	last := c.Trace.Points[len(c.Trace.Points)-1].N
	x := scale{low: 1, high: math.Max(10, float64(last)), from: f.left, to: f.right, log: true}
	d.logAxis(f, x, amount, unitNames(c.Trace.Unit)+", in the order of sending (logarithmic)")
	y := d.percentAxis(f)
	crowd := ""
	if len(list) > 3 {
		crowd = " crowd" // paler, as they cover each other
	}
	for _, r := range list {
		d.area(r.dots(x, y, r.high), r.dots(x, y, r.low), r.class+" band"+crowd)
	}
	for _, r := range list {
		if !math.IsNaN(r.expected) {
			d.line(f.left, y.at(r.expected), f.right, y.at(r.expected), r.class+" weight")
		}
		d.curve(r.dots(x, y, r.share), r.class+" share")
		if r.left >= 0 {
			d.circle(x.at(float64(r.n[r.left])), y.at(r.share[r.left]), 5, r.class+" exit")
		}
	}
	d.endLabels(f, y, list)
	return d.end()
}

func (r ribbon) dots(x, y scale, values []float64) []dot {
	dots := make([]dot, len(values))
	for i, v := range values {
		dots[i] = dot{x.at(float64(r.n[i])), y.at(v)}
	}
	return dots
}

// endLabels names the curves where they end, pushed apart where they would cover each other.
func (d *drawing) endLabels(f frame, y scale, list []ribbon) {
	const apart = 17
	type label struct {
		at float64
		ribbon
	}
	labels := make([]label, len(list))
	for i, r := range list {
		labels[i] = label{y.at(r.share[len(r.share)-1]), r}
	}
	slices.SortStableFunc(labels, func(a, b label) int { return cmp.Compare(a.at, b.at) })
	for i := range labels {
		labels[i].at = max(labels[i].at, f.top+6)
		if i > 0 {
			labels[i].at = max(labels[i].at, labels[i-1].at+apart)
		}
	}
	floor := f.bottom
	for i := len(labels) - 1; i >= 0; i-- {
		labels[i].at = min(labels[i].at, floor)
		floor = labels[i].at - apart
	}
	for _, l := range labels {
		share := percent(diagnose.Number(l.share[len(l.share)-1]))
		d.text(f.right+10, l.at+4, l.class+" label", within(l.name, 125)+" "+share)
	}
}

// convergenceText says in words what the picture shows.
func convergenceText(c *diagnose.Conclusion, list []ribbon) string {
	s := ""
	for _, r := range list {
		s += fmt.Sprintf("%s ends at %s", r.name, percent(diagnose.Number(r.share[len(r.share)-1])))
		switch {
		case math.IsNaN(r.expected):
		case r.left >= 0:
			s += fmt.Sprintf(" of an expected %s, and was out of its band by %s %d", percent(diagnose.Number(r.expected)), c.Trace.Unit, r.n[r.left])
		default:
			s += fmt.Sprintf(" of an expected %s, and never left its band", percent(diagnose.Number(r.expected)))
		}
		s += ". "
	}
	return s
}

// convergenceTable has the numbers behind the picture, some of the points where they are many.
func convergenceTable(c *diagnose.Conclusion, list []ribbon) grid {
	g := grid{Head: []string{unitNames(c.Trace.Unit)}}
	for _, r := range list {
		g.Head = append(g.Head, r.name, "band of "+r.name)
	}
	points := len(c.Trace.Points)
	every := max(1, points/40)
	for i := 0; i < points; i++ {
		if i%every != 0 && i != points-1 {
			continue
		}
		row := []string{strconv.FormatInt(c.Trace.Points[i].N, 10)}
		for _, r := range list {
			band := absent
			if len(r.low) > 0 {
				band = fmt.Sprintf("%.1f to %.1f%%", 100*r.low[i], 100*r.high[i])
			}
			row = append(row, percent(diagnose.Number(r.share[i])), band)
		}
		g.Rows = append(g.Rows, row)
	}
	return g
}

func unitNames(unit string) string {
	if unit == "request" {
		return "answers"
	}
	return unit + "s"
}
