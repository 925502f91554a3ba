package main

import (
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"respy/diagnose"
	"respy/k8s"
	"respy/probe"
	"respy/report"
	"respy/stats"
)

// config is the command line of the main job after parsing and before anything is read or sent.
type config struct {
	target string
	send   sendConfig
	expect expectConfig
	decide decideConfig
	print  printConfig

	versionFrom    string
	waitProgrammed time.Duration
	waitProxy      time.Duration
	quitProxy      bool
	terminationLog string
}

type sendConfig struct {
	requests    int
	given       bool // -n was given
	concurrency int
	duration    time.Duration
	within      time.Duration // how long a gate may send; 0 for no limit
	rate        float64
	timeout     time.Duration
	method      string
	headers     []string
	host        string
	body        string
	bodyFile    string
	connectTo   []string
	unixSocket  string
	tls         probe.TLS
	http2, h2c  bool
	reuse       int
	reuseGiven  bool // --connection-reuse was given
	session     probe.Session
}

type expectConfig struct {
	shares     string
	files      []string
	route      string
	kubeconfig string
	context    string
	kube       bool
	namespace  string
	labels     map[string]string
	envoy      []string
	envoyDump  string
	mapEntries []string

	ruleless bool // objects serve without a rule among them, too
}

type decideConfig struct {
	alpha        float64
	test         string
	maxErrors    string
	inconclusive string
	earlyStop    bool
	tolerance    float64 // in percentage points
}

type printConfig struct {
	outputs    []string
	quiet      bool
	noProgress bool
	color      string
}

// settings is what validation makes of a config.
type settings struct {
	header    http.Header
	body      []byte
	method    string
	source    probe.Source
	shares    []diagnose.Share
	mapping   []k8s.Mapping
	maxErrors float64
	test      stats.Kind
	outputs   []output
	sessions  int // requests of a session, 0 without sessions
}

// validate checks what the flags say, one by one and against each other.
func (c *config) validate() (*settings, error) {
	if err := c.send.validate(); err != nil {
		return nil, err
	}
	if err := c.expect.validate(); err != nil {
		return nil, err
	}
	if err := checkTarget(c.target); err != nil {
		return nil, err
	}
	var s settings
	steps := []func(*config) error{s.readHeader, s.readBody, s.readSource, s.readExpect, s.readMapping, s.readDecide, s.readOutputs}
	for _, step := range steps {
		if err := step(c); err != nil {
			return nil, err
		}
	}
	return &s, nil
}

func (s *settings) readHeader(c *config) error {
	s.header = http.Header{}
	for _, h := range c.send.headers {
		name, value, ok := strings.Cut(h, ":")
		if !ok || strings.TrimSpace(name) == "" {
			return usagef("-H %q is not a header: write -H 'Name: value'", h)
		}
		s.header.Add(strings.TrimSpace(name), strings.TrimSpace(value))
	}
	return nil
}

// readBody sets the body and the method: as with curl, a body without a method is a POST.
func (s *settings) readBody(c *config) error {
	s.body = []byte(c.send.body)
	if c.send.bodyFile != "" {
		body, err := os.ReadFile(c.send.bodyFile)
		if err != nil {
			return usagef("reading --body-file: %v", err)
		}
		s.body = body
	}
	s.method = strings.ToUpper(c.send.method)
	if s.method == "" {
		s.method = http.MethodGet
		if len(s.body) > 0 {
			s.method = http.MethodPost
		}
	}
	return nil
}

func (s *settings) readSource(c *config) error {
	source, err := probe.ParseSource(c.versionFrom)
	if err != nil {
		return usagef("--version-from: %v", err)
	}
	s.source = source
	if source.String() == "envoy" && (c.decide.earlyStop || c.send.hasSessions()) {
		return usagef("--version-from envoy knows totals only: leave out --early-stop and --session-header or --session-cookie")
	}
	return nil
}

func (s *settings) readExpect(c *config) (err error) {
	if c.expect.shares != "" {
		s.shares, err = parseExpect(c.expect.shares)
	}
	return err
}

// readNamelessExpect also takes weights without names.
func (s *settings) readNamelessExpect(c *config) (err error) {
	if c.expect.shares != "" {
		s.shares, err = parseNameless(c.expect.shares)
	}
	return err
}

func (s *settings) readMapping(c *config) error {
	for _, entry := range c.expect.mapEntries {
		m, err := k8s.ParseMapping(entry)
		if err != nil {
			return usagef("--%v", err)
		}
		s.mapping = append(s.mapping, m)
	}
	return nil
}

func (s *settings) readDecide(c *config) (err error) {
	if !(c.decide.alpha > 0 && c.decide.alpha < 1) {
		return usagef("--alpha %g is not a probability between 0 and 1: 0.01 is usual", c.decide.alpha)
	}
	if !(c.decide.tolerance >= 0 && c.decide.tolerance < 100) {
		return usagef("--tolerance %g: give percentage points between 0 and 100", c.decide.tolerance)
	}
	if s.maxErrors, err = parsePercent(c.decide.maxErrors); err != nil {
		return err
	}
	if c.decide.inconclusive != "fail" && c.decide.inconclusive != "pass" {
		return usagef("--inconclusive %q is neither fail nor pass", c.decide.inconclusive)
	}
	s.test = stats.Kind(c.decide.test)
	if s.test != stats.Auto && s.test != stats.Exact && s.test != stats.ChiSquare {
		return usagef("--test %q is none of auto, exact and chi-square", c.decide.test)
	}
	return nil
}

// parsePercent reads 1% or 0.01.
func parsePercent(s string) (float64, error) {
	number, isPercent := strings.CutSuffix(s, "%")
	v, err := strconv.ParseFloat(number, 64)
	if isPercent {
		v /= 100
	}
	if err != nil || !(v >= 0 && v <= 1) {
		return 0, usagef("--max-errors %q is not a share of the requests: write for example 1%%", s)
	}
	return v, nil
}

func (s *settings) readOutputs(c *config) (err error) {
	s.outputs, err = parseOutputs(c.print.outputs, c.print.quiet)
	if err == nil && s.logsAnswers() && s.source.String() == "envoy" {
		return usagef("--version-from envoy knows totals and not the version of each answer: leave out -o jsonl")
	}
	if err == nil && c.print.color != "auto" && c.print.color != "always" && c.print.color != "never" {
		return usagef("--color %q is none of auto, always and never", c.print.color)
	}
	return err
}

// logsAnswers reports whether an output takes the answers.
func (s *settings) logsAnswers() bool {
	return slices.ContainsFunc(s.outputs, func(o output) bool { return o.answers != nil })
}

// formatOf is the format for standard output.
func formatOf(quiet bool) report.Format {
	if quiet {
		return report.FormatQuiet
	}
	return report.FormatTable
}
