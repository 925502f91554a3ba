package k8s

import (
	"slices"
	"strings"
)

// covers reports whether every request that narrow takes is taken by wide too. It is conservative: false may mean
// unknown, true is certain. Static predicates are left out; they hold for whoever got this far.
func covers(wide, narrow match) bool {
	return coversStatic(slices.DeleteFunc(slices.Clone(wide), func(p predicate) bool { return p.on.static() }), narrow)
}

// coversStatic is covers for any caller: static predicates must be implied as well.
func coversStatic(wide, narrow match) bool {
	for _, p := range wide {
		if !p.trivial() && !slices.ContainsFunc(narrow, func(q predicate) bool { return implies(q, p) }) {
			return false
		}
	}
	return true
}

// catchesAll reports whether a match takes every request, in the sense by which Istio moves it to the end of a
// gateway's routes.
func (m match) catchesAll() bool { return covers(m, nil) }

// trivial reports whether the predicate holds for every request: each has a path that begins with a slash.
func (p predicate) trivial() bool {
	if p.on != onPath {
		return false
	}
	switch p.op {
	case prefix, element:
		return p.values[0] == "/" || p.values[0] == ""
	case regex:
		return p.values[0] == ".*" || p.values[0] == "/.*"
	}
	return p.op == present
}

// implies reports whether q makes sure of p.
func implies(q, p predicate) bool {
	if q.on != p.on || !sameName(q, p) {
		return false
	}
	if q.not || p.not {
		return q.not == p.not && (q.String() == p.String() || q.op == present)
	}
	if q.String() == p.String() || p.op == present {
		return true
	}
	if q.fold && !p.fold || q.op == present || len(q.values) != 1 || len(p.values) != 1 {
		return false
	}
	return p.contains(q.op, q.values[0])
}

// contains reports whether p holds for everything that begins with, or is, a text.
func (p predicate) contains(op operator, text string) bool {
	switch {
	case op == exact:
		return p.accepts(text)
	case op == regex || p.op == exact || p.op == regex:
		return false
	case p.op == prefix && op == element:
		return p.accepts(strings.TrimSuffix(text, "/"))
	case p.op == prefix:
		return p.accepts(text)
	case op == element:
		return hasElementPrefix(strings.TrimSuffix(text, "/"), p.values[0])
	default:
		return strings.HasPrefix(text, strings.TrimSuffix(p.values[0], "/")+"/")
	}
}

func sameName(q, p predicate) bool {
	if p.on == onHeader {
		return strings.EqualFold(q.name, p.name)
	}
	return q.name == p.name
}
