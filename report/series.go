package report

import (
	"strconv"

	"github.com/jedib0t/go-pretty/v6/text"

	"respy/diagnose"
)

// maxSeries is how many versions have a colour of their own; the others are drawn together.
const maxSeries = 8

// series is a version of the pictures.
type series struct {
	name  string
	class string // c0 to c7; cx for all the rest
}

// restSeries stands for the versions without a colour of their own, and for the requests without a version.
const restSeries = "cx"

// rowClass is the colour of a row of the conclusion.
func rowClass(c *diagnose.Conclusion, row int) string {
	if c.Trace == nil {
		return seriesClass(row)
	}
	for i, v := range c.Trace.Versions {
		if v.Row == row {
			return seriesClass(i)
		}
	}
	return restSeries
}

func seriesClass(i int) string {
	if i >= maxSeries {
		return restSeries
	}
	return "c" + strconv.Itoa(i)
}

// traced are the versions of a trace.
func traced(t *diagnose.Trace) []series {
	list := make([]series, len(t.Versions))
	for i, v := range t.Versions {
		list[i] = series{name: printable(v.Name), class: seriesClass(i)}
		if v.Row < 0 {
			list[i].class = restSeries
		}
	}
	return list
}

// fit makes text from outside safe and at most so many columns wide.
func fit(s string, columns int) string {
	s = cut(escape(s), columns)
	for text.StringWidth(s) > columns {
		runes := []rune(s)
		s = string(runes[:len(runes)-2]) + "…"
	}
	return s
}
