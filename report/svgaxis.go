package report

import (
	"math"
	"strconv"
)

// scale maps values to coordinates, evenly or by their logarithms.
type scale struct {
	low, high float64 // values, low < high; both > 0 on a logarithmic scale
	from, to  float64 // their coordinates
	log       bool
}

func (s scale) at(v float64) float64 {
	v = min(max(v, s.low), s.high)
	low, high := s.low, s.high
	if s.log {
		v, low, high = math.Log(v), math.Log(low), math.Log(high)
	}
	return s.from + (v-low)/(high-low)*(s.to-s.from)
}

// decades are the ticks of a logarithmic scale: powers of ten, and between them 2 and 5 where those alone are too few.
func (s scale) decades() []float64 {
	steps := []float64{1}
	if s.high/s.low < 100 {
		steps = []float64{1, 2, 5}
	}
	var ticks []float64
	for power := math.Floor(math.Log10(s.low)); power <= math.Ceil(math.Log10(s.high)); power++ {
		for _, step := range steps {
			if v := step * math.Pow(10, power); v >= s.low*(1-1e-9) && v <= s.high*(1+1e-9) {
				ticks = append(ticks, v)
			}
		}
	}
	return ticks
}

// roundUp returns the next of 1, 2, 5, 10, 20, 50… times a power of ten.
func roundUp(v float64) float64 {
	if v <= 0 {
		return 1
	}
	unit := math.Pow(10, math.Floor(math.Log10(v)))
	for _, step := range []float64{1, 2, 5} {
		if v <= step*unit*(1+1e-9) {
			return step * unit
		}
	}
	return 10 * unit
}

// amount writes a number of requests for an axis: 1, 10, 100, 1k, 10k, 1M.
func amount(v float64) string {
	for _, unit := range []struct {
		size float64
		name string
	}{{1e9, "G"}, {1e6, "M"}, {1e3, "k"}} {
		if v >= unit.size {
			return strconv.FormatFloat(v/unit.size, 'g', 3, 64) + unit.name
		}
	}
	return strconv.FormatFloat(v, 'f', -1, 64)
}

// frame is where a plot lies in its drawing.
type frame struct{ left, top, right, bottom float64 }

// percentAxis draws the lines of 0 to 100% and returns their scale.
func (d *drawing) percentAxis(f frame) scale {
	y := scale{low: 0, high: 1, from: f.bottom, to: f.top}
	for _, share := range []float64{0, 0.25, 0.5, 0.75, 1} {
		d.line(f.left, y.at(share), f.right, y.at(share), "grid")
		d.textTo(f.left-8, y.at(share)+4, "tick", strconv.Itoa(int(100*share))+"%")
	}
	return y
}

// logAxis draws the ticks of a logarithmic scale and what they count.
func (d *drawing) logAxis(f frame, x scale, label func(float64) string, name string) {
	for _, v := range x.decades() {
		d.line(x.at(v), f.top, x.at(v), f.bottom, "grid")
		d.textAt(x.at(v), f.bottom+18, "tick", label(v))
	}
	d.textAt((f.left+f.right)/2, f.bottom+36, "tick", name)
}
