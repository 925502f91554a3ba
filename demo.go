package main

import (
	"context"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"respy/internal/fakemesh"
)

// demoConfig is the demo's own part of its command line.
type demoConfig struct {
	weights string
	fault   string
	seed    uint64
}

// demoWait is how long the demo waits for its proxy to follow the rule.
const demoWait = 500 * time.Millisecond

// demo runs the main job against an embedded mesh: the same code, with the mesh's URL, route file and admin port.
func demo(ctx context.Context, args []string, std streams) (code int, err error) {
	var c config
	var d demoConfig
	command := demoCommand(&c, &d)
	positional, err := command.parse(args, std.out)
	if err != nil {
		return 0, err
	}
	if len(positional) > 0 {
		return 0, usagef("%q: the demo brings its own URL; it takes flags alone", positional[0])
	}
	if err := c.take(nil, command); err != nil {
		return 0, err
	}
	options, err := d.options()
	if err != nil {
		return 0, usagef("%v", err)
	}
	mesh, err := fakemesh.Start(options)
	if err != nil {
		return 0, usagef("%v", err)
	}
	defer func() { err = errors.Join(err, mesh.Close()) }()
	c.aim(mesh)
	note(std.err, "as in: respy -f - --envoy %s --host %s %s", mesh.AdminAddr(), mesh.Host(), mesh.URL())
	return c.run(ctx, c.brief(mesh, std))
}

func demoCommand(c *config, d *demoConfig) command {
	command := mainCommand(c)
	command.synopsis = "respy demo [flags]"
	command.about = "respy demo runs the main job against an embedded mesh: no cluster needed. It takes the flags of the main job too."
	own := newGroup("Demo")
	own.flags.StringVar(&d.weights, "weights", "90,10", "declared `weights`, one a version")
	own.flags.StringVar(&d.fault, "fault", string(fakemesh.None), "what is wrong: "+faultNames())
	own.flags.Uint64Var(&d.seed, "seed", 0, "of the mesh's random draws; the same one gives the same answers")
	command.groups = append([]group{own}, command.groups...)
	return command
}

func faultNames() string {
	var names []string
	for _, f := range fakemesh.Faults() {
		names = append(names, string(f))
	}
	return strings.Join(names, ", ")
}

func (d demoConfig) options() (fakemesh.Options, error) {
	fault, err := fakemesh.ParseFault(d.fault)
	if err != nil {
		return fakemesh.Options{}, err
	}
	var weights []float64
	for part := range strings.SplitSeq(d.weights, ",") {
		w, err := strconv.ParseFloat(strings.TrimSpace(part), 64)
		if err != nil {
			return fakemesh.Options{}, usagef("--weights %q: %q is not a number; write for example 90,10", d.weights, part)
		}
		weights = append(weights, w)
	}
	return fakemesh.Options{Weights: weights, Fault: fault, Seed: d.seed}, nil
}

// brief has the mesh's objects read from standard input, before those that the user may give there: a container may have
// no place for a file.
func (c *config) brief(mesh *fakemesh.Mesh, std streams) streams {
	objects := strings.NewReader(mesh.VirtualService() + "\n---\n")
	if slices.Contains(c.expect.files, "-") {
		std.in = io.MultiReader(objects, std.in)
		return std
	}
	std.in = objects
	c.expect.files = append(c.expect.files, "-")
	return std
}

// aim points the configuration at the mesh, as far as the user has not said otherwise.
func (c *config) aim(mesh *fakemesh.Mesh) {
	c.target = mesh.URL()
	if c.send.host == "" {
		c.send.host = mesh.Host()
	}
	if len(c.expect.envoy) == 0 {
		c.expect.envoy = []string{mesh.AdminAddr()}
	}
	c.waitProgrammed = min(c.waitProgrammed, demoWait) // a fault of the demo does not go away
}
