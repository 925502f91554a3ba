package k8s

import (
	"cmp"
	"slices"
	"strings"
)

// byAge orders objects as Istio does: the oldest creationTimestamp first, then by name and namespace. An object without
// one is not in the cluster yet: it would be the youngest.
func byAge(a, b *Meta) int {
	return cmp.Or(compareCreation(a, b), strings.Compare(a.Name, b.Name), strings.Compare(a.Namespace, b.Namespace))
}

func compareCreation(a, b *Meta) int {
	switch {
	case a.CreationTimestamp.IsZero() || b.CreationTimestamp.IsZero():
		return cmp.Compare(boolInt(a.CreationTimestamp.IsZero()), boolInt(b.CreationTimestamp.IsZero()))
	default:
		return a.CreationTimestamp.Compare(b.CreationTimestamp)
	}
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

// byPrecedence orders the routes of HTTPRoutes: an exact path, the longest prefix, a regular expression; a method; the
// most headers; the most query parameters; the oldest object; namespace and name; the order of the rules
// (HTTPRouteRule.matches in the Gateway API's reference).
func byPrecedence(a, b route) int {
	ka, kb := precedence(a.match), precedence(b.match)
	if c := slices.Compare(kb[:], ka[:]); c != 0 {
		return c
	}
	ma, mb := a.spec.object.meta, b.spec.object.meta
	return cmp.Or(compareCreation(ma, mb), strings.Compare(ma.Namespace, mb.Namespace),
		strings.Compare(ma.Name, mb.Name), cmp.Compare(a.spec.index, b.spec.index))
}

// precedence ranks a match: kind and length of the path, method, number of headers, number of query parameters.
func precedence(m match) (key [5]int) {
	for _, p := range m {
		switch p.on {
		case onPath:
			key[0] = map[operator]int{exact: 3, element: 2, prefix: 2, regex: 1}[p.op]
			key[1] = len(p.values[0])
		case onMethod:
			key[2] = 1
		case onHeader:
			key[3]++
		case onQuery:
			key[4]++
		}
	}
	return key
}

// catchAllsLast moves the routes that take everything behind the others, as Istio does for gateways.
func catchAllsLast(routes []route) {
	slices.SortStableFunc(routes, func(a, b route) int {
		return cmp.Compare(boolInt(a.match.catchesAll()), boolInt(b.match.catchesAll()))
	})
}
