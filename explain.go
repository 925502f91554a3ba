package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"respy/diagnose"
	"respy/k8s"
	"respy/report"
)

const explainAbout = `respy explain says what happens to a request, without sending any: who calls, which Service and port, the rule that governs
and why, its destinations with their shares, subsets and pods, what the proxy has, and what is wrong, with its fix.
Without a URL it lists every rule of the files, or of the caller's namespace in the cluster, each with what is wrong with it.`

const explainCodes = `Exit codes: 0 nothing of severity error is wrong, 1 something is, 2 usage or trouble, 128+N ended by signal N.`

// explain shows the chain of one request, or all rules, without load.
func explain(ctx context.Context, args []string, std streams) (int, error) {
	var c config
	command := explainCommand(&c)
	positional, err := command.parse(args, std.out)
	if err != nil {
		return 0, err
	}
	if err := c.take(positional, command); err != nil {
		return 0, err
	}
	s, err := c.validateExplain()
	if err != nil {
		return 0, err
	}
	if c.target == "" {
		return c.listRules(ctx, s, std)
	}
	return c.explainRequest(ctx, s, std)
}

func explainCommand(c *config) command {
	return command{
		synopsis: "respy explain [flags] [URL]",
		about:    explainAbout,
		groups:   []group{requestFlags(c, "Request"), expectFlags(c), podFlags(c), explainPrintFlags(c)},
		epilogue: explainCodes,
	}
}

// requestFlags are those that a rule may look at.
func requestFlags(c *config, title string) group {
	g, s := newGroup(title), &c.send
	f := g.flags
	f.StringVarP(&c.target, "url", "u", "", "the `URL`, where it is not an argument")
	f.StringVarP(&s.method, "method", "m", "", "HTTP `method` (GET)")
	f.StringArrayVarP(&s.headers, "header", "H", nil, "`'Name: value'`, repeatable; Host works")
	f.StringVar(&s.host, "host", "", "the Host header")
	return g
}

func explainPrintFlags(c *config) group {
	g, p := newGroup("Print"), &c.print
	f := g.flags
	f.StringArrayVarP(&p.outputs, "output", "o", nil, "`FORMAT[=FILE]`: "+formatList(report.ExplanationFormats())+"; repeatable")
	f.BoolVar(&p.quiet, "quiet", false, "print the first sentence alone")
	f.StringVar(&p.color, "color", "auto", "auto, always or never; NO_COLOR is respected")
	return g
}

func formatList(formats []report.Format) string {
	names := make([]string, len(formats))
	for i, f := range formats {
		names[i] = string(f)
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " or " + names[last]
}

// validateExplain checks what the flags say, one by one and against each other.
func (c *config) validateExplain() (*settings, error) {
	if err := c.expect.validate(); err != nil {
		return nil, err
	}
	if c.target != "" {
		if err := checkTarget(c.target); err != nil {
			return nil, err
		}
	}
	var s settings
	for _, step := range []func(*config) error{s.readHeader, s.readBody, s.readExpect, s.readMapping, s.readExplanationOutputs} {
		if err := step(c); err != nil {
			return nil, err
		}
	}
	return &s, nil
}

// readExplanationOutputs reads the -o flags, of which an explanation knows some formats.
func (s *settings) readExplanationOutputs(c *config) (err error) {
	for _, flag := range c.print.outputs {
		name, _, _ := strings.Cut(flag, "=")
		if !slices.Contains(report.ExplanationFormats(), report.Format(name)) {
			return usagef("-o %s: an explanation is printed as %s", flag, formatList(report.ExplanationFormats()))
		}
	}
	return s.readOutputs(c)
}

// explainRequest follows one request.
func (c *config) explainRequest(ctx context.Context, s *settings, std streams) (int, error) {
	e := diagnose.Evidence{Target: c.target}
	c.expect.ruleless = true
	v, err := c.survey(ctx, s, &e, true, std)
	if err != nil {
		return 0, err
	}
	if e.Expectation == nil && e.Declared.Rule != nil {
		e.Expectation = diagnose.FromRule(e.Declared.Source, e.Declared.Rule, s.mapping)
	}
	c.awaitProgrammed(ctx, &e, v.view, v.proxies)
	for _, p := range v.proxies {
		p.lookBehind(ctx)
		e.Proxies = append(e.Proxies, p.view)
	}
	if err := explainable(&e); err != nil {
		return 0, err
	}
	scene := v.scene(&e)
	scene.Assumed = v.view.assumed
	x, err := diagnose.Explain(e, scene)
	if err != nil {
		return 0, err
	}
	return writeExplained(s.outputs, x.ExitCode, c.print.color, std, func(w io.Writer, f report.Format, o report.Options) error {
		return report.Explanation(w, f, x, o)
	}), nil
}

// scene is what the objects say beside the rule.
func (v *survey) scene(e *diagnose.Evidence) diagnose.Scene {
	scene := diagnose.Scene{Request: v.view.request, Caller: v.view.caller}
	objects := e.Declared.Objects
	if objects == nil {
		return scene
	}
	called := objects.Called(v.view.request, v.view.caller)
	scene.Called = &called
	rule := e.Declared.Rule
	if rule == nil {
		rule = &k8s.Rule{Destinations: []k8s.Destination{{Host: called.Host}}}
	}
	scene.Backends = objects.Backends(rule, v.view.caller)
	return scene
}

// explainable refuses to explain when nothing at all could be read.
func explainable(e *diagnose.Evidence) error {
	if e.Declared.Read || slices.ContainsFunc(e.Proxies, func(p diagnose.ProxyView) bool { return p.Before != nil }) {
		return nil
	}
	var why []string
	for _, u := range e.Unseen {
		if u.Stage == "declared" || u.Stage == "programmed" {
			why = append(why, u.Why)
		}
	}
	return fmt.Errorf("nothing to explain with: %s; give manifests with -f, a cluster with --kubeconfig, or a proxy with --envoy", strings.Join(why, "; "))
}

// writeExplained renders in every format that was asked for. One that cannot be written does not keep the others from it.
func writeExplained(outputs []output, code int, color string, std streams, render func(io.Writer, report.Format, report.Options) error) int {
	for _, o := range outputs {
		var err error
		if o.file == "" {
			err = render(std.out, o.format, report.Options{Color: useColor(color, std.out)})
		} else {
			err = writeFile(o.file, func(w io.Writer) error { return render(w, o.format, report.Options{Color: color == "always"}) })
		}
		if err != nil {
			note(std.err, "writing %s: %v", o.format, err)
			if code == 0 {
				code = exitTrouble
			}
		}
	}
	return code
}
