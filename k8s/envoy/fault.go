package envoy

import (
	"time"
)

const faultFilter = "envoy.filters.http.fault"

// faultOf reads the fault filter's settings of a route, else of its virtual host: the nearer one counts alone.
func faultOf(route, host message) Fault {
	for _, m := range []message{route, host} {
		config := m.field("typed_per_filter_config", faultFilter)
		if config.isType("FilterConfig") { // a wrapper that may also switch the filter off
			if config.boolean("disabled") {
				return Fault{}
			}
			config = config.field("config")
		}
		if config.present() {
			return parseFault(config)
		}
	}
	return Fault{}
}

func parseFault(m message) Fault {
	var f Fault
	if abort := m.field("abort"); abort.present() {
		f.Abort, f.Status = fraction(abort.field("percentage")), int(abort.number("http_status"))
	}
	if delay := m.field("delay"); delay.present() {
		f.Delay = fraction(delay.field("percentage"))
		f.By, _ = time.ParseDuration(delay.text("fixed_delay")) // absent or strange: unknown
	}
	return f
}

// fraction reads a FractionalPercent as 0 to 1. More than the whole counts as the whole.
func fraction(m message) float64 {
	whole := 100.0
	switch m.text("denominator") {
	case "TEN_THOUSAND":
		whole = 1e4
	case "MILLION":
		whole = 1e6
	}
	return min(float64(m.number("numerator"))/whole, 1)
}
