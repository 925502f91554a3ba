package main

import (
	"io"

	"respy/probe"
	"respy/report"
)

// answerLog writes the answers of a run while it goes on. Trouble with it does not end the run; close returns it.
type answerLog struct {
	file  *outputFile // nil on standard output
	lines *report.Answers
	err   error // of opening the file
}

// open starts the log; names are those of the versions.
func (l *answerLog) open(path string, names func() []string, stdout io.Writer) {
	if path == "" {
		l.lines = report.NewAnswers(stdout, names)
		return
	}
	if l.file, l.err = createFile(path); l.err == nil {
		l.lines = report.NewAnswers(l.file, names)
	}
}

func (l *answerLog) write(a probe.Answer) {
	if l.lines != nil {
		l.lines.Write(a)
	}
}

// close puts the file in its place.
func (l *answerLog) close() error {
	file := l.file
	l.file = nil
	if l.err != nil || l.lines == nil {
		return l.err
	}
	if err := l.lines.Flush(); err != nil {
		if file != nil {
			file.discard()
		}
		return err
	}
	if file == nil {
		return nil
	}
	return file.commit()
}

// discard removes what a run has written that has come to no conclusion.
func (l *answerLog) discard() {
	if l.file != nil {
		l.file.discard()
	}
}

// openAnswers opens the outputs that take answers and returns what each answer is to be given to.
func openAnswers(outputs []output, names func() []string, stdout io.Writer) func(probe.Answer) {
	var logs []*answerLog
	for _, o := range outputs {
		if o.answers != nil {
			o.answers.open(o.file, names, stdout)
			logs = append(logs, o.answers)
		}
	}
	return func(a probe.Answer) {
		for _, l := range logs {
			l.write(a)
		}
	}
}

func discardAnswers(outputs []output) {
	for _, o := range outputs {
		if o.answers != nil {
			o.answers.discard()
		}
	}
}
