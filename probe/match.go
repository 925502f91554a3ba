package probe

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Expected is a version that may answer, and the texts that stand for it.
type Expected struct {
	// Name is what the version is called; unique among the expected ones.
	Name string
	// Mapped are texts that the user declared to mean this version.
	Mapped []string
	// Labels are values of labels that the version's pods carry.
	Labels []string
}

// none is the index of a text that belongs to no expected version, or to several.
const none = -1

// matcher finds the expected version that a text means. Its tiers are tried in
// order: the names, what is mapped to them, their labels, parts of their names.
type matcher struct {
	tiers []tier
}

// tier is a set of texts, each with the one version it stands for.
type tier struct {
	owner   map[string]int // none if several versions claim the text
	hyphens bool           // a hyphen ends a word
	names   []string       // of which the texts are parts; nil if they are not parts
}

func newMatcher(expected []Expected) matcher {
	names, mapped, labels := tier{owner: map[string]int{}}, tier{owner: map[string]int{}}, tier{owner: map[string]int{}}
	parts := tier{owner: map[string]int{}, hyphens: true, names: make([]string, len(expected))}
	for i, e := range expected {
		names.add(i, e.Name)
		mapped.add(i, e.Mapped...)
		labels.add(i, e.Labels...)
		parts.add(i, strings.Split(e.Name, "-")...)
		parts.names[i] = e.Name
	}
	return matcher{tiers: []tier{names, mapped, labels, parts}}
}

func (t tier) add(version int, texts ...string) {
	for _, text := range texts {
		if text == "" {
			continue
		}
		if owner, taken := t.owner[text]; taken && owner != version {
			t.owner[text] = none
			continue
		}
		t.owner[text] = version
	}
}

// find returns the index of the expected version, or none.
func (m matcher) find(text string) int {
	for _, t := range m.tiers {
		if version := t.find(text); version != none {
			return version
		}
	}
	return none
}

// find returns the version that text equals a text of, else the only one with a
// text that stands in it as a word.
func (t tier) find(text string) int {
	if version, ok := t.owner[text]; ok && version != none {
		return version
	}
	found := none
	for word, version := range t.owner {
		if version == none || version == found || !containsWord(text, word, t.hyphens) {
			continue
		}
		if found != none {
			return none
		}
		found = version
	}
	if found != none && t.contradicts(text, found) {
		return none
	}
	return found
}

// contradicts reports whether a text that is itself made of parts lacks one that sets the name of the version apart:
// reviews-v2 is not the reviews-v1 of an expectation that names no other reviews.
func (t tier) contradicts(text string, version int) bool {
	if t.names == nil || !strings.Contains(text, "-") {
		return false
	}
	for part := range strings.SplitSeq(t.names[version], "-") {
		if t.owner[part] == version && part != "" && !containsWord(text, part, t.hyphens) {
			return true
		}
	}
	return false
}

// containsWord reports whether word stands in text with no word character
// before or after it.
func containsWord(text, word string, hyphens bool) bool {
	for from := 0; ; {
		at := strings.Index(text[from:], word)
		if at < 0 {
			return false
		}
		at += from
		before, _ := utf8.DecodeLastRuneInString(text[:at])
		after, size := utf8.DecodeRuneInString(text[at+len(word):])
		if !(at > 0 && inWord(before, hyphens)) && !(size > 0 && inWord(after, hyphens)) {
			return true
		}
		_, size = utf8.DecodeRuneInString(text[at:])
		from = at + size
	}
}

// inWord reports whether r is a word character: a letter, a digit, or one of
// those that occur inside the names of versions and pods.
func inWord(r rune, hyphens bool) bool {
	switch r {
	case '_', '.':
		return true
	case '-':
		return !hyphens
	}
	return unicode.IsLetter(r) || unicode.IsDigit(r)
}
