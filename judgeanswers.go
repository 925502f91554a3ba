package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"time"

	"respy/diagnose"
	"respy/probe"
	"respy/report"
)

// answerReader reads the answers of a run that -o jsonl has listed, and observes them in their order as the run did: what
// order and connections tell is found again. Its memory does not grow with their number.
type answerReader struct {
	name        string // of the file
	expectation *diagnose.Expectation
	stopping    diagnose.Stopping
	recognizer  *probe.Recognizer
	observer    *diagnose.Observer
	session     int64 // of the first answer: the file may be a part of what the run has listed
	sessions    int   // requests of that session, 0 without sessions
	line        int
	result      probe.Result
}

// read takes a whole file of answers.
func (r *answerReader) read(ctx context.Context, in io.Reader, progress io.Writer) error {
	if r.expectation == nil {
		return usagef("answers without weights: give them with --expect, as in --expect v1=90,v2=10")
	}
	source, err := probe.ParseSource("body")
	if err != nil {
		return err
	}
	if r.recognizer, err = probe.NewRecognizer(source, r.expectation.Recognise()); err != nil {
		return usagef("%v", err)
	}
	r.result.Started = time.Now()
	scanner := bufio.NewScanner(in)
	scanner.Buffer(make([]byte, 0, 64<<10), maxLine)
	shown := time.Now()
	for scanner.Scan() {
		if r.line++; r.line%checkEvery == 0 && time.Since(shown) >= logEvery {
			note(progress, "%d answers read", r.line)
			shown = time.Now()
		}
		if err := r.add(scanner.Bytes()); err != nil {
			return err
		}
		if ctx.Err() != nil {
			return fmt.Errorf("reading %s: %w", r.name, context.Cause(ctx))
		}
	}
	if err := scanner.Err(); err != nil {
		return fmt.Errorf("reading %s: %w", r.name, err)
	}
	r.nameVersions()
	return nil
}

func (r *answerReader) add(line []byte) error {
	a, err := report.ParseAnswer(line)
	if err != nil {
		return usagef("%s line %d is no answer as -o jsonl writes them: %v", r.name, r.line, err)
	}
	if r.observer == nil {
		r.session, r.stopping.Sessions = a.Session, a.Session >= 0
		if r.observer, err = diagnose.NewObserver(r.expectation, r.stopping); err != nil {
			return usagef("%v", err)
		}
	}
	if r.stopping.Sessions && a.Session == r.session {
		r.sessions++
	}
	r.observer.Observe(r.count(a))
	return nil
}

// count tallies an answer and returns it as the prober would have.
func (r *answerReader) count(a report.Answer) probe.Answer {
	answer := probe.Answer{
		Seq: a.Seq, Version: -1, Kind: probe.Kind(a.Kind), Status: a.Status, Conn: a.Conn, First: a.First, Session: a.Session,
		Sent: seconds(a.Sent), Latency: seconds(a.Latency), Resent: a.Resent,
	}
	r.result.Sent++
	r.result.Elapsed = max(r.result.Elapsed, answer.Sent+answer.Latency)
	if a.Status != 0 {
		r.result.Answered++
	}
	if a.Resent {
		r.result.Resent++
	}
	if a.Version != nil {
		answer.Version = r.recognizer.Line([]byte(*a.Version))
	}
	if answer.Version < 0 {
		r.fail(answer)
		return answer
	}
	for answer.Version >= len(r.result.Versions) {
		r.result.Versions = append(r.result.Versions, probe.Version{})
	}
	v := &r.result.Versions[answer.Version]
	v.Count++
	if a.Status >= http.StatusInternalServerError && *a.Version != strconv.Itoa(a.Status) { // a status may be the version
		v.ServerErrors++
	}
	return answer
}

// mostFailures bounds how many kinds of failure are kept apart.
const mostFailures = 32

func (r *answerReader) fail(a probe.Answer) {
	failures := &r.result.Failures
	i := slices.IndexFunc(*failures, func(f probe.Failure) bool { return f.Kind == a.Kind && f.Status == a.Status })
	switch {
	case i >= 0:
	case len(*failures) == mostFailures:
		i = mostFailures - 1
	default:
		i = len(*failures)
		sample := string(a.Kind)
		if a.Status != 0 {
			sample = fmt.Sprintf("%d %s", a.Status, http.StatusText(a.Status))
		}
		*failures = append(*failures, probe.Failure{Kind: a.Kind, Status: a.Status, Sample: sample})
	}
	(*failures)[i].Count++
}

// nameVersions brings the versions into the order of a run: the expected ones, then the others.
func (r *answerReader) nameVersions() {
	for i, name := range r.recognizer.Names() {
		if i == len(r.result.Versions) {
			r.result.Versions = append(r.result.Versions, probe.Version{})
		}
		r.result.Versions[i].Name, r.result.Versions[i].Index = name, i
		r.result.Versions[i].Expected = i < len(r.expectation.Versions)
	}
	slices.SortStableFunc(r.result.Failures, func(a, b probe.Failure) int { return int(b.Count - a.Count) })
}

// evidence is what the answers show, as of a run that has just ended.
func (r *answerReader) evidence(s *settings) diagnose.Evidence {
	s.sessions = r.sessions
	return diagnose.Evidence{
		Target: r.name, Expectation: r.expectation, Explicit: true, Observer: r.observer, Observed: r.result, Requests: r.result.Sent,
	}
}

// concludeAnswers makes reports of several files of answers, to be pooled.
func (in *judged) concludeAnswers(c *config, s *settings) error {
	for _, answers := range in.answers {
		conclusion, err := diagnose.Judge(answers.evidence(s), s.judging(c))
		if err != nil {
			return err
		}
		in.reports = append(in.reports, diagnose.Shard{Name: answers.name, Report: conclusion})
	}
	return nil
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }
