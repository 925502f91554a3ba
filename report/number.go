package report

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"respy/diagnose"
)

// absent stands where a number does not exist.
const absent = "-"

// percent writes a share with one decimal place: 0.503 is 50.3%.
func percent(n diagnose.Number) string {
	if !n.Exists() {
		return absent
	}
	return strconv.FormatFloat(100*float64(n), 'f', 1, 64) + "%"
}

// points writes the difference of two shares in percentage points, with its sign.
func points(n diagnose.Number) string {
	if !n.Exists() {
		return absent
	}
	return fmt.Sprintf("%+.1f", 100*float64(n))
}

// interval writes the confidence limits of a share.
func interval(low, high diagnose.Number) string {
	if !low.Exists() || !high.Exists() {
		return ""
	}
	return fmt.Sprintf("(%.1f to %.1f)", 100*float64(low), 100*float64(high))
}

// short writes a number with at most four significant digits, and without an exponent unless it is tiny or huge.
func short(n diagnose.Number) string {
	if !n.Exists() {
		return absent
	}
	v := float64(n)
	if size := math.Abs(v); size >= 1000 && size < 1e12 {
		return strconv.FormatFloat(math.Round(v), 'f', -1, 64)
	}
	return strconv.FormatFloat(v, 'g', 4, 64)
}

// whole writes a number with all its digits.
func whole(n diagnose.Number) string {
	if !n.Exists() {
		return absent
	}
	return strconv.FormatFloat(float64(n), 'f', -1, 64)
}

// pValue writes a p-value with its relation to it.
func pValue(n diagnose.Number) string {
	if !n.Exists() {
		return absent
	}
	return diagnose.PText(float64(n))
}

// latency writes seconds with three significant digits: 1.23ms.
func latency(n diagnose.Number) string {
	if !n.Exists() {
		return absent
	}
	d := time.Duration(float64(n) * float64(time.Second))
	switch {
	case d >= time.Second:
		return d.Round(10 * time.Millisecond).String()
	case d >= time.Millisecond:
		return d.Round(10 * time.Microsecond).String()
	default:
		return d.Round(time.Microsecond).String()
	}
}

// plural writes a count with its noun: 1 request, 2 requests.
func plural(n int64, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.FormatInt(n, 10) + " " + strings.TrimSuffix(noun, "s") + "s"
}
