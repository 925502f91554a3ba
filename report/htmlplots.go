package report

import (
	"fmt"
	"strconv"
	"strings"

	"respy/diagnose"
)

// plots are the pictures for which there is something to draw.
func plots(c *diagnose.Conclusion) []plot {
	var list []plot
	t := c.Trace
	if t != nil && len(t.Points) > 0 {
		r := ribbons(t)
		list = append(list, plot{"How the shares settled", convergenceCaption(c, r), convergence(c, r), convergenceTable(c, r)})
	}
	if rows := compared(c); len(rows) > 0 {
		list = append(list, plot{"Shares against the weights", forestCaption(c, rows), forest(c, rows), forestTable(c, rows)})
	}
	if t == nil {
		return list
	}
	if len(t.First) > 0 {
		list = append(list, plot{fmt.Sprintf("The first %d requests", len(t.First)),
			"Each mark is a request, in the order of sending. Random draws look uneven; a regular pattern means that something takes turns, and long " +
				"bars of one version that answers stick together. " + stripText(t), strip(t), stripTable(t)})
	}
	if several(t) {
		list = append(list, plot{"Connections and versions",
			"The stronger the colour, the more of a connection's answers came from that version. Connections with one version each mean that " +
				"the choice is made once for a connection. " + heatText(t), heat(t), heatTable(t)})
	}
	if times := timed(t); len(times) > 0 {
		list = append(list, plot{"Latency by version",
			"Which share of the answers took no longer than so long. " + latencyText(t, times), latencies(t, times), latencyTable(t, times)})
	}
	return list
}

func convergenceCaption(c *diagnose.Conclusion, list []ribbon) string {
	t := c.Trace
	s := fmt.Sprintf("The share of each version after so many %s. The dashed line is the weight", unitNames(t.Unit))
	if t.Tolerance > 0 {
		s += fmt.Sprintf("; the band allows for the tolerance of %s points", whole(diagnose.Number(100*t.Tolerance)))
	}
	if c.Verdict == diagnose.None {
		return fmt.Sprintf("The share of each version after so many %s.", unitNames(t.Unit))
	}
	s += fmt.Sprintf(". A working split stays inside of its bands from the first to the last, whenever one looks, with probability %s%%. ",
		whole(diagnose.Number(100-100*t.Alpha)))
	if len(c.Errors) > 0 {
		s += "Requests without a version are left out. "
	}
	for _, r := range list {
		if r.left >= 0 {
			s += fmt.Sprintf("%s was out of its band by %s %d. ", r.name, strings.TrimSuffix(unitNames(t.Unit), "s"), r.n[r.left])
		}
	}
	return s
}

func forestCaption(c *diagnose.Conclusion, rows []int) string {
	s := "How far each share is off its weight, with an interval for the true share"
	if c.Test != nil && c.Test.Alpha.Exists() {
		s += fmt.Sprintf("; in %s of the runs all intervals hold theirs", strings.TrimSuffix(strings.ToLower(intervalName(c)), " interval"))
	}
	s += ". Where the bar misses the middle line, the version does not get what its weight asks for."
	if more := len(c.Versions) - len(rows); more > 0 {
		s += " The table above has every version."
	}
	return s
}

func forestTable(c *diagnose.Conclusion, rows []int) grid {
	g := grid{Head: []string{"version", "weight", "share", "interval", "off by"}}
	for _, row := range rows {
		v := c.Versions[row]
		g.Rows = append(g.Rows, []string{printable(v.Name), percent(v.ExpectedShare), strconv.FormatFloat(100*float64(v.Share), 'f', 2, 64) + "%",
			fmt.Sprintf("%.2f to %.2f%%", 100*float64(v.Low), 100*float64(v.High)), points(v.Share - v.ExpectedShare)})
	}
	return g
}
