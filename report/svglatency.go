package report

import (
	"fmt"
	"html/template"
	"math"
	"slices"
	"strconv"

	"respy/diagnose"
)

// timed are the versions of a trace of which latencies are known.
func timed(t *diagnose.Trace) []int {
	var list []int
	for i, v := range t.Versions {
		if len(v.Curve) > 0 {
			list = append(list, i)
		}
	}
	return list
}

// latencies draws which share of the answers of each version took no longer than so long.
func latencies(t *diagnose.Trace, list []int) template.HTML {
	f := frame{left: 56, top: 14, right: 800, bottom: 290}
	d := newDrawing("latency", "Latency by version", latencyText(t, list), 334)
	x := latencyScale(t, list, f)
	d.logAxis(f, x, func(v float64) string { return latency(diagnose.Number(v)) }, "time until the end of the answer (logarithmic)")
	y := d.percentAxis(f)
	names := traced(t)
	for n, i := range list {
		var dots []dot
		for _, q := range t.Versions[i].Curve {
			dots = append(dots, dot{x.at(q.Seconds), y.at(q.Share)})
		}
		d.curve(dots, names[i].class+" share")
		at := f.top + 10 + 36*float64(n)
		d.text(f.right+10, at, names[i].class+" label", within(names[i].name, 185))
		d.text(f.right+10, at+15, "tick", "half "+quantile(t.Versions[i], 0.5)+", 99% "+quantile(t.Versions[i], 0.99))
	}
	return d.end()
}

func latencyScale(t *diagnose.Trace, list []int, f frame) scale {
	low, high := math.Inf(1), 0.0
	for _, i := range list {
		curve := t.Versions[i].Curve
		low, high = min(low, curve[0].Seconds), max(high, curve[len(curve)-1].Seconds)
	}
	low = max(low, 1e-6)
	return scale{low: low * 0.9, high: max(high, 2*low) * 1.1, from: f.left, to: f.right, log: true}
}

// quantile writes the latency that a share of the answers did not exceed.
func quantile(v diagnose.Traced, share float64) string {
	i, found := slices.BinarySearchFunc(v.Curve, share-1e-9, func(q diagnose.Quantile, share float64) int {
		if q.Share < share {
			return -1
		}
		return 1
	})
	if !found && i == len(v.Curve) {
		return absent
	}
	return latency(diagnose.Number(v.Curve[i].Seconds))
}

func latencyText(t *diagnose.Trace, list []int) string {
	s := ""
	for _, i := range list {
		v := t.Versions[i]
		s += fmt.Sprintf("%s: half of the answers took at most %s, 99%% at most %s. ", printable(v.Name), quantile(v, 0.5), quantile(v, 0.99))
	}
	return s
}

func latencyTable(t *diagnose.Trace, list []int) grid {
	g := grid{Head: []string{"share of the answers"}}
	for _, i := range list {
		g.Head = append(g.Head, printable(t.Versions[i].Name))
	}
	for _, share := range []float64{0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 0.999, 0.9999, 1} {
		row := []string{strconv.FormatFloat(100*share, 'g', 6, 64) + "%"}
		for _, i := range list {
			row = append(row, quantile(t.Versions[i], share))
		}
		g.Rows = append(g.Rows, row)
	}
	return g
}
