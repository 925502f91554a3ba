package cluster

import (
	"fmt"
	"strings"

	"respy/k8s"
)

// unseen says what could not be read: one sentence for all kinds with the same reason.
func unseen(readings []*reading, s Scope) []k8s.Unseen {
	var reasons []string
	kinds := map[string][]string{}
	var strange []string
	for _, r := range readings {
		for _, why := range r.listed.strange {
			strange = append(strange, "left out, as it cannot be read: "+why)
		}
		reason := r.reason(s)
		if reason == "" {
			continue
		}
		if kinds[reason] == nil {
			reasons = append(reasons, reason)
		}
		kinds[reason] = append(kinds[reason], r.kind.people())
	}
	var all []k8s.Unseen
	for _, reason := range reasons {
		all = append(all, note(strings.ReplaceAll(reason, "KINDS", enumerate(kinds[reason]))))
	}
	for _, why := range strange {
		all = append(all, note(why))
	}
	return all
}

func note(why string) k8s.Unseen { return k8s.Unseen{Stage: "declared", Why: why} }

// reason is why a kind is not complete, with KINDS for the kinds; "" when it is.
func (r *reading) reason(s Scope) string {
	switch {
	case r.err != nil:
		return "the API server did not give KINDS, and what they would show was not checked: " + sentence(r.err)
	case r.missing != "":
		return r.missing
	case !r.forbidden || r.complete(s):
		return ""
	case len(r.within) == 0:
		return "the API server does not let this user list KINDS: what they would show was not checked"
	}
	return fmt.Sprintf("the API server lets this user list KINDS in %s alone: what those of other namespaces would show was not checked",
		enumerate(r.within))
}

// enumerate joins names as a sentence does.
func enumerate(names []string) string {
	last := len(names) - 1
	if last < 1 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:last], ", ") + " and " + names[last]
}
