package main

import (
	"io"
	"math"
	"slices"
	"strings"

	"respy/diagnose"
	"respy/report"
)

// planConfig is the command line of plan.
type planConfig struct {
	target    string
	expect    expectConfig
	detect    float64 // in percentage points, as the tolerance
	tolerance float64
	requests  int64
	power     float64
	alpha     float64
	outputs   []string
}

// maxPlanned bounds -n, far above what anyone sends.
const maxPlanned = 1_000_000_000_000

const planAbout = `respy plan says how many requests a claim about a split needs, and what a number of requests can notice. It sends
nothing. With none of --detect, -n and --tolerance it shows what several numbers of requests can do.`

// plan answers a question about the number of requests.
func plan(args []string, std streams) (int, error) {
	var c planConfig
	command := planCommand(&c)
	positional, err := command.parse(args, std.out)
	if err != nil {
		return 0, err
	}
	if err := c.take(positional, command); err != nil {
		return 0, err
	}
	outputs, err := planOutputs(c.outputs)
	if err != nil {
		return 0, err
	}
	shares, err := c.shares(std)
	if err != nil {
		return 0, err
	}
	if err := c.checkShifts(shares); err != nil {
		return 0, err
	}
	p, err := diagnose.NewPlan(shares, c.question())
	if err != nil {
		return 0, err
	}
	return writePlan(outputs, p, std), nil
}

func planCommand(c *planConfig) command {
	return command{
		synopsis: "respy plan [flags] [URL]",
		about:    planAbout,
		groups:   []group{planSplitFlags(c), planQuestionFlags(c), planPrintFlags(c)},
	}
}

func planSplitFlags(c *planConfig) group {
	g := newGroup("Split")
	g.flags.StringVar(&c.expect.shares, "expect", "", "`VERSION=WEIGHT,…`, or weights alone as in 90,10")
	routeFlags(g, &c.expect)
	return g
}

// routeFlags find the weights of a rule in files.
func routeFlags(g group, e *expectConfig) {
	f := g.flags
	f.StringArrayVarP(&e.files, "route-file", "f", nil, "`file`, directory or - (stdin) with the VirtualService or HTTPRoute, repeatable")
	f.StringVar(&e.route, "route", "", "the route, as virtualservice/NAME or httproute/NAME, where the files hold several")
	f.StringVar(&e.namespace, "namespace", "", "the caller's namespace, and that of objects that name none")
}

func planQuestionFlags(c *planConfig) group {
	g := newGroup("Question")
	f := g.flags
	f.Float64Var(&c.detect, "detect", 0, "how many requests notice a shift of so many percentage `points`?")
	f.Int64VarP(&c.requests, "requests", "n", 0, "what do so many requests notice?")
	f.Float64Var(&c.tolerance, "tolerance", 0, "how many requests prove that every share is within so many percentage `points`?")
	f.Float64Var(&c.power, "power", 0.9, "`probability` with which that is noticed or proven")
	f.Float64Var(&c.alpha, "alpha", 0.01, "probability of a false alarm")
	return g
}

func planPrintFlags(c *planConfig) group {
	g := newGroup("Print")
	g.flags.StringArrayVarP(&c.outputs, "output", "o", nil, "`FORMAT[=FILE]`: table or json; repeatable")
	return g
}

// take completes the configuration with what is not a flag, and checks the flags one by one.
func (c *planConfig) take(positional []string, command command) error {
	switch {
	case len(positional) > 1:
		return usagef("%q: one URL finds one rule; give one, and quote it if it holds spaces", positional[1])
	case command.changed("detect") && !(c.detect > 0 && c.detect <= 100):
		return usagef("--detect %g is no shift of traffic: give percentage points between 0 and 100, as in --detect 3", c.detect)
	case command.changed("requests") && c.requests <= 0:
		return usagef("-n %d notices nothing: ask for at least one request", c.requests)
	case c.requests > maxPlanned:
		return usagef("-n %d is more than can be planned: ask for at most %d", c.requests, int64(maxPlanned))
	case command.changed("tolerance") && !(c.tolerance > 0 && c.tolerance < 100):
		return usagef("--tolerance %g: give percentage points between 0 and 100, as in --tolerance 5", c.tolerance)
	case c.tolerance > 0 && (c.detect > 0 || c.requests > 0):
		return usagef("--tolerance is tested in another way than --detect and -n ask about: give it alone")
	case !(c.power > 0 && c.power < 1):
		return usagef("--power %g is not a probability between 0 and 1: 0.9 is usual", c.power)
	case !(c.alpha > 0 && c.alpha < 1):
		return usagef("--alpha %g is not a probability between 0 and 1: 0.01 is usual", c.alpha)
	case c.power < c.alpha:
		return usagef("--power %g is less than --alpha %g: chance alone notices more; 0.9 is usual", c.power, c.alpha)
	case len(positional) == 1:
		c.target = positional[0]
		return checkTarget(c.target)
	}
	return nil
}

// checkShifts refuses a shift that no version of the split can make.
func (c *planConfig) checkShifts(shares []diagnose.Share) error {
	largest, total := 0.0, 0.0
	for _, s := range shares {
		largest, total = math.Max(largest, s.Weight), total+s.Weight
	}
	if movable := 100 * largest / total; c.detect > movable*(1+1e-9) {
		return usagef("--detect %g is more than can move: the largest share is %.4g points; ask for at most that", c.detect, movable)
	}
	return nil
}

func (c *planConfig) question() diagnose.Question {
	return diagnose.Question{
		Alpha: c.alpha, Power: c.power, Requests: c.requests, Detect: c.detect / 100, Tolerance: c.tolerance / 100,
	}
}

// planOutputs reads the -o flags, of which a plan knows two formats.
func planOutputs(flags []string) ([]output, error) {
	for _, flag := range flags {
		name, _, _ := strings.Cut(flag, "=")
		if !slices.Contains([]report.Format{report.FormatTable, report.FormatJSON}, report.Format(name)) {
			return nil, usagef("-o %s: a plan is printed as table or json", flag)
		}
	}
	return parseOutputs(flags, false)
}

// writePlan renders p in every format that was asked for, and returns the exit code.
func writePlan(outputs []output, p *diagnose.Plan, std streams) int {
	code := 0
	for _, o := range outputs {
		if err := o.writePlan(p, std.out); err != nil {
			note(std.err, "writing %s: %v", o.format, err)
			code = exitTrouble
		}
	}
	return code
}

func (o output) writePlan(p *diagnose.Plan, stdout io.Writer) error {
	render := func(w io.Writer) error { return report.Plan(w, p) }
	if o.format == report.FormatJSON {
		render = func(w io.Writer) error { return report.PlanJSON(w, p) }
	}
	if o.file == "" {
		return render(stdout)
	}
	return writeFile(o.file, render)
}
