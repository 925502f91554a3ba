package report

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"respy/diagnose"
)

// Prom writes gauges in Prometheus' text format, for node_exporter's textfile collector or a push gateway
// (https://prometheus.io/docs/instrumenting/exposition_formats/). Each carries the target, so that several files can lie
// side by side. A number that does not exist has no sample.
func Prom(w io.Writer, c *diagnose.Conclusion) error {
	p := promWriter{out: bufio.NewWriter(w), target: label{"target", escape(c.Target)}}
	p.header("verdict", "Whether this is the verdict of the last run.")
	for _, v := range []diagnose.Verdict{diagnose.Match, diagnose.Mismatch, diagnose.Inconclusive, diagnose.None} {
		is := 0.0
		if v == c.Verdict {
			is = 1
		}
		p.sample("verdict", is, label{"verdict", string(v)})
	}
	p.gauge("exit_code", "Exit code of the verdict of the last run.", float64(c.ExitCode))
	p.versions(c)
	p.gauge("requests", "Requests that the last run sent.", float64(c.Requests))
	p.errors(c)
	if c.Test != nil && c.Test.PValue.Exists() {
		p.gauge("p_value", "Probability of a deviation as large as that of the last run, if traffic splits by the weights.", float64(c.Test.PValue))
	}
	if !c.Started.IsZero() {
		end := c.Started.Add(time.Duration(c.ElapsedSeconds * float64(time.Second)))
		p.gauge("last_run_timestamp_seconds", "When the last run ended, since 1970.", float64(end.UnixMilli())/1000)
	}
	return p.out.Flush()
}

type promWriter struct {
	out    *bufio.Writer
	target label
}

type label struct{ name, value string }

func (p promWriter) header(name, help string) {
	fmt.Fprintf(p.out, "# HELP respy_%s %s\n# TYPE respy_%s gauge\n", name, help, name)
}

// gauge writes a metric of one sample.
func (p promWriter) gauge(name, help string, value float64) {
	p.header(name, help)
	p.sample(name, value)
}

func (p promWriter) sample(name string, value float64, labels ...label) {
	fmt.Fprintf(p.out, "respy_%s{", name)
	escapes := strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`)
	for i, l := range append(labels, p.target) {
		if i > 0 {
			p.out.WriteByte(',')
		}
		fmt.Fprintf(p.out, `%s="%s"`, l.name, escapes.Replace(l.value))
	}
	fmt.Fprintf(p.out, "} %s\n", strconv.FormatFloat(value, 'g', -1, 64))
}

func (p promWriter) versions(c *diagnose.Conclusion) {
	metrics := []struct {
		name, help string
		value      func(diagnose.Version) diagnose.Number
	}{
		{"share", "Share of the answers that came from the version, 0 to 1.", func(v diagnose.Version) diagnose.Number { return v.Share }},
		{"expected_share", "Share that the version's weight asks for, 0 to 1.", func(v diagnose.Version) diagnose.Number { return v.ExpectedShare }},
	}
	all := names(c)
	for _, m := range metrics {
		p.header(m.name, m.help)
		for i, v := range c.Versions {
			if value := m.value(v); value.Exists() {
				p.sample(m.name, float64(value), label{"version", all[i]})
			}
		}
	}
}

// errors writes a sample for each kind, of which a run may have several groups.
func (p promWriter) errors(c *diagnose.Conclusion) {
	p.header("errors", "Requests of the last run without a version, by kind.")
	var kinds []string
	counts := map[string]int64{}
	for _, e := range c.Errors {
		if _, known := counts[e.Kind]; !known {
			kinds = append(kinds, e.Kind)
		}
		counts[e.Kind] += e.Count
	}
	for _, kind := range kinds {
		p.sample("errors", float64(counts[kind]), label{"kind", escape(kind)})
	}
}
