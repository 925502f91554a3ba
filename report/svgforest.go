package report

import (
	"fmt"
	"html/template"
	"math"
	"strconv"

	"respy/diagnose"
)

// compared are the rows that the forest plot has: those with an interval.
func compared(c *diagnose.Conclusion) []int {
	var rows []int
	for i, v := range c.Versions {
		if v.Low.Exists() && v.High.Exists() && v.ExpectedShare.Exists() && len(rows) < maxSeries {
			rows = append(rows, i)
		}
	}
	return rows
}

// forest draws for each version how far its share is off its weight, with the interval of the true share.
func forest(c *diagnose.Conclusion, rows []int) template.HTML {
	const rowHeight = 40.0
	f := frame{left: 190, top: 10, right: 720, bottom: 10 + rowHeight*float64(len(rows))}
	d := newDrawing("forest", "Shares against the weights", forestText(c, rows), f.bottom+42)
	x := forestScale(c, rows, f)
	for _, v := range []float64{-1, -0.5, 0, 0.5, 1} {
		at := x.at(v * x.high)
		d.line(at, f.top, at, f.bottom, map[bool]string{true: "zero", false: "grid"}[v == 0])
		d.textAt(at, f.bottom+18, "tick", signed(v*x.high))
	}
	d.textAt((f.left+f.right)/2, f.bottom+36, "tick", "percentage points off the weight")
	if c.Trace != nil && c.Trace.Tolerance > 0 {
		t := c.Trace.Tolerance
		d.rect(x.at(-100*t), f.top, x.at(100*t)-x.at(-100*t), f.bottom-f.top, "tolerance")
	}
	for i, row := range rows {
		v, y, class := c.Versions[row], f.top+rowHeight*(float64(i)+0.5), rowClass(c, row)
		off := func(share diagnose.Number) float64 { return x.at(100 * float64(share-v.ExpectedShare)) }
		d.textTo(f.left-14, y+4, class+" label", within(v.Name, 172))
		d.line(off(v.Low), y, off(v.High), y, class+" whisker")
		d.line(off(v.Low), y-6, off(v.Low), y+6, class+" whisker")
		d.line(off(v.High), y-6, off(v.High), y+6, class+" whisker")
		d.circle(off(v.Share), y, 6, class+" point")
		d.text(f.right+16, y-3, "strong", percent(v.Share)+" "+interval(v.Low, v.High))
		d.text(f.right+16, y+13, "tick", "weight "+percent(v.ExpectedShare)+", off by "+points(v.Share-v.ExpectedShare))
	}
	return d.end()
}

// forestScale spans what the intervals reach on either side, in points.
func forestScale(c *diagnose.Conclusion, rows []int, f frame) scale {
	reach := 0.0
	for _, row := range rows {
		v := c.Versions[row]
		reach = max(reach, math.Abs(float64(v.Low-v.ExpectedShare)), math.Abs(float64(v.High-v.ExpectedShare)))
	}
	reach = roundUp(100 * reach)
	return scale{low: -reach, high: reach, from: f.left, to: f.right}
}

func signed(v float64) string {
	if v == 0 {
		return "0"
	}
	s := strconv.FormatFloat(v, 'g', 4, 64)
	if v > 0 {
		return "+" + s
	}
	return s
}

func forestText(c *diagnose.Conclusion, rows []int) string {
	s := ""
	for _, row := range rows {
		v := c.Versions[row]
		s += fmt.Sprintf("%s: share %s %s, weight %s. ", printable(v.Name), percent(v.Share), interval(v.Low, v.High), percent(v.ExpectedShare))
	}
	return s
}
