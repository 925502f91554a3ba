package report

import (
	"fmt"
	"html/template"
	"strconv"
	"strings"

	"respy/diagnose"
)

// noVersion names the requests that named none.
const noVersion = "no version"

// strip draws the first answers in the order of sending, one lane for each version.
func strip(t *diagnose.Trace) template.HTML {
	const left, right, lane = 150.0, 990.0, 30.0
	lanes := lanesOf(t)
	bottom := 8 + lane*float64(len(lanes))
	d := newDrawing("strip", fmt.Sprintf("The first %d answers", len(t.First)), stripText(t), bottom+40)
	step := (right - left) / float64(max(len(t.First), 100))
	for i, s := range lanes {
		top := 8 + lane*float64(i)
		d.rect(left, top, step*float64(len(t.First)), lane-6, "lane")
		d.textTo(left-12, top+lane/2+1, s.class+" label", within(s.name, 136))
	}
	for i, version := range t.First {
		at := version
		if version < 0 {
			at = len(lanes) - 1
		}
		d.rect(left+step*float64(i), 8+lane*float64(at), max(step-0.4, 1), lane-6, lanes[at].class+" fill")
	}
	for n := 0; n <= len(t.First); n += 50 {
		d.textAt(left+step*(float64(max(n, 1))-0.5), bottom+14, "tick", strconv.Itoa(max(n, 1)))
	}
	d.textAt((left+right)/2, bottom+32, "tick", "requests, in the order of sending")
	return d.end()
}

// lanesOf are the versions, and last the requests without one if there are any.
func lanesOf(t *diagnose.Trace) []series {
	lanes := traced(t)
	for _, version := range t.First {
		if version < 0 {
			return append(lanes, series{name: noVersion, class: "bad"})
		}
	}
	return lanes
}

func stripText(t *diagnose.Trace) string {
	changes := 0
	for i := 1; i < len(t.First); i++ {
		if t.First[i] != t.First[i-1] {
			changes++
		}
	}
	return fmt.Sprintf("Of %d requests in the order of sending, the version changed from one to the next %d times.", len(t.First), changes)
}

// stripTable says which version answered which request, as runs of the same one.
func stripTable(t *diagnose.Trace) grid {
	const each = 25
	g := grid{Head: []string{"requests", "answered by"}}
	lanes := lanesOf(t)
	for from := 0; from < len(t.First); from += each {
		to := min(from+each, len(t.First))
		g.Rows = append(g.Rows, []string{fmt.Sprintf("%d to %d", from+1, to), runs(t.First[from:to], lanes)})
	}
	return g
}

// runs writes as: 12 v1, 1 v2, 12 v1.
func runs(versions []int, lanes []series) string {
	var parts []string
	for i := 0; i < len(versions); {
		n := i
		for n < len(versions) && versions[n] == versions[i] {
			n++
		}
		name := noVersion
		if versions[i] >= 0 {
			name = cut(lanes[versions[i]].name, 20)
		}
		parts = append(parts, fmt.Sprintf("%d %s", n-i, name))
		i = n
	}
	return strings.Join(parts, ", ")
}

// heat draws which versions each connection saw.
func heat(t *diagnose.Trace) template.HTML {
	const left, right, lane = 150.0, 990.0, 30.0
	versions := traced(t)
	bottom := 8 + lane*float64(len(versions))
	d := newDrawing("heat", "Connections and versions", heatText(t), bottom+40)
	step := min((right-left)/float64(len(t.Connections)), 42)
	for k, s := range versions {
		d.textTo(left-12, 8+lane*float64(k)+lane/2+1, s.class+" label", within(s.name, 136))
		for i, counts := range t.Connections {
			x, y := left+step*float64(i), 8+lane*float64(k)
			d.rect(x, y, step-2, lane-4, "lane")
			if n := total(counts); counts[k] > 0 {
				d.shade(x, y, step-2, lane-4, 0.2+0.8*float64(counts[k])/float64(n), s.class+" fill")
			}
		}
	}
	for i := 0; i <= len(t.Connections); i += 10 {
		n := max(i, 1)
		if n <= len(t.Connections) {
			d.textAt(left+step*(float64(n)-0.5), bottom+14, "tick", strconv.Itoa(n))
		}
	}
	d.textAt((left+right)/2, bottom+32, "tick", "connections, in the order of dialling")
	return d.end()
}

// several reports whether a connection had more than one answer: else there is nothing to see in a picture of them.
func several(t *diagnose.Trace) bool {
	for _, counts := range t.Connections {
		if total(counts) > 1 {
			return true
		}
	}
	return false
}

func heatText(t *diagnose.Trace) string {
	repeated, pure := 0, 0
	for _, counts := range t.Connections {
		n := total(counts)
		if n < 2 {
			continue
		}
		repeated++
		for _, count := range counts {
			if count == n {
				pure++
			}
		}
	}
	return fmt.Sprintf("%d of the first %d connections had several answers; %d of these saw one version alone.", repeated, len(t.Connections), pure)
}

func heatTable(t *diagnose.Trace) grid {
	g := grid{Head: []string{"connection"}}
	for _, s := range traced(t) {
		g.Head = append(g.Head, s.name)
	}
	for i, counts := range t.Connections {
		row := []string{strconv.Itoa(i + 1)}
		for _, n := range counts {
			row = append(row, strconv.FormatInt(n, 10))
		}
		g.Rows = append(g.Rows, row)
	}
	return g
}

func total(counts []int64) int64 {
	var n int64
	for _, count := range counts {
		n += count
	}
	return n
}
