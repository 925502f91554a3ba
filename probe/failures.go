package probe

import (
	"cmp"
	"slices"
	"sync"
)

const (
	maxExcerpt = 160 // bytes of a body, status line or error that a sample quotes
	// maxGroups is the number of groups kept apart; with one for the rest of each
	// kind there are at most 32.
	maxGroups = 24
)

// failures groups what failed alike.
type failures struct {
	// mu guards the fields: workers add groups while the tally reads their kinds.
	mu     sync.Mutex
	groups map[failureKey]int
	list   []Failure
}

type failureKey struct {
	kind   Kind
	status int
	detail string
}

// rest is the detail of the group that gathers what is left of a kind. A body
// is trimmed, so none is equal to it.
const rest = "\n"

// group returns the number of the group that a failure belongs to, from 1.
// The counts are the tally's.
func (f *failures) group(kind Kind, status int, text, body string) int {
	key := failureKey{kind, status, body}
	if status == 0 {
		key.detail = text
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if n, ok := f.groups[key]; ok {
		return n
	}
	if len(f.list) >= maxGroups {
		key, status = failureKey{kind, 0, rest}, 0
		if n, ok := f.groups[key]; ok {
			return n
		}
	}
	if f.groups == nil {
		f.groups = map[failureKey]int{}
	}
	f.list = append(f.list, Failure{Kind: kind, Status: status, Sample: text, Body: body})
	f.groups[key] = len(f.list)
	return len(f.list)
}

// kind returns the kind of a group; "" for group 0, which is no failure.
func (f *failures) kind(group int) Kind {
	if group == 0 {
		return ""
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.list[group-1].Kind
}

// counted returns the groups that have a count, the largest first.
func (f *failures) counted(counts []int64) []Failure {
	var list []Failure
	for i, failure := range f.list {
		if failure.Count = counts[i+1]; failure.Count > 0 {
			list = append(list, failure)
		}
	}
	slices.SortStableFunc(list, func(a, b Failure) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Kind, b.Kind),
			cmp.Compare(a.Status, b.Status), cmp.Compare(a.Sample, b.Sample))
	})
	return list
}
