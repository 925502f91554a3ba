package probe

import (
	"fmt"
	"hash/crc32"
	"maps"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"unicode/utf8"
)

const (
	// Overflow is the name of the bucket for the versions beyond the limit.
	Overflow = "(other versions)"
	// EnvoyAnswers is the one version of the source "envoy": every 2xx answer.
	EnvoyAnswers = "answered"

	maxVersions = 64
	maxLearned  = 1024 // texts remembered beside the names themselves
	maxName     = 200  // bytes of a text that are kept as the name of a version
)

// Recognizer finds the version of answers. It knows the expected ones, and
// collects the names of up to 64 in all; further ones share the name Overflow.
// It is safe for concurrent use, and goes on collecting from run to run.
type Recognizer struct {
	source   Source
	expected int
	matcher  matcher
	limit    int // of different versions; the index of the overflow bucket

	// table is replaced, never changed: readers take no lock.
	table atomic.Pointer[table]
	// mu guards the replacement of table.
	mu sync.Mutex
}

// table maps texts to versions.
type table struct {
	names    []string
	versions map[string]int // by name or by a text that was matched before
}

// NewRecognizer returns a Recognizer that looks at source and knows the expected
// versions. It returns an error if an expected name is empty or there twice.
func NewRecognizer(source Source, expected []Expected) (*Recognizer, error) {
	t := &table{versions: map[string]int{}}
	for i, e := range expected {
		if e.Name == "" {
			return nil, fmt.Errorf("expected version %d has no name", i+1)
		}
		if _, twice := t.versions[e.Name]; twice {
			return nil, fmt.Errorf("expected version %q is there twice", e.Name)
		}
		t.versions[e.Name] = i
		t.names = append(t.names, e.Name)
	}
	r := &Recognizer{
		source:   source,
		expected: len(expected),
		matcher:  newMatcher(expected),
		limit:    max(maxVersions, len(expected)),
	}
	r.table.Store(t)
	return r, nil
}

// Names returns the names of the versions by index: the expected ones, those
// found since, and Overflow if there were too many.
func (r *Recognizer) Names() []string {
	return slices.Clone(r.table.Load().names)
}

// recognize returns the version of an answer, or none and the reason.
func (r *Recognizer) recognize(a reply) (int, Kind) {
	if r.source.place == placeEnvoy {
		if !a.ok() {
			return none, KindStatus
		}
		return r.version([]byte(EnvoyAnswers)), ""
	}
	text, named := r.source.text(a)
	if !a.ok() && (!named || len(text) == 0) {
		return none, KindStatus
	}
	if len(text) == 0 {
		return none, KindUnidentified
	}
	return r.version(text), ""
}

// countsErrors reports whether a 5xx answer with a version is an error too.
func (r *Recognizer) countsErrors() bool { return r.source.place != placeStatus }

func (r *Recognizer) version(text []byte) int {
	if version, ok := r.table.Load().versions[string(text)]; ok {
		return version
	}
	return r.learn(string(text))
}

// learn returns the version of a text that is not in the table, and adds it
// there while there is room.
func (r *Recognizer) learn(text string) int {
	version := r.matcher.find(text)
	name := nameOf(text)
	if t := r.table.Load(); version == none && len(t.names) > r.limit {
		return t.lookup(name, r.limit)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	t := r.table.Load()
	if version != none {
		if len(text) <= maxName && len(t.versions) < maxLearned {
			r.table.Store(t.with(text, version, t.names))
		}
		return version
	}
	if version = t.lookup(name, none); version != none {
		return version
	}
	switch len(t.names) {
	case r.limit:
		r.table.Store(&table{names: append(slices.Clone(t.names), Overflow), versions: t.versions})
		return r.limit
	case r.limit + 1:
		return r.limit
	}
	version = len(t.names)
	r.table.Store(t.with(name, version, append(slices.Clone(t.names), name)))
	return version
}

func (t *table) lookup(name string, otherwise int) int {
	if version, ok := t.versions[name]; ok {
		return version
	}
	return otherwise
}

// with returns a copy of t with one more text.
func (t *table) with(text string, version int, names []string) *table {
	versions := maps.Clone(t.versions)
	versions[text] = version
	return &table{names: names, versions: versions}
}

// nameOf returns text, or if it is long its start and a checksum of the whole:
// pages that differ only further down stay different versions.
func nameOf(text string) string {
	if len(text) <= maxName {
		return text
	}
	return fmt.Sprintf("%s… (crc32 %08x)", clip(text, maxName), crc32.ChecksumIEEE([]byte(text)))
}

// clip returns at most the first n bytes of s, and no half a character.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// Line returns the version that a line of text names, as if it were the body of an answer, or -1 if it names none.
func (r *Recognizer) Line(line []byte) int {
	version, _ := r.recognize(reply{status: http.StatusOK, body: line, whole: true})
	return version
}
