package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/spf13/pflag"

	"respy/diagnose"
	"respy/k8s"
	"respy/k8s/envoy"
	"respy/probe"
)

// commandLines are those of the scripts, an argument a line.
func commandLines(f *testing.F) []string {
	f.Helper()
	command := regexp.MustCompile(`(?m)^(?:exec|exit \d+) respy (.*)$`)
	word := regexp.MustCompile(`'[^']*'|[^\s']+`)
	var lines []string
	for _, script := range seedFiles(f, "testdata/script/*.txtar") {
		for _, found := range command.FindAllStringSubmatch(script, -1) {
			var args []string
			for _, arg := range word.FindAllString(strings.ReplaceAll(found[1], "$URL", "http://weather-backend:5000/version"), -1) {
				args = append(args, strings.Trim(arg, "'"))
			}
			lines = append(lines, strings.Join(args, "\n"))
		}
	}
	return lines
}

// settler takes command lines as far as that sends nothing and reads no file but its own.
type settler struct {
	t            *testing.T
	body, config string // files
}

// settle returns what a command line comes to, in a form that can be compared.
func (s settler) settle(args []string) (string, error) {
	if len(args) == 0 {
		return s.main(args)
	}
	rest := args[1:]
	switch args[0] {
	case "explain":
		var c config
		return s.settled(&c, explainCommand(&c), rest, c.validateExplain)
	case "watch":
		c, w := config{versionFrom: "envoy"}, watchConfig{}
		return s.settled(&c, watchCommand(&c, &w), rest, func() (*settings, error) { return c.validateWatch(w) })
	case "judge":
		return s.judge(rest)
	case "plan":
		return s.plan(rest)
	case "demo":
		return s.demo(rest)
	case "serve":
		return s.serve(rest)
	case "completion":
		_, err := completion(rest, s.streams())
		return "", err
	}
	return s.main(args)
}

func (s settler) streams() streams { return streams{strings.NewReader(""), io.Discard, io.Discard} }

// settled parses the flags of a command that is about one request.
func (s settler) settled(c *config, command command, args []string, validate func() (*settings, error)) (string, error) {
	positional, err := command.parse(args, io.Discard)
	if err != nil {
		return "", err
	}
	if err := c.take(positional, command); err != nil {
		return "", err
	}
	if c.send.bodyFile != "" {
		c.send.bodyFile = s.body
	}
	valid, err := validate()
	if err != nil {
		return "", err
	}
	s.check(c, valid)
	for _, address := range c.expect.envoy {
		if _, err := envoy.New(address); address != "off" && err != nil {
			return "", err
		}
	}
	return fmt.Sprintf("%+v %+v %s %+v %+v %g", c, valid.header, valid.method, valid.shares, valid.mapping, valid.maxErrors), nil
}

func (s settler) main(args []string) (string, error) {
	var c config
	var valid *settings
	text, err := s.settled(&c, mainCommand(&c), args, func() (_ *settings, err error) {
		valid, err = c.validate()
		return valid, err
	})
	if err != nil {
		return "", err
	}
	if _, err := k8s.NewRequest(valid.method, c.target, c.send.host, valid.header); err != nil {
		return "", err
	}
	e := diagnose.FromShares(valid.shares, nil, valid.mapping)
	if valid.shares == nil {
		e = nil
	}
	n, err := c.requests(e, valid.judging(&c))
	if err != nil {
		return "", err
	}
	recognizer, err := probe.NewRecognizer(valid.source, e.Recognise())
	if err != nil {
		return "", err
	}
	c.send.tls.CAFile, c.send.tls.CertFile, c.send.tls.KeyFile = "", "", ""
	_, err = probe.New(c.probeOptions(valid, recognizer, n, func(probe.Answer) bool { return true }))
	return fmt.Sprint(text, n), err
}

func (s settler) judge(args []string) (string, error) {
	c := config{target: "counts"}
	positional, err := judgeCommand(&c).parse(args, io.Discard)
	if err != nil {
		return "", err
	}
	var valid settings
	for _, step := range []func(*config) error{valid.readSource, valid.readNamelessExpect, valid.readMapping, valid.readDecide, valid.readOutputs} {
		if err := step(&c); err != nil {
			return "", err
		}
	}
	s.check(&c, &valid)
	isFile := func(arg string) bool { _, _, ok := parseCount(arg); return !ok }
	if len(c.expect.files) > 0 || slices.ContainsFunc(positional, isFile) {
		return fmt.Sprintf("%+v", c), nil
	}
	evidence, err := c.gather(context.Background(), &valid, positional, s.streams())
	if err != nil {
		return "", err
	}
	conclusion, err := diagnose.Judge(evidence, valid.judging(&c))
	if err != nil {
		return "", err
	}
	checkShares(s.t, conclusion)
	checkSum(s.t, conclusion)
	return fmt.Sprintf("%+v %s %s", c, conclusion.Verdict, conclusion.Message), nil
}

func (s settler) plan(args []string) (string, error) {
	var c planConfig
	command := planCommand(&c)
	positional, err := command.parse(args, io.Discard)
	if err != nil {
		return "", err
	}
	if err := c.take(positional, command); err != nil {
		return "", err
	}
	if _, err := planOutputs(c.outputs); err != nil || len(c.expect.files) > 0 {
		return "", err
	}
	shares, err := c.shares(s.streams())
	if err != nil {
		return "", err
	}
	s.checkShares(shares)
	return fmt.Sprintf("%+v %+v", c, shares), c.checkShifts(shares)
}

func (s settler) demo(args []string) (string, error) {
	var c config
	var d demoConfig
	return s.settled(&c, demoCommand(&c, &d), args, func() (*settings, error) {
		if _, err := d.options(); err != nil {
			return nil, err
		}
		c.target = "http://127.0.0.1:1/"
		return c.validate()
	})
}

func (s settler) serve(args []string) (string, error) {
	var c serveConfig
	if _, err := serveCommandLine(&c).parse(args, io.Discard); err != nil {
		return "", err
	}
	if c.check.send.bodyFile != "" {
		c.check.send.bodyFile = s.body
	}
	if c.file != "" {
		c.file = s.config
	}
	g, err := c.gate(s.streams())
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%+v %s", c, g.names()), nil
}

// check holds what everything that is settled has.
func (s settler) check(c *config, valid *settings) {
	s.t.Helper()
	if c.decide.alpha != 0 && !(c.decide.alpha > 0 && c.decide.alpha < 1) || !(valid.maxErrors >= 0 && valid.maxErrors <= 1) {
		s.t.Errorf("alpha %g, errors %g", c.decide.alpha, valid.maxErrors)
	}
	onStdout := 0
	for _, o := range valid.outputs {
		if o.file == "" {
			onStdout++
		}
	}
	if onStdout > 1 {
		s.t.Errorf("%d formats for standard output: %+v", onStdout, valid.outputs)
	}
	if valid.shares != nil {
		s.checkShares(valid.shares)
	}
}

// checkShares holds that weights have a sum, and are read from what they are written as.
func (s settler) checkShares(shares []diagnose.Share) {
	s.t.Helper()
	total := 0.0
	var parts []string
	for _, one := range shares {
		total += one.Weight
		parts = append(parts, one.Name+"="+strconv.FormatFloat(one.Weight, 'g', -1, 64))
	}
	if !(total > 0) || math.IsInf(total, 0) {
		s.t.Errorf("weights with a sum of %g: %+v", total, shares)
	}
	again, err := parseExpect(strings.Join(parts, ","))
	if err != nil || !reflect.DeepEqual(shares, again) {
		s.t.Errorf("%+v are read again as %+v, %v", shares, again, err)
	}
}

// FuzzCommandLine reads the command lines of every subcommand, an argument a line.
func FuzzCommandLine(f *testing.F) {
	dir := f.TempDir()
	files := settler{body: filepath.Join(dir, "body"), config: filepath.Join(dir, "config")}
	for path, text := range map[string]string{files.body: "text", files.config: "targets: {weather: {url: 'http://weather/'}}"} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			f.Fatal(err)
		}
	}
	for _, line := range commandLines(f) {
		f.Add(line)
	}
	for _, line := range []string{"", "judge\n--expect=a=1,b=1\na=50\nb=50", "serve\n--target=a=http://a/\n-H\nx: y", "serve\n--config=x", "plan\n--expect=90,10\n--detect=5",
		"watch\n--for=5m\n--envoy=15000\nhttp://a/", "demo\n--weights=1,2,3", "--\n--\x1b[31m", "--x\ny"} {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, line string) {
		s := files
		s.t = t
		args := strings.Split(line, "\n")
		text, err := s.settle(slices.Clone(args))
		if err != nil && !errors.Is(err, pflag.ErrHelp) {
			checkTrouble(t, err)
		}
		other, reversed := s.settle(reorder(args))
		if text != other || (err == nil) != (reversed == nil) {
			t.Errorf("%q: got %s, %v; in the other order %s, %v", args, text, err, other, reversed)
		}
	})
}

// reorder turns the flags round if each is there once and has its value with it: then their order says nothing.
func reorder(args []string) []string {
	flags := slices.Clone(args)
	start := 0
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		start = 1
	}
	seen := map[string]bool{}
	for _, flag := range flags[start:] {
		name, _, hasValue := strings.Cut(flag, "=")
		if !strings.HasPrefix(name, "--") || len(name) < 4 || !hasValue || seen[name] {
			return flags
		}
		seen[name] = true
	}
	slices.Reverse(flags[start:])
	return flags
}
