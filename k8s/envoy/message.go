package envoy

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/tidwall/gjson"
)

// message is a protobuf message as JSON. Envoy itself prints field names in snake_case, istioctl in camelCase; both are
// read, with the names in this package always in snake_case. Numbers may be strings (64 bits are printed so), and fields
// with their default value are absent.
type message struct{ gjson.Result }

// parseMessage checks the syntax, and the depth of nesting, before anything is looked up.
func parseMessage(data []byte) (message, error) {
	if !json.Valid(data) {
		var v any
		err := json.Unmarshal(data, &v) // says where
		return message{}, fmt.Errorf("not JSON: %w", err)
	}
	return message{gjson.ParseBytes(data)}, nil
}

// field follows the names down. What is missing is a message without content, from which more can be asked.
func (m message) field(names ...string) message {
	for _, name := range names {
		m = m.child(name)
	}
	return m
}

func (m message) child(name string) message {
	var found message
	if !m.IsObject() {
		return found
	}
	camel := camelCase(name)
	m.ForEach(func(key, value gjson.Result) bool {
		if key.Str == name || key.Str == camel {
			found = message{value}
		}
		return !found.Exists()
	})
	return found
}

// eachField calls visit with each field's name in camelCase, until it returns false. It reads a message once, where asking
// for fields one by one would read a large one as often.
func (m message) eachField(visit func(name string, value message) bool) {
	if !m.IsObject() {
		return
	}
	m.ForEach(func(key, value gjson.Result) bool { return visit(camelCase(key.Str), message{value}) })
}

// present tells whether the field is there and not null.
func (m message) present() bool { return m.Exists() && m.Type != gjson.Null }

func (m message) has(name string) bool { return m.field(name).present() }

// String is the text of a value, empty where it is none but an object or a list.
func (m message) String() string {
	if m.Type == gjson.JSON {
		return ""
	}
	return m.Result.String()
}

// text is a copy: a part of the dump's text would keep the whole dump in memory.
func (m message) text(name string) string { return strings.Clone(m.field(name).String()) }

func (m message) number(name string) uint64 { return m.field(name).Uint() }

func (m message) boolean(name string) bool { return m.field(name).Bool() }

func (m message) list(name string) []message { return m.field(name).elements() }

func (m message) elements() []message {
	if !m.IsArray() {
		return nil
	}
	var out []message
	m.ForEach(func(_, value gjson.Result) bool {
		out = append(out, message{value})
		return true
	})
	return out
}

func (m message) texts(name string) []string {
	var out []string
	for _, one := range m.list(name) {
		out = append(out, strings.Clone(one.String()))
	}
	return out
}

// isType tells whether a typed_config is of the message with that short name, of whatever API version.
func (m message) isType(name string) bool {
	return strings.HasSuffix(m.text("@type"), "."+name)
}

// canonical writes the message in one form whatever the spelling and order of its fields, for comparison.
func (m message) canonical() string {
	var b strings.Builder
	writeCanonical(&b, m)
	return b.String()
}

func writeCanonical(b *strings.Builder, m message) {
	switch {
	case m.IsObject():
		writeObject(b, m)
	case m.IsArray():
		b.WriteByte('[')
		m.ForEach(func(_, value gjson.Result) bool {
			writeCanonical(b, message{value})
			b.WriteByte(',')
			return true
		})
		b.WriteByte(']')
	default:
		fmt.Fprintf(b, "%q", m.String())
	}
}

func writeObject(b *strings.Builder, m message) {
	type pair struct {
		key   string
		value message
	}
	var pairs []pair
	m.ForEach(func(key, value gjson.Result) bool {
		pairs = append(pairs, pair{camelCase(key.String()), message{value}})
		return true
	})
	slices.SortStableFunc(pairs, func(x, y pair) int { return strings.Compare(x.key, y.key) })
	b.WriteByte('{')
	for _, p := range pairs {
		fmt.Fprintf(b, "%q:", p.key)
		writeCanonical(b, p.value)
		b.WriteByte(',')
	}
	b.WriteByte('}')
}

// camelCase is the JSON name that protobuf gives a field: weighted_clusters becomes weightedClusters.
func camelCase(snake string) string {
	if !strings.Contains(snake, "_") {
		return snake
	}
	var b strings.Builder
	up := false
	for i := range len(snake) {
		c := snake[i]
		switch {
		case c == '_':
			up = true
		case up && 'a' <= c && c <= 'z':
			b.WriteByte(c - 'a' + 'A')
			up = false
		default:
			b.WriteByte(c)
			up = false
		}
	}
	return b.String()
}
