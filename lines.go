package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"strconv"
	"time"

	"respy/diagnose"
	"respy/probe"
	"respy/stats"
)

// lineCounter counts versions that stand one a line, as in a log, or with their numbers before them, as uniq -c prints
// them. Its memory does not grow with the number of lines.
type lineCounter struct {
	recognizer *probe.Recognizer
	expected   int
	counts     []int64
	unnamed    int64
	sample     string // of a line that names no version
	total      int64
}

func newLineCounter(s *settings, e *diagnose.Expectation) (*lineCounter, error) {
	recognizer, err := probe.NewRecognizer(s.source, e.Recognise())
	if err != nil {
		return nil, usagef("%v", err)
	}
	l := &lineCounter{recognizer: recognizer}
	if e != nil {
		l.expected = len(e.Versions)
	}
	return l, nil
}

// maxLine is the longest line that is read.
const maxLine = 1 << 20

// count adds the lines of r; from time to time it says on progress how many there were.
func (l *lineCounter) count(ctx context.Context, r io.Reader, name string, progress io.Writer) error {
	scanner := bufio.NewScanner(r)
	scanner.Buffer(make([]byte, 0, 64<<10), maxLine)
	shown := time.Now()
	for n := 0; scanner.Scan(); n++ {
		if l.add(scanner.Bytes()); l.total > stats.MaxAnswers {
			return errTooMany()
		}
		if n%checkEvery == 0 {
			if ctx.Err() != nil {
				return fmt.Errorf("reading %s: %w", name, context.Cause(ctx))
			}
			if time.Since(shown) >= logEvery {
				note(progress, "%d answers read", l.total)
				shown = time.Now()
			}
		}
	}
	if err := scanner.Err(); err != nil {
		return fmt.Errorf("reading %s: %w", name, err)
	}
	return nil
}

// checkEvery is how many lines are read between two looks at the clock.
const checkEvery = 64

func errTooMany() error {
	return usagef("there are more than %d answers: judge a part of them", int64(stats.MaxAnswers))
}

func (l *lineCounter) add(line []byte) {
	n, line := repeated(line)
	if len(bytes.TrimSpace(line)) == 0 && n == 1 {
		return
	}
	l.total += n
	version := l.recognizer.Line(line)
	if version < 0 {
		l.unnamed += n
		if l.sample == "" {
			l.sample = string(line[:min(len(line), 200)])
		}
		return
	}
	for version >= len(l.counts) {
		l.counts = append(l.counts, 0)
	}
	l.counts[version] += n
}

// repeated takes off the number that uniq -c writes before a line: right-aligned in at least seven columns, then a space.
func repeated(line []byte) (int64, []byte) {
	digits := bytes.TrimLeft(line, " ")
	number, rest, ok := bytes.Cut(digits, []byte(" "))
	if padded := len(line) - len(digits); !ok || padded == 0 && len(number) < 7 || padded+len(number) < 4 {
		return 1, line
	}
	n, err := strconv.ParseUint(string(number), 10, 62)
	if err != nil {
		return 1, line
	}
	return int64(n), rest
}

// result is the lines as answers of a run.
func (l *lineCounter) result() probe.Result {
	r := probe.Result{Started: time.Now(), Sent: l.total, Answered: l.total}
	for i, name := range l.recognizer.Names() {
		v := probe.Version{Name: name, Expected: i < l.expected}
		if i < len(l.counts) {
			v.Count = l.counts[i]
		}
		r.Versions = append(r.Versions, v)
	}
	if l.unnamed > 0 {
		r.Failures = []probe.Failure{{Kind: probe.KindUnidentified, Count: l.unnamed, Sample: "a line without a version: " + l.sample}}
	}
	return r
}
