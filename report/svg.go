package report

import (
	"html"
	"html/template"
	"strconv"
	"strings"
)

// drawing is an SVG picture in the making. Its coordinates are pixels of a page 1000 wide; its colours come from classes
// of the page, so that one picture serves the light and the dark theme. Every text is escaped on its way in.
type drawing struct{ b strings.Builder }

// pageWidth is the width of every drawing.
const pageWidth = 1000

// newDrawing begins a picture. Title and description are what a reader hears who does not see it; id is unique in the page.
func newDrawing(id, title, description string, height float64) *drawing {
	d := &drawing{}
	d.element("svg", false,
		"xmlns", "http://www.w3.org/2000/svg", "viewBox", "0 0 "+num(pageWidth)+" "+num(height), "role", "img",
		"aria-labelledby", id+"-title "+id+"-description")
	d.content("title", title, "id", id+"-title")
	d.content("desc", description, "id", id+"-description")
	return d
}

// end closes the picture. What it returns is markup: the texts in it were escaped.
func (d *drawing) end() template.HTML {
	d.b.WriteString("</svg>")
	return template.HTML(d.b.String())
}

func (d *drawing) element(name string, empty bool, attributes ...string) {
	d.b.WriteString("<" + name)
	for i := 0; i < len(attributes); i += 2 {
		d.b.WriteString(" " + attributes[i] + `="` + html.EscapeString(escape(attributes[i+1])) + `"`)
	}
	if empty {
		d.b.WriteString("/")
	}
	d.b.WriteString(">")
}

func (d *drawing) content(name, text string, attributes ...string) {
	d.element(name, false, attributes...)
	d.b.WriteString(html.EscapeString(escape(text)) + "</" + name + ">")
}

func (d *drawing) line(x1, y1, x2, y2 float64, class string) {
	d.element("line", true, "class", class, "x1", num(x1), "y1", num(y1), "x2", num(x2), "y2", num(y2))
}

func (d *drawing) rect(x, y, width, height float64, class string) {
	d.element("rect", true, "class", class, "x", num(x), "y", num(y), "width", num(width), "height", num(height))
}

// shade is a rect that is as opaque as strength says, from 0 to 1.
func (d *drawing) shade(x, y, width, height, strength float64, class string) {
	d.element("rect", true, "class", class, "x", num(x), "y", num(y), "width", num(width), "height", num(height),
		"fill-opacity", strconv.FormatFloat(strength, 'f', 2, 64))
}

func (d *drawing) box(x, y, width, height float64, class string) {
	d.element("rect", true, "class", class, "x", num(x), "y", num(y), "width", num(width), "height", num(height), "rx", "8")
}

func (d *drawing) circle(x, y, r float64, class string) {
	d.element("circle", true, "class", class, "cx", num(x), "cy", num(y), "r", num(r))
}

// text writes a line that begins at x, text ends and text centred at x those that end or lie there.
func (d *drawing) text(x, y float64, class, s string) {
	d.content("text", s, "class", class, "x", num(x), "y", num(y))
}

func (d *drawing) textTo(x, y float64, class, s string) {
	d.content("text", s, "class", class, "x", num(x), "y", num(y), "text-anchor", "end")
}

func (d *drawing) textAt(x, y float64, class, s string) {
	d.content("text", s, "class", class, "x", num(x), "y", num(y), "text-anchor", "middle")
}

// dot is a point of a curve.
type dot struct{ x, y float64 }

func (d *drawing) curve(dots []dot, class string) {
	if len(dots) > 0 {
		d.element("path", true, "class", class, "d", trail(dots))
	}
}

// area fills what lies between an upper and a lower curve.
func (d *drawing) area(upper, lower []dot, class string) {
	if len(upper) == 0 {
		return
	}
	outline := append([]dot{}, upper...)
	for i := len(lower) - 1; i >= 0; i-- {
		outline = append(outline, lower[i])
	}
	d.element("path", true, "class", class, "d", trail(outline)+"Z")
}

func trail(dots []dot) string {
	var b strings.Builder
	for i, p := range dots {
		b.WriteString(map[bool]string{true: "M", false: "L"}[i == 0] + num(p.x) + " " + num(p.y))
	}
	return b.String()
}

// num writes a coordinate to a tenth of a pixel.
func num(v float64) string {
	return strings.TrimSuffix(strconv.FormatFloat(v, 'f', 1, 64), ".0")
}
