package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"respy/diagnose"
	"respy/probe"
	"respy/stats"
)

// judged is what a judge command works on: counts, or reports, never both.
type judged struct {
	names   []string // "" for a count without a name
	counts  []int64
	reports []diagnose.Shard
	answers []*answerReader // one a file
	lines   *lineCounter

	stopping diagnose.Stopping // of the runs whose answers are read
}

// judge judges counts that were measured elsewhere.
func judge(ctx context.Context, args []string, std streams) (int, error) {
	c := config{target: "counts"}
	command := judgeCommand(&c)
	positional, err := command.parse(args, std.out)
	if err != nil {
		return 0, err
	}
	var s settings
	for _, step := range []func(*config) error{s.readSource, s.readNamelessExpect, s.readMapping, s.readDecide, s.readOutputs} {
		if err := step(&c); err != nil {
			return 0, err
		}
	}
	if s.logsAnswers() {
		return 0, usagef("-o jsonl lists the answers of a run, and judge sends nothing: leave it out")
	}
	evidence, err := c.gather(ctx, &s, positional, std)
	if err != nil {
		return 0, err
	}
	conclusion, err := diagnose.Judge(evidence, s.judging(&c))
	if err != nil {
		return 0, err
	}
	return writeOutputs(s.outputs, conclusion, c.print.color, std), nil
}

func judgeCommand(c *config) command {
	return command{
		synopsis: "respy judge [flags] [COUNT|VERSION=COUNT|FILE]…",
		about: `respy judge judges counts measured elsewhere: VERSION=COUNT arguments, or as many plain counts as there are weights; one
version a line, or the output of uniq -c, in FILE or on standard input; the answers that -o jsonl has listed; or respy's
own JSON reports. Several reports, or files of answers, are pooled and tested for agreement among themselves.`,
		groups:   []group{judgeExpectFlags(c), recogniseFlags(c), decideFlags(c), printFlags(c)},
		epilogue: exitCodes,
	}
}

func judgeExpectFlags(c *config) group {
	g := newGroup("Expect")
	g.flags.StringVar(&c.expect.shares, "expect", "", "`VERSION=WEIGHT,…`, or weights alone as in 90,10; reports bring their own")
	routeFlags(g, &c.expect)
	g.flags.StringArrayVar(&c.expect.mapEntries, "map", nil, "`NAME=TEXT`: an expected version and the text that stands for it, repeatable")
	return g
}

// gather reads what the arguments name and brings it into the form of a run's evidence.
func (c *config) gather(ctx context.Context, s *settings, args []string, std streams) (diagnose.Evidence, error) {
	var e *diagnose.Expectation
	switch {
	case s.shares != nil:
		e = diagnose.FromShares(s.shares, nil, s.mapping)
	case len(c.expect.files) > 0:
		rule, err := c.expect.rule("", std)
		if err != nil {
			return diagnose.Evidence{}, err
		}
		e = diagnose.FromRule(diagnose.FromFile, rule, s.mapping)
	}
	in, err := c.readJudged(ctx, s, e, args, std)
	if err != nil {
		return diagnose.Evidence{}, err
	}
	if len(in.answers) == 1 && len(in.reports) == 0 {
		return in.answers[0].evidence(s), nil
	}
	if err := in.concludeAnswers(c, s); err != nil {
		return diagnose.Evidence{}, err
	}
	if len(in.reports) > 0 {
		evidence, err := diagnose.Pool(in.reports, e)
		if pool := new(diagnose.PoolError); errors.As(err, &pool) {
			return evidence, usagef("%v", err)
		}
		return evidence, err
	}
	if e == nil {
		return diagnose.Evidence{}, usagef("counts without weights: give them with --expect, as in --expect v1=90,v2=10 or --expect 90,10, or with -f")
	}
	evidence := diagnose.Evidence{Target: c.target, Expectation: e, Explicit: true}
	evidence.Observed, err = in.result(e)
	evidence.Requests = evidence.Observed.Sent
	if err == nil && evidence.Observed.Sent == 0 {
		return evidence, usagef("nothing to judge: all counts are 0, or no line was read")
	}
	return evidence, err
}

// readJudged sorts the arguments: counts, reports, files of lines; without any, lines come from standard input.
func (c *config) readJudged(ctx context.Context, s *settings, e *diagnose.Expectation, args []string, std streams) (*judged, error) {
	in := &judged{stopping: stopping(s.judging(c))}
	var err error
	if in.lines, err = newLineCounter(s, e); err != nil {
		return nil, err
	}
	for _, arg := range args {
		if name, count, ok := parseCount(arg); ok {
			in.names, in.counts = append(in.names, name), append(in.counts, count)
			continue
		}
		if strings.Contains(arg, "=") || strings.Trim(arg, "0123456789") == "" {
			return nil, usagef("%q is no count: write VERSION=COUNT or COUNT, a whole number from 0 on", arg)
		}
		if err := in.readFile(ctx, arg, e, c.shownOn(std)); err != nil {
			return nil, err
		}
	}
	if len(args) == 0 {
		if err := in.read(ctx, std.in, "standard input", e, c.shownOn(std)); err != nil {
			return nil, err
		}
	}
	counts, reports, lines := len(in.counts) > 0, len(in.reports)+len(in.answers) > 0, in.lines.total > 0
	if counts && reports || counts && lines || reports && lines {
		return nil, usagef("counts, reports and lines cannot be mixed: judge them one kind at a time")
	}
	return in, nil
}

// shownOn is where progress goes, nowhere if it is not wanted.
func (c *config) shownOn(std streams) io.Writer {
	if c.print.noProgress || c.print.quiet {
		return io.Discard
	}
	return std.err
}

// parseCount reads 903 or single=903.
func parseCount(arg string) (name string, count int64, ok bool) {
	text := arg
	if i := strings.LastIndexByte(arg, '='); i > 0 {
		name, text = arg[:i], arg[i+1:]
	}
	n, err := strconv.ParseUint(text, 10, 62)
	return name, int64(n), err == nil
}

func (in *judged) readFile(ctx context.Context, name string, e *diagnose.Expectation, progress io.Writer) error {
	f, err := os.Open(name)
	if err != nil {
		return usagef("%v", err)
	}
	defer f.Close()
	return in.read(ctx, f, name, e, progress)
}

// read takes a report, or the answers of a run, if that is what the input holds, else its lines.
func (in *judged) read(ctx context.Context, r io.Reader, name string, e *diagnose.Expectation, progress io.Writer) error {
	buffered := bufio.NewReaderSize(r, peekAt)
	start, err := buffered.Peek(peekAt)
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("reading %s: %w", name, err)
	}
	if bytes.HasPrefix(start, []byte(`{"seq":`)) {
		answers := &answerReader{name: name, expectation: e, stopping: in.stopping}
		in.answers = append(in.answers, answers)
		return answers.read(ctx, buffered, progress)
	}
	if !bytes.HasPrefix(bytes.TrimSpace(start), []byte(`{`)) || !bytes.Contains(start, []byte(`"`+diagnose.Schema+`"`)) {
		return in.lines.count(ctx, buffered, name, progress)
	}
	return in.readReports(buffered, name)
}

func (in *judged) readReports(r io.Reader, name string) error {
	decoder := json.NewDecoder(r)
	for n := 1; ; n++ {
		report := new(diagnose.Conclusion)
		err := decoder.Decode(report)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return usagef("%s is no report of respy: %v", name, err)
		}
		shard := diagnose.Shard{Name: name, Report: report}
		if n > 1 {
			shard.Name = fmt.Sprintf("%s (report %d)", name, n)
		}
		in.reports = append(in.reports, shard)
	}
}

// peekAt is how much of an input is looked at to tell a report from lines: the schema comes first in a report, and may
// come last in one that another tool has written again.
const peekAt = 64 << 10

// result is the counts as a run would have observed them.
func (in *judged) result(e *diagnose.Expectation) (probe.Result, error) {
	if len(in.counts) == 0 {
		return in.lines.result(), nil
	}
	names := e.Names()
	if in.names[0] == "" && len(in.counts) != len(names) {
		return probe.Result{}, usagef("%d counts and %d weights: give one count for each weight, or name them as in %s=%d",
			len(in.counts), len(names), names[0], in.counts[0])
	}
	r := probe.Result{Started: time.Now()}
	for _, name := range names {
		r.Versions = append(r.Versions, probe.Version{Name: name, Expected: true})
	}
	for i, name := range in.names {
		if (name == "") != (in.names[0] == "") {
			return probe.Result{}, usagef("some counts have a name and some have not: name all or none")
		}
		if name == "" {
			name = names[i]
		}
		if addCount(&r, name, in.counts[i]); r.Sent > stats.MaxAnswers {
			return r, errTooMany()
		}
	}
	return r, nil
}

func addCount(r *probe.Result, name string, count int64) {
	r.Sent += count
	r.Answered += count
	for i := range r.Versions {
		if r.Versions[i].Name == name {
			r.Versions[i].Count += count
			return
		}
	}
	r.Versions = append(r.Versions, probe.Version{Name: name, Count: count})
}
