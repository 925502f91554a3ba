package report

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"time"

	"respy/probe"
)

// Answer is a line of the form jsonl: how one request ended. Times are seconds.
type Answer struct {
	Seq     int64   `json:"seq"`     // send order, from 0
	Version *string `json:"version"` // null when the answer named none
	Kind    string  `json:"kind"`    // why there is no version, empty where there is one
	Status  int     `json:"status"`  // 0 when there was no HTTP answer
	Conn    int64   `json:"conn"`    // number of the connection, from 0; -1 for none
	First   bool    `json:"first"`   // the first answer with a version on its connection
	Session int64   `json:"session"` // from 0; -1 without sessions
	Sent    float64 `json:"sent"`    // since the start of the run
	Latency float64 `json:"latency"`
	Resent  bool    `json:"resent"`
}

// ParseAnswer reads a line of the form jsonl. One that does not name a session is of none.
func ParseAnswer(line []byte) (Answer, error) {
	a := Answer{Seq: -1, Session: -1}
	err := json.Unmarshal(line, &a)
	if err == nil && a.Seq < 0 {
		err = fmt.Errorf("no answer of a run: %.40q", line)
	}
	return a, err
}

// Answers writes the answers of a run in the form jsonl: one JSON object a line, in send order, while the run goes on. What
// it keeps does not grow with their number.
type Answers struct {
	out     *bufio.Writer
	names   func() []string
	quoted  [][]byte // the names' JSON form, by version
	line    []byte
	flushed time.Duration
	err     error
}

// NewAnswers returns a writer to w. names lists the versions by their index; it is called again when an answer has an
// index beyond it.
func NewAnswers(w io.Writer, names func() []string) *Answers {
	return &Answers{out: bufio.NewWriterSize(w, 64<<10), names: names}
}

// Write adds the next answer. An error is kept for Flush: a disk that is full is no reason to end a run.
func (w *Answers) Write(a probe.Answer) {
	if w.err != nil {
		return
	}
	line := append(w.line[:0], `{"seq":`...)
	line = strconv.AppendInt(line, a.Seq, 10)
	line = append(append(line, `,"version":`...), w.version(a.Version)...)
	line = append(append(append(line, `,"kind":"`...), a.Kind...), `","status":`...)
	line = strconv.AppendInt(line, int64(a.Status), 10)
	line = strconv.AppendInt(append(line, `,"conn":`...), a.Conn, 10)
	line = strconv.AppendBool(append(line, `,"first":`...), a.First)
	line = strconv.AppendInt(append(line, `,"session":`...), a.Session, 10)
	line = strconv.AppendFloat(append(line, `,"sent":`...), a.Sent.Seconds(), 'f', 6, 64)
	line = strconv.AppendFloat(append(line, `,"latency":`...), a.Latency.Seconds(), 'f', 6, 64)
	line = strconv.AppendBool(append(line, `,"resent":`...), a.Resent)
	w.line = append(line, "}\n"...)
	_, w.err = w.out.Write(w.line)
	if a.Sent-w.flushed >= flushEvery && w.err == nil {
		w.flushed, w.err = a.Sent, w.out.Flush()
	}
}

// flushEvery is how long a reader at the other end of a pipe may wait for an answer.
const flushEvery = time.Second

// version is the JSON form of a version's name.
func (w *Answers) version(index int) []byte {
	if index < 0 {
		return []byte("null")
	}
	if index >= len(w.quoted) {
		for _, name := range w.names()[len(w.quoted):] {
			w.quoted = append(w.quoted, asciiControls([]byte(quoted(name))))
		}
	}
	return w.quoted[index]
}

// Flush writes what is buffered and returns the first error there was.
func (w *Answers) Flush() error {
	if w.err == nil {
		w.err = w.out.Flush()
	}
	return w.err
}
