package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"

	"sigs.k8s.io/yaml"

	"respy/diagnose"
)

// targetName is what targets may be called: they stand in URLs and in metrics.
var targetName = regexp.MustCompile(`^[A-Za-z0-9]([-A-Za-z0-9._]*[A-Za-z0-9])?$`)

// targetsFile is the form of --config.
type targetsFile struct {
	Targets map[string]struct {
		URL   string   `json:"url"`
		Flags []string `json:"flags"` // of the main job
	} `json:"targets"`
}

// configs are the checks by the names of their targets.
func (s *serveConfig) configs() (map[string]*config, error) {
	configs := map[string]*config{}
	for _, text := range s.targets {
		name, url, ok := strings.Cut(text, "=")
		if !ok || url == "" {
			return nil, usagef("--target %q: write it as NAME=URL", text)
		}
		c := s.check
		c.target = url
		if err := addTarget(configs, name, &c); err != nil {
			return nil, usagef("--target %s: %v", text, err)
		}
	}
	if s.file == "" {
		return configs, nil
	}
	if err := readTargets(s.file, configs); err != nil {
		return nil, usagef("--config %s: %v", s.file, err)
	}
	return configs, nil
}

func addTarget(configs map[string]*config, name string, c *config) error {
	switch {
	case !targetName.MatchString(name):
		return fmt.Errorf("%q is no name for a target: use letters, digits, - . and _", name)
	case configs[name] != nil:
		return fmt.Errorf("there are two targets %s", name)
	}
	configs[name] = c
	return nil
}

func readTargets(path string, configs map[string]*config) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var file targetsFile
	if err := yaml.UnmarshalStrict(text, &file); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(file.Targets)) {
		entry := file.Targets[name]
		c, err := parseTarget(entry.URL, entry.Flags)
		if err != nil {
			return fmt.Errorf("target %s: %w", name, err)
		}
		if err := addTarget(configs, name, c); err != nil {
			return err
		}
	}
	return nil
}

// parseTarget reads the flags of one target as the main job would.
func parseTarget(url string, flags []string) (*config, error) {
	var c config
	command := mainCommand(&c)
	positional, err := command.parse(flags, io.Discard)
	if err != nil {
		return nil, err
	}
	if len(positional) > 0 {
		return nil, usagef("%q is no flag", positional[0])
	}
	if len(c.print.outputs) > 0 || c.print.quiet {
		return nil, usagef("a target prints nothing: leave out -o and --quiet")
	}
	c.send.given = command.changed("requests")
	c.target = url
	return &c, nil
}

// gated prepares the check of a target. It ends in time by itself where the answers come: then what there is is judged.
func (c *config) gated(limit time.Duration) (checker, error) {
	if slices.Contains(c.expect.files, "-") {
		return nil, usagef("-f - is read once, and a target is checked often: give a file")
	}
	if c.versionFrom != "envoy" {
		c.decide.earlyStop, c.send.reuse = true, 1
	}
	c.print = printConfig{quiet: true, noProgress: true, color: "auto"}
	c.waitProgrammed = min(c.waitProgrammed, limit/4)
	c.send.within = limit / 2
	s, err := c.validate()
	if err != nil {
		return nil, err
	}
	silent := streams{in: strings.NewReader(""), out: io.Discard, err: io.Discard}
	return func(ctx context.Context) (*diagnose.Conclusion, error) { return c.conclude(ctx, s, silent) }, nil
}
