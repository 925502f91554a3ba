package envoy

import (
	"regexp"
	"strings"
)

// matchText evaluates a StringMatcher. ok is false if its kind is unknown.
func matchText(m message, value string) (match, ok bool) {
	fold := func(s string) string { return s }
	if m.boolean("ignore_case") {
		fold = strings.ToLower
	}
	value = fold(value)
	pattern := func(name string) string { return fold(m.field(name).String()) }
	switch {
	case m.has("exact"):
		return value == pattern("exact"), true
	case m.has("prefix"):
		return strings.HasPrefix(value, pattern("prefix")), true
	case m.has("suffix"):
		return strings.HasSuffix(value, pattern("suffix")), true
	case m.has("contains"):
		return strings.Contains(value, pattern("contains")), true
	case m.has("safe_regex"):
		return matchRegex(m.field("safe_regex"), value)
	}
	return false, false
}

// matchRegex evaluates a RegexMatcher, which must match the whole value. Envoy's RE2 has the syntax of Go's regexp but for
// rare classes; ok is false for what Go does not accept.
func matchRegex(m message, value string) (match, ok bool) {
	re, err := regexp.Compile(`\A(?:` + m.field("regex").String() + `)\z`)
	if err != nil {
		return false, false
	}
	return re.MatchString(value), true
}
