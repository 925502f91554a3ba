package report

import (
	"fmt"
	"html/template"
	"strings"

	"respy/diagnose"
)

// The measures of the chain: four boxes and what links them.
const (
	boxWidth  = 202.0
	boxGap    = 64.0
	boxTop    = 8.0
	chainRows = 8 // versions that a box lists
)

// chain draws the four stages, what each gives the versions, and which neighbours disagree.
func chain(c *diagnose.Conclusion) template.HTML {
	rows := min(len(c.Versions), chainRows)
	height := chainHeight(c, rows)
	d := newDrawing("chain", "The four stages", chainText(c), boxTop+height+8)
	links := connectors(c.Chain)
	for i, s := range c.Chain {
		x := float64(i) * (boxWidth + boxGap)
		if s.Seen {
			d.stage(c, s, x, height, rows)
		} else {
			d.hiddenStage(s, x, height)
		}
		if i > 0 {
			d.link(links[i-1], x-boxGap, boxTop+height/2)
		}
	}
	return d.end()
}

// chainHeight is that of the boxes: one has a line for each version and for what goes elsewhere, or says why it is empty.
func chainHeight(c *diagnose.Conclusion, rows int) float64 {
	lines, hidden := rows, false
	if len(c.Versions) > rows {
		lines++
	}
	for _, s := range c.Chain {
		hidden = hidden || !s.Seen
	}
	for _, s := range c.Chain {
		if elsewhere(s) {
			lines++
			break
		}
	}
	if hidden {
		lines = max(lines, 4)
	}
	return 84 + 20*float64(lines)
}

func elsewhere(s diagnose.Stage) bool { return s.Seen && s.Elsewhere > 0.0005 }

// stage draws a box with its shares as a bar and as numbers.
func (d *drawing) stage(c *diagnose.Conclusion, s diagnose.Stage, x, height float64, rows int) {
	d.box(x+0.5, boxTop, boxWidth-1, height, "box")
	d.text(x+14, boxTop+26, "stage", s.Name)
	d.text(x+14, boxTop+43, "tick", within(where(c, s), boxWidth-14))
	at, width := x+14, boxWidth-28
	for i, share := range s.Shares {
		if share > 0 { // not for one that does not exist
			part := min(width*float64(share), x+14+width-at)
			d.rect(at, boxTop+56, max(part, 0), 12, rowClass(c, i)+" fill")
			at += part
		}
	}
	if elsewhere(s) {
		d.rect(at, boxTop+56, max(x+14+width-at, 0), 12, restSeries+" fill")
	}
	d.rect(x+14, boxTop+56, width, 12, "outline")
	y := boxTop + 90
	for i, share := range s.Shares[:rows] {
		d.rect(x+14, y-9, 9, 9, rowClass(c, i)+" fill")
		d.text(x+29, y, "label", within(c.Versions[i].Name, boxWidth-96))
		d.textTo(x+boxWidth-14, y, "strong", percent(share))
		y += 20
	}
	if elsewhere(s) {
		d.rect(x+14, y-9, 9, 9, restSeries+" fill")
		d.text(x+29, y, "label", map[bool]string{true: noVersion, false: "elsewhere"}[s.Name == "observed"])
		d.textTo(x+boxWidth-14, y, "strong", percent(s.Elsewhere))
		y += 20
	}
	if more := len(s.Shares) - rows; more > 0 {
		d.text(x+14, y, "tick", fmt.Sprintf("and %d more", more))
	}
}

// where says what a stage was read from.
func where(c *diagnose.Conclusion, s diagnose.Stage) string {
	switch s.Name {
	case "declared":
		if c.Expectation == nil || c.Expectation.Kind == "flag" {
			return "--expect"
		}
		_, name, _ := cutLast(c.Expectation.Route)
		if c.Expectation.Rule > 0 {
			return fmt.Sprintf("%s, rule %d", within(name, 110), c.Expectation.Rule)
		}
		return name
	case "programmed":
		return "the proxy's config_dump"
	case "chosen":
		return "the proxy's counters"
	}
	if c.Test == nil {
		return "the answers"
	}
	if elsewhere(s) {
		return plural(c.Requests, "request")
	}
	return plural(draws(c), strings.TrimSuffix(unitNames(c.Test.Unit), "s"))
}

func cutLast(s string) (before, after string, found bool) {
	if i := strings.LastIndexByte(s, '/'); i >= 0 {
		return s[:i], s[i+1:], true
	}
	return "", s, false
}

// hiddenStage draws a box that nobody could look into, and why.
func (d *drawing) hiddenStage(s diagnose.Stage, x, height float64) {
	d.box(x+0.5, boxTop, boxWidth-1, height, "box unseen")
	d.text(x+14, boxTop+26, "stage faint", s.Name)
	d.text(x+14, boxTop+43, "tick", "not seen")
	for i, line := range wrap(s.Why, boxWidth-14, int(height-70)/15) {
		d.text(x+14, boxTop+68+15*float64(i), "tick", line)
	}
}

// connectors are the links between the boxes. One that leads past boxes that were not seen has its sign at its end.
func connectors(stages []diagnose.Stage) []connector {
	list := make([]connector, len(stages)-1)
	for i, s := range stages {
		if s.Link == diagnose.LinkNone {
			continue
		}
		for k := i - 1; k >= 0; k-- {
			list[k].link = s.Link
			if stages[k].Seen {
				break
			}
		}
		list[i-1].signed = true
	}
	return list
}

// connector is the piece of a link between two boxes.
type connector struct {
	link   diagnose.Link
	signed bool // it has the sign
}

func (d *drawing) link(l connector, x, y float64) {
	from, to, middle := x+4, x+boxGap-5, x+boxGap/2-2
	class := map[diagnose.Link]string{
		diagnose.LinkNone: "none", diagnose.LinkHolds: "holds", diagnose.LinkBroken: "broken", diagnose.LinkOpen: "open",
	}[l.link]
	d.line(from, y, to, y, "link "+class)
	d.curve([]dot{{to - 7, y - 6}, {to, y}, {to - 7, y + 6}}, "link head "+class)
	if !l.signed {
		return
	}
	d.circle(middle, y, 13, "sign "+class)
	switch l.link {
	case diagnose.LinkBroken:
		d.curve([]dot{{middle - 5, y - 5}, {middle + 5, y + 5}}, "mark")
		d.curve([]dot{{middle + 5, y - 5}, {middle - 5, y + 5}}, "mark")
		d.textAt(middle, y+32, "bad strong", "differs")
	case diagnose.LinkHolds:
		d.curve([]dot{{middle - 5.5, y + 0.5}, {middle - 1.5, y + 4.5}, {middle + 6, y - 4.5}}, "mark")
		d.textAt(middle, y+32, "tick", "agrees")
	default:
		d.textAt(middle, y+5, "question", "?")
		d.textAt(middle, y+32, "tick", "unclear")
	}
}

// chainText says in words what the picture shows.
func chainText(c *diagnose.Conclusion) string {
	s := ""
	for _, stage := range c.Chain {
		switch {
		case !stage.Seen:
			s += fmt.Sprintf("%s was not seen. ", stage.Name)
			continue
		case stage.Link == diagnose.LinkBroken:
			s += fmt.Sprintf("%s differs from the stage before it: ", stage.Name)
		case stage.Link == diagnose.LinkHolds:
			s += fmt.Sprintf("%s agrees with the stage before it: ", stage.Name)
		default:
			s += stage.Name + ": "
		}
		for i, share := range stage.Shares[:min(len(stage.Shares), chainRows)] {
			if i > 0 {
				s += ", "
			}
			s += cut(escape(c.Versions[i].Name), 30) + " " + percent(share)
		}
		s += ". "
	}
	return s
}
